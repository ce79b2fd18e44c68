"""The ``clean`` block: normalisation, rules with their thresholds, deduplication and the split."""

from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from seqline.params.base import Block, Count, Name, NonNegative, Share

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
    ends_agree: bool
    repetition: bool


class PairScore(Block):
    """Misaligned and truncated pairs, found by a score that the corpus itself teaches; ``null`` in its place: off.

    ``max_loss`` is the share of the good pairs that one is ready to lose for it.
    """

    sample_pairs: Annotated[int, Field(ge=2000)]
    max_loss: Annotated[float, Field(gt=0.0, le=0.2)] = 0.005


class LengthBand(Block):
    """The lengths that go together, as some corpora teach it; a pair of any corpus that lies outside goes."""

    trusted: Annotated[list[Name], Field(min_length=1)]
    share: Annotated[float, Field(ge=0.0, le=0.1)] = 0.001
    """Of the trusted pairs that lie outside."""


class Deduplicate(Block):
    """Which copies go: equal pairs always; near-equal ones and one-sided ones by choice."""

    near: bool
    near_share: Annotated[float, Field(ge=0.7, le=1.0)] | None
    max_targets_per_source: NonNegative
    max_sources_per_target: NonNegative


class Split(Block):
    """Pairs held out of the training corpora where no corpus brings a dev or test split of its own."""

    dev_pairs: NonNegative
    test_pairs: NonNegative
    ngram: Count
    max_ngram_overlap: Share


class Override(Block):
    """What is otherwise for one corpus: some keys of ``normalise`` and ``rules``."""

    normalise: dict[str, Any] = Field(default_factory=dict)
    rules: dict[str, Any] = Field(default_factory=dict)


class Mix(Block):
    """How much of each training corpus stays, when everything else has been dropped; drawn by ``project.seed``.

    A corpus of n pairs is to have a share in proportion to n^(1/temperature): 1 leaves the corpora as they are, more
    makes them more alike. Pairs are only left out, never repeated, so the largest corpora shrink.
    """

    temperature: Annotated[float, Field(ge=1.0, le=100.0)] = 1.0
    max_pairs: dict[Name, Count] = Field(default_factory=dict)


class Clean(Block):
    """The whole cleaning stage."""

    engine: Literal["local", "ray"] = "local"
    normalise: Normalise
    rules: Rules
    corpora: dict[Name, Override] = Field(default_factory=dict)
    mix: Mix = Mix()
    length_band: LengthBand | None = None
    pair_score: PairScore | None
    deduplicate: Deduplicate
    split: Split

    def of_corpus(self, name: str) -> Self:
        """The block as it holds for one corpus."""
        return self._overridden.get(name, self)

    @cached_property
    def _overridden(self) -> dict[str, Self]:
        return {
            name: self.model_copy(
                update={
                    "normalise": Normalise.model_validate({**self.normalise.model_dump(), **override.normalise}),
                    "rules": Rules.model_validate({**self.rules.model_dump(), **override.rules}),
                }
            )
            for name, override in self.corpora.items()
        }

    @model_validator(mode="after")
    def _overrides_are_valid(self) -> Self:
        """The names and values of overridden keys are checked now, not when the corpus is reached."""
        for name, override in self.corpora.items():
            for block, kind in (("normalise", Normalise), ("rules", Rules)):
                try:
                    kind.model_validate({**getattr(self, block).model_dump(), **getattr(override, block)})
                except ValidationError as error:
                    fault = error.errors()[0]
                    where = ".".join(str(part) for part in fault["loc"])
                    raise ValueError(f"corpora.{name}.{block}.{where}: {fault['msg']}") from None
        return self

    @model_validator(mode="after")
    def _lengths_agree(self) -> Self:
        if self.rules.max_length and self.rules.max_characters and self.rules.max_length > self.rules.max_characters:
            raise ValueError("rules.max_length (words) exceeds rules.max_characters")
        return self
