"""``seqline bench``: how fast the machine at hand does the project's work."""

from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from seqline.cli.opening import workspace
from seqline.cli.output import Json, print_json, print_table
from seqline.errors import InputError

if TYPE_CHECKING:
    from seqline.benchmarking.cleaning import Speed
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
        _show(found)


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


def _show(found: "Speed") -> None:
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
