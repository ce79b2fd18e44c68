"""The benchmark of the gate: its systems are truly as much worse as it says."""

import gzip
import importlib.util
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from seqline.evaluation.sufficient import scores


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    path = Path(__file__).parents[2] / "benchmarks" / "gate.py"
    spec = importlib.util.spec_from_file_location("gate_benchmark", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, rng = tmp_path_factory.mktemp("data"), np.random.default_rng(1)
    lines = [" ".join(f"w{word}" for word in rng.integers(0, 300, rng.integers(4, 14))) for _ in range(60)]
    (folder / "multi30k_en_de").mkdir()
    for language in ("en", "de"):
        path = folder / "multi30k_en_de" / f"test_2016_flickr.{language}.gz"
        path.write_bytes(gzip.compress("\n".join(lines).encode()))
    return folder


@pytest.fixture(scope="module")
def say(benchmark: ModuleType) -> Callable[..., list[dict[str, object]]]:
    def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, object]]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", ["gate.py", *arguments])
            benchmark.main()
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return run


def test_planted_losses_are_as_large_as_they_are_called(
    benchmark: ModuleType, data: Path, say: Callable[..., list[dict[str, object]]], capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--data", str(data), "--runs", "3", "--resamples", "20", "--sizes", "40")
    facts, *found = say(capsys, *options)
    assert facts["sentences"] == 60
    deltas = {one["challenger"]: one["true_delta_bleu"] for one in found}
    assert deltas["equal"] == 0.0
    assert deltas["worse by margin_bleu"] == pytest.approx(-0.5, abs=1e-3)
    assert [deltas[f"worse by {loss} BLEU"] for loss in (1, 2, 3)] == pytest.approx([-1, -2, -3], abs=1e-3)
    timeless = [{name: value for name, value in one.items() if name != "seconds"} for one in found]
    again = say(capsys, *options)[1:]
    assert [{name: value for name, value in one.items() if name != "seconds"} for one in again] == timeless


def test_what_a_system_scores_on_many_sentences_is_its_true_score(benchmark: ModuleType, data: Path) -> None:
    rng = np.random.default_rng(2)
    crowd = benchmark.population(data, "multi30k", rng)
    old, new, parts = benchmark.contest(crowd, 20_000, (0.3, 0.6), 0.5, rng)
    for counted, share in ((old, 0.3), (new, 0.6)):
        for metric in ("bleu", "chrf"):
            found = scores(counted[metric].sum(axis=0, keepdims=True), metric)[0]
            assert found == pytest.approx(crowd.truth(share, metric), abs=0.5)
    assert parts["short"].shape == (20_000,)


def test_an_absent_set_is_told(
    tmp_path: Path, say: Callable[..., list[dict[str, object]]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert say(capsys, "--data", str(tmp_path)) == [
        {"benchmark": "gate", "set": "multi30k", "skipped": "the set is absent"}
    ]
