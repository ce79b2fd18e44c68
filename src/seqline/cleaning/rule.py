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

    ``value`` must be ``keep`` (at most, at least) ``bound``. Where ``applies`` is false the rule is silent and the
    value is not measured: the rule says nothing there, or a cheap look has shown that the pair passes. ``evidence`` is
    text that says more than the figure does, for the record of dropped pairs.
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
    def columns(self) -> frozenset[str]:
        """What it reads of a pair: a side, or one of its figures and signs."""
        asked = [self.value, self.applies, *([] if self.evidence is None else [self.evidence])]
        return frozenset().union(*(expression.meta.root_names() for expression in asked))

    @property
    def shown(self) -> pl.Expr:
        """The figure, and the evidence where there is some, as text."""
        figure = self.value.cast(pl.Float64).round(3).cast(pl.String).str.strip_suffix(".0")
        return figure if self.evidence is None else pl.format("{}: {}", figure, self.evidence)

    def failing(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The pairs that do not satisfy the rule; its value is measured only where it applies."""
        value = self.value.cast(pl.Float64)
        within = value <= self.bound if self.keep == "at most" else value >= self.bound
        return frame.filter(self.applies).filter(~within)


def drops(frame: pl.DataFrame, rules: Sequence[Rule]) -> pl.DataFrame:
    """The pairs that fail, each with the first rule it fails and the value found: ``row``, ``rule``, ``value``."""
    found = no_drops()
    for rule in rules:
        failing = rule.failing(frame)
        if not failing.is_empty():
            first = failing.join(found, on="row", how="anti", maintain_order="left")
            found.extend(first.select("row", rule=pl.lit(rule.name), value=rule.shown))
    return found.sort("row")


def no_drops() -> pl.DataFrame:
    """An empty table of dropped pairs."""
    return pl.DataFrame(schema={"row": pl.Int64, "rule": pl.String, "value": pl.String})
