"""Corpora that come from the network: by URL, from OPUS, through mtdata, from the Hugging Face hub."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from seqline.params.base import Block, Name, Split, Sum
from seqline.params.layout import Languages, Layout

Web = Annotated[str, Field(pattern=r"^https?://[!-~]+$", max_length=2000)]
Tag = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,95}$")]


class Url(Layout):
    """Files by URL; with ``archive``, that is the URL, and the files are members of it.

    A member may be a pattern such as ``*/train.en`` that matches exactly one. ``follow`` takes new content when there
    is some; without it, what the URL first gave is pinned.
    """

    kind: Literal["url"]
    name: Name
    split: Split
    archive: Web | None = None
    licence: str = "unknown"
    citation: str = ""
    url: str = ""
    sha256: dict[Web, Sum] = Field(default_factory=dict)
    follow: bool = False

    @model_validator(mode="after")
    def _names_are_urls_or_members(self) -> Self:
        for name in self.names():
            if name.startswith(("http://", "https://")) == (self.archive is not None):
                expected = "the name of a member of `archive`" if self.archive else "a URL (http:// or https://)"
                raise ValueError(f"{name!r} is not {expected}")
        return self

    @model_validator(mode="after")
    def _sums_are_of_its_own_files(self) -> Self:
        if strangers := sorted(set(self.sha256) - set(self.urls())):
            raise ValueError(f"sha256 names URLs that the corpus does not fetch: {', '.join(strangers)}")
        if self.follow and self.sha256:
            raise ValueError("`follow` takes new content, `sha256` forbids it: give one of them")
        return self

    def urls(self) -> list[str]:
        """What is fetched."""
        return [self.archive] if self.archive else self.names()


class Opus(Block):
    """A corpus of https://opus.nlpl.eu in Moses format. ``latest`` is looked up once and pinned.

    ``languages`` are its codes for source and target where they differ from the project's: ``[en, zh_cn]``.
    """

    kind: Literal["opus"]
    name: Name
    split: Split
    corpus: Tag
    version: Tag = "latest"
    languages: Languages | None = None
    licence: str = ""
    citation: str = (
        "J. Tiedemann, 2012, Parallel Data, Tools and Interfaces in OPUS. In Proceedings of the 8th International "
        "Conference on Language Resources and Evaluation (LREC 2012)"
    )
    api: Web = "https://opus.nlpl.eu/opusapi/"
    sha256: Sum | None = None


class Mtdata(Block):
    """A dataset by its id in the index of https://github.com/thammegowda/mtdata, such as ``Statmt-x-1-eng-zho``."""

    kind: Literal["mtdata"]
    name: Name
    split: Split
    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.]+(-[A-Za-z0-9_.]+){4}$", max_length=200)]
    licence: str = "unknown"


class HuggingFace(Block):
    """A split of a dataset on https://huggingface.co. A branch is looked up once, and its commit pinned.

    The texts stand in two columns, ``source`` and ``target``, or in a ``translation`` column by language.
    """

    kind: Literal["huggingface"]
    name: Name
    split: Split
    dataset: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,95}(/[A-Za-z0-9][A-Za-z0-9_.-]{0,95})?$")]
    config: Tag | None = None
    revision: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_./-]{0,95}$")] = "main"
    hf_split: Tag = "train"
    source: str | None = None
    target: str | None = None
    languages: Languages | None = None
    licence: str = "unknown"
    citation: str = ""

    @model_validator(mode="after")
    def _columns_come_in_twos(self) -> Self:
        if (self.source is None) != (self.target is None):
            raise ValueError("give both columns, `source` and `target`, or none where there is a `translation` column")
        return self
