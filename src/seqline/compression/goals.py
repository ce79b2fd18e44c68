"""How much must go until a model is as small, or as fast, as it should be.

Models in between are measured as they would be deployed: in int8 for CTranslate2, with their tokenizers.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from seqline import files
from seqline.errors import StageError
from seqline.evaluation.speed import measure
from seqline.models.base import EncoderDecoder, num_parameters
from seqline.params.compression import Target
from seqline.serving.bundle import Bundle

_STEPS = 20
"""Shares are tried in steps of 1/20; something must stay."""

Measure = Callable[[EncoderDecoder], float]
Deploy = Callable[[EncoderDecoder, Path], None]
"""Writes a model as it would be deployed into a folder that is not there yet."""


def least_share(
    cut: Callable[[float], EncoderDecoder], measure: Measure, goal: float, what: str
) -> tuple[float, float]:
    """The least share, in steps of 1/20, with which ``measure`` of what ``cut`` leaves is at most ``goal``, and what
    is measured then.

    Raises:
        StageError: not even 19/20 do.
    """
    low, high = 0, _STEPS - 1
    reached = measure(cut(high / _STEPS))
    if reached > goal:
        raise StageError(
            f"{what}: {goal:,g} cannot be reached: without {high / _STEPS:.0%} of its heads and units it is still "
            f"{reached:,.3g}; raise the target, or make the student smaller"
        )
    while low < high:
        middle = (low + high) // 2
        found = measure(cut(middle / _STEPS))
        if found <= goal:
            high, reached = middle, found
        else:
            low = middle + 1
    return high / _STEPS, reached


def measure_of(target: Target, deploy: Deploy, lines: Sequence[str], beam: int) -> tuple[Measure, float, str]:
    """What is measured, how much of it there may be, and what the key of ``target`` in params.yaml is called.

    Latency is the median over ``lines``, one by one, on one thread, with such a ``beam``.
    """
    if target.parameters is not None:
        return lambda model: float(num_parameters(model)), float(target.parameters), "parameters"
    if target.mb is not None:
        return lambda model: _deployed(model, deploy, _megabytes), target.mb, "mb"
    assert target.ms is not None
    return lambda model: _deployed(model, deploy, lambda folder: _median_ms(folder, lines, beam)), target.ms, "ms"


def _deployed(model: EncoderDecoder, deploy: Deploy, measure: Callable[[Path], float]) -> float:
    with TemporaryDirectory(prefix="seqline-goal-") as place:
        folder = Path(place) / "bundle"
        deploy(model, folder)
        return measure(folder)


def _megabytes(folder: Path) -> float:
    return files.content_bytes(folder) / 1e6


def _median_ms(folder: Path, lines: Sequence[str], beam: int) -> float:
    return measure(Bundle.open(folder), lines, beam=beam, single_lines=len(lines)).p50_ms
