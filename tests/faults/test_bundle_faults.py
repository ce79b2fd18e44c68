"""Damage to each file of a bundle is found before anything is loaded, and told in one plain line."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from seqline.errors import ArtifactError, MissingError, SeqlineError
from seqline.files import MANIFEST, sha256
from seqline.serving.bundle import DESCRIPTION, Bundle

FILES = ("model.bin", "config.json", "shared_vocabulary.json", "source.model", "target.model", DESCRIPTION)


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.fixture
def bundle(tiny_bundle: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_bundle, tmp_path / "bundle"))


def reseal(folder: Path) -> None:
    """Make the manifest agree with the files as they are, as someone who means harm would."""
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["files"] = {path.name: sha256(path) for path in sorted(folder.iterdir()) if path.name != MANIFEST}
    (folder / MANIFEST).write_text(json.dumps(manifest))


@pytest.mark.parametrize("damage", [flip_a_bit, truncate, empty, Path.unlink])
@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_named(bundle: Path, name: str, damage: Callable[[Path], None]) -> None:
    damage(bundle / name)
    with pytest.raises(ArtifactError, match=name) as caught:
        Bundle.open(bundle)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", FILES)
def test_an_emptied_file_is_refused_even_when_the_manifest_agrees(bundle: Path, name: str) -> None:
    empty(bundle / name)
    reseal(bundle)
    with pytest.raises(SeqlineError) as caught:
        Bundle.open(bundle)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["model.bin", "source.model", "target.model", DESCRIPTION])
def test_a_bundle_without_a_needed_file_is_not_deployable(bundle: Path, name: str) -> None:
    (bundle / name).unlink()
    reseal(bundle)
    with pytest.raises(ArtifactError, match="not a deployable bundle"):
        Bundle.open(bundle)


def test_a_tokenizer_of_another_vocabulary_is_refused(bundle: Path) -> None:
    import io

    import sentencepiece

    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["quite other text", "with other words"] * 20), model_writer=model, vocab_size=300,
        hard_vocab_limit=False, byte_fallback=True, pad_id=0, unk_id=1, bos_id=2, eos_id=3, minloglevel=2,
    )  # fmt: skip
    (bundle / "target.model").write_bytes(model.getvalue())
    reseal(bundle)
    with pytest.raises(ArtifactError, match=r"target\.model"):
        Bundle.open(bundle)


@pytest.mark.parametrize(
    "content",
    ["[]", "{}", '{"name": "x"}', "not json", '{"name": 1, "source": "en", "target": "zh", "max_pieces": "many"}'],
)
def test_a_strange_description_is_refused(bundle: Path, content: str) -> None:
    (bundle / DESCRIPTION).write_text(content)
    reseal(bundle)
    with pytest.raises(ArtifactError, match=DESCRIPTION):
        Bundle.open(bundle)


def test_a_folder_without_a_manifest_is_no_bundle(bundle: Path, tmp_path: Path) -> None:
    (bundle / MANIFEST).unlink()
    for folder in (bundle, tmp_path / "nowhere"):
        with pytest.raises(MissingError, match="no finished output"):
            Bundle.open(folder)
