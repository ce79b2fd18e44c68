import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from seqline.errors import ArtifactError
from seqline.files import MANIFEST, sha256
from seqline.serving.bundle import Bundle
from seqline.serving.packing import pack, unpacked

LINES = ["A man is here.", "", "the red book", "x" * 300]


def sealed(folder: Path) -> Path:
    """With a manifest of the files as they are."""
    (folder / MANIFEST).unlink()
    files = {path.name: sha256(path) for path in sorted(folder.iterdir())}
    (folder / MANIFEST).write_text(json.dumps({"files": files}))
    return folder


@pytest.fixture
def packed(tiny_bundle: Path, tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(tiny_bundle, tmp_path / "packed"))
    pack(folder)
    return sealed(folder)


def test_a_packed_bundle_translates_as_before(tiny_bundle: Path, packed: Path) -> None:
    assert (packed / "model.bin.gz").is_file()
    assert not (packed / "model.bin").exists()
    whole, small = Bundle.open(tiny_bundle), Bundle.open(packed)
    assert small.translate(LINES, nbest=2) == whole.translate(LINES, nbest=2)


def test_packing_gives_the_same_bytes_again(tiny_bundle: Path, packed: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(tiny_bundle, tmp_path / "again"))
    pack(folder)
    assert sha256(folder / "model.bin.gz") == sha256(packed / "model.bin.gz")


def test_unpacking_gives_every_file_back(tiny_bundle: Path, packed: Path) -> None:
    names = [path.name for path in packed.iterdir() if path.name != MANIFEST]
    contents = unpacked(packed, names)
    assert contents == {name: (tiny_bundle / name).read_bytes() for name in contents}
    assert unpacked(tiny_bundle, ["model.bin"]) == {}


@pytest.mark.parametrize("damage", [lambda content: content[:-9], lambda content: b"no gzip", lambda content: b""])
def test_a_damaged_file_is_named_even_when_the_manifest_agrees(packed: Path, damage: Callable[[bytes], bytes]) -> None:
    path = packed / "model.bin.gz"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ArtifactError, match=r"model\.bin\.gz"):
        Bundle.open(sealed(packed))
