import pytest

from seqline.errors import MismatchError
from seqline.evaluation import metrics
from seqline.evaluation.slices import is_copied, is_repeated, num_words, parts, slices

SOURCES = ["Thanks.", "I have 3 cats.", "She drinks a cup of tea every single morning.", "Where is it?"]
REFERENCES = ["谢谢。", "我有3只猫。", "她每天早上喝一杯茶。", "它在哪儿？"]


def test_a_part_is_scored_as_sacrebleu_scores_its_sentences_alone() -> None:
    hypotheses = ["谢谢你。", "我有三只猫。", "她每天早上都喝茶。", "它在哪儿？"]
    found = slices(SOURCES, REFERENCES, hypotheses, "zh")
    for name, rows in (
        ("length 1-3", [0, 3]),
        ("length 4-8", [1]),
        ("length 9-16", [2]),
        ("numbers", [1]),
        ("short", [0, 1, 3]),
    ):
        ours, theirs = [hypotheses[row] for row in rows], [REFERENCES[row] for row in rows]
        assert found[name]["count"] == len(rows)
        assert found[name]["share"] == len(rows) / 4
        assert found[name]["bleu"] == pytest.approx(metrics.bleu(ours, theirs, "zh").value, abs=1e-3)
        assert found[name]["chrf"] == pytest.approx(metrics.chrf(ours, theirs).value, abs=1e-3)


def test_a_part_that_does_not_occur_is_left_out() -> None:
    found = slices(SOURCES, REFERENCES, REFERENCES, "zh")
    assert "length 17-32" not in found
    assert "length 33+" not in found


def test_every_sentence_has_exactly_one_length() -> None:
    sources = [" ".join(["w"] * length) for length in range(1, 60)]
    lengths = [belongs for name, belongs in parts(sources).items() if name.startswith("length")]
    assert all(sum(bool(belongs[row]) for belongs in lengths) == 1 for row in range(len(sources)))


def test_corpora_are_parts_where_there_are_several() -> None:
    found = parts(SOURCES, ["web", "web", "law", "web"])
    assert found["corpus law"].tolist() == [False, False, True, False]
    assert found["corpus web"].tolist() == [True, True, False, True]
    assert not any(name.startswith("corpus") for name in parts(SOURCES, ["web"] * 4))


def test_perfect_output_has_no_failures() -> None:
    found = slices(SOURCES, REFERENCES, REFERENCES, "zh")
    for failure in ("empty", "copied", "repeated", "ascii punctuation"):
        assert found[failure] == {"count": 0, "share": 0.0}


def test_each_failure_is_counted() -> None:
    hypotheses = ["", "I have 3 cats.", "她每天早上每天早上每天早上每天早上。", "它在哪儿?"]
    found = slices(SOURCES, REFERENCES, hypotheses, "zh")
    for failure in ("empty", "copied", "repeated", "ascii punctuation"):
        assert found[failure] == {"count": 1, "share": 0.25}, failure


def test_ascii_punctuation_is_no_failure_where_the_language_uses_it() -> None:
    assert "ascii punctuation" not in slices(["Hi."], ["Hallo."], ["Hallo."], "de")


def test_a_decimal_point_in_a_chinese_sentence_is_no_ascii_punctuation() -> None:
    found = slices(["3.5 kg"], ["重3.5公斤，对吗？"], ["重3.5公斤，对吗？"], "zh")
    assert found["ascii punctuation"]["count"] == 0


def test_a_name_that_the_reference_keeps_too_is_not_copied() -> None:
    assert not is_copied("Tom Smith", "Tom Smith", "Tom Smith")
    assert is_copied("I saw Tom.", "我看见了汤姆。", "I saw Tom.")
    assert not is_copied("2024", "2024年", "2024")


def test_a_repetition_that_the_reference_has_too_is_no_hallucination() -> None:
    assert not is_repeated("ha ha ha ha ha ha", "哈哈哈哈哈哈", "哈哈哈哈哈哈")
    assert is_repeated("ha", "哈", "哈哈哈哈哈哈")
    assert is_repeated("a", "ein", "der Hund und der Hund und der Hund und der Hund und")


def test_chinese_characters_and_spaced_words_each_count_as_one() -> None:
    assert num_words("She's got 3 cats.") == 4
    assert num_words("我有 3 只猫") == 5
    assert num_words("𠀀𠀁") == 2
    assert num_words("") == 0


def test_unequal_counts_are_refused() -> None:
    with pytest.raises(MismatchError, match="3 hypotheses but 4 references"):
        slices(SOURCES, REFERENCES, REFERENCES[:3], "zh")
