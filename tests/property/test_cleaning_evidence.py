"""The compiled loops of the pair score find what the slow and obvious way finds, whatever the texts hold."""

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqline.cleaning import text
from seqline.cleaning.endings import FULL_STOP, QUESTION, endings
from seqline.cleaning.evidence import FEATURES
from seqline.cleaning.tokens import tokenise
from seqline.cleaning.utf8 import Texts
from seqline.cleaning.vocabulary import Vocabulary
from seqline.cleaning.witness import Witness

WORDS = ["red", "cat", "sees", "Tom", "42", "x", "红", "猫", "见", "狗", "?", "。", '"', "new", "𝒳", "é"]
SIDE = st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join)
PAIRS = st.lists(st.tuples(SIDE, SIDE), min_size=1, max_size=8)
TAUGHT = [
    ("red cat", "红 猫"),
    ("cat sees", "猫 见"),
    ("sees red", "见 红"),
    ("red", "红"),
    ("cat", "猫"),
    ("sees", "见"),
] * 4


def frame(pairs: list[tuple[str, str]]) -> pl.DataFrame:
    return pl.DataFrame(pairs, schema={"source": pl.String, "target": pl.String}, orient="row")


WITNESS = Witness.learn(frame(TAUGHT))


@given(PAIRS)
@settings(max_examples=200, deadline=None)
def test_the_evidence_is_that_of_the_definitions(pairs: list[tuple[str, str]]) -> None:
    table = WITNESS.features(frame(pairs))
    assert table.shape == (len(pairs), len(FEATURES))
    for line, pair in zip(table, pairs, strict=True):
        assert line.tolist() == pytest.approx(plain(*pair), abs=1e-5)


def plain(source: str, target: str) -> list[float]:
    given, found = words(source), words(target)
    sides = [*side(given, found, WITNESS.source, forward=True), *side(found, given, WITNESS.target, forward=False)]
    foreign = sum(word not in given and not dense(word) for word in found)
    sizes = [len(one.encode()) + 5 for one in (source, target)]
    excess = math.log(sizes[1] / sizes[0]) - WITNESS.usual_excess
    ends, asks = zip(*(ending(one) for one in (source, target)), strict=True)
    return [
        *sides, math.log1p(foreign), excess, abs(excess), sides[11] - sides[5], math.log(sizes[0]),
        float(ends[0] and not ends[1]), float(ends[1] and not ends[0]), float(asks[0] != asks[1]),
    ]  # fmt: skip


def side(own: list[str], other: list[str], known: Vocabulary, *, forward: bool) -> list[float]:
    copied = [word in other and not dense(word) for word in own]
    weights = [
        10.0 if copy else float(known.weights[number(word, known)]) for word, copy in zip(own, copied, strict=True)
    ]
    strengths = [
        max([4.0 * copy, *(strength(word, one) if forward else strength(one, word) for one in other)])
        for word, copy in zip(own, copied, strict=True)
    ]
    missing = [one == 0 for one in strengths]
    tail = [place >= 0.65 * (len(own) - 1) for place in range(len(own))]
    total = math.fsum(weights)
    gaps = "".join("x" if one else " " for one in missing).split()
    surplus = [
        sum(weight if gap else -weight for weight, gap in zip(weights[start:], missing[start:], strict=True))
        for start in range(len(own) + 1)
    ]
    return [
        sum(min(one, 5.0) * weight for one, weight in zip(strengths, weights, strict=True)) / max(total, 1e-6),
        share(weights, missing, [True] * len(own)),
        share(weights, missing, tail),
        math.log1p(max([0, *map(len, gaps)])),
        math.log1p(max(surplus)),
        math.log1p(total),
    ]


def share(weights: list[float], missing: list[bool], counted: list[bool]) -> float:
    total = sum(weight for weight, one in zip(weights, counted, strict=True) if one)
    lost = sum(weight for weight, gap, one in zip(weights, missing, counted, strict=True) if gap and one)
    return lost / max(total, 1e-6)


def words(line: str) -> list[str]:
    found: list[str] = frame([(line, "")]).select(text.tokens(pl.col("source")))["source"][0].to_list()
    return found


def dense(word: str) -> bool:
    return word in "红猫见狗"


def number(word: str, known: Vocabulary) -> int:
    return int(known.look_up(tokenise(pl.Series([word])).hashes)[0])


def strength(english: str, chinese: str) -> float:
    links, word = WITNESS.links, number(english, WITNESS.source)
    mine = slice(links.starts[word], links.starts[word + 1])
    found = dict(zip(links.targets[mine].tolist(), links.strengths[mine].tolist(), strict=True))
    return float(found.get(number(chinese, WITNESS.target), 0.0))


def ending(line: str) -> tuple[bool, bool]:
    bare = line.rstrip(" \"'”’」』）)»")
    return bare[-1:] in set(".!。！…:：?？"), bare[-1:] in set("?？")


@given(st.lists(st.one_of(st.text("ab?？。.!\"'”) 红", max_size=6), st.text(max_size=6)), max_size=6))
@settings(max_examples=300, deadline=None)
def test_texts_end_with_their_last_mark(lines: list[str]) -> None:
    found = endings(Texts.of(pl.Series(lines, dtype=pl.String))).tolist()
    expected = [(QUESTION if asks else FULL_STOP) if ends else 0 for ends, asks in map(ending, lines)]
    assert found == expected


@given(st.lists(st.integers(0, 40), max_size=120), st.lists(st.integers(0, 60), max_size=20))
@settings(max_examples=300, deadline=None)
def test_words_are_numbered_as_a_dictionary_would(met: list[int], asked: list[int]) -> None:
    # Numbers whose last bits are equal collide in the table.
    hashes, queries = (np.array(some, np.uint64) << np.uint64(5) for some in (met, asked))
    counts = sorted((-met.count(one), one) for one in set(met) if met.count(one) > 1)
    numbers = {one: place + 1 for place, (_, one) in enumerate(counts)}
    assert Vocabulary.of(hashes).look_up(queries).tolist() == [numbers.get(one, 0) for one in asked]
