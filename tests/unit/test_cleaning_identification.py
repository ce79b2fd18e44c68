"""The language identifier, and which lines it is asked about."""

import polars as pl
import pytest

from seqline.cleaning.identification import foreign_probability, identified, shares_its_script
from seqline.cleaning.language import language


def probability(line: str, code: str) -> float:
    frame = pl.DataFrame({"text": [line]}).select(foreign_probability(pl.col("text"), language(code)))
    return float(frame.item())


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("Aggiungi al carrello", "en"),
        ("Mentions légales et conditions", "en"),
        ("The children are playing in the garden.", "de"),
        ("The children are playing in the garden.", "sv"),
        ("Das Fenster steht offen.", "hu"),
        ("Діти граються в саду.", "ru"),
    ],
)
def test_a_line_in_another_language_is_certainly_foreign(line: str, code: str) -> None:
    assert probability(line, code) > 0.95


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("Search add-ons", "en"),
        ("Convert RGB to BGR", "en"),
        ("x = np.zeros((3, 4), dtype=np.float32)", "en"),
        ("Zwei Hunde rennen durchs Wasser.", "de"),
        ("Barnen leker i trädgården.", "sv"),
        ("Дети играют в саду.", "ru"),
    ],
)
def test_a_line_in_its_own_language_is_not_foreign(line: str, code: str) -> None:
    assert probability(line, code) < 0.95


def test_one_familiar_word_spares_the_question() -> None:
    assert probability("Vorsprung durch Technik, sagte Audi", "en") > 0.95
    assert probability("Vorsprung durch Technik, they said", "en") == 0.0


def test_lines_of_fewer_than_ten_letters_are_not_judged() -> None:
    assert probability("Saat kaç?", "en") == 0.0


def test_close_relatives_are_not_foreign_to_each_other() -> None:
    assert probability("Anak-anak bermain di taman.", "ms") < 0.95
    assert probability("Barna leker i hagen hver dag.", "no") < 0.95


def test_a_language_that_the_identifier_does_not_know_is_not_judged() -> None:
    assert probability("The children are playing in the garden.", "tlh") == 0.0


def test_scripts_of_one_language_need_no_identifier() -> None:
    assert [code for code in ("en", "ru", "ar", "zh", "ko", "el", "tlh") if shares_its_script(language(code))] == [
        "en", "ru", "ar",
    ]  # fmt: skip


def test_the_language_found_is_named() -> None:
    lines = pl.DataFrame({"text": ["Die Kinder spielen im Garten.", "孩子们在花园里玩。"]})
    assert lines.select(identified(pl.col("text")))["text"].to_list() == ["de", "zh"]
