"""Two CTranslate2 models of one shape, int8: OpenNMT-py's by its converter, and Seqline's own export.

Engine and shape are the same, the weights are not; so every translation is also forced to one length, where weights
decide nothing but the choice of pieces.
"""

import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import ctranslate2

from peers.runs import Tool
from peers.task import Task
from seqline.compression.export import write_bundle

_ROUNDS = 5
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


def speeds(folders: Mapping[str, Path], task: Task, forced: int, batches: Sequence[int]) -> dict[str, Any]:
    """Of each model the best batch size, for translations as it ends them and for such of ``forced`` pieces each."""
    translators = {
        name: ctranslate2.Translator(
            str(folder), device="cpu", compute_type="int8", inter_threads=1, intra_threads=task.threads
        )
        for name, folder in folders.items()
    }
    sources = [line.split(" ") for line in task.lines("test", "en")]
    kinds = {"as_it_ends": {"max_decoding_length": _MAX_FREE}, "forced_length": dict.fromkeys(_BOUNDS, forced)}
    return {
        kind: max((_timed(translators, sources, task, size, bounds) for size in batches), key=_slowest)
        for kind, bounds in kinds.items()
    }


def _slowest(runs: Mapping[str, Mapping[str, float]]) -> float:
    return min(run["sentences_per_s"] for run in runs.values())


def _timed(
    translators: Mapping[str, ctranslate2.Translator],
    sources: list[list[str]],
    task: Task,
    size: int,
    bounds: Mapping[str, int],
) -> dict[str, dict[str, float]]:
    """Best of some rounds, in which the models take turns."""
    options: dict[str, Any] = {"beam_size": task.beam, "max_batch_size": size, "batch_type": "examples", **bounds}
    seconds: dict[str, list[float]] = {name: [] for name in translators}
    pieces = dict.fromkeys(translators, 0)
    for _ in range(_ROUNDS):
        for name, translator in translators.items():
            translator.translate_batch(sources[:size], **options)
            begin = time.perf_counter()
            results = translator.translate_batch(sources, **options)
            seconds[name].append(time.perf_counter() - begin)
            pieces[name] = sum(len(result.hypotheses[0]) for result in results)
    return {
        name: {
            "batch_sentences": size,
            "sentences_per_s": round(len(sources) / min(seconds[name]), 1),
            "pieces_per_sentence": round(pieces[name] / len(sources), 2),
            "pieces_per_s": round(pieces[name] / min(seconds[name])),
        }
        for name in translators
    }
