"""Cleaning real corpora with planted faults: recall per kind and part, clean pairs lost, what each rule adds and costs.

python benchmarks/cleaning_real.py [--data ../shared/data] [--sets enzh_open multi30k_en_de] [--seed 1] [--share 0.15]

Prints one JSON document per set. A clean pair lost as a copy is counted apart. ``adds`` counts the spoilt pairs that no
other rule drops, ``costs`` the clean ones. The sets are not part of the project; where one is absent, that is said.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import polars as pl
from noise.corpus import SETS, lines, pairs, spoilt

from seqline import params
from seqline.cleaning import text
from seqline.cleaning.frames import clean_frame
from seqline.cleaning.language import language
from seqline.cleaning.normalise import normalised
from seqline.cleaning.profile import profiled
from seqline.cleaning.rules import rules
from seqline.params.cleaning import Clean

PROFILE = Path(__file__).parents[1] / "profiles" / "phrasebook.yaml"
COPIES = ("exact_duplicate", "near_duplicate", "similar", "crowded_source", "crowded_target")
COLUMNS = ("row", "corpus", "split", "line", "source", "target")


def settings() -> Clean:
    """The profile's own, but for the limit on crowded sides (planted lines repeat) and the split, which are off."""
    content = params.load(PROFILE).clean
    copies = content.deduplicate.model_copy(update={"max_targets_per_source": 0, "max_sources_per_target": 0})
    split = content.split.model_copy(update={"dev_pairs": 0, "test_pairs": 0})
    return content.model_copy(update={"deduplicate": copies, "split": split})


def measured(data: Path, name: str, share: float, seed: int) -> dict[str, Any]:
    codes, chosen = SETS[name], settings()
    raw = spoilt(pairs(data, name), data, codes, share, seed)
    begin = time.perf_counter()
    kept, dropped = clean_frame(raw.select(COLUMNS), chosen, (language(codes[0]), language(codes[1])), seed=seed)
    seconds = time.perf_counter() - begin
    fate = fates(raw, kept, dropped)
    planted, good = fate.filter(pl.col("label") != ""), fate.filter(pl.col("label") == "")
    return {
        "benchmark": "cleaning_real",
        "set": name,
        "seed": seed,
        "pairs": len(raw),
        "pairs_per_s": round(len(raw) / seconds),
        "recall": by_kind(planted, pl.col("label").str.split("/").list.first()),
        "varieties": by_kind(planted, pl.col("label")),
        "parts": {str(part): by_kind(rows, pl.col("label").str.split("/").list.first())
                  for (part,), rows in planted.group_by("corpus", maintain_order=True)},
        "clean_lost": lost(good),
        "clean_lost_parts": {str(part): lost(rows)["share"]
                             for (part,), rows in good.group_by("corpus", maintain_order=True)},
        "rules": worth(raw, fate, chosen, codes),
    }  # fmt: skip


def fates(raw: pl.DataFrame, kept: pl.DataFrame, dropped: pl.DataFrame) -> pl.DataFrame:
    """Each raw pair with the rule that dropped it and whether a planted fault is gone: dropped, repaired or alone."""
    key = pl.concat_str([text.key(pl.col("source")), text.key(pl.col("target"))], separator="\n")
    good = pl.concat_str([text.key(pl.col("good_source")), text.key(pl.col("good_target"))], separator="\n")
    stays = kept.select("row", now=key)
    fate = raw.join(dropped.select("row", "rule"), on="row", how="left").join(stays, on="row", how="left")
    alone = (pl.col("label") == "duplicated") & ~pl.col("now").is_duplicated()
    gone = pl.col("rule").is_not_null() | (pl.col("now") == pl.col("was")) | alone
    return fate.with_columns(was=good).with_columns(gone=gone)


def by_kind(planted: pl.DataFrame, kind: pl.Expr) -> dict[str, Any]:
    grouped = planted.group_by(kind.alias("kind")).agg(pl.col("gone").mean().round(4), pl.len()).sort("kind")
    return {name: {"recall": recall, "planted": count} for name, recall, count in grouped.iter_rows()}


def lost(good: pl.DataFrame) -> dict[str, Any]:
    gone = good.drop_nulls("rule")
    copies = int(gone["rule"].is_in(COPIES).sum())
    return {"share": round((len(gone) - copies) / max(len(good), 1), 5), "pairs": len(gone) - copies, "copies": copies}


def worth(raw: pl.DataFrame, fate: pl.DataFrame, chosen: Clean, codes: tuple[str, str]) -> dict[str, Any]:
    """Per rule: planted and clean pairs that it alone drops. The learnt score counts where every rule passes."""
    languages = (language(codes[0]), language(codes[1]))
    normal = raw.select(
        "row",
        normalised("source", languages[0], chosen.normalise),
        normalised("target", languages[1], chosen.normalise),
    )
    found = rules(chosen.rules, *languages)
    figures_of_all = profiled(normal, languages, found)
    fails = pl.DataFrame(
        raw["row"].is_in(rule.failing(figures_of_all)["row"].implode()).alias(rule.name) for rule in found
    )
    single = fails.select(pl.sum_horizontal(pl.all()))[:, 0] == 1
    spoiled = raw["label"] != ""
    figures = {
        rule.name: {"adds": int((fails[rule.name] & single & spoiled).sum()),
                    "costs": int((fails[rule.name] & single & ~spoiled).sum())}
        for rule in found
    }  # fmt: skip
    learnt = fate.filter(~pl.col("rule").is_in([rule.name for rule in found] + list(COPIES)))
    for (name,), rows in learnt.group_by("rule"):
        figures[str(name)] = {"adds": int((rows["label"] != "").sum()), "costs": int((rows["label"] == "").sum())}
    return figures


def varieties(data: Path) -> dict[str, Any]:
    """How often the rule on the variety of Chinese agrees with labels of simplified and traditional lines."""
    table = [line.split("\t") for line in lines(data / "noisy" / "tatoeba_mixed_script.tsv.gz")]
    labelled = pl.DataFrame(table, schema=["source", "target", "label"], orient="row")
    (rule,) = (one for one in rules(settings().rules, language("en"), language("zh")) if one.name == "chinese_script")
    failing = rule.failing(profiled(labelled.with_row_index("row"), (language("en"), language("zh")), [rule]))
    passed = labelled.with_row_index("row").with_columns(passed=~pl.col("row").is_in(failing["row"].implode()))
    passed = passed.group_by("label").agg(pl.col("passed").mean(), pl.len())
    share = {label: round(part, 4) for label, part, _ in passed.sort("label").iter_rows()}
    return {"benchmark": "cleaning_real", "set": "tatoeba_mixed_script", "passes_as_simplified": share}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[1] / "../shared/data")
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--share", type=float, default=0.15)
    arguments = parser.parse_args()
    for name in arguments.sets:
        if not (arguments.data / name).is_dir():
            print(json.dumps({"benchmark": "cleaning_real", "set": name, "skipped": "the set is absent"}))
            continue
        print(json.dumps(measured(arguments.data, name, arguments.share, arguments.seed), ensure_ascii=False, indent=1))
    if (arguments.data / "noisy").is_dir():
        print(json.dumps(varieties(arguments.data)))


if __name__ == "__main__":
    main()
