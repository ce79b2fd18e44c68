"""The whole way on a task that a tiny model can learn, each stage run by the command that ``dvc.yaml`` gives it."""

import os
import random
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from seqline import files
from seqline.adapters import dvc_graph
from seqline.serving.bundle import Bundle
from seqline.workspace import Workspace

ROOT = Path(__file__).parents[2]
# As many words as the smallest vocabulary has room for, so that no two characters are merged into one piece.
ENGLISH = """
    cat dog horse cow sheep pig bird fish snake bear tiger wolf sun moon star cloud wind rain snow fire
    water earth tree flower grass stone mountain river sea book pen door lamp bed cup boat
""".split()  # noqa: SIM905
CHINESE = "猫狗马牛羊猪鸟鱼蛇熊虎狼日月星云风雨雪火水土树花草石山河海书笔门灯床杯船"
PAIRS = {"train": 6000, "dev": 60, "test": 120}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A project that learns to translate lists of things, after every stage of the graph."""
    work = Workspace(tmp_path_factory.mktemp("lists"))
    rows = _lists()
    for split, count in PAIRS.items():
        (work.root / f"{split}.tsv").write_text("".join(next(rows) for _ in range(count)), encoding="utf-8")
    with work.params.open("wb") as stream:
        YAML(typ="safe").dump(_params(), stream)
    for command in _commands():
        result = subprocess.run(
            command, cwd=work.root, env=_environment(), capture_output=True, text=True, timeout=300, check=False
        )
        assert result.returncode == 0, f"{shlex.join(command)}: {result.stderr[-1000:]}"
    return work


def test_every_model_has_learnt_the_task(project: Workspace) -> None:
    paths = sorted((project.reports / "evaluate").glob("*.json"))
    scores = {path.stem: files.read_json(path)["bleu"] for path in paths}
    assert len(scores) == 6
    assert scores["teacher"] > 95
    assert scores["pruned-quantized"] > scores["teacher"] - 3


def test_a_model_is_selected_that_keeps_the_teachers_score(project: Workspace) -> None:
    found = files.read_json(project.reports / "select.json")
    assert found["selected"].endswith("-quantized")
    assert found["candidates"][found["selected"]]["score_share"] >= 0.97


def test_the_registered_bundle_translates_what_it_has_never_seen(project: Workspace) -> None:
    assert files.read_json(project.reports / "register.json")["version"] == 1
    found = Bundle.open(project.model("selected")).translate(["tree boat fire moon", "", "wolf cup pen"], beam=2)
    assert [translations[0].text for translations in found] == ["树船火月", "", "狼杯笔"]


def test_the_bundle_is_a_fraction_of_the_teacher(project: Workspace) -> None:
    weights = (project.model("teacher") / "weights.safetensors").stat().st_size
    assert (project.model("selected") / "model.bin").stat().st_size < 0.6 * weights


def _lists() -> Iterator[str]:
    """Lines ``English<tab>Chinese`` of two to five different things."""
    chance = random.Random(4)
    while True:
        row = chance.sample(range(len(ENGLISH)), chance.randint(2, 5))
        yield f"{' '.join(ENGLISH[thing] for thing in row)}\t{''.join(CHINESE[thing] for thing in row)}\n"


def _params() -> dict[str, Any]:
    """The shipped parameters, made small."""
    params: dict[str, Any] = YAML(typ="safe").load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    params["project"] |= {"name": "lists", "threads": 1}
    params["download"]["corpora"] = [
        {"kind": "local", "name": "lists", "split": split, "table": f"{split}.tsv"} for split in PAIRS
    ]
    params["clean"]["rules"] |= {"repetition": False, "foreign_language": False}
    params["tokenize"] |= {"source_vocabulary": 300, "target_vocabulary": 300}
    shape = {"width": 64, "heads": 4, "ffn": 128, "encoder_layers": 1, "dropout": 0.0}
    for stage, updates in (("train", 1200), ("distill", 1200)):
        model = params[stage]["students"]["light"] if stage == "distill" else params[stage]["model"]
        model |= shape | {"decoder_layers": 1}
        params[stage]["optimisation"] |= _short(updates)
    params["prune"]["recovery"] |= _short(800)
    params["evaluate"] |= {"resamples": 100, "speed_pairs": 20, "latency_pairs": 5}
    return params


def _short(updates: int) -> dict[str, Any]:
    return {
        "batch_tokens": 512,
        "max_updates": updates,
        "warmup_updates": 20,
        "learning_rate": 0.005,
        "average_decay": 0.9,
        "validate_every": updates // 2,
        "validation_pairs": 40,
    }


def _commands() -> list[list[str]]:
    """Each stage's command as ``dvc.yaml`` has it, in an order in which they can run."""
    graph = dvc_graph.load(ROOT)
    return [[sys.executable, *shlex.split(graph.stages[name].command)[1:]] for name in graph.order()]


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT / "src")}
