"""Rules about what the two sides say: damage, markup, links, numbers, copies and stutter."""

import polars as pl

from seqline.cleaning import text
from seqline.cleaning.copies import can_share, copied_share
from seqline.cleaning.encoding import mojibake
from seqline.cleaning.numbers import disagreements
from seqline.cleaning.placeholders import lost_placeholders
from seqline.cleaning.profile import SIDES
from seqline.cleaning.repetition import one_sided_repetition
from seqline.cleaning.rule import Rule
from seqline.cleaning.signs import either_holds

SOURCE, TARGET = pl.col("source"), pl.col("target")
_URL = r"(?:https?://|www\.)[\p{L}\p{N}-]+\.[\p{L}\p{N}-]"
_QUESTION = r"""[?？][\s"'”’」』）)]*$"""
_SENTENCE_END = r"""[.!?。！？…][\s"'”’」』）)\]]*$"""
# Names of elements only: documentation writes <path> and <arg> for placeholders, and translates them.
_MARKUP = (
    r"(?i)</?(?:a|abbr|b|big|blockquote|body|br|button|center|cite|code|dd|del|div|dl|dt|em|font|footer|form|"
    r"h[1-6]|head|hr|html|i|iframe|img|ins|kbd|li|meta|nav|ol|p|pre|script|small|span|strike|strong|sub|sup|"
    r"table|tbody|td|th|thead|tr|tt|u|ul)(?:\s[^<>]*)?/?>|<!--|\{\{[^{}]*\}\}|\{%[^{}]*\}|\[\[[^\[\]]*\]\]"
)


def broken_encoding() -> Rule:
    """No sign of a wrong decoding that could not be repaired: ``caf\\ufffd`` and ``锟斤拷`` go.

    So does ``他??去了?家`` for ``He went home``: more than one question mark that the other side does not have.
    """
    marks = [side.str.count_matches("[?？]").cast(pl.Int64) for side in (SOURCE, TARGET)]
    lost = ((marks[0] - marks[1]).abs() - 1).clip(lower_bound=0)
    broken = [text.figure(side, "broken") + mojibake(pl.col(side)) for side in SIDES]
    damaged = pl.any_horizontal(text.figure(side, "broken") > 0 for side in SIDES)
    doubt = damaged | either_holds("mojibake", "filler", "questions")
    return Rule("broken_encoding", pl.sum_horizontal(broken) + lost, "at most", 0, doubt)


def markup_agrees() -> Rule:
    """Elements of HTML and holes of templates stand on both sides: ``Hello`` with ``<b>你好</b>`` goes."""
    return _counts_agree("markup_agrees", _MARKUP, either_holds("tag", "template"))


def urls_agree() -> Rule:
    """Both sides have as many links: ``See https://example.org.`` with ``请参阅文档。`` goes."""
    return _counts_agree("urls_agree", _URL, either_holds("link"))


def placeholders_agree() -> Rule:
    """Holes that a program fills and keys stand on both sides: ``Hello %s`` with ``你好`` goes."""
    lost = pl.struct("source", "target").map_batches(lost_placeholders, pl.String, is_elementwise=True)
    doubt = either_holds("printf", "brace", "variable", "key")
    return Rule("placeholders_agree", lost.is_not_null(), "at most", 0, doubt, evidence=lost)


def question_agrees() -> Rule:
    """Both sides end as a question or none does: ``Where is he?`` with ``他在这里。`` goes."""
    ends = [side.str.contains(_QUESTION) for side in (SOURCE, TARGET)]
    return Rule("question_agrees", ends[0] != ends[1], "at most", 0)


def ends_agree() -> Rule:
    """Both sides end as a sentence or none does: ``He went home.`` with ``他回家，`` goes.

    After OpusFilter's TerminalPunctuationFilter. Headlines and captions often lose their full stop: off by default.
    """
    ends = [side.str.contains(_SENTENCE_END) for side in (SOURCE, TARGET)]
    return Rule("ends_agree", ends[0] != ends[1], "at most", 0)


def numbers_agree() -> Rule:
    """Not both sides have numbers in digits that the other lacks: ``Room 12`` with ``34 号房间`` goes.

    ``three`` with ``3``, ``3.6 million`` with ``360 万`` and ``July 7`` with ``7 月 7 日`` stay.
    """
    found = pl.struct("source", "target").map_batches(disagreements, pl.String, is_elementwise=True)
    both = pl.all_horizontal(text.figure(side, "digits") > 0 for side in SIDES)
    return Rule("numbers_agree", found.is_not_null(), "at most", 0, both, evidence=found)


def max_copy_share(bound: float) -> Rule:
    """Not too many of the source's words stand in the target again, in their order: an untranslated sentence goes.

    So does one of which the beginning alone is translated. Silent where the source has fewer than ten letters: names
    and commands are often the same in both languages.
    """
    share = pl.struct("source", "target").map_batches(copied_share, pl.Float64, is_elementwise=True)
    judged = text.figure("source", "letters") >= text.SHORT
    return Rule("max_copy_share", share, "at most", bound, judged & can_share(bound))


def repetition() -> Rule:
    """No side stutters alone: ``for sale for sale for sale`` with ``出售`` goes, ``哈哈`` for ``ha ha`` stays.

    The value is the length of the stretch, in characters (after OpusFilter's RepetitionFilter).
    """
    stretch = pl.struct("source", "target").map_batches(one_sided_repetition, pl.Int64, is_elementwise=True)
    return Rule("repetition", stretch, "at most", 0, either_holds("stutter"))


def _counts_agree(name: str, pattern: str, doubt: pl.Expr) -> Rule:
    counts = [side.str.count_matches(pattern).cast(pl.Int64) for side in (SOURCE, TARGET)]
    evidence = pl.format("{} / {}", *counts)
    return Rule(name, (counts[0] - counts[1]).abs(), "at most", 0, doubt, evidence=evidence)
