from pathlib import Path

import pytest
import torch

from seqline.compression.vocabulary import with_fewer_pieces
from seqline.models import build
from seqline.models.config import RecurrentConfig, TransformerConfig
from seqline.tokenization import Sequences, Tokenizer, train_tokenizer
from seqline.tokenization.trimming import Trimmed, renumbered, trim, used

ENGLISH = ["I bought two books yesterday.", "Where is the red car?", "He doesn't drink tea, does he?"] * 20
CHINESE = ["我昨天买了两本书。", "那辆红色的车在哪儿？", "他不喝茶，对吗？"] * 20


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.of(train_tokenizer(ENGLISH, ["en"], 400, 1.0, 1), train_tokenizer(CHINESE, ["zh"], 400, 1.0, 1))


def encoded(tokenizer: Tokenizer, kept: int = 3) -> tuple[Sequences, Sequences]:
    sides = tokenizer.encode_source(ENGLISH[:kept]), tokenizer.encode_target(CHINESE[:kept])
    source, target = map(Sequences.of, sides)
    return source, target


@pytest.fixture(scope="module")
def trimmed(tokenizer: Tokenizer) -> Trimmed:
    source, target = encoded(tokenizer, 1)
    return trim(
        tokenizer,
        used(source, tokenizer.source_vocabulary),
        used(target, tokenizer.target_vocabulary),
        joint=False,
    )


def test_what_the_corpus_holds_is_cut_as_before(tokenizer: Tokenizer, trimmed: Trimmed) -> None:
    assert trimmed.tokenizer.source_vocabulary < tokenizer.source_vocabulary
    assert trimmed.tokenizer.source_pieces(ENGLISH[0]) == tokenizer.source_pieces(ENGLISH[0])
    assert trimmed.tokenizer.target_pieces(CHINESE[0]) == tokenizer.target_pieces(CHINESE[0])


def test_new_ids_are_those_of_the_trimmed_tokenizer(tokenizer: Tokenizer, trimmed: Trimmed, tmp_path: Path) -> None:
    source, target = encoded(tokenizer, 1)
    assert renumbered(source, trimmed.source, tmp_path)[0].tolist() == trimmed.tokenizer.encode_source(ENGLISH[:1])[0]
    assert renumbered(target, trimmed.target, tmp_path)[0].tolist() == trimmed.tokenizer.encode_target(CHINESE[:1])[0]


@pytest.mark.parametrize("text", [CHINESE[1], "鱻😀x"])
def test_what_the_corpus_does_not_hold_comes_back_whole(trimmed: Trimmed, text: str) -> None:
    assert trimmed.tokenizer.decode_target(trimmed.tokenizer.encode_target([text])) == [text]


def test_a_joint_vocabulary_stays_one(tokenizer: Tokenizer) -> None:
    joint = Tokenizer(tokenizer.source, tokenizer.source)
    source = Sequences.of(joint.encode_source(ENGLISH[:1]))
    target = Sequences.of(joint.encode_source(ENGLISH[1:2]))
    size = joint.source_vocabulary
    found = trim(joint, used(source, size), used(target, size), joint=True)
    assert found.source.tolist() == found.target.tolist()
    assert found.tokenizer.target_pieces(ENGLISH[0]) == joint.target_pieces(ENGLISH[0])


@pytest.mark.parametrize("tie", ["none", "target"])
@pytest.mark.parametrize("kind", ["transformer", "gru"])
def test_the_model_scores_what_is_left_as_before(
    tokenizer: Tokenizer, trimmed: Trimmed, kind: str, tie: str, tmp_path: Path
) -> None:
    sizes = (tokenizer.source_vocabulary, tokenizer.target_vocabulary)
    torch.manual_seed(1)
    config = (
        TransformerConfig("transformer", *sizes, 16, 8, 2, 2, (32,), (32,), "relu", 0.0, tie)  # type: ignore[arg-type]
        if kind == "transformer"
        else RecurrentConfig("gru", *sizes, 16, 1, 1, "general", 0.0, tie)  # type: ignore[arg-type]
    )
    model = build(config).eval()
    smaller = with_fewer_pieces(model, trimmed)
    source, target = encoded(tokenizer, 1)
    before = logits(model, source, target)[..., trimmed.target]
    after = logits(smaller, renumbered(source, trimmed.source, tmp_path), renumbered(target, trimmed.target, tmp_path))
    torch.testing.assert_close(after, before)


def logits(model: torch.nn.Module, source: Sequences, target: Sequences) -> torch.Tensor:
    rows = [torch.from_numpy(side[0].astype("int64"))[None] for side in (source, target)]
    with torch.no_grad():
        found: torch.Tensor = model.output(model(*rows))  # type: ignore[operator]
        return found
