"""A model that goes on from an earlier one, whose tokenizer may have other pieces."""

import json
import pickle
from pathlib import Path

import pytest
import torch
from kept_by_dvc import put_into_dvc_cache
from tiny_training import tiny_data, tiny_model

from seqline import files, models, starting
from seqline.adapters import dvc_cache
from seqline.errors import ArtifactError, InputError, MismatchError, MissingError
from seqline.models.config import TransformerConfig
from seqline.starting import start_folder
from seqline.tokenization import Tokenizer, train_tokenizer
from seqline.training.warm import start_from
from seqline.workspace import Workspace


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    folder = tmp_path / "models" / "earlier"
    with files.staged(folder) as partial:
        models.save(tiny_model(), partial)
        tiny_data().tokenizer.save(partial)
    return folder


def tokenizer_of(lines: list[str], folder: Path, size: int = 300) -> Tokenizer:
    for name in ("source.model", "target.model"):
        (folder / name).write_bytes(train_tokenizer(lines, ["en"], size, 1.0, 1))
    return Tokenizer.load(folder)


def fresh(tokenizer: Tokenizer, width: int = 16) -> models.EncoderDecoder:
    torch.manual_seed(7)
    sizes = (tokenizer.source_vocabulary, tokenizer.target_vocabulary)
    return models.build(TransformerConfig("transformer", *sizes, width, 8, 2, 2, (32,), (32,), "relu", 0.3, "target"))


def test_with_the_same_tokenizer_every_weight_is_taken(earlier: Path) -> None:
    model = fresh(tiny_data().tokenizer)
    start_from(earlier, model, tiny_data().tokenizer)
    for one, other in zip(model.parameters(), tiny_model().parameters(), strict=True):
        assert torch.equal(one, other)


def test_a_piece_keeps_its_row_under_another_number_and_a_new_one_starts_at_random(
    earlier: Path, tmp_path: Path
) -> None:
    lines = ["ba be bi do du ga ge go", "zebra xylo ba du ga", "gu bo de di da gi bu"] * 30
    tokenizer = tokenizer_of(lines, tmp_path, 310)
    model = fresh(tokenizer)
    random = model.state_dict()["source_embedding.weight"].clone()
    told = start_from(earlier, model, tokenizer)
    old, given = tiny_data().tokenizer.source, tiny_model().state_dict()["source_embedding.weight"]
    known = {old.id_to_piece(i): i for i in range(old.get_piece_size())}
    rows = model.state_dict()["source_embedding.weight"]
    moved = new = 0
    for i in range(tokenizer.source.get_piece_size()):
        place = known.get(tokenizer.source.id_to_piece(i))
        assert torch.equal(rows[i], random[i] if place is None else given[place])
        moved += place not in (None, i)
        new += place is None
    assert moved
    assert new
    assert told.startswith(f"{len(rows) - new} of {len(rows)} source pieces")


def test_too_few_known_pieces_are_refused_with_all_three_sizes(earlier: Path, tmp_path: Path) -> None:
    chinese = [chr(0x4E00 + i) + chr(0x4E01 + i) + chr(0x5E00 + i) for i in range(400)]
    tokenizer = tokenizer_of(chinese * 2, tmp_path, 1400)
    with pytest.raises(MismatchError, match=r"has \d+ source pieces and knows \d+ of the \d+ that"):
        start_from(earlier, fresh(tokenizer), tokenizer)


def test_another_architecture_is_refused_by_name(earlier: Path) -> None:
    with pytest.raises(MismatchError, match=r"another architecture: width \(16 there, 24 here\)"):
        start_from(earlier, fresh(tiny_data().tokenizer, width=24), tiny_data().tokenizer)


def test_a_pickle_instead_of_weights_is_refused(earlier: Path) -> None:
    (earlier / "weights.safetensors").write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(ArtifactError, match="differs from manifest"):
        start_folder(Workspace(earlier.parents[1]), "models/earlier")
    with pytest.raises(ArtifactError, match="weights"):
        start_from(earlier, fresh(tiny_data().tokenizer), tiny_data().tokenizer)


@pytest.mark.parametrize("reference", ["models/none", "models/earlier/config.json"])
def test_what_is_no_model_folder_is_named(reference: str, earlier: Path) -> None:
    with pytest.raises(MissingError, match="no such model folder"):
        start_folder(Workspace(earlier.parents[1]), reference)


@pytest.mark.parametrize("reference", ["models:/x", "models:/../x@champion", "models:/x@champion/y"])
def test_what_is_no_registered_version_is_told(reference: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a registered model"):
        start_folder(Workspace(tmp_path), reference)


def test_the_teacher_of_a_registered_version_comes_from_the_cache(earlier: Path, tmp_path: Path) -> None:
    version = tmp_path / "version"
    digest = put_into_dvc_cache(tmp_path, earlier)
    lineage = {
        "stages": {"train": {"outs": {"models/teacher": digest}}},
        "models": {"teacher": files.content_hash(earlier)},
    }
    files.write_json(version / "lineage.json", lineage)
    for _ in range(2):
        folder = starting._teacher(Workspace(tmp_path), "models:/x@champion", version)
        assert files.content_hash(folder) == files.content_hash(earlier)
    files.write_json(version / "lineage.json", replace_teacher(lineage))
    with pytest.raises(ArtifactError, match="another teacher"):
        starting._teacher(Workspace(tmp_path), "models:/x@champion", version)


def test_what_a_registered_start_had_learnt_from_is_known_and_of_a_folder_it_is_not(
    earlier: Path, tmp_path: Path
) -> None:
    before = {"trained_on": [{"train": "first", "clean": None}]}
    stages = {"clean": {"outs": {"data/clean": "ab.dir"}}}
    files.write_json(earlier.parent / "lineage.json", {"training_data": "second", "stages": stages, "start": before})
    found = starting.origin("models:/x@champion", earlier)
    assert found["content_hash"] == files.content_hash(earlier)
    assert found["trained_on"] == [{"train": "second", "clean": "ab.dir"}, {"train": "first", "clean": None}]
    assert starting.origin("models/earlier", earlier)["trained_on"] == [None]


def replace_teacher(lineage: dict[str, dict[str, object]]) -> dict[str, object]:
    return {**lineage, "models": {"teacher": "0" * 64}}


def test_a_list_in_the_cache_that_leads_out_of_its_folder_is_refused(tmp_path: Path) -> None:
    digest = "ab" * 16 + ".dir"
    path = tmp_path / ".dvc" / "cache" / "files" / "md5" / "ab" / digest[2:]
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps([{"md5": "ab" * 16, "relpath": "../../canary"}]))
    with pytest.raises(ArtifactError, match="outside of its folder"):
        dvc_cache.copy_folder(tmp_path, digest, tmp_path / "copied")
    assert not (tmp_path / "canary").exists()
    with pytest.raises(MissingError, match="not in DVC's cache"):
        dvc_cache.copy_folder(tmp_path, "cd" * 16 + ".dir", tmp_path / "copied")
