"""From ``--model M`` to something that translates."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from seqline.errors import MissingError
from seqline.types import Searcher
from seqline.workspace import Workspace

Model = Annotated[
    str,
    typer.Option(
        "--model",
        "-m",
        help="A name (teacher, student, selected, …), a folder, or an MLflow URI such as "
        "models:/phrasebook-en-zh@champion. Without it: the project's champion.",
        show_default=False,
    ),
]
Models = Annotated[
    list[str] | None,
    typer.Option(
        "--model",
        "-m",
        help="A name (teacher, student, selected, …), a folder, or an MLflow URI such as "
        "models:/phrasebook-en-zh@champion; several torch models make an ensemble. Without it: the champion.",
        show_default=False,
    ),
]
Beam = Annotated[int, typer.Option(help="Hypotheses kept at each step; 1 is greedy.", min=1, max=100)]
Threads = Annotated[
    int, typer.Option(help="CPU cores to use; 0: all of them.", min=0, max=1024, show_default="all cores")
]


def workspace() -> Workspace:
    """The project in the current folder."""
    return Workspace(Path.cwd())


def open_model(reference: str, work: Workspace, threads: int = 0) -> Searcher:
    """Open a model by name, folder or MLflow URI; ``""`` is the project's champion.

    Raises:
        MissingError: there is no such model, or no champion yet.
        InputError: it is no way to name a model.
        ArtifactError: the model is damaged.
    """
    from seqline.resolving import resolve

    folder, cores = resolve(work, reference), threads or os.cpu_count() or 1
    if (folder / "seqline.json").is_file():
        from seqline.serving.bundle import Bundle

        return Bundle.open(folder, threads=cores)
    if (folder / "weights.safetensors").is_file():
        from seqline.decoding import TorchTranslator

        return TorchTranslator.open(folder, threads=cores)
    if (folder / "encoder.onnx").is_file():
        from seqline.decoding.onnx_model import OnnxTranslator

        return OnnxTranslator.open(folder, threads=cores)
    raise MissingError(
        f"{folder}: no model there; there are {', '.join(work.models()) or 'none yet'}, folders, and versions such as "
        "models:/NAME@champion"
    )


def open_models(references: Sequence[str], work: Workspace, threads: int = 0) -> Searcher:
    """Open one model, or several torch models as an ensemble; none named is the project's champion.

    Raises:
        MissingError: there is no such model, or a member of an ensemble is no torch model.
        InputError: it is no way to name a model.
        MismatchError: the members of an ensemble do not share their tokenizers.
    """
    if len(references) <= 1:
        return open_model(next(iter(references), ""), work, threads)
    from seqline.decoding.translator import open_ensemble
    from seqline.resolving import resolve

    folders = [resolve(work, reference) for reference in references]
    for reference, folder in zip(references, folders, strict=True):
        if not (folder / "weights.safetensors").is_file():
            raise MissingError(f"{reference}: no torch model in {folder}; only such models make an ensemble")
    return open_ensemble(folders, threads or os.cpu_count() or 1)
