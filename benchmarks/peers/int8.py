"""Two CTranslate2 models of one shape, int8: OpenNMT-py's by its converter, and Seqline's own export.

Engine and shape are the same, the weights are not; so every translation is also forced to one length, where weights
decide nothing but the choice of pieces.
"""

import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ctranslate2

from peers.runs import Tool
from peers.task import Task
from seqline.compression.export import write_bundle

_ROUNDS = 3
_BOUNDS = ("min_decoding_length", "max_decoding_length")
_MAX_FREE = 60
"""Pieces: models of few updates sometimes do not end."""
_MAX_PIECES = 200


def export_seqline(trained: Path, target: Path) -> None:
    """Seqline's teacher as the stage ``quantize`` exports a model."""
    teacher = trained / "project" / "models" / "teacher"
    write_bundle(teacher, target, "int8", name="peer", languages=("en", "de"), max_pieces=_MAX_PIECES)


def convert_opennmt(tool: Tool, trained: Path, target: Path) -> None:
    """OpenNMT-py's last checkpoint by the converter of its environment."""
    converter = [str(tool.python.with_name("ct2-opennmt-py-converter")), "--unsafe_deserialization"]  # our own file
    paths = [
        "--model_path",
        str(trained / "model" / "plain.pt"),
        "--output_dir",
        str(target),
        "--quantization",
        "int8",
        "--force",
    ]
    subprocess.run([*converter, *paths], check=True, capture_output=True)


def speeds(folder: Path, task: Task, forced: int, batches: Sequence[int]) -> dict[str, Any]:
    """The best batch size, for translations as the model ends them and for such of ``forced`` pieces each."""
    translator = ctranslate2.Translator(
        str(folder), device="cpu", compute_type="int8", inter_threads=1, intra_threads=task.threads
    )
    sources = [line.split(" ") for line in task.lines("test", "en")]
    free = max((_timed(translator, sources, task, size, None) for size in batches), key=_rate)
    fixed = max((_timed(translator, sources, task, size, forced) for size in batches), key=_rate)
    return {"as_it_ends": free, "forced_length": fixed}


def _rate(run: dict[str, float]) -> float:
    return run["sentences_per_s"]


def _timed(
    translator: ctranslate2.Translator, sources: list[list[str]], task: Task, size: int, forced: int | None
) -> dict[str, float]:
    bounds = {"max_decoding_length": _MAX_FREE} if forced is None else dict.fromkeys(_BOUNDS, forced)
    options: dict[str, Any] = {"beam_size": task.beam, "max_batch_size": size, "batch_type": "examples"} | bounds
    translator.translate_batch(sources[: 2 * size], **options)
    seconds = []
    for _ in range(_ROUNDS):
        begin = time.perf_counter()
        results = translator.translate_batch(sources, **options)
        seconds.append(time.perf_counter() - begin)
    num_pieces = sum(len(result.hypotheses[0]) for result in results)
    return {
        "batch_sentences": size,
        "sentences_per_s": round(len(sources) / min(seconds), 1),
        "pieces_per_sentence": round(num_pieces / len(sources), 2),
        "pieces_per_s": round(num_pieces / min(seconds)),
    }
