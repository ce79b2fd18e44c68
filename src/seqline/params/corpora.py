"""The ``download`` block: where raw parallel text comes from."""

from abc import abstractmethod
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from seqline.params.base import Block, Count, Day, Name, NonNegative, Part, Share, Split, Sum
from seqline.params.layout import Layout, is_pattern
from seqline.params.network import Network
from seqline.params.remote import HuggingFace, Mtdata, Opus, Url

__all__ = ["Corpus", "Download", "Generated", "Local", "Monolingual", "Part", "Remote", "Split", "splits"]


class Generated(Block):
    """The embedded English–Chinese phrasebook: train (with planted noise), dev and test from a seed."""

    kind: Literal["generated"]
    name: Name
    pairs: Count
    dev_pairs: Count
    test_pairs: Count
    noise_share: Share
    seed: NonNegative


class OnDisk(Block):
    """Files of this machine; relative paths start at the project's root.

    ``licence``, ``citation``, ``url`` and ``date`` (the day when the files were made or fetched) go with every model.
    """

    name: Name
    licence: str = "unknown"
    citation: str = ""
    url: str = ""
    date: Day | Literal[""] = ""
    sha256: dict[str, Sum] = Field(default_factory=dict)

    @abstractmethod
    def names(self) -> list[str]:
        """Every file that is read, as the params name it."""

    @model_validator(mode="after")
    def _sums_are_of_its_own_files(self) -> Self:
        if strangers := sorted(set(self.sha256) - set(self.names())):
            raise ValueError(f"sha256 names files that the corpus does not read: {', '.join(strangers)}")
        return self


class Local(Layout, OnDisk):
    """Pairs in files of this machine; ``file`` and ``table`` may be patterns, such as ``incoming/*.tsv``."""

    kind: Literal["local"]
    split: Split

    @model_validator(mode="after")
    def _patterns_where_they_have_a_meaning(self) -> Self:
        sides = [name for name in (self.source, self.target, self.select and self.select.file) if name]
        if any(is_pattern(name) for name in sides):
            raise ValueError("only `file` and `table` may be patterns: the files of two sides must be named")
        if self.select and is_pattern(self.table or self.file or ""):
            raise ValueError("`select` goes with one file, not with a pattern")
        return self


class Monolingual(OnDisk):
    """Sentences of the source language, one a line: teachers translate them too, and students learn from that."""

    kind: Literal["monolingual"]
    files: Annotated[list[str], Field(min_length=1)]

    def names(self) -> list[str]:
        """The files."""
        return self.files


Remote = Url | Opus | Mtdata | HuggingFace
Corpus = Annotated[Generated | Local | Monolingual | Remote, Field(discriminator="kind")]


class Download(Block):
    """Every corpus, in the order in which pairs are read, and the bounds of fetching them."""

    network: Network
    corpora: Annotated[list[Corpus], Field(min_length=1)]

    @model_validator(mode="after")
    def _names_are_distinct(self) -> Self:
        outputs = [(corpus.name, split) for corpus in self.corpora for split in splits(corpus)]
        twice = sorted({f"{name} ({split})" for name, split in outputs if outputs.count((name, split)) > 1})
        if twice:
            raise ValueError(f"corpus name used twice for one split: {', '.join(twice)}")
        return self

    @model_validator(mode="after")
    def _something_to_train_on(self) -> Self:
        if not any("train" in splits(corpus) for corpus in self.corpora):
            raise ValueError("no corpus has `split: train`")
        return self


def splits(corpus: Generated | Local | Monolingual | Remote) -> tuple[Part, ...]:
    """The splits that a corpus brings."""
    if isinstance(corpus, Generated):
        return ("train", "dev", "test")
    return ("monolingual",) if isinstance(corpus, Monolingual) else (corpus.split,)
