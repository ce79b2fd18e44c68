"""What cleaning did: a waterfall per corpus, a few dropped pairs per rule, and how planted noise fared."""

from typing import Any, Final

import polars as pl

from seqline.cleaning import text

_SAMPLES: Final = 3
_COPIES: Final = ("exact_duplicate", "near_duplicate", "crowded_source", "crowded_target")
_LEAKS: Final = ("leak", "ngram_overlap")


def waterfall(raw: pl.DataFrame, kept: pl.DataFrame, dropped: pl.DataFrame) -> dict[str, Any]:
    """Counts of what was read, kept and dropped by rule, in all and per corpus, with samples of dropped pairs.

    ``raw`` and ``kept`` have ``row``, ``corpus`` and ``split``; ``dropped`` also has ``rule`` and ``value``.
    """
    corpora = [
        {"name": name, **_counts(part, kept.filter(pl.col("corpus") == name), dropped.filter(pl.col("corpus") == name))}
        for (name,), part in raw.group_by("corpus", maintain_order=True)
    ]
    return {
        **_counts(raw, kept, dropped),
        "corpora": {corpus.pop("name"): corpus for corpus in corpora},
        "samples": _samples(dropped),
    }


def noise(raw: pl.DataFrame, kept: pl.DataFrame, dropped: pl.DataFrame) -> dict[str, Any]:
    """How the planted noise of training corpora fared; empty where none was planted.

    A planted copy counts as caught when at most one pair of its kind is kept, whichever of them that is; a broken
    encoding also when it was repaired. A clean pair that went as a copy or as a leak was no mistake: it is counted
    apart, and not in ``lost_share`` and ``precision``.
    """
    labelled = raw.filter(pl.col("split") == "train").with_columns(key=_pair_key())
    if not (labelled["label"] != "").any():
        return {}
    fate = labelled.join(dropped.select("row", "rule"), on="row", how="left", maintain_order="left")
    stays = kept.filter(pl.col("split") == "train").select("row", now=_pair_key())
    fate = fate.join(stays, on="row", how="left", maintain_order="left")
    alone = ~pl.col("now").is_duplicated()
    repaired = pl.col("now") != pl.col("key")
    caught = (
        pl.col("rule").is_not_null()
        | ((pl.col("label") == "duplicated") & alone)
        | ((pl.col("label") == "broken_encoding") & repaired)
    )
    return _figures(fate.with_columns(caught=caught))


def _figures(fate: pl.DataFrame) -> dict[str, Any]:
    planted, clean = fate.filter(pl.col("label") != ""), fate.filter(pl.col("label") == "")
    kinds = {}
    for (kind,), part in planted.sort("label").group_by("label", maintain_order=True):
        rules = part.drop_nulls("rule")["rule"].value_counts(sort=True, name="count")
        share = float(part["caught"].mean())  # type: ignore[arg-type]
        kinds[str(kind)] = {
            "planted": len(part),
            "caught": int(part["caught"].sum()),
            "recall": round(share, 4),
            "dropped_by": dict(rules.sort("count", "rule", descending=[True, False]).iter_rows()),
        }
    gone = clean.drop_nulls("rule")
    copies, leaks = (int(gone["rule"].is_in(rules).sum()) for rules in (_COPIES, _LEAKS))
    lost = len(gone) - copies - leaks
    right = int(planted["rule"].is_not_null().sum())
    return {
        "noise": kinds,
        "recall": round(int(planted["caught"].sum()) / len(planted), 4),
        "precision": round(right / max(right + lost, 1), 4),
        "clean_pairs": {
            "pairs": len(clean),
            "lost": lost,
            "lost_share": round(lost / max(len(clean), 1), 5),
            "copies": copies,
            "leaks": leaks,
        },
    }


def _counts(raw: pl.DataFrame, kept: pl.DataFrame, dropped: pl.DataFrame) -> dict[str, Any]:
    rules = dropped.group_by("rule").len("count").sort("count", "rule", descending=[True, False])
    splits = {split: int((kept["split"] == split).sum()) for split in ("train", "dev", "test")}
    return {"read": len(raw), "kept": len(kept), "splits": splits, "dropped": dict(rules.iter_rows())}


def _samples(dropped: pl.DataFrame) -> dict[str, list[dict[str, Any]]]:
    picked = dropped.group_by("rule", maintain_order=True).head(_SAMPLES)
    fields = ("corpus", "line", "source", "target", "value")
    return {
        str(rule): part.select(fields).with_columns(pl.col("source", "target").str.head(300)).to_dicts()
        for (rule,), part in picked.group_by("rule", maintain_order=True)
    }


def _pair_key() -> pl.Expr:
    return pl.concat_str([text.key(pl.col("source")), text.key(pl.col("target"))], separator="\n")
