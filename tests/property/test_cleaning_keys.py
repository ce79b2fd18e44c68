"""The hashes of keys are as good as the keys themselves, which the slow way spells out."""

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from seqline.cleaning.folding import UNSURE, folded, folds, spelt
from seqline.cleaning.keys import hashed, keys, together
from seqline.cleaning.kinds import listed

CONTEXT = "aA\u0301\u0308¨éÉ ǅﬁＡ½ﷺΣσςÅ\u1100\u1161\u11a8가각ガｶﾞク\u3099!?。、 İı\U00016d63\U00016d67ก็कि़"
TEXTS = st.lists(
    st.one_of(st.text(CONTEXT, max_size=6), st.text("aA b!你", max_size=4), st.text(max_size=12)), max_size=9
)


def series(texts: list[str]) -> pl.Series:
    return pl.Series("text", texts, dtype=pl.String)


def slowly(texts: pl.Series) -> list[str]:
    return texts.to_frame().select(spelt(pl.col("text"))).to_series().to_list()


@given(TEXTS)
@settings(max_examples=400, deadline=None)
def test_keys_are_those_that_are_spelt_out(texts: list[str]) -> None:
    assert keys(series(texts)).to_list() == slowly(series(texts))


@given(TEXTS)
@settings(max_examples=400, deadline=None)
def test_equal_keys_and_only_they_have_equal_hashes(texts: list[str]) -> None:
    # The keys themselves are among the texts, so that there are equal ones.
    some = series(texts + slowly(series(texts)))
    expected, near = slowly(some), hashed(some)[1].tolist()
    assert len(set(zip(expected, near, strict=True))) == len(set(expected)) == len(set(near))


@given(TEXTS)
@settings(max_examples=200, deadline=None)
def test_equal_texts_and_only_they_have_equal_hashes(texts: list[str]) -> None:
    exact = hashed(series(texts))[0].tolist()
    assert len(set(zip(texts, exact, strict=True))) == len(set(texts)) == len(set(exact))


def test_every_character_has_the_key_that_is_spelt_out() -> None:
    characters = pl.concat([listed()[1].alias("text"), series(["a", "é", "你", "\u0301"])])
    expected, near = slowly(characters), hashed(characters)[1].tolist()
    assert keys(characters).to_list() == expected
    assert len(set(zip(expected, near, strict=True))) == len(set(expected)) == len(set(near))


def test_a_key_is_its_own_key_character_by_character() -> None:
    whole = listed()[1].to_frame("text").select(folded(pl.col("text"))).to_series()
    characters = pl.Series("text", sorted(set("".join(whole))))
    again = characters.to_frame().select(folded(pl.col("text"))).to_series()
    sure = folds()[0][[ord(character) for character in characters]] < UNSURE
    assert again.filter(pl.Series(sure)).equals(characters.filter(pl.Series(sure)))
    assert (again != "").all()


def test_the_hashes_stay_what_they_are() -> None:
    exact, near = hashed(series(["Hello,  World!", "helloworld", "你好", ""]))
    assert exact[1] == near[1] == near[0] != exact[0]
    assert [hex(one) for one in near[1:]] == ["0x844175937dc30dff", "0x9ca194ca6affe12", "0xe220a8397b1dcdaf"]


def test_the_sides_of_a_pair_are_not_exchangeable() -> None:
    one, other = np.array([1], np.uint64), np.array([2], np.uint64)
    assert together(one, other) != together(other, one)
