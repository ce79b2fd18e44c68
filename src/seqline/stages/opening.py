"""From a model folder to something that translates, whatever kind of model it holds."""

from pathlib import Path

from seqline.params import Params
from seqline.types import Searcher

WEIGHTS, ENCODER = "weights.safetensors", "encoder.onnx"


def open_translator(folder: Path, params: Params, batch_tokens: int | None = None, *, device: str = "cpu") -> Searcher:
    """Open a model folder with the project's number of threads: a CTranslate2 bundle, a torch or an ONNX model.

    ``batch_tokens`` are those of ``evaluate`` where not given. Only a bundle can translate on another ``device``.
    """
    threads, batch_tokens = params.project.threads, batch_tokens or params.evaluate.batch_tokens
    if (folder / WEIGHTS).is_file():
        from seqline.decoding import TorchTranslator

        return TorchTranslator.open(folder, threads, batch_tokens, params.project.precision)
    if (folder / ENCODER).is_file():
        from seqline.decoding.onnx_model import OnnxTranslator

        return OnnxTranslator.open(folder, threads=threads, batch_tokens=batch_tokens)
    from seqline.serving.bundle import Bundle

    return Bundle.open(folder, threads=threads, batch_tokens=batch_tokens, device=device)


def is_deployable(folder: Path) -> bool:
    """Whether it can be shipped: it is a CTranslate2 bundle."""
    return not any((folder / name).is_file() for name in (WEIGHTS, ENCODER))
