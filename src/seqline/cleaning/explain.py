"""Why a pair is kept or dropped: the verdict of every rule on it."""

from dataclasses import dataclass

import polars as pl

from seqline.cleaning.language import language
from seqline.cleaning.normalise import normalised
from seqline.cleaning.profile import profiled
from seqline.cleaning.rules import rules
from seqline.params.cleaning import Clean


@dataclass(frozen=True)
class Verdict:
    """What one rule measured on a pair, and whether that passes."""

    rule: str
    passed: bool
    value: str
    threshold: str


def explain(params: Clean, source_lang: str, target_lang: str, source: str, target: str) -> list[Verdict]:
    """Run every rule that is switched on over one pair, after normalising it.

    What depends on the other pairs (copies, leaks, the learnt score) is not among them.
    """
    languages = (language(source_lang), language(target_lang))
    pair = pl.DataFrame({"source": [source], "target": [target]}).select(
        normalised("source", languages[0], params.normalise), normalised("target", languages[1], params.normalise)
    )
    found = rules(params.rules, *languages)
    pair = profiled(pair, languages, found)
    shown = pair.select(rule.shown.fill_null("").alias(rule.name) for rule in found).row(0, named=True)
    return [Verdict(rule.name, rule.failing(pair).is_empty(), shown[rule.name], rule.threshold) for rule in found]
