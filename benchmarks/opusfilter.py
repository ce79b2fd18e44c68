"""Cleaning a million pairs by the same rules, on the same cores: Seqline against OpusFilter 3.3, whole processes.

python -m venv opusfilter-env && opusfilter-env/bin/pip install 'opusfilter==3.3.*'
python benchmarks/opusfilter.py --opusfilter opusfilter-env/bin/python [--rules plain markup all] [--rounds 2]
                                [--pairs 1000000] [--cores 2] [--data ../shared/data/enzh_open]

Per set of rules (``opus/rules.py`` says how they correspond) one JSON document: best of the rounds, in which the tools
take turns. Starting the processes counts. OpusFilter runs as it comes and with ``n_jobs`` as many as there are cores,
on plain text; Seqline runs the stage ``clean`` on pairs that ``download`` has read from the same files: what that took
stands apart, and in ``times_faster_reading_included`` it counts. Where ``cpu_s`` of a run on two cores is hardly more
than its ``seconds``, something else kept a core busy: measure again. ``same_verdict`` is the share of pairs on which
both agree. Before, both run once on few pairs: byte code is written, and Seqline's loops are compiled.
"""

import argparse
import json
import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
from opus import corpus
from opus.rules import SETS
from opus.runs import OpusFilter, Run, Seqline

from seqline import params

ROOT = Path(__file__).parents[1]
WARM_PAIRS = 20_000
SKIPPED = (
    "no OpusFilter; python -m venv opusfilter-env && opusfilter-env/bin/pip install 'opusfilter==3.3.*', "
    "then --opusfilter opusfilter-env/bin/python"
)


def compared(name: str, ours: Seqline, theirs: dict[str, OpusFilter], raw: Path, rounds: int) -> dict[str, Any]:
    folder = raw.parent
    runs: dict[str, list[Run]] = {tool: [] for tool in ("seqline", *theirs)}
    for _ in range(rounds):
        runs["seqline"].append(ours.run(raw, SETS[name], folder / "seqline"))
        for tool, opusfilter in theirs.items():
            runs[tool].append(opusfilter.run(raw, SETS[name], folder / tool))
    best = {tool: min(some, key=lambda run: run.seconds) for tool, some in runs.items()}
    mine = best["seqline"]
    kept = {tool: one.kept(folder / tool) for tool, one in (("seqline", ours), *theirs.items())}
    num_pairs = sum(1 for _ in (raw / "raw.en").open("rb"))
    return {
        "rules": name,
        "filters": [rule.name for rule in SETS[name]],
        "rounds": rounds,
        "runs": {tool: {"seconds": round(run.seconds, 2), "cpu_s": round(run.cpu_s, 2),
                        "pairs_per_s": round(num_pairs / run.seconds), "kept": len(kept[tool]),
                        "peak_mb": run.peak_mb} for tool, run in best.items()},
        "seqline_reading_s": round(mine.reading_s, 2),
        "times_faster": {tool: round(best[tool].seconds / mine.seconds, 1) for tool in theirs},
        "times_faster_reading_included": {
            tool: round(best[tool].seconds / (mine.seconds + mine.reading_s), 1) for tool in theirs
        },
        **agreement(kept["seqline"], kept["opusfilter"], num_pairs),
        "seqline_dropped": ours.dropped(folder / "seqline"),
    }  # fmt: skip


def agreement(ours: pl.DataFrame, theirs: pl.DataFrame, num_pairs: int) -> dict[str, Any]:
    both, sides = len(ours.join(theirs, on=["source", "target"], how="semi")), (len(ours), len(theirs))
    alone = [count - both for count in sides]
    return {"same_verdict": round(1 - sum(alone) / num_pairs, 4),
            "kept_by_seqline_only": alone[0], "kept_by_opusfilter_only": alone[1]}  # fmt: skip


def versions(python: Path) -> dict[str, str]:
    asked = [str(python), "-c", "from importlib.metadata import version; print(version('opusfilter'))"]
    theirs = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()
    ours = {name: version(name) for name in ("polars", "numba")}
    return {"opusfilter": theirs, "seqline": version("seqline"), **ours, "python": platform.python_version()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--opusfilter", type=Path, help="the Python of its environment")
    parser.add_argument("--rules", nargs="+", choices=SETS, default=["plain", "markup"])
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--pairs", type=int, default=1_000_000)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--data", type=Path, default=ROOT / "../shared/data/enzh_open")
    options = parser.parse_args()
    if options.opusfilter is None or not options.opusfilter.absolute().with_name("opusfilter").exists():
        print(json.dumps({"benchmark": "opusfilter", "skipped": SKIPPED}))
        return
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.cores])
    python = options.opusfilter.absolute()  # not resolved: the link is what makes it the environment's own
    ours = Seqline(params.load(ROOT / "profiles" / "phrasebook.yaml"), options.cores)
    theirs = {"opusfilter": OpusFilter(python), f"opusfilter_{options.cores}_jobs": OpusFilter(python, options.cores)}
    name, rows = corpus.base(options.data, options.pairs)
    with TemporaryDirectory(prefix="opusfilter-") as temporary:
        few, raw = Path(temporary) / "few", Path(temporary) / "raw"
        corpus.write(rows, min(WARM_PAIRS, options.pairs), few)
        compared(max(options.rules, key=lambda some: len(SETS[some])), ours, theirs, few, rounds=1)
        corpus.write(rows, options.pairs, raw)
        setting = {"benchmark": "opusfilter", "pairs": options.pairs, "corpus": name, "cores": options.cores,
                   "compiled": "before", "versions": versions(python)}  # fmt: skip
        for some in options.rules:
            print(json.dumps(setting | compared(some, ours, theirs, raw, options.rounds), indent=1), flush=True)


if __name__ == "__main__":
    main()
