"""``seqline bench``: how fast the machine at hand does the project's work."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from seqline.cli.opening import workspace
from seqline.cli.output import Json, print_json, print_table
from seqline.errors import InputError
from seqline.progress import duration
from seqline.workspace import SELECTED

if TYPE_CHECKING:
    from seqline.benchmarking import cleaning, training
    from seqline.benchmarking.cold import ColdStart
    from seqline.benchmarking.decoding import Contestant
    from seqline.corpus.row import Row
    from seqline.evaluation.speed import Speed
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


@app.command()
def decode(
    model: Annotated[
        list[str] | None,
        typer.Option("--model", "-m", help="Only these models.", show_default="evaluate.models of params.yaml"),
    ] = None,
    threads: Annotated[
        list[int] | None,
        typer.Option(help="With so many threads; may be repeated.", min=1, max=1024, show_default="1 and all cores"),
    ] = None,
    rounds: Annotated[int, typer.Option(help="Rounds of each; the fastest counts.", min=1)] = 3,
    as_json: Json = False,
) -> None:
    """Time every evaluated model side by side, and tell what the one that is shipped gains. The project stays as it is.

    The lines, the beam and the scores are those of the stage `evaluate`; words are of the source, in batches of 32, and
    latencies of single lines. The last lines compare `models/selected` with the teacher and with the teacher quantized,
    and tell what one line costs when the process has to start for it.

    Example: [bold]seqline bench decode --threads 1 --threads 2[/bold]
    """
    from seqline import params
    from seqline.cli.composition import use_threads

    work = workspace()
    settings = params.load(work.params)
    numbers = sorted(set(threads or (1, os.cpu_count() or 1)))
    use_threads(numbers[-1])
    from seqline.benchmarking.cold import cold_start
    from seqline.benchmarking.decoding import contest, shipped_of, test_lines

    names, shipped = list(dict.fromkeys(model or settings.evaluate.models)), shipped_of(work)
    found = contest(work, settings, names, numbers, rounds)
    start = cold_start(SELECTED, test_lines(work)[0], work.root, rounds) if shipped in names else None
    if as_json:
        _print_contest(found, shipped, start)
    else:
        _show_contest(found, numbers, shipped, start)


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


def _rivals(found: "Sequence[Contestant]", shipped: str | None) -> "Iterator[tuple[Contestant, Contestant]]":
    """The shipped model beside the teacher, and beside the quantized teacher, where they were timed."""
    by_name = {one.name: one for one in found}
    for name in ("teacher", "teacher-quantized"):
        if shipped in by_name and name in by_name and name != shipped:
            yield by_name[shipped], by_name[name]


def _print_contest(found: "Sequence[Contestant]", shipped: str | None, start: "ColdStart | None") -> None:
    against = {rival.name: ours.against(rival) for ours, rival in _rivals(found, shipped)}
    cold = asdict(start) if start else None
    print_json({"models": [one.figures for one in found], "shipped": shipped, "against": against, "cold_start": cold})


def _show_contest(
    found: "Sequence[Contestant]", numbers: Sequence[int], shipped: str | None, start: "ColdStart | None"
) -> None:
    timed = [f"{what} ×{number}" for number in numbers for what in ("words/s", "p50 ms", "p95 ms")]
    rows = [
        (
            one.name,
            f"{one.bleu:.2f}",
            f"{one.chrf:.2f}",
            f"{one.size_mb:.1f}",
            *(text for number in numbers for text in _speed(one.speeds[number])),
        )
        for one in found
    ]
    print_table(("model", "BLEU", "chrF2", "MB", *timed), rows)
    for ours, rival in _rivals(found, shipped):
        gains = ours.against(rival)
        faster = ", ".join(f"{times:.1f} × with {_threads(n)}" for n, times in gains["times_faster"].items())
        print(
            f"{ours.name} (shipped) against {rival.name}: {gains['bleu_share']:.1%} of its BLEU, "
            f"{gains['chrf_share']:.1%} of its chrF2, {gains['times_smaller']:.1f} × smaller; words/s: {faster}"
        )
    if start:
        print(f"one line, start of the process included: {start.seconds:.2f} s, {start.peak_rss_mb:.0f} MB")


def _speed(speed: "Speed") -> tuple[str, str, str]:
    return f"{speed.words_per_s:,.0f}", f"{speed.p50_ms:.1f}", f"{speed.p95_ms:.1f}"


def _threads(number: int) -> str:
    return f"{number} thread{'s' if number > 1 else ''}"
