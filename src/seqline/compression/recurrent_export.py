"""The door to ONNX, which is an extra that a project may do without."""

from pathlib import Path
from typing import Literal

from seqline.errors import InputError

_EXTRA = {"onnx", "onnxruntime"}


def write_onnx(model_folder: Path, target: Path, compute_type: Literal["float32", "int8"]) -> None:
    """Export a recurrent model as ``onnx_export.write_onnx`` does.

    Raises:
        InputError: ONNX or its runtime is not installed.
        StageError: the model is no recurrent one.
    """
    try:
        from seqline.compression import onnx_export
    except ModuleNotFoundError as error:
        if error.name not in _EXTRA:
            raise
        raise InputError(f"{model_folder}: {error.name} is not installed; run `pip install 'seqline[onnx]'`") from None
    onnx_export.write_onnx(model_folder, target, compute_type)
