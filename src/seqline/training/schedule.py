"""Learning-rate schedules: a linear warm-up, then a decay."""

import math

from seqline.params.modelling import Optimisation

_FLOOR = 0.01
"""Share of the peak that a schedule ends at."""


def learning_rate(settings: Optimisation, update: int, rewinds: int = 0) -> float:
    """The learning rate of an update, counted from 0; every rewind has halved it.

    After the warm-up it falls with 1/√update (``inverse_sqrt``, Vaswani et al. 2017), along half a cosine to 1 % of
    its peak (``cosine``, Loshchilov & Hutter 2017), along a straight line to 1 % (``linear``), or stays and falls along
    a straight line over the last ``decay_share`` of all updates (``wsd``: warm-up, stable, decay, Hu et al. 2024).
    """
    return settings.learning_rate * _share(settings, update) * 0.5**rewinds


def _share(settings: Optimisation, update: int) -> float:
    warmup, total = settings.warmup_updates, settings.max_updates
    if update < warmup:
        return (update + 1) / warmup
    if settings.schedule == "inverse_sqrt":
        return math.sqrt(max(warmup, 1) / (update + 1))
    begin = max(warmup, round(total * (1 - settings.decay_share))) if settings.schedule == "wsd" else warmup
    progress = min(1.0, max(0.0, (update - begin) / max(1, total - begin)))
    fall = 0.5 * (1 + math.cos(math.pi * progress)) if settings.schedule == "cosine" else 1 - progress
    return max(_FLOOR, fall)
