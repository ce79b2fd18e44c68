import io
from pathlib import Path

import polars as pl
import pytest
import sentencepiece

from seqline.compression.distillation import encode, mix
from seqline.errors import MismatchError
from seqline.tokenization import Tokenizer


def originals(count: int = 20) -> pl.DataFrame:
    return pl.DataFrame(
        {"id": range(count), "source": [f"s{i}" for i in range(count)], "target": [f"t{i}" for i in range(count)]}
    )


def synthetic(ids: list[int]) -> pl.DataFrame:
    return pl.DataFrame({"id": ids, "source": [f"s{i}" for i in ids], "target": [f"hyp{i}" for i in ids]})


def test_synthetic_targets_stand_beside_their_own_source() -> None:
    mixed = mix(originals(), synthetic([3, 1, 17]), 0.0, seed=1)
    assert mixed.rows() == [("s3", "hyp3"), ("s1", "hyp1"), ("s17", "hyp17")]


def test_the_share_of_originals_is_exact_and_drawn_by_the_seed() -> None:
    drawn = [mix(originals(), synthetic([0]), 0.5, seed)[1:] for seed in (1, 1, 2)]
    assert [len(some) for some in drawn] == [10, 10, 10]
    assert drawn[0].equals(drawn[1])
    assert not drawn[0].equals(drawn[2])
    assert all(source[1:] == target[1:] for source, target in drawn[0].rows())


def test_all_originals_can_be_mixed_in() -> None:
    assert mix(originals(), synthetic([0]), 1.0, seed=1)[1:].rows() == originals().select("source", "target").rows()


def test_sentences_without_a_translation_are_no_originals() -> None:
    alone = pl.DataFrame({"id": [20, 21], "source": ["s20", "s21"], "target": ["", ""]})
    mixed = mix(pl.concat([originals(), alone]), synthetic([20, 0]), 1.0, seed=1)
    assert mixed[:2].rows() == [("s20", "hyp20"), ("s0", "hyp0")]
    assert mixed[2:].rows() == originals().select("source", "target").rows()


@pytest.mark.parametrize("shift", [1, -1, 100])
def test_targets_shifted_against_their_sources_are_refused(shift: int) -> None:
    shifted = synthetic([3, 4, 5]).with_columns(pl.col("id") + shift)
    with pytest.raises(MismatchError, match=f"synthetic pair {3 + shift}.*3 such rows"):
        mix(originals(), shifted, 0.5, seed=1)


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["a b c d e f g"] * 20), model_writer=model, vocab_size=300, hard_vocab_limit=False,
        byte_fallback=True, pad_id=0, unk_id=1, bos_id=2, eos_id=3, minloglevel=2,
    )  # fmt: skip
    processor = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    return Tokenizer(processor, processor)


def test_pairs_too_long_or_empty_on_a_side_stay_out_and_the_others_stay_paired(
    tokenizer: Tokenizer, tmp_path: Path
) -> None:
    pairs = pl.DataFrame({"source": ["a b", "a b c d e f g", "", "g", "c"], "target": ["b a", "a", "a", "a " * 9, "d"]})
    data = encode(pairs, tokenizer, 4, tmp_path)
    texts = [
        (tokenizer.source.decode(data.source[row].tolist()), tokenizer.target.decode(data.target[row].tolist()))
        for row in range(len(data))
    ]
    assert texts == [("a b", "b a"), ("c", "d")]
