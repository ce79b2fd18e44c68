"""The device and the precision that a machine gives."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tiny_training import run_of, tiny_model

from seqline.errors import InputError
from seqline.models.products import cpu_has_bf16
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


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_on_a_gpu_a_model_learns_about_as_much(tmp_path: Path) -> None:
    on_cpu = fit(tiny_model(0.0), run_of(tmp_path / "cpu"))
    run = replace(run_of(tmp_path / "gpu"), machine=Machine.choose("cuda", "fp32"))
    assert fit(tiny_model(0.0), run)[-1]["loss"] == pytest.approx(on_cpu[-1]["loss"], rel=0.02)
