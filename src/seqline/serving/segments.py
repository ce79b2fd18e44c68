"""Lines of any content, made of segments that a model can translate.

A line that is longer than a model was trained for is cut between pieces, so nothing is lost, repeated or tokenized
anew: the segments joined are the line. An empty line has no segment, and a translation never holds a line break.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from seqline.types import Alignment, Translation

WORD_START = "▁"
_SENTENCE_END = frozenset("。！？…")
_SENTENCE_END_BEFORE_WORD = frozenset(".!?")
_CLAUSE_END = frozenset("，、；：")
_CLAUSE_END_BEFORE_WORD = frozenset(",;:")
_SURROGATES = re.compile("[\ud800-\udfff]")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True)
class Segment:
    """The pieces of a part of line number ``line`` that is translated in one go; whether the line begins with it."""

    line: int
    pieces: list[str]
    is_first: bool = True


@dataclass(frozen=True)
class Hypothesis:
    """A segment's translation: its text, its score, its length in pieces, EOS counted, and its alignment.

    ``alignment`` counts words from the beginning of the segment and of its translation, which have ``num_words``.
    """

    text: str
    score: float
    num_pieces: int
    alignment: Alignment = ()
    num_words: tuple[int, int] = (0, 0)


def segmented(lines: Sequence[str], pieces: Callable[[str], Sequence[str]], limit: int) -> list[Segment]:
    """Every line as segments of at most ``limit`` pieces, in the order of the lines."""
    return [
        Segment(line, part, number == 0)
        for line, text in enumerate(lines)
        for number, part in enumerate(cut(pieces(_SURROGATES.sub("\ufffd", text)), limit))
    ]


def composed(
    num_lines: int, segments: Sequence[Segment], hypotheses: Sequence[Sequence[Hypothesis]], separator: str
) -> list[list[Translation]]:
    """Translations per line: the k-th best of its segments joined; a segment that has fewer repeats its last.

    A line without a segment has the one translation "" with score 0.
    """
    parts: list[list[Sequence[Hypothesis]]] = [[] for _ in range(num_lines)]
    for segment, found in zip(segments, hypotheses, strict=True):
        parts[segment.line].append(found)
    return [_joined(line, separator) for line in parts]


def _joined(segments: Sequence[Sequence[Hypothesis]], separator: str) -> list[Translation]:
    if not segments:
        return [Translation("", 0.0)]
    translations = []
    for rank in range(max(len(hypotheses) for hypotheses in segments)):
        chosen = [hypotheses[min(rank, len(hypotheses) - 1)] for hypotheses in segments]
        text = separator.join(_CONTROLS.sub(" ", hypothesis.text).strip() for hypothesis in chosen)
        total = sum(hypothesis.num_pieces * hypothesis.score for hypothesis in chosen)
        score = total / sum(hypothesis.num_pieces for hypothesis in chosen)
        translations.append(Translation(text, score, _alignment(chosen)))
    return translations


def _alignment(chosen: Sequence[Hypothesis]) -> Alignment:
    pairs: list[tuple[int, int]] = []
    source, target = 0, 0
    for hypothesis in chosen:
        pairs += [(source + s, target + t) for s, t in hypothesis.alignment]
        source, target = source + hypothesis.num_words[0], target + hypothesis.num_words[1]
    return tuple(pairs)


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
