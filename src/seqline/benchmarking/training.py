"""How fast the machine trains a model, how well that uses it, and how long all of it would take."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice

import torch

from seqline import files, models
from seqline.benchmarking.memory import PeakMemory
from seqline.benchmarking.products import peak_flops_per_s
from seqline.models.base import num_parameters
from seqline.models.flops import Work, forward_flops
from seqline.params.deployment import Project
from seqline.params.modelling import Distill, Optimisation, Train
from seqline.progress import progress
from seqline.special import PAD
from seqline.stages.modelling import config_of
from seqline.training.allocator import pages_kept
from seqline.training.batching import Batch
from seqline.training.data import Group, TrainingData
from seqline.training.machine import Machine
from seqline.training.peers import ALONE
from seqline.training.state import TrainingState
from seqline.training.update import update
from seqline.workspace import Workspace

_WARM_UPDATES = 8
"""Until then arrays are allocated and a GPU compiles."""
_FORWARD_AND_BACKWARD = 3


@dataclass(frozen=True)
class Speed:
    """What ``updates`` of a model took.

    ``pieces`` are real target pieces, ``flops`` the model's (``models/flops.py``), ``peak_flops_per_s`` those of bare
    matrix products, ``peak_bytes`` the most that this process held, or on the GPU.
    """

    device: str
    precision: str
    threads: int
    parameters: int
    updates: int
    seconds: float
    pieces: int
    flops: int
    peak_flops_per_s: float
    peak_bytes: int

    @property
    def pieces_per_s(self) -> float:
        """Real target pieces a second."""
        return self.pieces / self.seconds

    @property
    def utilisation(self) -> float:
        """Model FLOPs utilisation: the share of what bare matrix products reach in this precision."""
        return self.flops / self.seconds / self.peak_flops_per_s

    def estimate_s(self, settings: Optimisation) -> float:
        """Seconds of all updates, without validations."""
        return settings.max_updates * self.seconds / self.updates


def speed(work: Workspace, project: Project, block: Train | Distill, num_updates: int) -> Speed:
    """Train a new model on the tokenized corpus for so many updates, in this process, and keep nothing.

    Raises:
        MissingError: there is no tokenized corpus yet.
        InputError: it has no pair, or one that is longer than a batch may be.
        NotFiniteError: a loss or a gradient is not finite.
    """
    files.verify(work.tokenized)
    data, settings = TrainingData.open(work.tokenized), block.optimisation
    config = config_of(block.model, data.tokenizer)
    data.check(settings.batch_tokens, config.max_positions)
    torch.set_num_threads(project.threads)
    torch.manual_seed(project.seed)
    machine = Machine.choose(project.device, project.precision)
    model = models.build(config).to(machine.device).train()
    state = TrainingState.begin(model, settings, machine, ALONE)
    groups = machine.feed(_groups(data, settings, project.seed, config.max_positions))
    passes = _FORWARD_AND_BACKWARD * (2 if settings.r_drop else 1)
    pieces = flops = 0
    with pages_kept(), PeakMemory() as memory, progress("bench", num_updates, "update") as advance:
        for group in islice(groups, _WARM_UPDATES):
            update(state, group, settings)
        machine.wait()
        begin = time.perf_counter()
        for group in islice(groups, num_updates):
            update(state, group, settings)
            pieces += group.num_labels
            flops += passes * sum(forward_flops(model.config, _work(batch)) for batch in group.batches)
            advance()
        machine.wait()
        seconds = time.perf_counter() - begin
    peak_bytes = torch.cuda.max_memory_allocated(machine.device) if machine.is_gpu else memory.num_bytes
    return Speed(
        machine.device.type, machine.precision, project.threads, num_parameters(model), num_updates, seconds, pieces,
        flops, peak_flops_per_s(machine), peak_bytes,
    )  # fmt: skip


def _groups(data: TrainingData, settings: Optimisation, seed: int, max_positions: int | None) -> Iterator[Group]:
    """The batches of each update, without end."""
    for epoch in count():
        for number in range(data.num_pools):
            pool = data.pool(settings.batch_tokens, seed, epoch, number, settings.subword_sampling, max_positions)
            yield from pool.groups(settings.accumulate)


def _work(batch: Batch) -> Work:
    source_N, target_N = ((ids != PAD).sum(dim=1).tolist() for ids in (batch.source_BS, batch.label_BT))
    return Work.of(source_N, target_N)
