"""Learning-rate schedules: a linear warm-up, then a decay."""

import math

from seqline.params.modelling import Optimisation


def learning_rate(settings: Optimisation, update: int) -> float:
    """The learning rate of an update, counted from 0.

    After the warm-up it falls with 1/√update (``inverse_sqrt``, Vaswani et al. 2017), along half a cosine to 1 % of
    its peak (``cosine``, Loshchilov & Hutter 2017), or along a straight line to 1 % (``linear``).
    """
    warmup = settings.warmup_updates
    if update < warmup:
        return settings.learning_rate * (update + 1) / warmup
    if settings.schedule == "inverse_sqrt":
        return settings.learning_rate * math.sqrt(max(warmup, 1) / (update + 1))
    progress = min(1.0, (update - warmup) / max(1, settings.max_updates - warmup))
    fall = 0.5 * (1 + math.cos(math.pi * progress)) if settings.schedule == "cosine" else 1 - progress
    return settings.learning_rate * max(0.01, fall)
