"""From ``--model M`` to something that translates."""

import os
from pathlib import Path
from typing import Annotated

import typer

from seqline.errors import MissingError
from seqline.types import Translator
from seqline.workspace import Workspace

Model = Annotated[
    str,
    typer.Option(
        "--model",
        "-m",
        help="A name (teacher, student, pruned, quantized), a folder, or an MLflow URI such as "
        "models:/phrasebook-en-zh@champion. Without it: the project's champion.",
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


def open_model(reference: str, work: Workspace, threads: int = 0) -> Translator:
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
        f"{folder}: no model there; name a folder under models/, or a version such as models:/NAME@champion"
    )
