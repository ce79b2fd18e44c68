"""Cleaning the phrasebook for several seeds: recall per kind of planted noise, clean pairs lost, pairs per second.

python benchmarks/cleaning.py [--seeds 1 2 3]
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

from seqline import files, params
from seqline.params.corpora import Generated
from seqline.stages import clean, download
from seqline.stages.job import Job
from seqline.workspace import Workspace

PROFILE = Path(__file__).parents[1] / "profiles" / "phrasebook.yaml"


def clean_with(seed: int) -> dict[str, object]:
    whole = params.load(PROFILE)
    corpus = whole.download.corpora[0]
    assert isinstance(corpus, Generated)
    source = whole.download.model_copy(update={"corpora": [corpus.model_copy(update={"seed": seed})]})
    with tempfile.TemporaryDirectory() as folder:
        job = Job(whole.model_copy(update={"download": source}), Workspace(Path(folder)))
        download.run(job)
        begin = time.perf_counter()
        clean.run(job)
        seconds = time.perf_counter() - begin
        figures = files.read_json(job.work.reports / "clean.json")
    recall = {kind: round(row["recall"], 4) for kind, row in figures["noise"].items()}
    lost = figures["clean_pairs"]["lost_share"]
    pairs_per_s = round(figures["read"] / seconds)
    return {"benchmark": "cleaning", "seed": seed, "recall": recall, "lost_share": lost, "pairs_per_s": pairs_per_s}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    for seed in parser.parse_args().seeds:
        print(json.dumps(clean_with(seed)))


if __name__ == "__main__":
    main()
