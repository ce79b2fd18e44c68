"""The gate's error rates on real text: A/A pairs, challengers worse by just a margin, planted losses of 1 to 3 BLEU.

python benchmarks/gate.py [--data ../shared/data] [--set multi30k] [--sizes 200 1000 2000] [--same 0.8] [--runs 1000]
                          [--only "worse by 3 BLEU" …]

A system is made of real references. Each sentence has ``VARIANTS`` good and as many bad versions, words of it dropped,
swapped or replaced by others of the corpus, and a system writes the bad kind with a probability of its own. Its true
BLEU and chrF2 are those of the mean counts over all sentences and versions, so a challenger can be made that is truly
worse by 1 BLEU. Every run draws a test set (with replacement), the champion's and the challenger's output anew, and
asks the gate's own tests with the rules of the profile. ``same``: the share of sentences where both write alike, as
models do that one recipe made.

Prints a JSON line per set-up: how often the challenger was promoted, and how often with the rule ``must_improve``,
both with 95 % intervals (Wilson); how often it passed each check; the standard deviation of Δ BLEU over the runs. The
sets are not part of the project; where one is absent, that is said.
"""

import argparse
import gzip
import json
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from seqline import params
from seqline.evaluation.contest import METRICS, Counts, checks_of, collapse, counts, differences
from seqline.evaluation.metrics import bleu
from seqline.evaluation.slices import Parts, parts
from seqline.evaluation.sufficient import Floats, MetricName, scores
from seqline.params.deployment import Promote

PROFILE = Path(__file__).parents[1] / "profiles" / "phrasebook.yaml"
SETS = {
    "multi30k": ("multi30k_en_de", "en", "de", ("test_2016_flickr",)),
    "enzh_open": ("enzh_open", "en", "zh", ("test.docs", "test.tatoeba", "test.3am", "test.wiki_pe")),
}
VARIANTS = 16
GOOD_BLEU, BAD_BLEU, BAD_SHARE = 45.0, 20.0, 0.3  # the champion: about 37 BLEU, as a model of Multi30k
Z = 1.96


@dataclass(frozen=True)
class Population:
    """All sentences with the counts of their versions, (2 kinds, versions, sentences, statistics)."""

    counted: Mapping[MetricName, Floats]
    parts: Parts
    size: int

    def truth(self, share: float, metric: MetricName) -> float:
        """The score, over all sentences and versions, of a system that writes so large a share of bad ones."""
        good_K, bad_K = self.counted[metric].mean(axis=(1, 2))
        return float(scores(((1 - share) * good_K + share * bad_K)[None], metric)[0])

    def share_of(self, score: float, metric: MetricName) -> float:
        """The share of bad versions with which a system truly has that score."""
        return bisected(lambda share: self.truth(share, metric), score)


def bisected(falling: Callable[[float], float], value: float) -> float:
    """Where between 0 and 1 a function that falls takes a value."""
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if falling(middle) > value else (low, middle)
    return low


def population(data: Path, name: str, rng: np.random.Generator) -> Population:
    folder, source, target, files = SETS[name]
    sources, references, corpora = list[str](), list[str](), list[str]()
    for stem in files:
        found = lines(data / folder / f"{stem}.{source}.gz")
        sources += found
        references += lines(data / folder / f"{stem}.{target}.gz")
        corpora += [stem] * len(found)
    by_character = target == "zh"
    known = [word for line in references for word in split(line, by_character)]

    def version(share: float) -> list[str]:
        return [spoilt(line, share, by_character, known, rng) for line in references]

    shares = [bisected(lambda share: bleu(version(share), references, target).value, score)
              for score in (GOOD_BLEU, BAD_BLEU)]  # fmt: skip
    versions = [[counts(version(share), references, target) for _ in range(VARIANTS)] for share in shares]
    counted = {metric: np.array([[one[metric] for one in kind] for kind in versions]) for metric in METRICS}
    return Population(counted, parts(sources, corpora), len(references))


def lines(path: Path) -> list[str]:
    return gzip.decompress(path.read_bytes()).decode().splitlines()


def split(line: str, by_character: bool) -> list[str]:
    return list(line) if by_character else line.split()


def spoilt(line: str, share: float, by_character: bool, known: list[str], rng: np.random.Generator) -> str:
    """Each word, with the probability ``share``, goes, changes places with the next, or becomes another."""
    words = split(line, by_character)
    hit = rng.random(len(words)) < share
    how = rng.integers(0, 3, len(words))
    for place in np.flatnonzero(hit & (how == 0)):
        words[place : place + 2] = words[place : place + 2][::-1]
    for place in np.flatnonzero(hit & (how == 1)):
        words[place] = known[rng.integers(len(known))]
    kept = [word for place, word in enumerate(words) if not (hit[place] and how[place] == 2)]
    return ("" if by_character else " ").join(kept)


def contest(
    crowd: Population, size: int, shares: tuple[float, float], same: float, rng: np.random.Generator
) -> tuple[Counts, Counts, Parts]:
    """A test set, and what champion and challenger count on it."""
    rows = rng.integers(0, crowd.size, size)
    luck, version = rng.random(size), rng.integers(0, VARIANTS, size)
    own = rng.random(size) >= same
    lucks = (luck, np.where(own, rng.random(size), luck))
    versions = (version, np.where(own, rng.integers(0, VARIANTS, size), version))
    old, new = (
        {metric: table[(drawn < share).astype(int), chosen, rows] for metric, table in crowd.counted.items()}
        for drawn, chosen, share in zip(lucks, versions, shares, strict=True)
    )
    return old, new, {name: belongs[rows] for name, belongs in crowd.parts.items()}


def rates(
    crowd: Population, size: int, share: float, same: float, rules: Promote, resamples: int, runs: int, seed: list[int]
) -> dict[str, Any]:
    rng, passed, deltas = np.random.default_rng(seed), Counter[str](), list[float]()
    for run in range(runs):
        old, new, slices = contest(crowd, size, (BAD_SHARE, share), same, rng)
        found = differences(old, new, rules, resamples=resamples, seed=run)
        checks = [*checks_of(found, rules), collapse(old, new, slices, rules, resamples=resamples, seed=run)]
        passed.update(check.name for check in checks if check.passed)
        holds = [check.passed for check in checks if not check.name.startswith("better")]
        passed["promoted"] += all(holds)
        passed["must_improve"] += all(check.passed for check in checks)
        deltas.append(found[0].delta)
    shares = {name: round(passed[name] / runs, 4) for name in ("promoted", *(check.name for check in checks))}
    improved = {"must_improve": round(passed["must_improve"] / runs, 4)}
    intervals = {f"{name}_interval": wilson(passed[name], runs) for name in ("promoted", "must_improve")}
    return {"sd_delta_bleu": round(float(np.std(deltas)), 3), **shares, **improved, **intervals}


def wilson(count: int, runs: int) -> list[float]:
    """The 95 % score interval of a rate (Wilson 1927)."""
    rate, spread = count / runs, Z * Z / runs
    middle = rate + spread / 2
    half = Z * (rate * (1 - rate) / runs + spread / (4 * runs)) ** 0.5
    return [round(max(0.0, (middle - half) / (1 + spread)), 4), round((middle + half) / (1 + spread), 4)]


def challengers(crowd: Population, rules: Promote) -> dict[str, float]:
    """Per challenger the share of bad versions that it writes."""
    champion = {metric: crowd.truth(BAD_SHARE, metric) for metric in METRICS}
    worse: dict[str, tuple[MetricName, float]] = {
        "worse by margin_bleu": ("bleu", rules.margin_bleu),
        "worse by margin_chrf": ("chrf", rules.margin_chrf),
        **{f"worse by {loss} BLEU": ("bleu", float(loss)) for loss in (1, 2, 3)},
        "better by 1 BLEU": ("bleu", -1.0),
    }
    found = {name: crowd.share_of(champion[metric] - loss, metric) for name, (metric, loss) in worse.items()}
    return {"equal": BAD_SHARE, **found}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[1] / "../shared/data")
    parser.add_argument("--set", choices=SETS, default="multi30k")
    parser.add_argument("--sizes", type=int, nargs="+", default=[200, 1000, 2000])
    parser.add_argument("--same", type=float, nargs="+", default=[0.8])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--only", nargs="+", help="challengers by name, as a row gives it")
    parser.add_argument("--resamples", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    if not (chosen.data / SETS[chosen.set][0]).is_dir():
        print(json.dumps({"benchmark": "gate", "set": chosen.set, "skipped": "the set is absent"}))
        return
    rules = params.load(PROFILE).promote.model_copy(update={"must_improve": True})
    begin, crowd = time.perf_counter(), population(chosen.data, chosen.set, np.random.default_rng(chosen.seed))
    facts = {"benchmark": "gate", "set": chosen.set, "sentences": crowd.size, "rules": rules.model_dump()}
    tell(facts | {"champion": {metric: round(crowd.truth(BAD_SHARE, metric), 2) for metric in METRICS}}, begin)
    for size, same in product(chosen.sizes, chosen.same):
        for number, (name, share) in enumerate(challengers(crowd, rules).items()):
            if chosen.only and name not in chosen.only:
                continue
            begin, seed = time.perf_counter(), [chosen.seed, size, number]
            facts = {"size": size, "same": same, "challenger": name, "runs": chosen.runs}
            facts |= {f"true_delta_{metric}": round(crowd.truth(share, metric) - crowd.truth(BAD_SHARE, metric), 3)
                      for metric in METRICS}  # fmt: skip
            tell(facts | rates(crowd, size, share, same, rules, chosen.resamples, chosen.runs, seed), begin)


def tell(facts: Mapping[str, Any], begin: float) -> None:
    print(json.dumps({**facts, "seconds": round(time.perf_counter() - begin, 1)}), flush=True)


if __name__ == "__main__":
    main()
