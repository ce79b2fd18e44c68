"""The Hugging Face hub: rows become JSON Lines, whichever columns they have."""

import sys
from pathlib import Path
from typing import Any

import pytest

from seqline.corpus import formats
from seqline.corpus.remote import huggingface
from seqline.corpus.row import Row
from seqline.errors import CorpusError, MissingError
from seqline.params.remote import HuggingFace

ROWS = [
    {"translation": {"en": "one\ntwo", "zh": "一\u2028二"}, "id": 1},
    {"translation": {"en": None, "zh": "三"}, "id": 2},
]
LANGUAGES = ("en", "zh")


def corpus(**keys: Any) -> HuggingFace:
    return HuggingFace(kind="huggingface", name="far", split="train", dataset="owner/name", **keys)


def written(path: Path, rows: list[dict[str, Any]], places: tuple[str, str]) -> list[tuple[int, str, str]]:
    huggingface.write(rows, places, "far", path)
    found: list[Row] = list(formats.read(path, LANGUAGES, "jsonl", huggingface.KEYS))
    return [(row.line, " ".join(row.source.split()), row.target) for row in found]


def test_a_translation_column_is_read_by_language_and_an_absent_side_keeps_its_place(tmp_path: Path) -> None:
    places = huggingface.columns(corpus(), LANGUAGES)
    assert written(tmp_path / "x.jsonl", ROWS, places) == [(1, "one two", "一\u2028二"), (2, "", "三")]


def test_columns_are_read_by_name_even_with_a_dot_in_it(tmp_path: Path) -> None:
    places = huggingface.columns(corpus(source="text.en", target="zh"), LANGUAGES)
    assert written(tmp_path / "x.jsonl", [{"text.en": "one", "zh": "一"}], places) == [(1, "one", "一")]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"en": "one", "zh": "一"}, "row 1: no column translation.en; there is en, zh: name them as"),
        ({"translation": {"en": "one"}}, "row 1: no column translation.zh; there is en"),
        ({"translation": "one"}, "row 1: no column translation.en; there is str"),
        ({"translation": {"en": ["one"], "zh": "一"}}, "row 1: column translation.en holds list, not text"),
    ],
)
def test_a_column_that_is_not_there_is_told_with_those_that_are(tmp_path: Path, row: dict[str, Any], said: str) -> None:
    with pytest.raises(CorpusError, match=said):
        huggingface.write([row], huggingface.columns(corpus(), LANGUAGES), "far", tmp_path / "x.jsonl")


def test_every_choice_that_changes_the_rows_is_in_their_name() -> None:
    choices: list[dict[str, Any]] = [
        {}, {"config": "other"}, {"hf_split": "test"}, {"source": "a", "target": "b"}, {"languages": ["en", "zh_cn"]},
    ]  # fmt: skip
    names = {huggingface.url(corpus(**choice), LANGUAGES, "abc") for choice in choices}
    assert len(names | {huggingface.url(corpus(), LANGUAGES, "def")}) == 6


def test_without_the_package_the_way_out_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)  # as if it were not installed
    with pytest.raises(MissingError, match="kind huggingface needs the package datasets: pip install datasets"):
        huggingface.look_up(corpus())


@pytest.mark.slow
def test_a_real_dataset_of_the_library_is_exported(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    (tmp_path / "data").mkdir()
    features = datasets.Features({"translation": datasets.Translation(languages=["en", "zh"])})
    table = datasets.Dataset.from_list([{"translation": one["translation"]} for one in ROWS], features=features)
    table.to_parquet(str(tmp_path / "data" / "train.parquet"))
    one = corpus().model_copy(update={"dataset": str(tmp_path / "data")})
    huggingface.export(one, LANGUAGES, "main", tmp_path / "x.jsonl")
    found = formats.read(tmp_path / "x.jsonl", LANGUAGES, "jsonl", huggingface.KEYS)
    assert [row.target for row in found] == ["一\u2028二", "三"]
    with pytest.raises(CorpusError, match=r"far: .*nope"):
        huggingface.export(one.model_copy(update={"hf_split": "nope"}), LANGUAGES, "main", tmp_path / "y.jsonl")
