"""A folder as OPUS-MT's training leaves it for Marian: weights as NumPy arrays, two vocabularies, a decoder.yml."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sentencepiece
from numpy.typing import NDArray

from seqline.compression.foreign import ForeignTranslator, converted, is_foreign
from seqline.errors import ArtifactError

WIDTH = 16
CONFIG = """\
type: transformer
enc-depth: 1
dec-depth: 1
transformer-heads: 2
transformer-decoder-autoreg: self-attention
transformer-ffn-activation: relu
transformer-guided-alignment-layer: last
transformer-no-projection: false
transformer-preprocess: ""
transformer-postprocess: dan
transformer-postprocess-emb: d
"""
Weights = dict[str, NDArray[Any]]


def weights_of(num_pieces: int) -> Weights:
    """One layer on each side, with random weights."""
    rng = np.random.default_rng(1)
    found: Weights = {"Wemb": rng.standard_normal((num_pieces, WIDTH), dtype=np.float32)}
    found["decoder_ff_logit_out_b"] = np.zeros((1, num_pieces), np.float32)
    for block in ("encoder_l1_self", "decoder_l1_self", "decoder_l1_context"):
        for name in "qkvo":
            found |= linear(rng, block, name, WIDTH, WIDTH)
        found |= norm(f"{block}_Wo")
    for block in ("encoder_l1_ffn", "decoder_l1_ffn"):
        found |= linear(rng, block, "1", WIDTH, 2 * WIDTH) | linear(rng, block, "2", 2 * WIDTH, WIDTH)
        found |= norm(f"{block}_ffn")
    found["special:model.yml"] = np.frombuffer(f"{CONFIG}\0".encode(), np.int8)
    return found


def linear(rng: np.random.Generator, block: str, name: str, rows: int, columns: int) -> Weights:
    weight = rng.standard_normal((rows, columns), dtype=np.float32)
    return {f"{block}_W{name}": weight, f"{block}_b{name}": np.zeros((1, columns), np.float32)}


def norm(name: str) -> Weights:
    return {f"{name}_ln_scale": np.ones((1, WIDTH), np.float32), f"{name}_ln_bias": np.zeros((1, WIDTH), np.float32)}


@pytest.fixture
def marian(tmp_path: Path, tiny_bundle: Path) -> Path:
    folder = tmp_path / "marian"
    folder.mkdir()
    for side in ("source", "target"):
        shutil.copyfile(tiny_bundle / f"{side}.model", folder / f"{side}.spm")
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / "source.spm"))
    names = [pieces.id_to_piece(index) for index in range(pieces.get_piece_size())]
    (folder / "vocab.yml").write_text("".join(f'"{name}": {index}\n' for index, name in enumerate(names)))
    np.savez(folder / "model.npz", **weights_of(len(names)))  # type: ignore[arg-type]
    (folder / "decoder.yml").write_text("models: [model.npz]\nvocabs: [vocab.yml, vocab.yml]\n")
    return folder


def test_it_is_converted_and_translates(marian: Path, tmp_path: Path) -> None:
    assert is_foreign(marian)
    folder = converted(marian, tmp_path / "converted", "int8")
    translator = ForeignTranslator.open(folder, threads=1, batch_tokens=512)
    found = translator.translate(["good morning", "where is the train station"], beam=2, nbest=2)
    assert [len(nbest) for nbest in found] == [2, 2]
    assert found[0][0].text != found[1][0].text


def test_arrays_of_pickled_objects_are_not_read(marian: Path, tmp_path: Path) -> None:
    with np.load(marian / "model.npz") as weights:
        kept = dict(weights)
    np.savez(marian / "model.npz", **kept | {"Wemb": np.array([print], dtype=object)})  # type: ignore[arg-type]
    with pytest.raises(ArtifactError, match=r"marian: cannot be converted for CTranslate2 \(Object arrays cannot be"):
        converted(marian, tmp_path / "converted", "int8")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # NumPy leaves a damaged file open
@pytest.mark.parametrize("damage", ["no weights", "weights cut short", "no list", "no YAML", "no pieces"])
def test_what_is_absent_or_damaged_is_a_plain_error(marian: Path, tmp_path: Path, damage: str) -> None:
    weights, decoder = marian / "model.npz", marian / "decoder.yml"
    match damage:
        case "no weights":
            weights.unlink()
        case "weights cut short":
            weights.write_bytes(weights.read_bytes()[:-500])
        case "no list":
            decoder.write_text("")
        case "no YAML":
            decoder.write_text("models: [")
        case _:
            (marian / "target.spm").unlink()
    with pytest.raises(ArtifactError, match="marian: cannot be converted for CTranslate2"):
        converted(marian, tmp_path / "converted", "int8")
