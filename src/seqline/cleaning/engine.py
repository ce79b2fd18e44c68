"""The whole of cleaning, from raw pairs to kept and dropped ones.

Order: normalise → rules → exact and near copies → crowded sides → pair score → held-out split → leaks. Dev and test
pairs that a corpus brings are normalised, and lose nothing but empty ones.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from seqline.cleaning.decontaminate import leaks, overlaps
from seqline.cleaning.deduplicate import crowded, exact_copies, near_copies
from seqline.cleaning.language import Language, language
from seqline.cleaning.normalise import normalised
from seqline.cleaning.pairscore import Court, faulty
from seqline.cleaning.rule import drops
from seqline.cleaning.rules import rules
from seqline.cleaning.shape import empty
from seqline.cleaning.split import hold_out
from seqline.errors import StageError
from seqline.params.cleaning import Clean
from seqline.progress import Advance

Step = Callable[[pl.DataFrame], pl.DataFrame]
HELD_OUT = ("dev", "test")


@dataclass(frozen=True)
class Cleaned:
    """What became of the raw pairs.

    ``kept`` has ``row``, ``corpus``, ``split``, ``line``, ``source``, ``target`` (normalised); ``dropped`` has ``row``,
    ``rule`` and ``value``. Every row of the raw frame is in exactly one of them.
    """

    kept: pl.DataFrame
    dropped: pl.DataFrame


def clean(raw: pl.DataFrame, params: Clean, codes: tuple[str, str], seed: int, advance: Advance) -> Cleaned:
    """Clean a frame with the columns ``row``, ``corpus``, ``split``, ``line``, ``source``, ``target``.

    ``codes`` are the languages of the two sides. ``advance`` is told of as many pairs as there are, in all.

    Raises:
        StageError: nothing is left to train on.
    """
    languages = (language(codes[0]), language(codes[1]))
    frame = raw.with_columns(
        source=normalised("source", languages[0], params.normalise),
        target=normalised("target", languages[1], params.normalise),
    )
    advance(0.1 * len(raw), "normalised")
    brought, train = frame.filter(pl.col("split") != "train"), frame.filter(pl.col("split") == "train")
    dropped = [drops(brought, [empty()])]
    brought = _without(brought, dropped[0])
    steps = list(_steps(params, languages, seed))
    for name, step in steps:
        found = step(train)
        train = _without(train, found)
        dropped.append(found)
        advance(0.8 / len(steps) * len(raw), f"{name}: {len(found):,} dropped")
    held_out = _held_out(train, brought, params, seed)
    train = _without(train, held_out)
    # Held-out pairs of one source may still differ in case or stand beside a copy of their target in training.
    for find in _leak_steps(held_out, params, languages):
        found = find(train)
        train = _without(train, found)
        dropped.append(found)
    advance(0.1 * len(raw), "decontaminated")
    cleaned = Cleaned(pl.concat([train, held_out]).sort("row"), pl.concat(dropped).sort("row"))
    if train.is_empty():
        raise StageError(
            f"clean: no training pair is left ({_worst_rules(cleaned.dropped)}); loosen `clean` in params.yaml"
        )
    return _checked(raw, cleaned)


def _steps(params: Clean, languages: tuple[Language, Language], seed: int) -> Iterator[tuple[str, Step]]:
    found = rules(params.rules, *languages)
    copies = params.deduplicate
    yield "rules", lambda train: drops(train, found)
    yield "exact copies", exact_copies
    if copies.near:
        yield "near copies", near_copies
    yield "crowded sources", lambda train: crowded(train, "source", copies.max_targets_per_source, "crowded_source")
    yield "crowded targets", lambda train: crowded(train, "target", copies.max_sources_per_target, "crowded_target")
    score = params.pair_score
    if score is not None:
        court = Court(score, languages, found, np.random.default_rng(seed))
        yield "pair score", lambda train: faulty(train, court)


def _held_out(train: pl.DataFrame, brought: pl.DataFrame, params: Clean, seed: int) -> pl.DataFrame:
    """The dev and test pairs: those that corpora bring, and pairs taken from training for a split nobody brings."""
    sizes = {"dev": params.split.dev_pairs, "test": params.split.test_pairs}
    absent = {name: size for name, size in sizes.items() if size and not (brought["split"] == name).any()}
    if not absent:
        return brought
    drawn = hold_out(train, absent, seed)
    taken = train.drop("split").join(drawn, on="row").select(train.columns)
    return pl.concat([brought, taken])


def _leak_steps(held_out: pl.DataFrame, params: Clean, languages: tuple[Language, Language]) -> Iterator[Step]:
    split = params.split
    yield lambda train: leaks(train, held_out)
    yield lambda train: overlaps(train, held_out, languages, ngram=split.ngram, bound=split.max_ngram_overlap)


def _worst_rules(dropped: pl.DataFrame) -> str:
    rules = dropped.group_by("rule").len("count").sort("count", "rule", descending=[True, False]).head(3)
    return ", ".join(f"{rule} dropped {count}" for rule, count in rules.iter_rows()) or "none was read"


def _without(frame: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    return frame.join(rows.select("row"), on="row", how="anti", maintain_order="left")


def _checked(raw: pl.DataFrame, cleaned: Cleaned) -> Cleaned:
    """Every raw row is kept or dropped, and none is both."""
    rows = pl.concat([cleaned.kept["row"], cleaned.dropped["row"]])
    if len(rows) != len(raw) or rows.n_unique() != len(raw):
        counts = f"{len(raw)} read, {len(cleaned.kept)} kept, {len(cleaned.dropped)} dropped"
        raise StageError(f"clean: the pairs do not add up ({counts}); this is a fault of seqline, please report it")
    return cleaned
