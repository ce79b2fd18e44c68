"""How fast each candidate translates, beside what it scores and weighs: the figures that say what compression gains."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from seqline import files
from seqline.errors import ArtifactError
from seqline.evaluation.speed import Speed, measure, spread
from seqline.params import Params
from seqline.progress import progress
from seqline.stages.opening import open_translator
from seqline.stages.select import evaluation
from seqline.workspace import Workspace

_REPORTED = ("bleu", "chrf", "size_mb", "peak_rss_mb")
_TIMED = ("words_per_s", "single_words_per_s", "p50_ms", "p95_ms")


@dataclass(frozen=True)
class Contestant:
    """A model as the stage ``evaluate`` scored it, and its speed here by the number of threads.

    Scores in percent; size on disk and the peak of memory during its evaluation in 10⁶ bytes.
    """

    name: str
    bleu: float
    chrf: float
    size_mb: float
    peak_rss_mb: float
    speeds: Mapping[int, Speed]

    @property
    def figures(self) -> dict[str, Any]:
        """All of it as a document, speeds by the number of threads."""
        timed = {threads: {name: getattr(speed, name) for name in _TIMED} for threads, speed in self.speeds.items()}
        return {name: getattr(self, name) for name in ("name", *_REPORTED)} | {"threads": timed}

    def against(self, other: "Contestant") -> dict[str, Any]:
        """What it keeps of another's scores (shares), how many times smaller it is, and faster with so many threads."""
        return {
            "bleu_share": self.bleu / max(other.bleu, 1e-9),
            "chrf_share": self.chrf / max(other.chrf, 1e-9),
            "times_smaller": other.size_mb / self.size_mb,
            "times_faster": {
                threads: speed.words_per_s / other.speeds[threads].words_per_s for threads, speed in self.speeds.items()
            },
        }


def contest(
    work: Workspace, settings: Params, names: Sequence[str], threads: Sequence[int], rounds: int
) -> list[Contestant]:
    """Time the models on the test set with the beam and the lines that the stage ``evaluate`` takes.

    All models take turns, ``rounds`` times with each number of threads; of each the fastest round counts, since what
    disturbs a machine only ever slows it down.

    Raises:
        MissingError: a model or its evaluation is not there yet.
        ArtifactError: a model is not the one that was evaluated.
    """
    reports = {name: _report(work, name) for name in names}
    lines = spread(test_lines(work), settings.evaluate.speed_pairs)
    speeds: dict[str, dict[int, Speed]] = {name: {} for name in names}
    with progress("bench", len(names) * len(threads) * rounds, "rounds") as advance:
        for number in threads:
            project = settings.project.model_copy(update={"threads": number})
            own = settings.model_copy(update={"project": project})
            for _ in range(rounds):
                for name in names:
                    found = _measured(work, own, name, lines)
                    best = speeds[name].get(number, found)
                    speeds[name][number] = max(best, found, key=lambda speed: speed.words_per_s)
                    advance(note=name)
    return [Contestant(name, **reports[name], speeds=speeds[name]) for name in names]


def test_lines(work: Workspace) -> list[str]:
    """The sources of the test set.

    Raises:
        MissingError: it is not there yet.
    """
    files.verify(work.clean)
    return pl.read_parquet(work.clean / "test.parquet", columns=["source"])["source"].to_list()


def shipped_of(work: Workspace) -> str | None:
    """The model that the stage ``select`` has chosen, if it has run."""
    choice = work.reports / "select.json"
    return files.read_json(choice)["selected"] if choice.is_file() else None


def _report(work: Workspace, name: str) -> dict[str, Any]:
    report, folder = evaluation(work, name), work.model(name)
    files.verify(folder)
    if files.content_hash(folder) != report["content_hash"]:
        raise ArtifactError(f"{folder}: not the model that was evaluated; run `seqline run evaluate@{name}`")
    return {figure: report[figure] for figure in _REPORTED}


def _measured(work: Workspace, settings: Params, name: str, lines: Sequence[str]) -> Speed:
    """Opened for the round alone: the idle threads of another model would stand in the way."""
    translator = open_translator(work.model(name), settings)
    return measure(translator, lines, beam=settings.evaluate.beam, single_lines=settings.evaluate.latency_pairs)
