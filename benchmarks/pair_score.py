"""The pair score alone: what it expects and what comes true on real corpora, agreement with people, and its speed.

python benchmarks/pair_score.py [--data ../shared/data] [--sets enzh_open multi30k_en_de] [--seed 1] [--share 0.15]

Prints one JSON document per set: for each kind of fault that the rules leave, the recall and the share of good pairs
lost, each expected and true; and microseconds per pair on one core. Then, for rated machine translations, how often a
pair that people rate below 50 of 100 scores worse than another (the area under the curve, 0.5 is chance). A set that is
absent is named as skipped.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from cleaning_real import COLUMNS, settings
from noise.corpus import SETS, lines, pairs, spoilt
from numpy.typing import NDArray

from seqline.cleaning.draw import draws, lowest
from seqline.cleaning.evidence import FEATURES
from seqline.cleaning.frames import clean_frame
from seqline.cleaning.judge import Judge
from seqline.cleaning.language import Language, language
from seqline.cleaning.pairscore import Schooling, learn
from seqline.cleaning.rules import rules
from seqline.cleaning.witness import Witness

BAD = 50.0
LABELS = {"misaligned": "misaligned", "truncated_source": "truncated/source", "truncated_target": "truncated/target"}


def languages(name: str) -> tuple[Language, Language]:
    source, target = SETS[name]
    return language(source), language(target)


def taught(frame: pl.DataFrame, name: str, seed: int) -> tuple[Judge, float]:
    """A judge that a sample of the pairs has taught, and the seconds that took."""
    score = settings().pair_score
    assert score
    drawn = draws(frame["row"].to_numpy() // 4, seed)
    sample = frame.filter(pl.Series(drawn <= lowest(drawn, min(score.sample_pairs, len(frame)))))
    begin = time.perf_counter()
    judge = learn(sample, Schooling(languages(name), rules(settings().rules, *languages(name)), seed, score.max_loss))
    assert judge
    return judge, time.perf_counter() - begin


def on_faults(data: Path, name: str, share: float, seed: int) -> dict[str, Any]:
    raw = spoilt(pairs(data, name), data, SETS[name], share, seed)
    without = settings().model_copy(update={"pair_score": None})
    kept, _ = clean_frame(raw.select(COLUMNS), without, languages(name), seed=seed)
    left = kept.join(raw.select("row", "label"), on="row", maintain_order="left")
    judge, seconds = taught(left, name, seed)
    judge.faults(left[:1000])
    begin = time.perf_counter()
    dropped = judge.faults(left)
    us_per_pair = 1e6 * (time.perf_counter() - begin) / len(left)
    gone, labels = left["row"].is_in(dropped["row"].implode()).to_numpy(), left["label"].to_numpy()
    return {
        "benchmark": "pair_score",
        "set": name,
        "seed": seed,
        "pairs": len(left),
        "seconds_to_learn": round(seconds, 2),
        "us_per_pair": round(us_per_pair, 2),
        "faults": {fault: compared(judge, fault, left, gone) for fault in judge.expected},
        "clean_lost": round(float(gone[labels == ""].mean()), 5),
    }


def compared(judge: Judge, fault: str, left: pl.DataFrame, gone: NDArray[np.bool_]) -> dict[str, Any]:
    """Expected and true figures of one kind; ``found`` counts also what another kind's threshold drops."""
    place = list(judge.expected).index(fault)
    beyond = judge.odds(left)[:, place] >= list(judge.expected.values())[place].threshold
    mine, good = (left["label"].to_numpy() == label for label in (LABELS[fault], ""))
    true = {"recall": beyond[mine], "loss": beyond[good], "share": mine, "found": gone[mine]}
    measured = {name: round(float(flags.mean()), 5) for name, flags in true.items()}
    return {**judge.verdicts[place].expected.figures(), **measured}


def on_ratings(data: Path, seed: int) -> dict[str, Any]:
    good = pairs(data, "enzh_open").with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))
    judge, _ = taught(good, "enzh_open", seed)
    table = [line.split("\t") for line in lines(data / "noisy" / "mlqe_da_scored.tsv.gz")]
    rated = pl.DataFrame({"source": [row[0] for row in table], "target": [row[1] for row in table]})
    bad = np.array([float(row[2]) for row in table]) < BAD
    numbered = rated.with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))
    odds, features = judge.odds(numbered), Witness.learn(good).features(rated)
    aucs = {fault: area(odds[:, place], bad) for place, fault in enumerate(judge.expected)}
    strength = features[:, FEATURES.index("source explained")] + features[:, FEATURES.index("target explained")]
    aucs |= {"worst of these": area(odds.max(axis=1), bad), "mean strength of links": area(-strength, bad)}
    return {"benchmark": "pair_score", "set": "mlqe_da_scored", "rated": len(bad), "bad": int(bad.sum()), "auc": aucs}


def absent(name: str) -> dict[str, str]:
    return {"benchmark": "pair_score", "set": name, "skipped": "the set is absent"}


def area(scores: NDArray[np.float64], bad: NDArray[np.bool_]) -> float:
    """The area under the ROC curve: how often a bad one scores higher than a good one."""
    good = np.sort(scores[~bad])
    below, above = (np.searchsorted(good, scores[bad], side).mean() for side in ("left", "right"))
    return round(float(below + above) / 2 / len(good), 4)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[1] / "../shared/data")
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--share", type=float, default=0.15)
    arguments = parser.parse_args()
    data, seed = arguments.data, arguments.seed
    for name in arguments.sets:
        found = (data / name).is_dir()
        print(json.dumps(on_faults(data, name, arguments.share, seed) if found else absent(name), indent=1))
    found = (data / "noisy").is_dir() and (data / "enzh_open").is_dir()
    print(json.dumps(on_ratings(data, seed) if found else absent("mlqe_da_scored"), indent=1))


if __name__ == "__main__":
    main()
