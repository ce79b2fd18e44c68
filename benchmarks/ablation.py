"""What each technique of compression is worth, on the data and the teacher of a finished project.

python benchmarks/ablation.py PROJECT [--tables steps curve] [--updates N] [--threads 2] [--folder DIR]

``steps``: one technique after the other, each on top of those before it; every row is compared with the row before by
a paired bootstrap on the project's own test set. ``curve``: the student of params.yaml, of whose heads and feed-forward
units 30, 50 and 70 % go, with recovery and without, in int8. Scores, sizes, words per second (batches of 32) and
latency are those of the stage ``evaluate``. Every student trains for ``distill.optimisation.max_updates`` of the
project, or for ``--updates``. Prints one JSON document per row; with --folder a second call goes on from what the first
one left.
"""

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
from peers import yaml

from seqline import files
from seqline.evaluation.significance import compare
from seqline.workspace import Workspace

TAKEN = ("data/clean", "data/tokenized", "data/synthetic", "models/teacher")
FIGURES = ("bleu", "chrf", "size_mb", "words_per_s", "p50_ms")
NO_RECOVERY = {"max_updates": 1, "warmup_updates": 0, "validate_every": 1, "learning_rate": 1e-9}
NOTHING_ELSE = {"coefficients_share": 0.0} | dict.fromkeys(("encoder_layers", "decoder_layers", "int8_aware", "target"))
Params = Mapping[str, Any]


@dataclass(frozen=True)
class Step:
    """A row: what params change, which stages make the model, and which model that is."""

    name: str
    model: str
    changes: Params
    stages: tuple[str, ...]


STEPS = (
    Step(
        "student, not distilled",
        "student",
        {"distill": {"sequence_level": False, "originals": 1.0, "word_level": 0.0}},
        ("distill",),
    ),
    Step("+ sequence-level", "student", {"distill": {"sequence_level": True, "originals": 0.0}}, ("distill",)),
    Step("+ interpolation with originals", "student", {"distill": {"originals": 0.5}}, ("distill",)),
    Step("+ word-level", "student", {"distill": {"word_level": 0.5}}, ("distill",)),
    Step("+ pruning", "pruned", {}, ("prune@pruned",)),
    Step("+ int8", "pruned-quantized", {"quantize": {"shortlist": 0}}, ("quantize@pruned",)),
    Step(
        "+ int8-aware recovery",
        "pruned-quantized",
        {"prune": {"models": {"pruned": {"int8_aware": True}}}},
        ("prune@pruned", "quantize@pruned"),
    ),
    Step("+ shortlist", "pruned-quantized", {"quantize": {"shortlist": 50}}, ("quantize@pruned",)),
    Step(
        "+ half of the coefficients zero, packed",
        "pruned-quantized",
        {"prune": {"models": {"pruned": {"coefficients_share": 0.5}}}, "quantize": {"packed": True}},
        ("prune@pruned", "quantize@pruned"),
    ),
)


def curve() -> Iterator[Step]:
    """The student, and what stays of it."""
    yield Step("student", "student-quantized", {}, ("distill", "quantize@student"))
    for percent in (30, 50, 70):
        name, share = f"pruned{percent}", percent / 100
        shares = dict.fromkeys(("heads_share", "ffn_share", "hidden_share"), share)
        models = {"models": {name: NOTHING_ELSE | shares}}
        for recovery, what in ((NO_RECOVERY, "not recovered"), ({}, "recovered")):
            changes = {"prune": models | {"recovery": recovery}, "quantize": {"models": {name: "int8"}}}
            stages = (f"prune@{name}", f"quantize@{name}")
            yield Step(f"{percent} % of heads and units, {what}", f"{name}-quantized", changes, stages)


def prepared(project: Path, folder: Path, base: Params) -> Workspace:
    """A project of its own with the data and the teacher of another."""
    for name in TAKEN:
        if not (folder / name).exists():
            files.verify(project / name)
            shutil.copytree(project / name, folder / name)
    work = Workspace(folder)
    yaml.write(base, work.params)
    return work


def stage(work: Workspace, address: str) -> None:
    """Run a stage as DVC would."""
    subprocess.run([sys.executable, "-m", "seqline", "stage", address], cwd=work.root, check=True, stdout=sys.stderr)


def measured(work: Workspace, step: Step, params: Params) -> dict[str, Any]:
    """Make the model of a row and evaluate it, or read what an earlier call found."""
    known = work.root / "rows" / f"{files.fingerprint([params, step.stages, step.model])}.json"
    if not known.is_file():
        models = list(dict.fromkeys(["teacher", step.model]))
        yaml.write(yaml.merged(params, {"evaluate": {"models": models}}), work.params)
        for address in (*step.stages, f"evaluate@{step.model}"):
            stage(work, address)
        report = files.read_json(work.reports / "evaluate" / f"{step.model}.json")
        hypotheses = (work.reports / "evaluate" / f"{step.model}.hypotheses.txt").read_text(encoding="utf-8")
        files.write_json(known, {name: report[name] for name in FIGURES} | {"hypotheses": hypotheses.split("\n")[:-1]})
    found: dict[str, Any] = files.read_json(known)
    return found


def rows(work: Workspace, steps: Iterator[Step], base: Params, *, cumulative: bool) -> Iterator[dict[str, Any]]:
    """Each row beside the one before it, or in a curve beside the first."""
    test, language = pl.read_parquet(work.clean / "test.parquet"), base["project"]["target"]
    params, before = base, measured(work, Step("teacher", "teacher", {}, ()), base)
    yield {"model": "teacher"} | {name: before[name] for name in FIGURES}
    for step in steps:
        params = yaml.merged(params if cumulative else base, step.changes)
        found = measured(work, step, params)
        paired = compare(before["hypotheses"], found["hypotheses"], test["target"].to_list(), language)
        delta = {"delta_bleu": round(paired.delta, 2), "p": round(paired.p_bootstrap, 3)}
        yield {"model": step.name} | {name: found[name] for name in FIGURES} | delta
        if cumulative or step.name == "student":
            before = found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path)
    parser.add_argument("--tables", nargs="+", choices=("steps", "curve"), default=["steps", "curve"])
    parser.add_argument("--updates", type=int)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    base = yaml.merged(
        yaml.read(options.project / "params.yaml"),
        {"project": {"threads": options.threads}, "quantize": {"max_bleu_loss": 100.0}},
    )
    if options.updates:
        base = yaml.merged(base, {"distill": {"optimisation": {"max_updates": options.updates}}})
    with ExitStack() as stack:
        folder = options.folder or Path(stack.enter_context(TemporaryDirectory(prefix="ablation-")))
        for table in options.tables:
            work = prepared(options.project, folder / table, base)
            steps = iter(STEPS) if table == "steps" else curve()
            for row in rows(work, steps, base, cumulative=table == "steps"):
                print(json.dumps({"table": table} | row), flush=True)


if __name__ == "__main__":
    main()
