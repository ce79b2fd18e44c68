"""What a rule is: one figure measured on a pair, and the bound it must keep."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import polars as pl


def _always() -> pl.Expr:
    return pl.lit(True)


@dataclass(frozen=True)
class Rule:
    """One predicate over the columns ``source`` and ``target``.

    ``value`` is measured on every pair and must be ``keep`` (at most, at least) ``bound``; where ``applies`` is false
    the rule is silent. ``evidence`` is text that says more than the figure does, for the record of dropped pairs.
    """

    name: str
    value: pl.Expr
    keep: Literal["at most", "at least"]
    bound: float
    applies: pl.Expr = field(default_factory=_always)
    evidence: pl.Expr | None = None

    @property
    def threshold(self) -> str:
        """The bound in words: ``at most 150``."""
        return f"{self.keep} {self.bound:g}"

    @property
    def passes(self) -> pl.Expr:
        """Whether a pair satisfies the rule."""
        value = self.value.cast(pl.Float64)
        within = value <= self.bound if self.keep == "at most" else value >= self.bound
        return ~self.applies | within

    @property
    def shown(self) -> pl.Expr:
        """The figure, and the evidence where there is some, as text."""
        figure = self.value.cast(pl.Float64).round(3).cast(pl.String).str.strip_suffix(".0")
        return figure if self.evidence is None else pl.format("{}: {}", figure, self.evidence)


def drops(frame: pl.DataFrame, rules: Sequence[Rule]) -> pl.DataFrame:
    """The pairs that fail, each with the first rule it fails and the value found: ``row``, ``rule``, ``value``."""
    if not rules:
        return no_drops()
    failed = pl.coalesce(pl.when(~rule.passes).then(pl.lit(rule.name)) for rule in rules)
    failing = frame.lazy().with_columns(rule=failed).filter(pl.col("rule").is_not_null()).collect()
    shown = {rule.name: rule.shown for rule in rules}
    parts = [part.select("row", "rule", value=shown[part["rule"][0]]) for part in failing.partition_by("rule")]
    return pl.concat([no_drops(), *parts]).sort("row")


def no_drops() -> pl.DataFrame:
    """An empty table of dropped pairs."""
    return pl.DataFrame(schema={"row": pl.Int64, "rule": pl.String, "value": pl.String})
