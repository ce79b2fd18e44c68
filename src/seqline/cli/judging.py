"""``seqline evaluate`` and ``seqline compare``: how good a model is, and whether another one is better."""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seqline.cli.opening import Beam, Model, Threads, open_model, workspace
from seqline.cli.output import Json, print_json, print_table
from seqline.errors import MismatchError, MissingError

if TYPE_CHECKING:
    from seqline.evaluation.significance import Comparison

Source = Annotated[Path, typer.Option(help="Sentences to translate, one a line; plain, gzip or zstd.")]
Reference = Annotated[Path, typer.Option(help="Their human translations, line by line.")]
_CHUNK_LINES = 256


@dataclass(frozen=True)
class Texts:
    """A test set."""

    sources: list[str]
    references: list[str]

    @property
    def num_words(self) -> int:
        """White-space words of the sources."""
        return sum(len(line.split()) for line in self.sources)


def evaluate(
    source: Source,
    reference: Reference,
    model: Model = "",
    beam: Beam = 4,
    threads: Threads = 0,
    as_json: Json = False,
) -> None:
    """Score a model on your own test set: BLEU, chrF2, TER with their signatures, and its speed.

    Example: [bold]seqline evaluate --model quantized --source test.en --reference test.zh[/bold]
    """
    from seqline import params
    from seqline.evaluation import metrics

    work = workspace()
    texts, language = read_texts(source, reference), params.load(work.params).project.target
    hypotheses, seconds = _translate(model, texts.sources, beam, threads)
    scores = {
        "bleu": metrics.bleu(hypotheses, texts.references, language),
        "chrf": metrics.chrf(hypotheses, texts.references),
        "ter": metrics.ter(hypotheses, texts.references, language),
    }
    speed = texts.num_words / max(seconds, 1e-9)
    if as_json:
        figures: dict[str, Any] = {name: asdict(score) for name, score in scores.items()}
        print_json({"model": model or "champion", "lines": len(hypotheses), **figures, "words_per_s": round(speed, 1)})
        return
    print_table(
        ("metric", "score", "signature"),
        [(name, f"{score.value:.2f}", score.signature) for name, score in scores.items()],
    )
    print(f"{len(hypotheses):,} lines in {seconds:.1f} s: {speed:,.0f} source words/s, beam {beam}")


def compare(
    baseline: Annotated[str, typer.Argument(help="A model, as --model of `translate` takes it.")],
    candidate: Annotated[str, typer.Argument(help="The model that may be better.")],
    source: Source,
    reference: Reference,
    beam: Beam = 4,
    threads: Threads = 0,
    as_json: Json = False,
) -> None:
    """Is CANDIDATE better than BASELINE, or was it luck? Paired bootstrap and approximate randomisation.

    Example: [bold]seqline compare teacher quantized --source test.en --reference test.zh[/bold]
    """
    from seqline import params
    from seqline.evaluation import significance

    settings, texts = params.load(workspace().params), read_texts(source, reference)
    first, second = (_translate(name, texts.sources, beam, threads)[0] for name in (baseline, candidate))
    comparisons = [
        significance.compare(
            first,
            second,
            texts.references,
            settings.project.target,
            metric=metric,
            resamples=settings.evaluate.resamples,
            seed=settings.project.seed,
        )
        for metric in ("bleu", "chrf")
    ]
    if as_json:
        print_json({"baseline": baseline, "candidate": candidate, "metrics": [asdict(one) for one in comparisons]})
        return
    header = ("metric", baseline, candidate, "difference", "95 % interval", "p bootstrap", "p randomisation")
    print_table(header, [_row(one) for one in comparisons])
    print(_verdict(comparisons[0], settings.promote.alpha))


def read_texts(source: Path, reference: Path) -> Texts:
    """Read a test set.

    Raises:
        MissingError: a file does not exist.
        CorpusError: a file is empty or not UTF-8.
        MismatchError: the files have different numbers of lines.
    """
    from seqline.corpus.lines import read_lines

    for path in (source, reference):
        if not path.is_file():
            raise MissingError(f"{path}: no such file")
    texts = Texts(list(read_lines(source)), list(read_lines(reference)))
    if len(texts.sources) != len(texts.references):
        raise MismatchError(
            f"{source} has {len(texts.sources)} lines but {reference} has {len(texts.references)}: "
            "they must be line by line"
        )
    return texts


def _translate(model: str, sources: Sequence[str], beam: int, threads: int) -> tuple[list[str], float]:
    """The best translation of each line, and the seconds it took; loading the model is not counted."""
    from seqline.progress import progress

    translator = open_model(model, workspace(), threads)
    begin, hypotheses = time.monotonic(), list[str]()
    with progress(f"translate with {model or 'champion'}", len(sources), "lines") as advance:
        for start in range(0, len(sources), _CHUNK_LINES):
            chunk = sources[start : start + _CHUNK_LINES]
            hypotheses.extend(best[0].text for best in translator.translate(chunk, beam=beam))
            advance(len(chunk))
    return hypotheses, time.monotonic() - begin


def _row(one: "Comparison") -> tuple[str, ...]:
    return (
        one.metric,
        f"{one.baseline:.2f}",
        f"{one.candidate:.2f}",
        f"{one.delta:+.2f}",
        f"{one.low:+.2f} … {one.high:+.2f}",
        f"{one.p_bootstrap:.4f}",
        f"{one.p_randomisation:.4f}",
    )


def _verdict(one: "Comparison", alpha: float) -> str:
    if max(one.p_bootstrap, one.p_randomisation) >= alpha:
        return f"No significant difference in {one.metric.upper()} at p < {alpha:g} on {one.num_sentences:,} sentences."
    better = "better" if one.delta > 0 else "worse"
    return f"The candidate is significantly {better} in {one.metric.upper()} (p < {alpha:g})."
