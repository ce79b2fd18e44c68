"""The processes that train one model together, with as little between them as exactness needs.

Every process holds the whole model, computes its share of an update's batches, and adds its gradient to those of the
others: all then take the same step. ``torchrun`` or ``project.processes`` starts them. One process is a group of one.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed.rendezvous import rendezvous

_PATIENCE = timedelta(hours=2)
"""How long a process waits for the others: the first one alone decodes the dev set."""


@dataclass(frozen=True)
class Peers:
    """This process among ``count``. The first one, of rank 0, alone validates, writes and talks."""

    rank: int = 0
    count: int = 1

    @property
    def is_first(self) -> bool:
        """Whether this process is the one that writes."""
        return self.rank == 0

    def add(self, tensor: Tensor) -> None:
        """Add up a tensor of all processes, in place; the sum has the same bits in each."""
        if self.count > 1:
            dist.all_reduce(tensor)

    def gather(self, tensor: Tensor) -> list[Tensor]:
        """A CPU tensor of each process, by rank."""
        if self.count == 1:
            return [tensor]
        found = [torch.empty_like(tensor) for _ in range(self.count)]
        dist.all_gather(found, tensor)
        return found

    def share(self, figures: Mapping[str, float]) -> dict[str, float]:
        """The first process's figures, for all."""
        if self.count == 1:
            return dict(figures)
        # Through JSON: torch would send objects as pickle.
        text = torch.tensor(list(json.dumps(dict(figures)).encode()), dtype=torch.uint8)
        size = torch.tensor(len(text))
        dist.broadcast(size, 0)
        if not self.is_first:
            text = torch.empty(int(size), dtype=torch.uint8)
        dist.broadcast(text, 0)
        shared: dict[str, float] = json.loads(bytes(text.tolist()))
        return shared

    def wait(self) -> None:
        """Until all processes are here."""
        if self.count > 1:
            dist.barrier()


ALONE = Peers()


def leads() -> bool:
    """Whether this process will be the first one, before they have met."""
    return int(os.environ.get("RANK", "0")) == 0


def here() -> tuple[int, int]:
    """This process's number among those of its machine, and how many they are, as ``torchrun`` says it."""
    return int(os.environ.get("LOCAL_RANK", "0")), int(os.environ.get("LOCAL_WORLD_SIZE", "1"))


@cache
def _met() -> tuple[dist.Store, int, int]:  # type: ignore[name-defined]
    """The store that all share, this process's rank, and how many they are.

    Once per process: the first one may serve the store, and the others must not find it gone when they come back to it.
    """
    store, rank, count = next(rendezvous("env://", timeout=_PATIENCE))
    return store, rank, count


@contextmanager
def joined(name: str) -> Iterator[Peers]:
    """The group that the environment of ``torchrun`` describes; without it, this process alone.

    Groups that the same processes form one after the other need names of their own.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield Peers()
        return
    backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
    store, rank, count = _met()
    # torchrun keeps its store, also when it restarts us; addresses of groups that are gone would be called in vain.
    attempt = os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")
    store = dist.PrefixStore(f"{name}, attempt {attempt}", store)  # type: ignore[attr-defined]
    dist.init_process_group(backend, store=store, rank=rank, world_size=count, timeout=_PATIENCE)
    try:
        yield Peers(rank, count)
    finally:
        dist.destroy_process_group()
