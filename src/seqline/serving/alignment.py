"""Which word of the source a word of the translation stems from, read from attention.

Legend: T target pieces, S source pieces.
"""

import re
from collections.abc import Sequence

from seqline.types import Alignment

CJK = (
    r"\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Chinese characters and kana, as they stand in a class of a regular expression."""
_WORD = re.compile(rf"[{CJK}]|[^\s{CJK}]+")


def word_numbers(pieces: Sequence[str]) -> list[int]:
    """The number of the word that each piece belongs to, or ends in; -1 for a piece without a word.

    Words are what stands between white space, but every Chinese character or kana is one. Byte pieces (``<0xE6>``)
    count as letters of the word around them.

    >>> word_numbers(["▁un", "seen", "▁cat", "."])
    [0, 0, 1, 1]
    """
    text, ends = "", []
    for piece in pieces:
        text += "x" if _is_byte(piece) else piece.replace("▁", " ")
        ends.append(len(text))
    words = [found.span() for found in _WORD.finditer(text)]
    begins = [0, *ends]
    return [
        max((number for number, (first, last) in enumerate(words) if first < end and last > begin), default=-1)
        for begin, end in zip(begins, ends, strict=False)
    ]


def alignment(
    weights_TS: Sequence[Sequence[float]], source_pieces: Sequence[str], target_pieces: Sequence[str]
) -> Alignment:
    """Pairs of a source and a target word: each target piece belongs to the source piece it looks at most.

    Attention to what is not one of the pieces, EOS for instance, is left out.
    """
    if not source_pieces or not target_pieces:
        return ()
    places = range(len(source_pieces))
    most = [max(places, key=row.__getitem__) for row in weights_TS[: len(target_pieces)]]
    sources, targets = word_numbers(source_pieces), word_numbers(target_pieces)
    pairs = {(sources[s], targets[t]) for t, s in enumerate(most)}
    return tuple(sorted(pair for pair in pairs if min(pair) >= 0))


def num_words(pieces: Sequence[str]) -> int:
    """Words that pieces make."""
    return max(word_numbers(pieces), default=-1) + 1


def _is_byte(piece: str) -> bool:
    return len(piece) == 6 and piece.startswith("<0x")
