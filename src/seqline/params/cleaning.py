"""The ``clean`` block: normalisation, rules with their thresholds, deduplication and the split."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from seqline.params.base import Block, Count, NonNegative, Share

Quotes = Literal["straight", "curly"]


class Normalise(Block):
    """What is repaired before any rule looks; each step can be switched off."""

    unicode_nfc: bool
    html_entities: bool
    white_space: bool
    encoding_damage: bool
    ascii_letters: bool
    chinese_punctuation: bool
    chinese_spaces: bool
    ellipses: bool
    source_quotes: Quotes | None
    target_quotes: Quotes | None


class Rules(Block):
    """Thresholds of the rules; ``null`` switches a rule off. Lengths are words, or characters for Chinese."""

    max_length: Count | None
    max_characters: Count | None
    max_length_ratio: Annotated[float, Field(gt=1.0)] | None
    max_word_characters: Annotated[int, Field(ge=1, le=500)] | None
    min_alphabet_share: Share | None
    max_digit_share: Share | None
    min_script_share: Share | None
    foreign_language: bool
    identified_language: Share | None
    chinese_script: Literal["simplified", "traditional"] | None
    chinese_variety: NonNegative | None
    max_latin_characters: Count | None
    max_copy_share: Share | None
    broken_encoding: bool
    markup_agrees: bool
    urls_agree: bool
    placeholders_agree: bool
    numbers_agree: bool
    question_agrees: bool
    repetition: bool


class PairScore(Block):
    """Misaligned and truncated pairs, found by a score that the corpus itself teaches; ``null`` in its place: off."""

    sample_pairs: Annotated[int, Field(ge=2000)]


class Deduplicate(Block):
    """Which copies go: equal pairs always; near-equal ones and one-sided ones by choice."""

    near: bool
    max_targets_per_source: NonNegative
    max_sources_per_target: NonNegative


class Split(Block):
    """Pairs held out of the training corpora where no corpus brings a dev or test split of its own."""

    dev_pairs: NonNegative
    test_pairs: NonNegative
    ngram: Count
    max_ngram_overlap: Share


class Clean(Block):
    """The whole cleaning stage."""

    normalise: Normalise
    rules: Rules
    pair_score: PairScore | None
    deduplicate: Deduplicate
    split: Split

    @model_validator(mode="after")
    def _lengths_agree(self) -> Self:
        if self.rules.max_length and self.rules.max_characters and self.rules.max_length > self.rules.max_characters:
            raise ValueError("rules.max_length (words) exceeds rules.max_characters")
        return self
