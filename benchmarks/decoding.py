"""The deployed bundle against its teacher in torch: words per second at one beam and one number of threads.

python benchmarks/decoding.py [--threads 2] [--beam 4]      after `make run`: reads models/ and data/clean/test
"""

import argparse
import json
import time
from pathlib import Path

import polars as pl

from seqline.decoding import TorchTranslator
from seqline.files import content_bytes
from seqline.serving.bundle import Bundle
from seqline.types import Translator
from seqline.workspace import Workspace

BATCH_LINES, ROUNDS = 32, 3


def words_per_s(translator: Translator, lines: list[str], beam: int) -> float:
    begin = time.perf_counter()
    for start in range(0, len(lines), BATCH_LINES):
        translator.translate(lines[start : start + BATCH_LINES], beam=beam)
    return sum(len(line.split()) for line in lines) / (time.perf_counter() - begin)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--beam", type=int, default=4)
    options = parser.parse_args()
    work = Workspace(Path.cwd())
    if not work.model("selected").is_dir():
        print(json.dumps({"benchmark": "decoding", "skipped": "no models/selected here; run `make run` first"}))
        return
    lines = pl.read_parquet(work.clean / "test.parquet")["source"].to_list()[:300]
    translators: dict[str, Translator] = {
        "teacher_torch": TorchTranslator.open(work.model("teacher"), options.threads),
        "selected": Bundle.open(work.model("selected"), threads=options.threads),
    }
    best = dict.fromkeys(translators, 0.0)
    for _ in range(ROUNDS):
        for name, translator in translators.items():
            best[name] = max(best[name], words_per_s(translator, lines, options.beam))
    size = content_bytes(work.model("teacher")) / content_bytes(work.model("selected"))
    figures = {f"{name}_words_per_s": round(value) for name, value in best.items()}
    ratio = best["selected"] / best["teacher_torch"]
    setting = {"threads": options.threads, "beam": options.beam}
    print(
        json.dumps(
            {"benchmark": "decoding", **setting, **figures, "ratio": round(ratio, 1), "times_smaller": round(size, 1)}
        )
    )


if __name__ == "__main__":
    main()
