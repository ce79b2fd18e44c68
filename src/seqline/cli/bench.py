"""``seqline bench``: how fast the machine at hand does the project's work."""

from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from seqline.cli.opening import workspace
from seqline.cli.output import Json, print_json, print_table
from seqline.errors import InputError
from seqline.progress import duration

if TYPE_CHECKING:
    from seqline.benchmarking import cleaning, training
    from seqline.corpus.row import Row
    from seqline.params import Params

app = typer.Typer(help="Measure how fast this machine does the project's work.", no_args_is_help=True)


@app.command()
def clean(
    pairs: Annotated[int, typer.Option(help="How many pairs to clean.", min=100)] = 1_000_000,
    threads: Annotated[
        int,
        typer.Option(help="Workers at most.", min=0, max=1024, show_default="project.threads of params.yaml"),
    ] = 0,
    corpus: Annotated[
        tuple[Path, Path] | None,
        typer.Option(
            help="Two aligned files, plain or compressed, to take the pairs from; fewer than asked for are repeated.",
            metavar="SOURCE TARGET",
            show_default="the embedded phrasebook",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Time the cleaning of many pairs with the project's params, pass by pass. The project stays as it is.

    Pairs that are repeated get a number before both sides, so that they are no copies. All that is written lies in a
    temporary folder (TMPDIR), about 500 bytes per pair.

    Example: [bold]seqline bench clean --pairs 200000[/bold]
    """
    from seqline import params
    from seqline.cli.composition import use_threads

    settings = params.load(workspace().params)
    project = settings.project.model_copy(update={"threads": threads or settings.project.threads})
    use_threads(project.threads)
    from seqline.benchmarking.cleaning import speed

    base = _base(settings, corpus, pairs)
    with TemporaryDirectory(prefix="seqline-bench-") as folder:
        found = speed(settings.model_copy(update={"project": project}), base, pairs, Path(folder))
    if as_json:
        print_json(asdict(found) | {"pairs_per_s": round(found.pairs / found.seconds)})
    else:
        _show_cleaning(found)


@app.command()
def train(
    model: Annotated[
        Literal["teacher", "student"], typer.Option("--model", "-m", help="The one to train, as params.yaml has it.")
    ] = "teacher",
    updates: Annotated[int, typer.Option(help="How many updates to time.", min=1)] = 30,
    as_json: Json = False,
) -> None:
    """Time some updates on the tokenized corpus, and tell how long the stage will take. The project stays as it is.

    Utilisation is what the model's matrix products need, without padding, as a share of what square ones reach on this
    device in this precision (model FLOPs utilisation).

    Example: [bold]seqline bench train --model student[/bold]
    """
    from seqline import params

    work = workspace()
    settings = params.load(work.params)
    from seqline.cli.composition import use_threads

    use_threads(settings.project.threads)
    from seqline.benchmarking.training import speed

    block = settings.train if model == "teacher" else settings.distill
    found = speed(work, settings.project, block, updates)
    estimate_s = found.estimate_s(block.optimisation)
    if as_json:
        derived = {"pieces_per_s": found.pieces_per_s, "utilisation": found.utilisation, "estimate_s": estimate_s}
        print_json(asdict(found) | derived)
    else:
        _show_training(found)
        print(f"{block.optimisation.max_updates:,} updates take about {duration(estimate_s)}, without validations")


def _base(settings: "Params", corpus: tuple[Path, Path] | None, num_pairs: int) -> "list[Row]":
    from seqline.benchmarking.pairs import phrases, read

    languages = settings.project.languages
    if corpus:
        return read(*corpus, num_pairs, languages)
    if tuple(code.partition("_")[0] for code in languages) != ("en", "zh"):
        raise InputError(
            f"bench: the embedded phrasebook is en → zh, the project {' → '.join(languages)}; name two aligned files "
            "with --corpus SOURCE TARGET"
        )
    return phrases(num_pairs, settings.project.seed)


def _show_cleaning(found: "cleaning.Speed") -> None:
    rows = [
        (one.name, f"{one.seconds:.1f}", f"{found.pairs / max(one.seconds, 1e-9):,.0f}", one.said)
        for one in found.passes
    ]
    total = ("in all", f"{found.seconds:.1f}", f"{found.pairs / found.seconds:,.0f}", f"{found.kept:,} kept")
    print_table(("pass", "seconds", "pairs/s", ""), [*rows, total])
    workers = f"{found.workers} worker{'s' if found.workers > 1 else ''}"
    print(
        f"{found.pairs:,} pairs, {workers}; normalising and rules alone "
        f"{found.rules_pairs_per_s:,.0f} pairs/s; at most {found.peak_bytes / 1e6:,.0f} MB at once"
    )


def _show_training(found: "training.Speed") -> None:
    where = f"{found.device}, {found.precision}" + (f", {found.threads} threads" if found.device == "cpu" else "")
    per_s = found.flops / found.seconds
    print_table(
        (where, f"{found.parameters / 1e6:.1f} M parameters"),
        [
            ("updates/s", f"{found.updates / found.seconds:.2f}"),
            ("target pieces/s", f"{found.pieces_per_s:,.0f}"),
            ("model's products", f"{per_s / 1e12:.2f} TFLOP/s"),
            ("square products", f"{found.peak_flops_per_s / 1e12:.2f} TFLOP/s"),
            ("utilisation", f"{found.utilisation:.0%}"),
            ("memory at most", f"{found.peak_bytes / 1e6:,.0f} MB"),
        ],
    )
