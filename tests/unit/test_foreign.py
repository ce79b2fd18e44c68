import shutil
from pathlib import Path

import pytest

from seqline.compression.foreign import ForeignTranslator, converted, is_foreign
from seqline.errors import ArtifactError
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


def test_it_translates_as_the_same_model_at_home(foreign: Path, tiny_bundle: Path, tmp_path: Path) -> None:
    lines = ["good morning", "where is the train station"]
    translator = ForeignTranslator.open(converted(foreign, tmp_path / "x"), threads=1, batch_tokens=512)
    found = translator.translate(lines, beam=3, nbest=2)
    assert [len(nbest) for nbest in found] == [2, 2]
    assert all(nbest[0].score >= nbest[1].score for nbest in found)
    longest = Bundle.open(tiny_bundle).description.max_pieces
    assert all(len(nbest[0].text) <= 4 * longest for nbest in found)


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
