"""What the text of a corpus is read from, wherever its files come from."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from seqline.params.base import Block
from seqline.params.formats import FORMATS, Format, format_of

Code = Annotated[str, Field(pattern=r"^[A-Za-z]{2,8}([-_@.][A-Za-z0-9-]{1,16}){0,4}$")]
"""A language as some file or catalogue calls it: ``en-US``, ``zh_Hans_CN``, ``sr@latin``."""
Languages = Annotated[list[Code], Field(min_length=2, max_length=2)]
_Column = Annotated[int, Field(ge=1, le=1000)]


def is_pattern(name: str) -> bool:
    """Whether a name stands for all files that match it: ``incoming/*.tsv``."""
    return "*" in name or "?" in name


class Selection(Block):
    """Keep only the lines whose label, on the same line of a third file, is one of ``values``."""

    file: str
    values: Annotated[list[str], Field(min_length=1)]


class Layout(Block):
    """Two aligned files (``source``, ``target``), or one ``file`` with both sides.

    The file's name tells its ``format`` unless that is given. ``languages`` are the codes of source and target in the
    file where they are not the project's; ``keys`` are those of the two sides in JSON Lines, ``columns`` (from 1) in a
    table. ``table`` is a ``file`` of format ``tsv``.
    """

    source: str | None = None
    target: str | None = None
    table: str | None = None
    file: str | None = None
    format: Format | None = None
    columns: Annotated[list[_Column], Field(min_length=2, max_length=2)] | None = None
    keys: Annotated[list[str], Field(min_length=2, max_length=2)] | None = None
    languages: Languages | None = None
    select: Selection | None = None

    def names(self) -> list[str]:
        """Every file that is read, as the params name it."""
        label = self.select.file if self.select else None
        return [name for name in (self.source, self.target, self.table, self.file, label) if name]

    @property
    def file_format(self) -> Format | None:
        """The format of ``table`` or ``file``, given or told by its name."""
        return "tsv" if self.table else self.format or format_of(self.file or "")

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
        if self.columns and self.file_format != "tsv":
            raise ValueError("`columns` goes with `table`, or the format `tsv`")
        return self
