"""Random segmentations: drawn from the distribution that the pieces define, and the same ones in every process."""

import math
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import sentencepiece
from hypothesis import given, settings
from hypothesis import strategies as st

from seqline.tokenization import Sequences, sampling, train_tokenizer
from seqline.tokenization.sampling import Sampler

ENGLISH = ["the cat sat on the mat", "a dog ran after the cat", "the rat ate the cake", "that hat is on the dog"] * 20
CHINESE = ["猫坐在垫子上。", "狗追着猫跑。", "老鼠吃了蛋糕，", "那顶帽子在狗的头上！"] * 20


@pytest.fixture(scope="module", params=["en", "zh"])
def sampler(request: pytest.FixtureRequest) -> Sampler:
    return make(request.param)


def make(language: str) -> Sampler:
    lines = ENGLISH if language == "en" else CHINESE
    model = train_tokenizer(lines, [language], 310, 1.0, 1)
    return Sampler.of(sentencepiece.SentencePieceProcessor(model_proto=model))


SHARED = make("en")


def plain(sampler: Sampler, text: str) -> str:
    """A text as the pieces see it."""
    return "".join(sampler.processor.encode(text, out_type=str))


def segmentations(sampler: Sampler, text: str) -> Iterator[tuple[tuple[int, ...], float]]:
    """Every way to cut a text, with its log-probability."""
    if not text:
        yield (), 0.0
    for size in range(1, len(text) + 1):
        piece = sampler.processor.piece_to_id(text[:size])
        if not sampler.processor.is_unknown(piece):
            for rest, score in segmentations(sampler, text[size:]):
                yield (piece, *rest), score + sampler.processor.get_score(piece)


@pytest.mark.parametrize("alpha", [0.1, 0.5, 1.0])
def test_each_segmentation_is_as_frequent_as_its_probability(alpha: float) -> None:
    sampler, text, num = SHARED, "the cat", 20_000
    weights = {ids: math.exp(alpha * score) for ids, score in segmentations(sampler, plain(sampler, text))}
    rows = sampler.sample([text] * num, alpha, (1,))
    found = Counter(tuple(rows[row].tolist()) for row in range(num))
    assert set(found) <= set(weights)
    assert len(weights) > 5
    for ids, weight in weights.items():
        expected = weight / sum(weights.values())
        assert abs(found[ids] / num - expected) < 5 * math.sqrt(expected * (1 - expected) / num) + 1e-9


def test_at_a_high_power_only_the_best_segmentation_is_left(sampler: Sampler) -> None:
    texts = [*ENGLISH[:4], *CHINESE[:4], "hat cat mat", "猫在跑", "x", "🙂 the 🙂", "ünknown 字"]
    rows = sampler.sample(texts, 200.0, (1,))
    for row, text in enumerate(texts):
        assert rows[row].tolist() == sampler.processor.encode(text)


@given(st.lists(st.text("the cat猫在🙂é ", max_size=12), max_size=6), st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_whatever_the_text_its_segmentation_says_the_same(texts: list[str], seed: int) -> None:
    sampler = SHARED
    known = [sampler.processor.decode(sampler.processor.encode(text)) for text in texts]
    rows = sampler.sample(known, 0.2, (seed,))
    assert [sampler.processor.decode(rows[row].tolist()) for row in range(len(rows))] == known


def test_another_seed_cuts_otherwise_and_the_same_seed_alike() -> None:
    first, again, other = (SHARED.sample(ENGLISH, 0.2, seed).flat.tolist() for seed in ((1, 2), (1, 2), (1, 3)))
    assert first == again
    assert first != other


def test_another_process_cuts_alike(tmp_path: Path) -> None:
    (tmp_path / "model").write_bytes(SHARED.processor.serialized_model_proto())
    program = (
        "import sys, sentencepiece; from seqline.tokenization.sampling import Sampler\n"
        "sampler = Sampler.of(sentencepiece.SentencePieceProcessor(model_file=sys.argv[1]))\n"
        "print(sampler.sample(sys.argv[2:], 0.2, (7,)).flat.tolist())"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "model"), *ENGLISH]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert printed.strip() == str(SHARED.sample(ENGLISH, 0.2, (7,)).flat.tolist())


def test_an_empty_text_has_no_pieces(sampler: Sampler) -> None:
    assert sampler.sample(["", "cat", ""], 0.2, (1,)).lengths.tolist()[::2] == [0, 0]
    assert len(sampler.sample([], 0.2, (1,))) == 0


def test_rows_cut_anew_in_parts_still_say_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "_CHUNK_ROWS", 7)
    rows = Sequences.of(SHARED.processor.encode([*ENGLISH, ""]))
    found = SHARED.resample(rows, 0.2, (1,), 100)
    assert SHARED.processor.decode([found[row].tolist() for row in range(len(found))]) == [*ENGLISH, ""]
    assert found.flat.tolist() == SHARED.resample(rows, 0.2, (1,), 100).flat.tolist()
