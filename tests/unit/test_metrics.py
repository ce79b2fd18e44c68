import pytest
import sacrebleu

from seqline.errors import InputError, MismatchError
from seqline.evaluation import metrics

CHINESE = ["我每天早上喝三杯茶。", "你昨天去哪儿了？"]
GERMAN = ["Ein Hund läuft über die Wiese.", "Zwei Kinder spielen im Park!"]


def test_identical_text_scores_100_with_every_metric() -> None:
    assert metrics.bleu(CHINESE, CHINESE, "zh").value == pytest.approx(100.0)
    assert metrics.chrf(CHINESE, CHINESE).value == pytest.approx(100.0)
    assert metrics.ter(CHINESE, CHINESE, "zh").value == 0.0


@pytest.mark.parametrize(
    ("language", "expected"),
    [("zh", "zh"), ("zh_Hant", "zh"), ("yue", "zh"), ("ja", "char"), ("ko", "char"), ("th", "char"), ("de", "13a")],
)
def test_the_tokenizer_follows_the_target_language(language: str, expected: str) -> None:
    score = metrics.bleu(CHINESE, CHINESE, language)
    assert metrics.tokenizer(language) == expected
    assert f"tok:{expected}|" in score.signature


def test_a_wrong_final_mark_costs_a_chinese_sentence_one_character_and_not_a_quarter_of_its_words() -> None:
    hypotheses = ["我每天早上喝三杯茶.", "你昨天去哪儿了？"]
    zh = metrics.bleu(hypotheses, CHINESE, "zh").value
    words = metrics.bleu(hypotheses, CHINESE, "de").value
    assert zh > 80 > words


def test_scores_agree_with_sacrebleu_itself() -> None:
    hypotheses = ["Ein Hund rennt über die Wiese.", "Zwei Kinder spielen in einem Park!"]
    assert metrics.bleu(hypotheses, GERMAN, "de").value == sacrebleu.corpus_bleu(hypotheses, [GERMAN]).score
    assert metrics.chrf(hypotheses, GERMAN).value == sacrebleu.corpus_chrf(hypotheses, [GERMAN]).score
    assert metrics.ter(hypotheses, GERMAN, "de").value == sacrebleu.corpus_ter(hypotheses, [GERMAN]).score


def test_chinese_ter_counts_characters() -> None:
    score = metrics.ter(["我喝茶"], ["你喝茶"], "zh")
    assert score.value == pytest.approx(100 / 3)
    assert "asian:yes" in score.signature
    assert metrics.ter(["我喝茶"], ["你喝茶"], "de").value == 100.0


def test_chrf_is_chrf2_without_words() -> None:
    assert "nc:6|nw:0" in metrics.chrf(GERMAN, GERMAN).signature


def test_unequal_counts_are_an_error_that_names_both() -> None:
    with pytest.raises(MismatchError, match="1 hypotheses but 2 references"):
        metrics.bleu(CHINESE[:1], CHINESE, "zh")
    with pytest.raises(MismatchError, match="2 hypotheses but 1 references"):
        metrics.chrf(CHINESE, CHINESE[:1])


def test_an_empty_set_is_an_error() -> None:
    with pytest.raises(InputError, match="nothing to score"):
        metrics.ter([], [], "zh")


def test_empty_hypotheses_score_zero() -> None:
    assert metrics.bleu(["", ""], CHINESE, "zh").value == 0.0
    assert metrics.chrf(["", ""], CHINESE).value == 0.0
    assert metrics.ter(["", ""], CHINESE, "zh").value == 100.0


def test_many_lines_that_end_in_a_spaced_full_stop_raise_no_warning() -> None:
    lines = ["a b c d ."] * 150
    assert metrics.bleu(lines, lines, "de").value == pytest.approx(100.0)
