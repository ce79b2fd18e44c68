"""One line of a corpus as it was found, before any cleaning."""

from typing import NamedTuple


class Row(NamedTuple):
    """A sentence pair, the number of its line (from 1), and the kind of noise planted on it ("": none)."""

    line: int
    source: str
    target: str
    label: str = ""
