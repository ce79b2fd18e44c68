import json
import shutil
from importlib.util import find_spec
from pathlib import Path

import ctranslate2
import pytest

from seqline.compression.foreign import ForeignTranslator, converted, is_foreign
from seqline.errors import ArtifactError, InputError, StageError
from seqline.serving.bundle import Bundle


@pytest.fixture
def foreign(tmp_path: Path, tiny_bundle: Path) -> Path:
    """A model as OPUS-MT's lie about: CTranslate2's files and two SentencePiece models."""
    folder = tmp_path / "opus"
    shutil.copytree(tiny_bundle, folder)
    for side in ("source", "target"):
        (folder / f"{side}.model").rename(folder / f"{side}.spm")
    for name in ("seqline.json", "manifest.json"):
        (folder / name).unlink()
    return folder


def test_it_is_known_by_its_files(foreign: Path, tiny_bundle: Path) -> None:
    assert is_foreign(foreign)
    assert not is_foreign(tiny_bundle)


def test_every_line_gets_its_nbest_list_best_first(foreign: Path, tmp_path: Path) -> None:
    lines = ["good morning", "", "where is the train station"]
    translator = ForeignTranslator.open(converted(foreign, tmp_path / "x", "int8"), threads=1, batch_tokens=512)
    found = translator.translate(lines, beam=3, nbest=2)
    assert [len(nbest) for nbest in found] == [2, 1, 2]
    assert all(nbest[0].score >= nbest[-1].score for nbest in found)
    assert found[1][0].text == ""


def test_pickled_weights_are_refused(foreign: Path, tmp_path: Path) -> None:
    (foreign / "model.bin").rename(foreign / "pytorch_model.bin")
    assert is_foreign(foreign)
    with pytest.raises(ArtifactError, match=r"only safetensors are read, pickled weights are not"):
        converted(foreign, tmp_path / "x", "int8")


@pytest.mark.skipif(find_spec("transformers") is not None, reason="transformers is installed")
def test_without_transformers_it_says_what_to_install(foreign: Path, tmp_path: Path) -> None:
    (foreign / "model.bin").rename(foreign / "model.safetensors")
    with pytest.raises(InputError, match="pip install transformers"):
        converted(foreign, tmp_path / "x", "int8")


def test_sources_end_even_where_the_converter_left_that_to_the_tokenizer(foreign: Path) -> None:
    lines = ["good morning", "the cat sat on the mat", "one two three four"]
    expected = ForeignTranslator.open(foreign, threads=1, batch_tokens=512).translate(lines)
    config = json.loads((foreign / "config.json").read_text())
    assert config["add_source_eos"]
    (foreign / "config.json").write_text(json.dumps(config | {"add_source_eos": False}))
    assert ForeignTranslator.open(foreign, threads=1, batch_tokens=512).translate(lines) == expected


def test_a_line_is_translated_as_if_it_stood_alone(foreign: Path) -> None:
    lines = ["the cat", "a dog ran home " * 3, "good morning"]
    translator = ForeignTranslator.open(foreign, threads=1, batch_tokens=512)
    texts = [best.text for best, *_ in translator.translate(lines)]
    assert texts == [translator.translate([line])[0][0].text for line in lines]
    assert texts[1]


def test_it_never_writes_the_unknown_piece(foreign: Path) -> None:
    lines = ["the cat", "good morning", "where is the train station"]
    written = ForeignTranslator.open(foreign, threads=1, batch_tokens=512).translate(lines)
    assert any("垫" in best.text for best, *_ in written)
    config = json.loads((foreign / "config.json").read_text())
    (foreign / "config.json").write_text(json.dumps(config | {"unk_token": "垫"}))
    without = ForeignTranslator.open(foreign, threads=1, batch_tokens=512).translate(lines)
    assert not any("垫" in best.text for best, *_ in without)


def test_a_line_beyond_its_positions_is_told(foreign: Path) -> None:
    translator = ForeignTranslator.open(foreign, threads=1, batch_tokens=512)
    with pytest.raises(StageError, match=r"opus: .*positions"):
        translator.translate(["xyzw " * 60])


def test_a_prefix_changes_what_is_translated(foreign: Path) -> None:
    plain, told = (
        ForeignTranslator.open(foreign, threads=1, batch_tokens=512, prefix=prefix).translate(["good morning"], beam=2)
        for prefix in (None, "▁meet")
    )
    assert plain != told


def test_without_a_gpu_it_cannot_be_opened_on_one(foreign: Path, tiny_bundle: Path) -> None:
    if ctranslate2.get_cuda_device_count():
        pytest.skip("there is one")
    with pytest.raises(ArtifactError, match="CUDA"):
        ForeignTranslator.open(foreign, threads=1, batch_tokens=512, device="cuda")
    with pytest.raises(ArtifactError, match="CUDA"):
        Bundle.open(tiny_bundle, device="cuda")


def test_a_damaged_one_is_named(foreign: Path) -> None:
    (foreign / "model.bin").write_bytes(b"no model")
    with pytest.raises(ArtifactError, match="opus: no CTranslate2 model"):
        ForeignTranslator.open(foreign, threads=1, batch_tokens=512)
