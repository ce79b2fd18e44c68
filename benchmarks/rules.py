"""What normalisation, the figures and each rule cost: µs per pair on one core, and pairs per second of all together.

python benchmarks/rules.py [--data ../shared/data] [--set enzh_open] [--rounds 3]

Prints one JSON document. The pairs are taken in shards as cleaning does, everything on one thread; the fastest round
counts. The sets are not part of the project; where the chosen one is absent, that is said.
"""

import os

os.environ["POLARS_MAX_THREADS"] = "1"  # one core is measured

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
from noise.corpus import SETS, pairs

from seqline import params
from seqline.cleaning.language import Language, language
from seqline.cleaning.normalise import normalised
from seqline.cleaning.profile import profiled
from seqline.cleaning.rule import drops
from seqline.cleaning.rules import rules
from seqline.stages.download import ROW_GROUP_PAIRS

PROFILE = Path(__file__).parents[1] / "profiles" / "phrasebook.yaml"
Shards = list[pl.DataFrame]


def costs(shards: Shards, languages: tuple[Language, Language], rounds: int) -> dict[str, Any]:
    """µs per pair and core."""
    clean, num_pairs = params.load(PROFILE).clean, sum(map(len, shards))

    def cost(work: Callable[[pl.DataFrame], object], shards: Shards) -> float:
        return min(_seconds(work, shards) for _ in range(rounds)) / num_pairs * 1e6

    def normal(shard: pl.DataFrame) -> pl.DataFrame:
        source, target = (
            normalised(side, known, clean.normalise)
            for side, known in zip(("source", "target"), languages, strict=True)
        )
        return shard.with_columns(source, target)

    tidy = [normal(shard) for shard in shards]
    found = rules(clean.rules, *languages)
    figures = [profiled(shard, languages, found) for shard in tidy]
    drops(figures[0], found)  # compiles and loads what the first call needs
    parts = {
        "normalise": cost(normal, shards),
        "profile": cost(lambda shard: profiled(shard, languages, found), tidy),
        "rules": cost(lambda shard: drops(shard, found), figures),
    }
    each = {rule.name: cost(rule.failing, figures) for rule in found}
    return {
        "pairs": num_pairs,
        "µs_per_pair": _rounded(parts | {"all": sum(parts.values())}),
        "pairs_per_s_and_core": round(1e6 / sum(parts.values())),
        "µs_per_rule": _rounded(dict(sorted(each.items(), key=lambda one: -one[1]))),
    }


def _seconds(work: Callable[[pl.DataFrame], object], shards: Shards) -> float:
    begin = time.perf_counter()
    for shard in shards:
        work(shard)
    return time.perf_counter() - begin


def _rounded(costs: dict[str, float]) -> dict[str, float]:
    return {name: round(cost, 3) for name, cost in costs.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[1] / "../shared/data")
    parser.add_argument("--set", choices=SETS, default="enzh_open")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    head: dict[str, Any] = {"benchmark": "rules", "set": arguments.set}
    if not (arguments.data / arguments.set).is_dir():
        print(json.dumps(head | {"skipped": "the set is absent"}))
        return
    frame = pairs(arguments.data, arguments.set).with_row_index("row").cast({"row": pl.Int64})
    languages = (language(SETS[arguments.set][0]), language(SETS[arguments.set][1]))
    shards = list(frame.iter_slices(ROW_GROUP_PAIRS))
    print(json.dumps(head | costs(shards, languages, arguments.rounds), ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
