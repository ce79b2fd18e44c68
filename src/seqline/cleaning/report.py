"""What cleaning did: a waterfall per corpus, a few dropped pairs per rule, and how planted noise fared."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import polars as pl

from seqline.cleaning.keys import hashed, together
from seqline.cleaning.shards import MONOLINGUAL, Shard
from seqline.cleaning.writing import SPLITS

_READ, _KEPT, _DROPPED = "read", "kept", "dropped"
_SAMPLES: Final = 3
_COPIES: Final = ("exact_duplicate", "near_duplicate", "similar", "crowded_source", "crowded_target")
_LEAKS: Final = ("leak", "ngram_overlap")


class Waterfall:
    """Counts of what was read, kept and dropped by rule, in all and per corpus, with samples of dropped pairs."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[tuple[str, str]]] = {}
        self._samples: dict[str, list[dict[str, Any]]] = {}
        self._fates: list[pl.DataFrame] = []

    def add(self, shard: Shard, kept: pl.DataFrame, dropped: pl.DataFrame) -> None:
        """Count one shard; ``kept`` and ``dropped`` are as :class:`~seqline.cleaning.engine.Cleaned` tells them."""
        counts = self._counts.setdefault(shard.corpus, Counter())
        counts[_READ, ""] += shard.num_rows
        counts.update({(_KEPT, split): size for split, size in kept.group_by("split").len().iter_rows()})
        counts.update({(_DROPPED, rule): size for rule, size in dropped.group_by("rule").len().iter_rows()})
        for rule, samples in _samples(dropped).items():
            self._samples.setdefault(rule, []).extend(samples)
        if shard.split == "train":
            self._fates.extend(_fate(shard, kept, dropped))

    def figures(self) -> dict[str, Any]:
        """Everything that was counted, as the report shows it."""
        everything: Counter[tuple[str, str]] = sum(self._counts.values(), Counter())
        return {
            **_counted(everything),
            "corpora": {name: _counted(counts) for name, counts in self._counts.items()},
            "samples": {rule: samples[:_SAMPLES] for rule, samples in self._samples.items()},
            **(_noise(pl.concat(self._fates)) if self._fates else {}),
        }


def _fate(shard: Shard, kept: pl.DataFrame, dropped: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Of a shard on which noise was planted: the label of each raw pair, its key before and after, and its rule."""
    if not (shard.labels() != "").any():
        return
    raw = shard.read()
    fate = raw.select("row", pl.col("label").cast(pl.Categorical), _pair_key(raw, "key"))
    rules = dropped.select("row", pl.col("rule").cast(pl.Categorical))
    fate = fate.join(rules, on="row", how="left", maintain_order="left")
    train = kept.filter(pl.col("split") == "train")
    stays = train.select("row", _pair_key(train, "now"))
    yield fate.join(stays, on="row", how="left", maintain_order="left")


def _noise(fate: pl.DataFrame) -> dict[str, Any]:
    """How the planted noise of training corpora fared.

    A planted copy counts as caught when at most one pair of its kind is kept, whichever of them that is; a broken
    encoding also when it was repaired. A clean pair that went as a copy or as a leak was no mistake: it is counted
    apart, and not in ``lost_share`` and ``precision``.
    """
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


def _counted(counts: Counter[tuple[str, str]]) -> dict[str, Any]:
    splits = (*SPLITS, MONOLINGUAL) if counts[_KEPT, MONOLINGUAL] else SPLITS
    read, kept = counts[_READ, ""], {split: counts[_KEPT, split] for split in splits}
    rules = {rule: size for (what, rule), size in counts.items() if what == _DROPPED}
    dropped = dict(sorted(rules.items(), key=lambda item: (-item[1], item[0])))
    return {
        "read": read,
        "kept": sum(kept.values()),
        "splits": kept,
        "dropped": dropped,
        "dropped_share": {rule: round(size / max(read, 1), 5) for rule, size in dropped.items()},
    }


def _samples(dropped: pl.DataFrame) -> dict[str, list[dict[str, Any]]]:
    picked = dropped.group_by("rule", maintain_order=True).head(_SAMPLES)
    fields = ("corpus", "line", "source", "target", "value")
    return {
        str(rule): part.select(fields).with_columns(pl.col("source", "target").str.head(300)).to_dicts()
        for (rule,), part in picked.group_by("rule", maintain_order=True)
    }


def _pair_key(pairs: pl.DataFrame, name: str) -> pl.Series:
    return pl.Series(name, together(hashed(pairs["source"])[1], hashed(pairs["target"])[1]))
