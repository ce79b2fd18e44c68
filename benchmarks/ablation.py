"""What each technique of compression is worth, on the data and the teacher of a finished project.

python benchmarks/ablation.py PROJECT [--tables steps curve] [--updates N] [--threads 2] [--folder DIR]
                              [--first ROW]

``steps``: one technique after the other, each on top of the row that ``on_top_of`` names, with which it is compared by
a paired bootstrap on the project's own test set. That is the row before, whether or not that one gained anything; only
after int8-aware recovery it is the better one of the two in int8. ``curve``: the student of params.yaml, of which 30,
50 and 70 % of heads and feed-forward units shall go, with recovery and without, in int8; ``removed`` tells what went in
fact, since heads go as a whole. Scores, sizes, words per second (batches of 32) and latency are those of the stage
``evaluate``. Every student trains for ``distill.optimisation.max_updates`` of the project, or for ``--updates``. Prints
one JSON document per row; with --folder a second call goes on from what the first one left, with --first the rows
before a row are left out and it is compared with nothing.
"""

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
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
    """A row: on top of which other one, what params change, which stages make the model, and which model that is."""

    name: str
    on: str
    model: str
    changes: Params
    stages: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """A row that is done: its params, and what was measured under them."""

    params: Params
    found: Mapping[str, Any]


Done = Mapping[str, Row]
DISTILLED = (
    ("student, not distilled", {"sequence_level": False, "originals": 1.0, "word_level": 0.0}),
    ("+ sequence-level", {"sequence_level": True, "originals": 0.0}),
    ("+ interpolation with originals", {"originals": 0.5}),
    ("+ word-level", {"word_level": 0.5}),
)


def steps(done: Done) -> Iterator[Step]:
    """One technique after the other; ``done`` grows meanwhile."""
    last = "teacher"
    for name, changes in DISTILLED:
        yield Step(name, last, "student", {"distill": changes}, ("distill",))
        last = name
    yield Step("+ pruning", last, "pruned", {}, ("prune@pruned",))
    whole = {"quantize": {"shortlist": 0}}
    yield Step("+ int8", "+ pruning", "pruned-quantized", whole, ("quantize@pruned",))
    twin = {**done["+ int8"].params["prune"]["models"]["pruned"], "int8_aware": True}
    made = {"prune": {"models": {"aware": twin}}, "quantize": {"models": {"aware": "int8"}}}
    yield Step("+ int8-aware recovery", "+ int8", "aware-quantized", made, ("prune@aware", "quantize@aware"))
    pair = {"pruned": "+ int8", "aware": "+ int8-aware recovery"}
    kept = max(pair, key=lambda name: done[pair[name]].found["bleu"])
    listed = {"quantize": {"shortlist": 50}}
    yield Step("+ shortlist", pair[kept], f"{kept}-quantized", listed, (f"quantize@{kept}",))
    zeros = {"prune": {"models": {kept: {"coefficients_share": 0.5}}}, "quantize": {"packed": True}}
    name = "+ half of the coefficients zero, packed"
    yield Step(name, "+ shortlist", f"{kept}-quantized", zeros, (f"prune@{kept}", f"quantize@{kept}"))


def curve(_: Done) -> Iterator[Step]:
    """The student, and what stays of it."""
    yield Step("student", "teacher", "student-quantized", {}, ("distill", "quantize@student"))
    for percent in (30, 50, 70):
        name, share = f"pruned{percent}", percent / 100
        shares = dict.fromkeys(("heads_share", "ffn_share", "hidden_share"), share)
        models = {"models": {name: NOTHING_ELSE | shares}}
        for recovery, what in ((NO_RECOVERY, "not recovered"), ({}, "recovered")):
            changes = {"prune": models | {"recovery": recovery}, "quantize": {"models": {name: "int8"}}}
            stages = (f"prune@{name}", f"quantize@{name}")
            asked = f"{percent} % of heads and units asked for"
            yield Step(f"{asked}, {what}", "student", f"{name}-quantized", changes, stages)


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
        figures = {name: report[name] for name in FIGURES} | removed(work, step.model)
        files.write_json(known, figures | {"hypotheses": hypotheses.split("\n")[:-1]})
    found: dict[str, Any] = files.read_json(known)
    return found


def removed(work: Workspace, model: str) -> dict[str, str]:
    """What went of the student in fact; nothing to say of what was not pruned."""
    path = work.reports / "prune" / f"{model.removesuffix('-quantized')}.json"
    if not path.is_file():
        return {}
    went = files.read_json(path)
    return {"removed": f"{went['ffn_share']:.0%} of units, {went['heads_share']:.0%} of heads"}


def rows(
    work: Workspace, table: Callable[[Done], Iterator[Step]], base: Params, first: str | None
) -> Iterator[dict[str, Any]]:
    """The teacher, then each step from ``first`` on beside the row that it stands on."""
    teacher = measured(work, Step("teacher", "", "teacher", {}, ()), base)
    done, begun = {"teacher": Row(base, teacher)}, first is None
    yield {"model": "teacher"} | told(teacher)
    for step in table(done):
        before, params = done[step.on], yaml.merged(done[step.on].params, step.changes)
        begun = begun or step.name == first
        done[step.name] = Row(params, measured(work, step, params) if begun else {})
        if begun:
            found = done[step.name].found
            yield {"model": step.name, "on_top_of": step.on} | told(found) | beside(before.found, found, work, base)


def beside(before: Mapping[str, Any], found: Mapping[str, Any], work: Workspace, base: Params) -> dict[str, Any]:
    """By how much a row differs from another on the test set, and how likely that is by chance."""
    if not before:
        return {}
    references = pl.read_parquet(work.clean / "test.parquet")["target"].to_list()
    paired = compare(before["hypotheses"], found["hypotheses"], references, base["project"]["target"])
    return {"delta_bleu": round(paired.delta, 2), "p": round(paired.p_bootstrap, 3)}


def told(found: Mapping[str, Any]) -> dict[str, Any]:
    """What is printed of it."""
    return {name: value for name, value in found.items() if name != "hypotheses"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path)
    parser.add_argument("--tables", nargs="+", choices=("steps", "curve"), default=["steps", "curve"])
    parser.add_argument("--updates", type=int)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--first")
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
            for row in rows(work, steps if table == "steps" else curve, base, options.first):
                print(json.dumps({"table": table} | row), flush=True)


if __name__ == "__main__":
    main()
