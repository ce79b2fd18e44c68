"""Synthesis: the teacher in torch against the way `synthesize` takes, and the seconds that choosing alone costs.

python benchmarks/synthesis.py [--project .] [--sentences 2000] [--rounds 3]      after `make run`

Both translate the first training sources with the beam, the n-best lists and the threads of the project's params.yaml
and keep the hypothesis nearest the reference, in shards. They take turns, after a warm-up; the best round counts. The
export for CTranslate2 is not timed. ``chrf``: mean sentence chrF2 of what is kept.
"""

import argparse
import json
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from seqline import params
from seqline.compression.synthesis import choose, synthesize
from seqline.decoding import TorchTranslator
from seqline.serving.bundle import Bundle
from seqline.stages.bundling import export
from seqline.stages.job import Job
from seqline.types import Translator
from seqline.workspace import Workspace


def run(job: Job, translator: Translator, pairs: pl.DataFrame) -> tuple[float, float]:
    """Seconds, and the mean chrF2 of what is kept."""
    settings = job.params.synthesize
    begin, made = time.perf_counter(), []
    for part in pairs.iter_slices(settings.shard_pairs):
        made.append(synthesize(part, translator, beam=settings.beam, nbest=settings.nbest))
    return time.perf_counter() - begin, float(pl.concat(made)["chrf"].mean())  # type: ignore[arg-type]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--project", type=Path, default=Path.cwd())
    parser.add_argument("--sentences", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    work = Workspace(options.project)
    if not work.model("teacher").is_dir():
        print(json.dumps({"benchmark": "synthesis", "skipped": f"no models/teacher in {options.project}"}))
        return
    job = Job(params.load(work.params), work)
    settings, threads = job.params.synthesize, job.params.project.threads
    pairs = pl.read_parquet(work.clean / "train.parquet", columns=["id", "source", "target"]).head(options.sentences)
    with TemporaryDirectory() as folder:
        bundle = Path(folder) / "teacher"
        export(job, work.model("teacher"), bundle, settings.compute_type, has_shortlist=True)
        translators: dict[str, Translator] = {
            "torch": TorchTranslator.open(work.model("teacher"), threads, settings.batch_tokens),
            "stage": Bundle.open(bundle, threads=threads, batch_tokens=settings.batch_tokens),
        }
    for translator in translators.values():
        run(job, translator, pairs.head(100))
    rounds = [{name: run(job, one, pairs) for name, one in translators.items()} for _ in range(options.rounds)]
    best = {name: min(each[name] for each in rounds) for name in translators}
    print(
        json.dumps(
            {
                "benchmark": "synthesis",
                "sentences": len(pairs),
                "threads": threads,
                "beam": settings.beam,
                "nbest": settings.nbest,
                **{f"{name}_sentences_per_s": round(len(pairs) / best[name][0]) for name in best},
                "ratio": round(best["torch"][0] / best["stage"][0], 2),
                **{f"{name}_chrf": round(best[name][1], 2) for name in best},
            }
        )
    )


if __name__ == "__main__":
    main()
