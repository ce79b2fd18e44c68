from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqline.errors import ArtifactError, CorpusError
from seqline.special import BOS, EOS, PAD, UNK
from seqline.tokenization import Tokenizer, train_tokenizer

ENGLISH = ["I bought two books yesterday.", "Where is the red car?", "He doesn't drink tea, does he?"] * 20
CHINESE = ["我昨天买了两本书。", "那辆红色的车在哪儿？", "他不喝茶，对吗？"] * 20


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    folder = tmp_path_factory.mktemp("tokenizer")
    (folder / "source.model").write_bytes(train_tokenizer(ENGLISH, ["en"], 400, 1.0, 1))
    (folder / "target.model").write_bytes(train_tokenizer(CHINESE, ["zh"], 400, 1.0, 1))
    return Tokenizer.load(folder)


def test_full_width_punctuation_survives(tokenizer: Tokenizer) -> None:
    line = "他说：“你好！”（真的？）"
    assert tokenizer.decode_target(tokenizer.encode_target([line])) == [line]


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp", "Co"], exclude_characters="▁")))
def test_any_text_without_spaces_comes_back_whole(tokenizer: Tokenizer, text: str) -> None:
    ids = tokenizer.encode_target([text])
    assert UNK not in ids[0]
    assert tokenizer.decode_target(ids) == [text]


def test_special_ids_have_their_places_and_leave_no_trace(tokenizer: Tokenizer) -> None:
    for side in (tokenizer.source, tokenizer.target):
        assert [side.pad_id(), side.unk_id(), side.bos_id(), side.eos_id()] == [PAD, UNK, BOS, EOS]
    ids = tokenizer.encode_target(["两本书"])[0]
    assert tokenizer.decode_target([[BOS, *ids, EOS, PAD]]) == ["两本书"]


def test_chinese_spends_no_piece_on_a_leading_space(tokenizer: Tokenizer) -> None:
    assert "".join(tokenizer.target_pieces("我买书")) == "我买书"


def test_only_a_spaced_language_is_joined_with_spaces(tokenizer: Tokenizer) -> None:
    assert tokenizer.target_separator == ""
    assert Tokenizer(tokenizer.target, tokenizer.source).target_separator == " "


def test_the_same_text_gives_the_same_bytes() -> None:
    assert train_tokenizer(CHINESE, ["zh"], 400, 1.0, 2) == train_tokenizer(CHINESE, ["zh"], 400, 1.0, 2)


def test_too_small_a_vocabulary_says_what_to_raise() -> None:
    lines = [chr(0x4E00 + i) * 3 for i in range(900)]
    with pytest.raises(CorpusError, match=r"zh: a vocabulary of 500 cannot hold \d+ different characters; raise"):
        train_tokenizer(lines, ["zh"], 500, 1.0, 1)


def test_no_text_is_an_error() -> None:
    with pytest.raises(CorpusError, match="is the corpus empty"):
        train_tokenizer([], ["zh"], 500, 1.0, 1)


@pytest.mark.parametrize("content", [None, b"", b"not a model"])
def test_a_damaged_model_file_is_named(content: bytes | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "source.model").write_bytes(content)
    with pytest.raises(ArtifactError, match=r"source\.model"):
        Tokenizer.load(tmp_path)
