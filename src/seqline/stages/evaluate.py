"""Stage ``evaluate@MODEL``: translate the test set with one model, score it, time it.

Leaves ``reports/evaluate/MODEL.hypotheses.txt`` (one line per test pair, in order) and, last, ``MODEL.json``. Scores,
intervals and samples are a function of model, test set and seed; words per second, latency and memory are wall-clock
figures of this machine, kept to three digits, and differ from run to run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from math import prod
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import polars as pl

from seqline import files
from seqline.errors import InputError
from seqline.evaluation.scorecard import Scorecard, scorecard
from seqline.evaluation.speed import measure, spread, spread_rows
from seqline.params import Params
from seqline.progress import progress
from seqline.stages.job import Job, Report
from seqline.stages.opening import WEIGHTS, is_deployable, open_translator
from seqline.types import Translator

_CHUNK_LINES = 256


@runtime_checkable
class Attentive(Protocol):
    """A translator that can show where it looked."""

    def attention(
        self, source: str, target: str
    ) -> tuple[Sequence[str], Sequence[str], Sequence[Sequence[float]]] | None:
        """Source pieces, target pieces, and per target piece its weights over the source pieces.

        None of a model without attention, or of lines that are too long for it.
        """


def run(job: Job) -> Report:
    """Evaluate ``job.item`` on ``data/clean/test.parquet``.

    Raises:
        MissingError: the model or the test set is not there yet.
        InputError: the test set is empty, or there is no such model.
    """
    folder, params = job.work.model(job.item), job.params
    files.verify(job.work.clean)
    files.verify(folder)
    test = pl.read_parquet(job.work.clean / "test.parquet", columns=["corpus", "source", "target"])
    if test.is_empty():
        raise InputError(f"{job.work.clean / 'test.parquet'}: no test pairs; raise clean.split.test_pairs")
    sources, references = test["source"].to_list(), test["target"].to_list()
    translator = open_translator(folder, params)
    hypotheses = _translate(translator, sources, params.evaluate.beam, job.item)
    speed = measure(
        translator,
        spread(sources, params.evaluate.speed_pairs),
        beam=params.evaluate.beam,
        single_lines=params.evaluate.latency_pairs,
    )
    whole = _score(params, sources, references, hypotheses)
    figures = {
        "model": job.item,
        "content_hash": files.content_hash(folder),
        "test_hash": files.manifest(job.work.clean)["files"]["test.parquet"],
        "is_deployable": is_deployable(folder),
        **asdict(whole),
        "sets": {name: asdict(card) for name, card in _sets(params, test, hypotheses, whole).items()},
        "size_mb": round(_size_bytes(folder) / 1e6, 3),
        "parameters": num_parameters(folder),
        **asdict(speed),
        "beam": params.evaluate.beam,
        "threads": params.project.threads,
        "samples": _samples(translator, sources, references, hypotheses, params.evaluate.samples),
    }
    reports = job.work.reports / "evaluate"
    files.write_text(reports / f"{job.item}.hypotheses.txt", "".join(f"{line}\n" for line in hypotheses))
    files.write_json(reports / f"{job.item}.json", figures)
    return _report(job.item, whole, figures)


def num_parameters(folder: Path) -> int | None:
    """Weights of a model, counted in the header of its file; None for a bundle, whose format does not tell."""
    if not (folder / WEIGHTS).is_file():
        return None
    from safetensors import safe_open

    with safe_open(folder / WEIGHTS, framework="numpy") as weights:
        return sum(int(prod(weights.get_slice(name).get_shape())) for name in weights.keys())  # noqa: SIM118


def _translate(translator: Translator, sources: Sequence[str], beam: int, name: str) -> list[str]:
    hypotheses: list[str] = []
    with progress(f"translate with {name}", len(sources), "lines") as advance:
        for start in range(0, len(sources), _CHUNK_LINES):
            found = translator.translate(sources[start : start + _CHUNK_LINES], beam=beam)
            hypotheses += [best[0].text for best in found]
            advance(len(found))
    return hypotheses


def _score(params: Params, sources: Sequence[str], references: Sequence[str], hypotheses: Sequence[str]) -> Scorecard:
    language, resamples, seed = params.project.target, params.evaluate.resamples, params.project.seed
    return scorecard(sources, references, hypotheses, language, resamples=resamples, seed=seed)


def _sets(params: Params, test: pl.DataFrame, hypotheses: Sequence[str], whole: Scorecard) -> dict[str, Scorecard]:
    """A scorecard per corpus, in the order in which they stand in the test set."""
    frame = test.with_columns(hypothesis=pl.Series(hypotheses, dtype=pl.String))
    groups = frame.partition_by("corpus", maintain_order=True)
    if len(groups) == 1:
        return {test["corpus"][0]: whole}  # TER costs milliseconds a sentence: not twice
    return {
        group["corpus"][0]: _score(params, *(group[side].to_list() for side in ("source", "target", "hypothesis")))
        for group in groups
    }


def _samples(
    translator: Translator,
    sources: Sequence[str],
    references: Sequence[str],
    hypotheses: Sequence[str],
    count: int,
) -> list[dict[str, Any]]:
    """Evenly spaced test pairs, the same for every model, with attention where the model can show it."""
    samples = []
    for row in spread_rows(len(sources), count):
        sample: dict[str, Any] = {
            "source": sources[row],
            "reference": references[row],
            "hypothesis": hypotheses[row],
        }
        if isinstance(translator, Attentive):
            sample["attention"] = _attention(translator, sources[row], hypotheses[row])
        samples.append(sample)
    return samples


def _attention(translator: Attentive, source: str, hypothesis: str) -> dict[str, Any] | None:
    found = translator.attention(source, hypothesis)
    if found is None:
        return None
    source_pieces, target_pieces, weights = found
    return {
        "source_pieces": list(source_pieces),
        "target_pieces": list(target_pieces),
        "weights": [[round(float(weight), 3) for weight in line] for line in weights],
    }


def _size_bytes(folder: Path) -> int:
    """Bytes of what is needed to translate: weights, tokenizers and their descriptions, not the learning curve."""
    curve = folder / "curve.csv"
    return files.content_bytes(folder) - (curve.stat().st_size if curve.is_file() else 0)


def _report(model: str, whole: Scorecard, figures: Mapping[str, Any]) -> Report:
    metrics = {
        key: float(figures[key]) for key in ("bleu", "chrf", "ter", "size_mb", "words_per_s", "p50_ms", "p95_ms")
    }
    return Report(
        f"{model}: BLEU {whole.bleu:.2f} ({whole.bleu_low:.2f}–{whole.bleu_high:.2f}), chrF2 {whole.chrf:.2f}, "
        f"TER {whole.ter:.2f} on {whole.pairs:,} pairs; {figures['size_mb']:.1f} MB, "
        f"{figures['words_per_s']:,.0f} words/s, p95 {figures['p95_ms']:.0f} ms",
        metrics,
    )
