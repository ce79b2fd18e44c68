"""Memory of training at two sizes of one corpus: does twenty times the pairs need more?

python benchmarks/training_memory.py [--copies 5 100] [--updates 40] [--data ../shared/data/multi30k_en_de]

The ids of Multi30k, which the stages before made, are repeated so many times. The stage ``train`` runs as a process of
its own for some updates, then every batch of a whole epoch is made. ``peak_mb`` is what the process held at most, pages
of mapped files included. Prints one JSON document per size and the ratio of the last and the first peak.
"""

import argparse
import json
import os
import subprocess
import sys
from itertools import repeat
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from seqline import files
from seqline.cli import app
from seqline.tokenization import Sequences, Spool

ROOT = Path(__file__).parents[1]
WORK = """
import resource
from pathlib import Path
from seqline.cli import app
from seqline.training.data import TrainingData
app(["stage", "train"], standalone_mode=False)
data = TrainingData.open(Path("data/tokenized"))
batches = sum(1 for _ in data.batches(4096, 1, 0))
print(len(data), batches, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def prepare(data: Path, updates: int) -> None:
    """Make the corpus in the current folder."""
    Path("params.yaml").write_bytes((ROOT / "profiles" / "phrasebook.yaml").read_bytes())
    (Path("profiles")).symlink_to(ROOT / "profiles")
    app(["profile", "multi30k"], standalone_mode=False)
    params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    for corpus in params["download"]["corpora"]:
        corpus["source"], corpus["target"] = (str(data / Path(corpus[side]).name) for side in ("source", "target"))
    params["train"]["optimisation"] |= {"max_updates": updates, "warmup_updates": 1, "validate_every": updates}
    Path("params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")
    for stage in ("download", "clean", "tokenize"):
        app(["stage", stage], standalone_mode=False)
    Path("data/tokenized").rename("tokenized")


def measured(copies: int) -> dict[str, int]:
    with files.staged(Path("data/tokenized")) as folder:
        for path in Path("tokenized").glob("*.model"):
            files.write_bytes(folder / path.name, path.read_bytes())
        for side in ("source", "target"):
            spool = Spool(Path())
            for part in repeat(Sequences.open(Path("tokenized"), f"train.{side}"), copies):
                spool.add(part)
            spool.finish().save(folder, f"train.{side}")
    command = [sys.executable, "-c", WORK]
    pairs, batches, peak_kb = map(int, subprocess.check_output(command, text=True).split()[-3:])
    return {"pairs": pairs, "batches": batches, "peak_mb": round(peak_kb / 1024)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--copies", type=int, nargs="+", default=[5, 100])
    parser.add_argument("--updates", type=int, default=40)
    parser.add_argument("--data", type=Path, default=ROOT / "../shared/data/multi30k_en_de")
    options = parser.parse_args()
    data = options.data.resolve()
    if not data.is_dir():
        print(json.dumps({"benchmark": "training_memory", "skipped": f"{data}: no such corpus"}))
        return
    with TemporaryDirectory() as folder:
        os.chdir(folder)
        prepare(data, options.updates)
        runs = [measured(copies) for copies in options.copies]
    for run in runs:
        print(json.dumps({"benchmark": "training_memory"} | run))
    print(json.dumps({"benchmark": "training_memory", "ratio": round(runs[-1]["peak_mb"] / runs[0]["peak_mb"], 2)}))


if __name__ == "__main__":
    main()
