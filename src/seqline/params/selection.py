"""Which lines and columns of a corpus are read."""

from typing import Annotated

from pydantic import Field

from seqline.params.base import Block

Columns = Annotated[list[Annotated[int, Field(ge=1, le=1000)]], Field(min_length=2, max_length=2)]
FIRST_TWO = Field(default_factory=lambda: [1, 2])


class Selection(Block):
    """Keep only the lines whose label, on the same line of a third file, is one of ``values``."""

    file: str
    values: Annotated[list[str], Field(min_length=1)]
