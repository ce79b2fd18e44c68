"""What the rules would do to a sample of the raw pairs, and which thresholds their figures suggest."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from seqline.cleaning.language import Language
from seqline.cleaning.normalise import normalised
from seqline.cleaning.profile import profiled
from seqline.cleaning.rule import Rule, drops
from seqline.cleaning.rules import rules
from seqline.cleaning.shards import Shard
from seqline.params.cleaning import Clean

_MAX_SHARDS = 8


@dataclass(frozen=True)
class Loss:
    """What one rule drops from the sample of one corpus; ``samples`` are sources, targets and values."""

    corpus: str
    rule: str
    pairs: int
    share: float
    samples: list[tuple[str, str, str]]


@dataclass(frozen=True)
class Suggestion:
    """A threshold as it is, the share of pairs that it costs by itself, and the bounds that cost given shares."""

    rule: str
    keep: str
    bound: float
    lost: float
    bounds: list[float]


def sample(shards: Sequence[Shard], num_pairs: int) -> pl.DataFrame:
    """At most ``num_pairs`` raw training pairs per corpus, evenly spread over its shards."""
    parts = []
    for corpus in dict.fromkeys(shard.corpus for shard in shards if shard.split == "train"):
        own = [shard for shard in shards if shard.corpus == corpus and shard.split == "train"]
        some = own[:: max(1, len(own) // _MAX_SHARDS)][:_MAX_SHARDS]
        for shard in some:
            pairs = shard.read()
            parts.append(pairs.gather_every(max(1, -(-len(pairs) * len(some) // num_pairs))))
    return pl.concat(parts)


def losses(pairs: pl.DataFrame, params: Clean, languages: tuple[Language, Language], num_samples: int) -> list[Loss]:
    """What each rule drops from a sample, corpus by corpus, the costliest first. It looks for no copies or leaks."""
    asked = rules(params.rules, *languages)
    dropped = drops(_measured(pairs, params, languages, asked), asked)
    found = pairs.join(dropped, on="row", maintain_order="left")
    sizes = dict(pairs.group_by("corpus").len().iter_rows())
    return sorted(
        (
            Loss(str(corpus), str(rule), len(part), len(part) / sizes[corpus], _samples(part, num_samples))
            for (corpus, rule), part in found.group_by("corpus", "rule", maintain_order=True)
        ),
        key=lambda loss: (loss.corpus, -loss.pairs),
    )


def suggestions(
    pairs: pl.DataFrame, params: Clean, languages: tuple[Language, Language], shares: Sequence[float]
) -> list[Suggestion]:
    """For every rule with a threshold, the bounds at which it would drop the given shares of the sample."""
    tuned = [rule for rule in rules(params.rules, *languages) if _has_threshold(rule, params)]
    measured = _measured(pairs, params, languages, tuned)
    return [_suggestion(rule, measured, shares) for rule in tuned]


def _samples(dropped: pl.DataFrame, num: int) -> list[tuple[str, str, str]]:
    return [
        (source, target, value)
        for source, target, value in dropped.select("source", "target", "value").head(num).rows()
    ]


def _measured(
    pairs: pl.DataFrame, params: Clean, languages: tuple[Language, Language], asked: Sequence[Rule]
) -> pl.DataFrame:
    sides = (
        normalised(side, known, params.normalise)
        for side, known in zip(("source", "target"), languages, strict=True)
    )  # fmt: skip
    return profiled(pairs.with_columns(*sides), languages, asked)


def _has_threshold(rule: Rule, params: Clean) -> bool:
    bound = getattr(params.rules, rule.name, None)
    return isinstance(bound, int | float) and not isinstance(bound, bool)


def _suggestion(rule: Rule, measured: pl.DataFrame, shares: Sequence[float]) -> Suggestion:
    """A pair that a rule is silent about counts as passing, so it pulls no bound."""
    figures = (
        measured.filter(rule.applies).select(value=rule.value.cast(pl.Float64)).to_series().fill_nan(None).drop_nulls()
    )
    lost = len(rule.failing(measured)) / max(len(measured), 1)
    silent = 1 - len(figures) / max(len(measured), 1)
    ends = [min(1.0, share / max(1 - silent, 1e-9)) for share in shares]
    quantiles = [figures.quantile(end if rule.keep == "at least" else 1 - end, "nearest") for end in ends]
    return Suggestion(rule.name, rule.keep, rule.bound, lost, [round(float(one or 0.0), 3) for one in quantiles])
