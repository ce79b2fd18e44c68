"""The ablation: which row stands on which."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def ablation() -> ModuleType:
    spec = importlib.util.spec_from_file_location("ablation_benchmark", BENCHMARKS / "ablation.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCHMARKS)
        spec.loader.exec_module(module)
    return module


def walked(ablation: ModuleType, aware_bleu: float) -> dict[str, Any]:
    """The steps by name, where every row but the one of int8-aware recovery has 30 BLEU."""
    params = {"prune": {"models": {"pruned": {"heads_share": 0.25, "int8_aware": None}}}}
    done, found = {}, {}
    for step in ablation.steps(done):
        bleu = aware_bleu if step.name == "+ int8-aware recovery" else 30.0
        done[step.name], found[step.name] = ablation.Row(params, {"bleu": bleu}), step
    return found


def test_what_comes_after_int8_aware_recovery_stands_on_the_better_of_the_two(ablation: ModuleType) -> None:
    for bleu, better, model in ((29.0, "+ int8", "pruned"), (31.0, "+ int8-aware recovery", "aware")):
        steps = walked(ablation, bleu)
        assert (steps["+ shortlist"].on, steps["+ shortlist"].model) == (better, f"{model}-quantized")
        assert list(steps.values())[-1].stages == (f"prune@{model}", f"quantize@{model}")


def test_every_other_row_stands_on_the_one_before(ablation: ModuleType) -> None:
    names = list(walked(ablation, 31.0))
    assert [step.on for step in walked(ablation, 31.0).values()] == ["teacher", *names[:-1]]


def test_the_aware_model_differs_from_the_pruned_one_in_nothing_else(ablation: ModuleType) -> None:
    changes = walked(ablation, 31.0)["+ int8-aware recovery"].changes
    assert changes["prune"]["models"]["aware"] == {"heads_share": 0.25, "int8_aware": True}
