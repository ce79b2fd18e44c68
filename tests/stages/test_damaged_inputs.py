"""A flipped bit in whatever a stage reads is found before it is used; DVC trusts what lies there."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from seqline import files
from seqline.adapters import dvc_graph
from seqline.errors import ArtifactError
from seqline.stages import distill, prune, quantize, synthesize, tokenize, train
from seqline.stages.job import Job, Report

STAGES: dict[str, Callable[[Job], Report]] = {
    "tokenize": tokenize.run, "train": train.run, "synthesize": synthesize.run, "distill": distill.run,
    "prune@pruned": prune.run, "quantize@pruned": quantize.run,
}  # fmt: skip
BROUGHT_BY_THE_TEACHER = ("synthesize", "data/tokenized")


def inputs(stage: str) -> list[str]:
    """The outputs of other stages that the graph says a stage reads."""
    dependencies = dvc_graph.load(Path(__file__).parents[2]).stages[stage].dependencies
    folders = [name for name in dependencies if name.startswith(("data/", "models/"))]
    return [name for name in folders if (stage, name) != BROUGHT_BY_THE_TEACHER]


@pytest.mark.parametrize("stage", STAGES)
def test_a_flipped_bit_in_any_file_that_a_stage_reads_stops_it(copied: Job, stage: str) -> None:
    damaged = [path for name in inputs(stage) for path in (copied.work.root / name).iterdir()]
    damaged = [path for path in damaged if path.is_file() and path.name != files.MANIFEST]
    assert damaged
    for path in damaged:
        whole = path.read_bytes()
        path.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
        with pytest.raises(ArtifactError, match=f"{path.name}: content differs from {files.MANIFEST}"):
            STAGES[stage](replace(copied, item=stage.partition("@")[2]))
        path.write_bytes(whole)
