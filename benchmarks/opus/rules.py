"""The rules that OpusFilter and Seqline both have, with thresholds that mean the same as nearly as the two allow.

All of them are among the filters that ``opusfilter-autogen`` proposes. Where they differ all the same:

- LengthFilter counts characters of Chinese, Seqline Han characters and Latin words.
- LengthRatioFilter counts characters, Seqline UTF-8 bytes: 2.5 in bytes is 7.5 in characters, as a Han character has 3.
- LongWordFilter splits at spaces, so that an address is one word, and a Chinese sentence too: 1000 there, as good as
  no bound.
- CharacterScoreFilter counts letters, Seqline each Latin word in a Chinese sentence once, and a Latin word has about
  seven letters: half of the words is an eighth of the letters.
- NonZeroNumeralsFilter compares digits, Seqline whole numbers, also those in words.
- HtmlTagFilter drops pairs with tags, Seqline those whose sides differ in them.
- SimilarityFilter compares the sides as rows of words, Seqline looks for words of the source that the target repeats.
- RepetitionFilter drops what stutters, Seqline what stutters on one side only.
"""

from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML

from seqline.params import Params
from seqline.params.cleaning import Clean


@dataclass(frozen=True)
class Rule:
    """One rule as an entry of OpusFilter's ``filters`` and as keys of Seqline's ``clean.rules``."""

    name: str
    settings: dict[str, Any]
    ours: dict[str, Any]


_PLAIN = (
    Rule("LengthFilter", {"min_length": 1, "max_length": 150, "unit": ["word", "char"]}, {"max_length": 150}),
    Rule("LengthRatioFilter", {"threshold": 7.5, "unit": "char"}, {"max_length_ratio": 2.5}),
    Rule("LongWordFilter", {"threshold": [41, 1000]}, {"max_word_characters": 40}),
    Rule("AlphabetRatioFilter", {"threshold": 0.3, "exclude_whitespace": True}, {"min_alphabet_share": 0.3}),
    Rule("CharacterScoreFilter", {"scripts": ["Latin", "Han"], "thresholds": [0.5, 0.125]}, {"min_script_share": 0.5}),
    Rule("NonZeroNumeralsFilter", {"threshold": 0.5}, {"numbers_agree": True}),
)
_MARKUP = Rule("HtmlTagFilter", {}, {"markup_agrees": True})
_COPY = Rule("SimilarityFilter", {"threshold": 0.5, "unit": "word"}, {"max_copy_share": 0.5})
_STUTTER = Rule("RepetitionFilter", {"threshold": 2, "min_length": 3, "max_length": 100}, {"repetition": True})

SETS = {"plain": _PLAIN, "markup": (*_PLAIN, _MARKUP), "all": (*_PLAIN, _COPY, _MARKUP, _STUTTER)}
"""Cheap filters stand first: OpusFilter asks the later ones about what is left."""


def configuration(rules: tuple[Rule, ...], raw: list[str]) -> dict[str, Any]:
    """OpusFilter's: it removes duplicates, then filters. What lies between is plain text too."""
    unique, kept = ["unique.en", "unique.zh"], ["kept.en", "kept.zh"]
    filters = [{rule.name: rule.settings} for rule in rules]
    return {
        "common": {"output_directory": "."},
        "steps": [
            {"type": "remove_duplicates", "parameters": {"inputs": raw, "outputs": unique}},
            {"type": "filter", "parameters": {"inputs": unique, "outputs": kept, "filters": filters}},
        ],
    }


def params(profile: Params, rules: tuple[Rule, ...], raw: list[str], threads: int) -> dict[str, Any]:
    """Seqline's: exact copies and the same rules; no repair, near copies, score or held-out pairs."""
    content = profile.model_dump()
    content["project"]["threads"] = threads
    source, target = raw
    content["download"]["corpora"] = [
        {"kind": "local", "name": "raw", "split": "train", "source": source, "target": target}
    ]
    wanted = {key: value for rule in rules for key, value in rule.ours.items()}
    content["clean"] = _only(profile.clean, wanted)
    Params.model_validate(content)
    return content


def _only(clean: Clean, wanted: dict[str, Any]) -> dict[str, Any]:
    content = clean.model_dump()
    for block in ("normalise", "rules"):
        content[block] = {name: False if isinstance(value, bool) else None for name, value in content[block].items()}
    content["rules"] |= wanted
    content["deduplicate"] |= {"near": False, "max_targets_per_source": 0, "max_sources_per_target": 0}
    content["split"] |= {"dev_pairs": 0, "test_pairs": 0}
    return content | {"pair_score": None, "length_band": None}


def write(content: dict[str, Any], path: Any) -> None:
    """As YAML, which both read."""
    with path.open("w", encoding="utf-8") as stream:
        YAML(typ="safe", pure=True).dump(content, stream)
