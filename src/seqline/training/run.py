"""What a training run is made of."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqline.models.base import EncoderDecoder
from seqline.params.modelling import Optimisation
from seqline.training.data import TrainingData
from seqline.training.machine import CPU, Machine
from seqline.training.peers import ALONE, Peers
from seqline.types import Tracker

Validator = Callable[[EncoderDecoder], Mapping[str, float]]


@dataclass(frozen=True)
class Run:
    """What a training run is made of.

    ``validate`` returns at least ``chrf``; ``fingerprint`` says what a checkpoint must agree with to be resumed.
    ``keeps_zeros``: weights of matrices that are zero at the start stay so.
    """

    data: TrainingData
    validate: Validator
    settings: Optimisation
    seed: int
    checkpoint: Path
    fingerprint: Mapping[str, Any]
    tracker: Tracker
    name: str
    machine: Machine = CPU
    peers: Peers = ALONE
    keeps_zeros: bool = False

    def say(self, line: str) -> None:
        """Tell people something, once for all processes."""
        if self.peers.is_first:
            print(f"{self.name}: {line}", file=sys.stderr, flush=True)
