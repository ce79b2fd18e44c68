import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

from seqline.compression.foreign import ForeignTranslator, converted, is_foreign
from seqline.errors import ArtifactError, InputError


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
    translator = ForeignTranslator.open(converted(foreign, tmp_path / "x"), threads=1, batch_tokens=512)
    found = translator.translate(lines, beam=3, nbest=2)
    assert [len(nbest) for nbest in found] == [2, 2, 2]
    assert all(nbest[0].score >= nbest[1].score for nbest in found)


def test_pickled_weights_are_refused(foreign: Path, tmp_path: Path) -> None:
    (foreign / "model.bin").rename(foreign / "pytorch_model.bin")
    assert is_foreign(foreign)
    with pytest.raises(ArtifactError, match="pickled weights are not read"):
        converted(foreign, tmp_path / "x")


@pytest.mark.skipif(find_spec("transformers") is not None, reason="transformers is installed")
def test_without_transformers_it_says_what_to_install(foreign: Path, tmp_path: Path) -> None:
    (foreign / "model.bin").rename(foreign / "model.safetensors")
    with pytest.raises(InputError, match="pip install transformers"):
        converted(foreign, tmp_path / "x")


def test_a_prefix_changes_what_is_translated(foreign: Path) -> None:
    plain, told = (
        ForeignTranslator.open(foreign, threads=1, batch_tokens=512, prefix=prefix).translate(["good morning"], beam=2)
        for prefix in (None, "▁meet")
    )
    assert plain != told


def test_a_damaged_one_is_named(foreign: Path) -> None:
    (foreign / "model.bin").write_bytes(b"no model")
    with pytest.raises(ArtifactError, match="opus: no CTranslate2 model"):
        ForeignTranslator.open(foreign, threads=1, batch_tokens=512)
