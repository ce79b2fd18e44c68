"""The corpus that all tools read: Seqline's stages read, clean and cut it once, and its pieces are written as text."""

import subprocess
import sys
from pathlib import Path

import polars as pl

import seqline
from peers import yaml
from peers.task import SOURCE, TARGET
from seqline.profiles import render
from seqline.special import EOS
from seqline.tokenization import Sequences, Tokenizer
from seqline.workspace import Workspace

_SOURCES = Path(seqline.__file__).parents[1]
STAGES = ("download", "clean", "tokenize")


def encode(data: Path, folder: Path, root: Path, overrides: Path | None = None) -> None:
    """``train``, ``dev`` and ``test`` as lines of pieces, ``pieces.txt``, and the project they are from."""
    project = folder / "project"
    prepare(data, project, root, overrides)
    work = Workspace(project)
    tokenizer = Tokenizer.load(work.tokenized)
    _write(
        folder / "pieces.txt", [tokenizer.source.id_to_piece(i) for i in range(EOS + 1, tokenizer.source_vocabulary)]
    )
    for split in ("train", "dev"):
        for language, side in ((SOURCE, "source"), (TARGET, "target")):
            rows = Sequences.open(work.tokenized, f"{split}.{side}")
            _write(folder / f"{split}.{language}", [_pieces(tokenizer, rows[i].tolist()) for i in range(len(rows))])
    test = pl.read_parquet(work.clean / "test.parquet")
    for language, side in ((SOURCE, "source"), (TARGET, "target")):
        _write(folder / f"test.{language}", [" ".join(tokenizer.source_pieces(line)) for line in test[side]])
        _write(folder / f"reference.{language}", test[side].to_list())


def prepare(data: Path, project: Path, root: Path, overrides: Path | None = None) -> None:
    """A project of the profile multi30k, and a file of what differs from it, whose data are tokenized."""
    project.mkdir(parents=True)
    content = render(Workspace(root), "multi30k").decode("utf-8")
    (project / "params.yaml").write_text(
        content.replace("../shared/data/multi30k_en_de", str(data.resolve())), encoding="utf-8"
    )
    if overrides is not None:
        params = project / "params.yaml"
        yaml.write(yaml.merged(yaml.read(params), yaml.read(overrides)), params)
    for stage in STAGES:
        run_stage(project, stage)


def run_stage(project: Path, stage: str) -> None:
    """One stage, as DVC starts it."""
    command = [sys.executable, "-m", "seqline", "stage", stage]
    done = subprocess.run(command, cwd=project, env={"PYTHONPATH": str(_SOURCES)}, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-2000:]}")


def text(lines: list[str], project: Path) -> list[str]:
    """Lines of pieces as sentences."""
    tokenizer = Tokenizer.load(Workspace(project).tokenized)
    return [str(tokenizer.target.decode_pieces(line.split(" "))) for line in lines]


def _pieces(tokenizer: Tokenizer, ids: list[int]) -> str:
    return " ".join(tokenizer.source.id_to_piece(i) for i in ids)


def _write(path: Path, lines: list[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
