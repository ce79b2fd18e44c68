"""All scores of one system on one test set, as they are kept in ``reports/evaluate/MODEL.json``."""

from collections.abc import Sequence
from dataclasses import dataclass

from seqline.evaluation import metrics
from seqline.evaluation.significance import bootstrap_interval
from seqline.evaluation.slices import Slices, slices


@dataclass(frozen=True)
class Scorecard:
    """Scores in percent; ``bleu_low`` and ``bleu_high`` bound BLEU with 95 % confidence."""

    pairs: int
    bleu: float
    bleu_low: float
    bleu_high: float
    chrf: float
    ter: float
    signatures: dict[str, str]
    slices: Slices


def scorecard(
    sources: Sequence[str],
    references: Sequence[str],
    hypotheses: Sequence[str],
    language: str,
    *,
    resamples: int,
    seed: int,
) -> Scorecard:
    """Score hypotheses in the target ``language`` against one reference each.

    Raises:
        MismatchError: the counts differ.
        InputError: there is nothing to score.
    """
    found = {
        "bleu": metrics.bleu(hypotheses, references, language),
        "chrf": metrics.chrf(hypotheses, references),
        "ter": metrics.ter(hypotheses, references, language),
    }
    interval = bootstrap_interval(hypotheses, references, language, resamples=resamples, seed=seed)
    return Scorecard(
        pairs=len(references),
        bleu=round(found["bleu"].value, 3),
        bleu_low=round(interval.low, 3),
        bleu_high=round(interval.high, 3),
        chrf=round(found["chrf"].value, 3),
        ter=round(found["ter"].value, 3),
        signatures={name: score.signature for name, score in found.items()},
        slices=slices(sources, references, hypotheses, language),
    )
