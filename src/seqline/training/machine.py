"""Where and how exactly a model is trained: the device, the precision, and the state of its random numbers."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from queue import Queue
from threading import Event, Thread
from typing import Literal, Self

import torch
from torch import Tensor

from seqline.errors import InputError
from seqline.models.base import EncoderDecoder
from seqline.models.products import cpu_has_bf16
from seqline.training.batching import Batch
from seqline.training.data import Group

Forward = Callable[[Tensor, Tensor], Tensor]
_AHEAD = 2


@dataclass(frozen=True)
class Machine:
    """A device and a precision. On a CPU the same seed gives the same bits; on a GPU that is not promised."""

    device: torch.device
    precision: Literal["fp32", "bf16"] = "fp32"

    @classmethod
    def choose(cls, device: str, precision: str, rank: int = 0, processes: int = 1) -> Self:
        """What the params ask for; ``auto`` takes a GPU where there is one, and bf16 where it pays.

        It pays on a GPU that computes in it, and on a CPU with AMX; on others bf16 is far slower than fp32. Process
        ``rank`` of the ``processes`` on this machine takes the GPU of that number.

        Raises:
            InputError: there is no GPU, or not one for each process; or bf16 is asked of a CPU that has no AMX.
        """
        if device == "cpu" or (device == "auto" and not torch.cuda.is_available()):
            if precision == "bf16" and not cpu_has_bf16():
                raise InputError("project.precision: this CPU has no matrix products in bf16 (AMX); say `auto`")
            return cls(torch.device("cpu"), "bf16" if precision != "fp32" and cpu_has_bf16() else "fp32")
        if torch.cuda.device_count() < processes:
            raise InputError(
                f"project.device: there are {torch.cuda.device_count()} GPUs for {processes} processes; say `cpu`, or "
                "lower project.processes"
            )
        torch.cuda.set_device(rank)
        torch.set_float32_matmul_precision("high")
        half = precision == "bf16" or (precision == "auto" and torch.cuda.is_bf16_supported())
        return cls(torch.device("cuda", rank), "bf16" if half else "fp32")

    @property
    def is_gpu(self) -> bool:
        """Whether it is one."""
        return self.device.type == "cuda"

    def autocast(self) -> AbstractContextManager[object]:
        """The precision of the passes inside a block, on a GPU."""
        half = self.is_gpu and self.precision == "bf16"
        return torch.autocast("cuda", dtype=torch.bfloat16) if half else nullcontext()

    @property
    def rounds(self) -> bool:
        """Whether a CPU computes matrix products in bf16."""
        return self.precision == "bf16" and not self.is_gpu

    def forward(self, model: EncoderDecoder) -> Forward:
        """The model's forward pass, compiled on a GPU."""
        return torch.compile(model, dynamic=True) if self.is_gpu else model

    def feed(self, groups: Iterator[Group]) -> Iterator[Group]:
        """The same groups; on a GPU they are made ready by a thread, in pinned memory, while it computes."""
        return _ahead(groups) if self.is_gpu else groups

    def wait(self) -> None:
        """Until a GPU has done what it was told; a CPU has."""
        if self.is_gpu:
            torch.cuda.synchronize(self.device)

    def random_state(self) -> dict[str, Tensor]:
        """The states of the generators that training draws from, by name."""
        states = {"cpu": torch.get_rng_state()}
        return states | {"cuda": torch.cuda.get_rng_state(self.device)} if self.is_gpu else states

    def set_random_state(self, states: Mapping[str, Tensor]) -> None:
        """Go back to what :meth:`random_state` gave."""
        torch.set_rng_state(states["cpu"])
        if self.is_gpu:
            torch.cuda.set_rng_state(states["cuda"], self.device)


CPU = Machine(torch.device("cpu"))


def _ahead(groups: Iterator[Group]) -> Iterator[Group]:
    queue: Queue[Group | BaseException | None] = Queue(_AHEAD)
    is_over = Event()

    def work() -> None:
        try:
            for group in groups:
                if is_over.is_set():
                    return
                queue.put(Group(_pinned(group.batches), group.num_batches, group.num_labels, group.num_pairs))
            queue.put(None)
        except BaseException as error:
            queue.put(error)

    Thread(target=work, daemon=True).start()
    try:
        while (item := queue.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        is_over.set()
        while not queue.empty():  # it may be waiting for room
            queue.get()


def _pinned(batches: list[Batch]) -> list[Batch]:
    return [batch.pinned() for batch in batches]
