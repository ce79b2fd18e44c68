"""Which word of the source a word of the translation stems from, read from attention.

Legend: T target pieces, S source pieces.
"""

import re
from collections.abc import Sequence
from itertools import accumulate

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
    texts = _texts(pieces)
    words = [found.span() for found in _WORD.finditer("".join(texts))]
    numbers, word, begin = [], -1, 0
    for end in accumulate(map(len, texts)):
        while word + 1 < len(words) and words[word + 1][0] < end:
            word += 1
        numbers.append(word if word >= 0 and words[word][1] > begin else -1)
        begin = end
    return numbers


def alignment(
    weights_TS: Sequence[Sequence[float]], source_pieces: Sequence[str], target_pieces: Sequence[str]
) -> Alignment:
    """Pairs of a source and a target word: each target piece belongs to the source piece it looks at most.

    Attention to what is not one of the pieces, EOS for instance, is left out.
    """
    if not source_pieces or not target_pieces:
        return ()
    num_places = len(source_pieces)
    rows = [list(row[:num_places]) for row in weights_TS[: len(target_pieces)]]
    most = [row.index(max(row)) for row in rows]
    sources, targets = word_numbers(source_pieces), word_numbers(target_pieces)
    pairs = {(sources[s], targets[t]) for t, s in enumerate(most)}
    return tuple(sorted(pair for pair in pairs if min(pair) >= 0))


def num_words(pieces: Sequence[str]) -> int:
    """Words that pieces make."""
    return len(_WORD.findall("".join(_texts(pieces))))


def _texts(pieces: Sequence[str]) -> list[str]:
    """What each piece stands for; a byte counts as a letter."""
    return ["x" if _is_byte(piece) else piece.replace("▁", " ") for piece in pieces]


def _is_byte(piece: str) -> bool:
    return len(piece) == 6 and piece.startswith("<0x")
