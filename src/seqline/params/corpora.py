"""The ``download`` block: where raw parallel text comes from."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from seqline.params.base import Block, Count, Name, NonNegative, Share
from seqline.params.formats import FORMATS, Format, format_of

Split = Literal["train", "dev", "test"]
Sum = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Code = Annotated[str, Field(pattern=r"^[A-Za-z]{2,8}([-_@.][A-Za-z0-9-]{1,16}){0,4}$")]
"""A language as some file calls it: ``en-US``, ``zh_Hans_CN``, ``sr@latin``."""


class Generated(Block):
    """The embedded English–Chinese phrasebook: train (with planted noise), dev and test from a seed."""

    kind: Literal["generated"]
    name: Name
    pairs: Count
    dev_pairs: Count
    test_pairs: Count
    noise_share: Share
    seed: NonNegative


class Selection(Block):
    """Keep only the lines whose label, on the same line of a third file, is one of ``values``."""

    file: str
    values: Annotated[list[str], Field(min_length=1)]


class Local(Block):
    """Files of this machine: two aligned ones (``source``, ``target``), or one ``file`` with both sides.

    The file's name tells its ``format`` unless that is given; ``keys`` are those of the two sides in JSON Lines, and
    ``languages`` the codes of source and target in the file where they are not the project's. ``table`` is a ``file``
    of format ``tsv``.
    """

    kind: Literal["local"]
    name: Name
    split: Split
    source: str | None = None
    target: str | None = None
    table: str | None = None
    file: str | None = None
    format: Format | None = None
    keys: Annotated[list[str], Field(min_length=2, max_length=2)] | None = None
    languages: Annotated[list[Code], Field(min_length=2, max_length=2)] | None = None
    select: Selection | None = None
    licence: str = "unknown"
    url: str = ""
    sha256: dict[str, Sum] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _two_files_or_one(self) -> Self:
        given = [name for name in (self.source, self.table, self.file) if name is not None]
        if len(given) != 1 or (self.source is None) != (self.target is None):
            raise ValueError("give either `source` and `target`, or `table`, or `file`")
        return self

    @model_validator(mode="after")
    def _the_file_has_a_format(self) -> Self:
        if self.file is None and (self.format or self.keys or self.languages):
            raise ValueError("`format`, `keys` and `languages` go with `file`")
        if self.file is not None and self.file_format is None:
            raise ValueError(f"the name of `file` tells no format ({', '.join(FORMATS)}); give it as `format`")
        if self.keys and self.file_format != "jsonl":
            raise ValueError("`keys` goes with the format `jsonl`")
        return self

    @property
    def file_format(self) -> Format | None:
        """The format of ``file``, given or told by its name."""
        return self.format or format_of(self.file or "")

    @model_validator(mode="after")
    def _sums_are_of_its_own_files(self) -> Self:
        own = {self.source, self.target, self.table, self.file, self.select.file if self.select else None}
        if strangers := sorted(set(self.sha256) - own):
            raise ValueError(f"sha256 names files that the corpus does not read: {', '.join(strangers)}")
        return self


Corpus = Annotated[Generated | Local, Field(discriminator="kind")]


class Download(Block):
    """Every corpus, in the order in which pairs are read."""

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


def splits(corpus: Generated | Local) -> tuple[Split, ...]:
    """The splits that a corpus brings."""
    return ("train", "dev", "test") if isinstance(corpus, Generated) else (corpus.split,)
