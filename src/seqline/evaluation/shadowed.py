"""Two models on the same live lines, of which nobody knows the right translations."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from seqline.evaluation.fast_chrf import nbest_chrfs
from seqline.evaluation.slices import failures


@dataclass(frozen=True)
class Line:
    """A line and what each of the two made of it, with its log-probability per piece."""

    source: str
    champion: str
    challenger: str
    champion_score: float
    challenger_score: float


@dataclass(frozen=True)
class Summary:
    """What can be said without references.

    Attributes:
        lines: how many.
        same: the share that both translate alike.
        chrf: mean chrF2 of the challenger's translations against the champion's, in percent.
        length_ratio: characters of the challenger's translations per character of the champion's.
        scores: median log-probability per piece, champion's and challenger's.
        failures: by name, the share of the champion's translations that show it and of the challenger's, each with
            the other's in place of a reference.
        different: the lines on which they differ most, those first.
    """

    lines: int
    same: float
    chrf: float
    length_ratio: float
    scores: tuple[float, float]
    failures: dict[str, tuple[float, float]]
    different: list[Line]


def summary(lines: Sequence[Line], language: str, num_different: int = 5) -> Summary:
    """Compare the two; there must be a line. ``language`` is that of the translations."""
    alike = [
        float(found[0]) for found in nbest_chrfs([[one.challenger] for one in lines], [one.champion for one in lines])
    ]
    order = sorted(range(len(lines)), key=lambda row: (alike[row], row))
    written = [sum(len(one.champion) for one in lines), sum(len(one.challenger) for one in lines)]
    return Summary(
        len(lines),
        _share([one.champion == one.challenger for one in lines]),
        sum(alike) / len(lines),
        written[1] / max(1, written[0]),
        (median(one.champion_score for one in lines), median(one.challenger_score for one in lines)),
        {
            name: (
                _share([failed(one.source, one.challenger, one.champion) for one in lines]),
                _share([failed(one.source, one.champion, one.challenger) for one in lines]),
            )
            for name, failed in failures(language).items()
        },
        [lines[row] for row in order[:num_different] if lines[row].champion != lines[row].challenger],
    )


def _share(holds: Sequence[bool]) -> float:
    return sum(holds) / len(holds)
