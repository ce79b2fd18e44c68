import subprocess
import sys
import threading
from concurrent.futures import CancelledError
from pathlib import Path

import ctranslate2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_bundles import write_bundle

from seqline.errors import InputError
from seqline.serving.batching import batches, in_turn
from seqline.serving.bundle import IMPOSSIBLE, Bundle, Description
from seqline.types import Demand, Search

LINES = ["the cat sat on the mat", "", "good morning", "  \t ", "one two three four", "a dog ran home"]


@pytest.fixture(scope="module")
def bundle(tiny_bundle: Path) -> Bundle:
    return Bundle.open(tiny_bundle)


def texts(bundle: Bundle, lines: list[str], beam: int = 2) -> list[str]:
    return [translations[0].text for translations in bundle.translate(lines, beam=beam)]


def test_opening_and_translating_needs_no_torch(tiny_bundle: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from seqline.serving.bundle import Bundle;"
        f"print(len(Bundle.open(Path({str(tiny_bundle)!r})).translate(['good morning', ''])));"
        "sys.exit('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "2\n"), done.stderr


def test_each_line_is_translated_as_if_it_stood_alone(bundle: Bundle) -> None:
    assert texts(bundle, LINES) == [texts(bundle, [line])[0] for line in LINES]


def test_lines_without_content_give_one_empty_translation(bundle: Bundle) -> None:
    for translations in bundle.translate(["", " ", "\t \u3000"], nbest=3):
        assert [(translation.text, translation.score) for translation in translations] == [("", 0.0)]


def test_no_lines_give_no_translations(bundle: Bundle) -> None:
    assert bundle.translate([]) == []


def test_nbest_lists_are_ranked_and_never_longer_than_asked(bundle: Bundle) -> None:
    for translations in bundle.translate(["the cat sat on the mat", "good morning"], beam=4, nbest=3):
        scores = [translation.score for translation in translations]
        assert 1 <= len(scores) <= 3
        assert scores == sorted(scores, reverse=True)


def test_more_hypotheses_than_the_beam_widen_the_beam(bundle: Bundle) -> None:
    assert len(bundle.translate(["good morning"], beam=1, nbest=3)[0]) == 3


@pytest.mark.parametrize(
    "line",
    [
        "\x00", "a\x00b", "\x07\x1b[31m", "a\nb\r\nc", "a\u2028b\x85c", "😀" * 50, "\ud800", "x" * 10_000,
        "我" * 10_000, "word " * 3_000, "One. " * 2_000, "\u202eabc", "<s> </s> <unk> <pad>", "▁", "a" * 59,
    ],
)  # fmt: skip
def test_any_content_gives_one_translation_without_a_line_break(bundle: Bundle, line: str) -> None:
    found = texts(bundle, ["good morning", line, "a dog ran home"], beam=1)
    assert len(found) == 3
    assert [found[0], found[2]] == texts(bundle, ["good morning", "a dog ran home"], beam=1)
    assert not set(found[1]) & set("\n\r\x00\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(max_size=80), max_size=5))
def test_any_lines_keep_their_count(tiny_bundle: Path, lines: list[str]) -> None:
    opened = Bundle.open(tiny_bundle)
    assert len(opened.translate(lines, beam=1)) == len(lines)


def test_a_line_longer_than_the_limit_is_translated_segment_by_segment(bundle: Bundle) -> None:
    sentence = "the cat sat on the mat ."
    long = " ".join([sentence] * 30)
    assert len(texts(bundle, [long])[0]) > 3 * len(texts(bundle, [sentence])[0])


def test_a_hypothesis_that_will_not_end_is_cut_off_in_proportion_to_its_source() -> None:
    description = Description("x", "en", "zh", max_pieces=200, length_ratio=2.0, length_constant=10)
    assert [description.max_hypothesis(pieces) for pieces in (1, 16, 200)] == [12, 42, 410]


def test_threads_and_batch_size_do_not_change_a_translation(tiny_bundle: Path) -> None:
    lines = [line * repeat for line in LINES for repeat in (1, 2, 3)]
    expected = texts(Bundle.open(tiny_bundle), lines)
    assert texts(Bundle.open(tiny_bundle, threads=2, batch_tokens=24), lines) == expected


def test_an_alignment_reaches_over_the_prefix_and_what_follows(bundle: Bundle) -> None:
    lines, prefix = ["the cat sat on the mat", "good morning"], "a dog ran"
    for (found,) in bundle.search(lines, Search(), [Demand(prefix)] * 2, align=True):
        assert found.text.startswith(prefix)
        assert {target for _, target in found.alignment} >= {1, 2, 4}  # a word may look at a piece without a word most


def test_several_threads_may_share_a_bundle(bundle: Bundle) -> None:
    expected, found = texts(bundle, LINES), {}

    def work(number: int) -> None:
        found[number] = texts(bundle, LINES)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == dict.fromkeys(range(4), expected)


@given(st.lists(st.integers(1, 70), max_size=60), st.integers(1, 200))
def test_batches_hold_each_sequence_once_within_the_token_budget(lengths: list[int], batch_tokens: int) -> None:
    made = list(batches(lengths, batch_tokens))
    assert sorted(index for batch in made for index in batch) == list(range(len(lengths)))
    for batch in made:
        longest = max(lengths[index] for index in batch)
        assert len(batch) == 1 or longest * len(batch) <= batch_tokens
        assert len({-(-lengths[index] // 16) for index in batch}) == 1


@given(st.lists(st.lists(st.integers()), max_size=20), st.integers(1, 5))
def test_results_come_in_turn_with_few_batches_ahead(given_batches: list[list[int]], ahead: int) -> None:
    submitted, most = 0, 0

    class Done:
        def __init__(self, value: int) -> None:
            self.value = value

        def result(self) -> int:
            return self.value

    def submit(batch: list[int]) -> list[Done]:
        nonlocal submitted
        submitted += 1
        return [Done(-value) for value in batch]

    found = []
    for batch, results in in_turn(given_batches, submit, ahead):
        assert results == [-value for value in batch]
        found.append(batch)
        most = max(most, submitted - len(found))
    assert found == given_batches
    assert most <= ahead


def test_a_line_too_long_to_be_scored_is_named_with_the_limit(bundle: Bundle) -> None:
    with pytest.raises(InputError, match=r"line 2: [\d,]+ pieces, and the model scores 82 at most"):
        bundle.score(["good morning", "a dog ran home " * 200], ["早上好", "狗"])
    assert len(bundle.score(["good morning"], ["早上好"])[0]) > 1


def test_a_hypothesis_without_probability_has_the_lowest_score_and_that_is_a_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    validate = ctranslate2.specs.TransformerSpec.validate

    def ending(spec: ctranslate2.specs.TransformerSpec) -> None:
        """Nothing but the end is possible, and that not as the first piece."""
        spec.decoder.projection.bias[:] = -np.inf
        spec.decoder.projection.bias[3] = 0.0
        validate(spec)

    monkeypatch.setattr(ctranslate2.specs.TransformerSpec, "validate", ending)
    bundle = Bundle.open(write_bundle(tmp_path / "ending", seed=1))
    found = bundle.translate(["the cat"], beam=16, nbest=16)[0]
    assert min(one.score for one in found) == IMPOSSIBLE


def test_what_nobody_wants_any_more_is_given_up_between_batches(tiny_bundle: Path) -> None:
    asked = []

    def is_wanted() -> bool:
        asked.append(True)
        return len(asked) < 3

    bundle = Bundle.open(tiny_bundle, batch_tokens=64)
    with pytest.raises(CancelledError):
        bundle.search(["the cat sat on the mat"] * 100, Search(), is_wanted=is_wanted)
    assert len(asked) == 3
