"""The formats of corpus files that hold both sides, and the file names that tell them."""

from typing import Final, Literal, get_args

Format = Literal["tsv", "jsonl", "tmx", "po", "mo", "xliff"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)

_SUFFIXES: Final[dict[str, Format]] = {**{name: name for name in FORMATS}, "xlf": "xliff"}
_COMPRESSIONS: Final = frozenset({"gz", "xz", "zst", "bz2"})


def format_of(name: str) -> Format | None:
    """The format that a file's name tells: ``memory.tmx.gz`` is ``tmx``; None where it tells none."""
    parts = name.lower().split(".")
    if parts[-1] in _COMPRESSIONS:
        parts.pop()
    return _SUFFIXES.get(parts[-1]) if len(parts) > 1 else None
