"""Cutting a line that is longer than a model was trained for into segments that it can translate.

The cut is made between pieces, so nothing is lost, repeated or tokenized anew: the segments joined are the line.
"""

from collections.abc import Sequence

WORD_START = "▁"
_SENTENCE_END = frozenset("。！？…")
_SENTENCE_END_BEFORE_WORD = frozenset(".!?")
_CLAUSE_END = frozenset("，、；：")
_CLAUSE_END_BEFORE_WORD = frozenset(",;:")


def cut(pieces: Sequence[str], limit: int) -> list[list[str]]:
    """Cut pieces into segments of at most ``limit``, at the best place each time.

    Best is the end of a sentence, then of a clause, then of a word, then of a character (a character outside the
    vocabulary is up to four byte pieces), then anywhere. Among equals the latest is taken. Clause and word ends
    count only in the second half of the window, so that one early comma does not make tiny segments.

    >>> cut(["▁Yes", ".", "▁No", ",", "▁no", "."], 4)
    [['▁Yes', '.'], ['▁No', ',', '▁no', '.']]
    """
    segments = []
    begin = 0
    while len(pieces) - begin > limit:
        end = begin + _best_cut(pieces[begin : begin + limit + 1])
        segments.append(list(pieces[begin:end]))
        begin = end
    if begin < len(pieces):
        segments.append(list(pieces[begin:]))
    return segments


def _best_cut(window: Sequence[str]) -> int:
    """Where to cut, 1 … len(window) - 1; the last piece of the window is only looked at."""
    limit = len(window) - 1
    best, best_rank = limit, _rank(window[limit - 1], window[limit])
    for position in range(limit - 1, 0, -1):
        rank = _rank(window[position - 1], window[position])
        if rank < best_rank and (rank == 0 or position > limit // 2):
            best, best_rank = position, rank
    return best


def _rank(before: str, after: str) -> int:
    last = before[-1:]
    starts_word = after.startswith(WORD_START)
    if last in _SENTENCE_END or (starts_word and last in _SENTENCE_END_BEFORE_WORD):
        return 0
    if last in _CLAUSE_END or (starts_word and last in _CLAUSE_END_BEFORE_WORD):
        return 1
    if starts_word:
        return 2
    return 4 if _continues_character(after) else 3


def _continues_character(piece: str) -> bool:
    """Whether a byte piece such as ``<0x9F>`` is a UTF-8 continuation byte (10xxxxxx)."""
    if len(piece) != 6 or not piece.startswith("<0x"):
        return False
    return int(piece[3:5], 16) & 0xC0 == 0x80
