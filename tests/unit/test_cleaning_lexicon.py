"""Words, their numbers, and the links between them."""

import math

import numpy as np
import polars as pl
import pytest
from sentence_pairs import CHINESE, ENGLISH, sentences

from seqline.cleaning.lexicon import Links, learn
from seqline.cleaning.tokens import Tokens, tokenise
from seqline.cleaning.vocabulary import Vocabulary
from seqline.translations import Words


def known(texts: list[str]) -> tuple[Tokens, Vocabulary]:
    tokens = tokenise(pl.Series(texts, dtype=pl.String))
    return tokens, Vocabulary.of(tokens.hashes)


def numbers(words: str, vocabulary: Vocabulary) -> list[int]:
    found = vocabulary.look_up(tokenise(pl.Series([words])).hashes)
    return [int(number) for number in found]


def learnt(source: list[str], target: list[str]) -> tuple[Links, Vocabulary, Vocabulary]:
    (left, given), (right, found) = known(source), known(target)
    words = [Words(one.look_up(tokens.hashes), tokens.starts) for tokens, one in ((left, given), (right, found))]
    return learn(words[0], words[1], (given, found)), given, found


def linked(links: Links, word: int) -> dict[int, float]:
    some = slice(links.starts[word], links.starts[word + 1])
    return dict(zip(links.targets[some].tolist(), links.strengths[some].tolist(), strict=True))


def test_frequent_words_have_low_numbers_and_single_ones_none() -> None:
    _, vocabulary = known(["the cat", "the dog", "the cat once"])
    assert numbers("the cat dog once never", vocabulary) == [1, 2, 0, 0, 0]
    assert len(vocabulary) == 3
    assert vocabulary.shares.tolist() == pytest.approx([0, 3 / 7, 2 / 7])


def test_rare_words_weigh_more_and_unknown_ones_nothing() -> None:
    _, vocabulary = known(["the cat", "the dog", "the cat once"])
    assert vocabulary.weights.tolist() == pytest.approx([0, math.log(7 / 3), math.log(7 / 2)])


def test_no_words_make_a_vocabulary_that_knows_none() -> None:
    _, vocabulary = known([""])
    assert numbers("anything", vocabulary) == [0]


def test_the_strongest_link_of_a_word_is_its_translation() -> None:
    pairs = sentences(500, 1)
    links, given, found = learnt(pairs["source"].to_list(), pairs["target"].to_list())
    for english, chinese in zip(ENGLISH, CHINESE, strict=True):
        mine = linked(links, numbers(english, given)[0])
        assert max(mine, key=mine.__getitem__) == numbers(chinese, found)[0]


def test_links_are_as_strong_as_the_equations_of_model_1_say() -> None:
    source, target = ["a b", "a b c", "a c", "b a", "c b"], ["甲 乙", "乙 甲 丙", "丙 甲", "甲 乙", "乙 丙"]
    links, given, found = learnt(source, target)
    forward = model_1([line.split() for line in source], [line.split() for line in target])
    backward = model_1([line.split() for line in target], [line.split() for line in source])
    for english in "abc":
        mine = linked(links, numbers(english, given)[0])
        for chinese in "甲乙丙":
            chance = 4 / 11 if english == "b" or english == "a" else 3 / 11
            other = 4 / 11 if chinese in "甲乙" else 3 / 11
            gain = forward[english, chinese] / other * backward[chinese, english] / chance
            strength = math.log1p(math.sqrt(gain))
            expected = strength if strength >= 1 else None
            assert mine.get(numbers(chinese, found)[0]) == pytest.approx(expected, abs=1e-4)


def model_1(pasts: list[list[str]], founds: list[list[str]]) -> dict[tuple[str, str], float]:
    """Five steps of expectation maximisation, written out; ``""`` is the empty word."""
    pairs = [(["", *past], found) for past, found in zip(pasts, founds, strict=True)]
    chances = {(e, f): 1.0 for past, found in pairs for e in past for f in found}
    for _ in range(5):
        counts = dict.fromkeys(chances, 0.0)
        for past, found in pairs:
            for f in found:
                total = sum(chances[e, f] for e in past)
                for e in past:
                    counts[e, f] += chances[e, f] / total
        sums = {e: sum(count for (other, _), count in counts.items() if other == e) for e, _ in counts}
        chances = {(e, f): count / sums[e] for (e, f), count in counts.items()}
    return chances


def test_words_that_meet_once_are_not_linked() -> None:
    links, given, found = learnt(["a x", "a", "x b"], ["甲 乙", "甲", "丙 乙"])
    assert set(linked(links, numbers("a", given)[0])) == {numbers("甲", found)[0]}


def test_many_words_find_their_numbers_in_a_table_that_has_to_grow() -> None:
    words = [f"word{number}" for number in range(5000)]
    _, vocabulary = known([" ".join(words), " ".join(words)])
    assert sorted(numbers(" ".join(words), vocabulary)) == list(range(1, 5001))
    assert np.count_nonzero(vocabulary.ids) == 5000


def test_only_the_first_64_different_words_of_a_text_teach() -> None:
    words = " ".join(f"w{number}" for number in range(70))
    links, given, _ = learnt([f"{words} {words}", words], ["甲 乙", "甲 丙"])
    numbered = [bool(linked(links, number)) for number in numbers(words, given)]
    assert sum(numbered) <= 64
    assert not any(numbered[64:])
