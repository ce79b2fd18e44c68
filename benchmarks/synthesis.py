"""Synthesis: the teacher's beam search in torch against the way that the stage `synthesize` takes.

python benchmarks/synthesis.py [--project .] [--sentences 4000] [--rounds 2]      after `make run`

Both translate the first training sources with the beam, the n-best lists, the shards and the threads of the project's
params.yaml, and keep and write the hypothesis nearest the reference. They take turns after a warm-up, and the best
round counts. The export for CTranslate2 is not timed. ``chrf``: mean sentence chrF2 of what is kept.
"""

import argparse
import json
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from seqline import params
from seqline.compression.shards import Shard, translate
from seqline.decoding import TorchTranslator
from seqline.stages import teachers
from seqline.stages.job import Job
from seqline.types import Translator
from seqline.workspace import Workspace

COLUMNS = ["id", "source", "target"]


def run(job: Job, translator: Translator, pairs: pl.DataFrame) -> tuple[float, float]:
    """Seconds, and the mean chrF2 of what is kept."""
    settings = job.params.synthesize
    with TemporaryDirectory() as folder:
        parts = enumerate(pairs.iter_slices(settings.shard_pairs))
        shards = [Shard(Path(folder) / f"{number}.parquet", part.lazy(), len(part)) for number, part in parts]
        begin = time.perf_counter()
        done = list(translate(shards, translator, beam=settings.beam, nbest=settings.nbest))
        seconds = time.perf_counter() - begin
        return seconds, pl.concat([pl.read_parquet(shard.path) for shard in done]).select("chrf").mean().item()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--project", type=Path, default=Path.cwd())
    parser.add_argument("--sentences", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    work = Workspace(options.project)
    teacher = work.model("teacher")
    if not teacher.is_dir():
        print(json.dumps({"benchmark": "synthesis", "skipped": "no models/teacher here; run `make run` first"}))
        return
    job = Job(params.load(work.params), work)
    settings, threads = job.params.synthesize, job.params.project.threads
    pairs = pl.read_parquet(work.clean / "train.parquet", columns=COLUMNS).head(options.sentences)
    with TemporaryDirectory() as folder:
        translators: dict[str, Translator] = {
            "torch": TorchTranslator.open(teacher, threads, settings.batch_tokens, job.params.project.precision),
            "stage": teachers.opened(job, [teacher], Path(folder)),
        }
    for translator in translators.values():
        run(job, translator, pairs.head(200))
    rounds = [{name: run(job, one, pairs) for name, one in translators.items()} for _ in range(options.rounds)]
    best = {name: min(each[name] for each in rounds) for name in translators}
    setting = {"sentences": len(pairs), "threads": threads, "beam": settings.beam, "nbest": settings.nbest}
    speeds = {f"{name}_sentences_per_s": round(len(pairs) / seconds) for name, (seconds, _) in best.items()}
    chrfs = {f"{name}_chrf": round(chrf, 2) for name, (_, chrf) in best.items()}
    ratio = round(best["torch"][0] / best["stage"][0], 2)
    print(json.dumps({"benchmark": "synthesis", **setting, **speeds, "ratio": ratio, **chrfs}))


if __name__ == "__main__":
    main()
