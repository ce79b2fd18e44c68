"""``seqline export``: a recurrent model for ONNX Runtime."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from seqline.cli.opening import Model, workspace
from seqline.errors import InputError


class Weights(StrEnum):
    """How weights are stored."""

    FLOAT32 = "float32"
    INT8 = "int8"


def export(
    model: Model = "teacher",
    to: Annotated[Path, typer.Option(help="The folder to write; an earlier export there is replaced.")] = Path(
        "models/onnx"
    ),
    weights: Annotated[Weights, typer.Option("--type", help="How weights are stored.")] = Weights.INT8,
) -> None:
    """Export a recurrent model for ONNX Runtime; Transformers are exported by the stage [bold]quantize[/bold].

    The folder is a model like any other: [bold]seqline translate --model models/onnx[/bold].

    Example: [bold]seqline export --model teacher --to models/onnx --type int8[/bold]
    """
    from seqline.compression.recurrent_export import write_onnx
    from seqline.files import content_bytes
    from seqline.resolving import resolve

    if to.exists() and not (to / "encoder.onnx").is_file():
        raise InputError(f"{to}: exists and is no export; name another folder with --to")
    folder = resolve(workspace(), model)
    write_onnx(folder, to, weights.value)
    print(f"{folder} → {to}: {weights.value}, {content_bytes(to) / 1e6:.1f} MB")
