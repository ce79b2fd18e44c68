"""The command line of an adapter: ``python -m peers.NAME {train,translate} TASK.json``, in the tool's environment."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from peers.meter import Meter
from peers.task import Task

Translate = Callable[[list[str], int], list[str]]
"""Lines of pieces and the number of sentences a batch → translations as lines of pieces."""


def main(train: Callable[[Task, Meter], None], translator: Callable[[Task], Translate]) -> None:
    """Do what the command line asks for."""
    verb, task = sys.argv[1], Task.load(Path(sys.argv[2]))
    if verb == "train":
        meter = Meter(task)
        train(task, meter)
        meter.finish()
    else:
        _translate(task, translator(task))


def _translate(task: Task, translate: Translate) -> None:
    """The test set, ``task.rounds`` times after a warm-up; the best time and the translations go to files."""
    lines, seconds, cpu = task.lines("test", "en"), [], []
    translate(lines[: 2 * task.batch_sentences], task.batch_sentences)
    for _ in range(task.rounds):
        begin, began = time.perf_counter(), time.process_time()
        hypotheses = translate(lines, task.batch_sentences)
        seconds.append(time.perf_counter() - begin)
        cpu.append(time.process_time() - began)
    folder, num_pieces = Path(task.folder), sum(len(line.split()) for line in hypotheses)
    (folder / "hypotheses").write_text("".join(f"{line}\n" for line in hypotheses), encoding="utf-8")
    best = min(seconds)
    content = {
        "seconds": best,
        "cpu_s": cpu[seconds.index(best)],
        "batch_sentences": task.batch_sentences,
        "sentences_per_s": len(lines) / best,
        "pieces_per_sentence": num_pieces / len(lines),
        "pieces_per_s": num_pieces / best,
    }
    (folder / "decoding.json").write_text(json.dumps(content, indent=1), encoding="utf-8")
