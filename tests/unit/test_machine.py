"""The device and the precision that a machine gives."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
import torch
from tiny_project import wait_for
from tiny_training import run_of, tiny_model

from seqline.errors import InputError, StageError
from seqline.models.products import cpu_has_bf16
from seqline.training import machine
from seqline.training.data import Group
from seqline.training.loop import fit
from seqline.training.machine import CPU, Machine


@pytest.mark.parametrize("device", ["cpu", "auto"])
@pytest.mark.skipif(torch.cuda.is_available(), reason="says what a machine without a GPU does")
def test_without_a_gpu_it_is_the_cpu_in_what_pays_there(device: str) -> None:
    assert Machine.choose(device, "auto") == Machine(torch.device("cpu"), "bf16" if cpu_has_bf16() else "fp32")
    assert Machine.choose(device, "fp32") == CPU


def test_bf16_is_refused_where_it_would_be_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict)
    assert Machine.choose("cpu", "auto") == CPU
    with pytest.raises(InputError, match="this CPU has no matrix products in bf16"):
        Machine.choose("cpu", "bf16")


@pytest.mark.skipif(torch.cuda.is_available(), reason="says what a machine without a GPU does")
def test_a_gpu_that_is_not_there_is_an_error_of_one_line() -> None:
    with pytest.raises(InputError, match="there are 0 GPUs for 2 processes; say `cpu`"):
        Machine.choose("cuda", "auto", processes=2)


@pytest.mark.skipif(not cpu_has_bf16(), reason="needs a CPU with AMX")
def test_in_bf16_a_model_learns_about_as_much(tmp_path: Path) -> None:
    losses = {}
    for precision in ("fp32", "bf16"):
        run = replace(run_of(tmp_path / precision), machine=Machine.choose("cpu", precision))
        losses[precision] = fit(tiny_model(), run)[-1]["loss"]
    assert losses["bf16"] == pytest.approx(losses["fp32"], rel=0.02)
    assert losses["bf16"] != losses["fp32"]


def test_the_thread_that_works_ahead_ends_when_nobody_wants_more() -> None:
    made = list[int]()

    def groups() -> Iterator[Group]:
        for number in count():
            made.append(number)
            yield Group([], number, 0, 0)

    before = set(threading.enumerate())
    fed = machine._ahead(groups())
    assert [next(fed).num_batches for _ in range(3)] == [0, 1, 2]
    (worker,) = set(threading.enumerate()) - before
    wait_for(lambda: len(made) == 6)  # two wait in the queue, and one for room
    del fed
    worker.join(timeout=10)
    assert not worker.is_alive()


def test_what_goes_wrong_while_working_ahead_is_raised_where_it_is_wanted() -> None:
    def groups() -> Iterator[Group]:
        yield Group([], 1, 0, 0)
        raise StageError("no more")

    fed = machine._ahead(groups())
    assert next(fed).num_batches == 1
    with pytest.raises(StageError, match="no more"):
        next(fed)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_on_a_gpu_a_model_learns_about_as_much(tmp_path: Path) -> None:
    on_cpu = fit(tiny_model(0.0), run_of(tmp_path / "cpu"))
    run = replace(run_of(tmp_path / "gpu"), machine=Machine.choose("cuda", "fp32"))
    assert fit(tiny_model(0.0), run)[-1]["loss"] == pytest.approx(on_cpu[-1]["loss"], rel=0.02)
