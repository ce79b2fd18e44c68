"""The local source: alignment, tables, selection and sums."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from raw_corpora import COMPRESSIONS, compressed, local, params

from seqline.corpus import local as source
from seqline.corpus.row import Row
from seqline.errors import CorpusError, MismatchError
from seqline.params.corpora import Local

LANGUAGES = ("en", "zh")


def corpus(**keys: Any) -> Local:
    found = params([local(**keys)]).download.corpora[0]
    assert isinstance(found, Local)
    return found


def write(root: Path, **files: str) -> None:
    for name, text in files.items():
        (root / name.replace("_", ".")).write_text(text, encoding="utf-8", newline="")


def test_lines_of_two_files_are_paired_and_numbered_from_one(tmp_path: Path) -> None:
    write(tmp_path, train_en="one\ntwo\n", train_zh="一\n二\n")
    assert list(source.read(corpus(), tmp_path, LANGUAGES)) == [Row(1, "one", "一"), Row(2, "two", "二")]


def test_lone_carriage_return_does_not_shift_alignment(tmp_path: Path) -> None:
    write(tmp_path, train_en="one\rmore\ntwo\u2028more\n", train_zh="一\r\n二\x0b更多\n")
    assert [row.target for row in source.read(corpus(), tmp_path, LANGUAGES)] == ["一", "二\x0b更多"]


@pytest.mark.parametrize(("english", "chinese"), [(3, 2), (2, 3), (5, 1), (1, 9)])
def test_unequal_counts_name_both(tmp_path: Path, english: int, chinese: int) -> None:
    write(tmp_path, train_en="x\n" * english, train_zh="y\n" * chinese)
    with pytest.raises(CorpusError, match=rf"train\.en has {english} lines but .*train\.zh has {chinese};"):
        list(source.read(corpus(), tmp_path, LANGUAGES))


def test_a_table_gives_its_first_two_columns(tmp_path: Path) -> None:
    write(tmp_path, pairs_tsv="one\t一\t87\ntwo\t二\n")
    rows = list(source.read(corpus(table="pairs.tsv"), tmp_path, LANGUAGES))
    assert rows == [Row(1, "one", "一"), Row(2, "two", "二")]


def test_other_columns_of_a_table_may_be_chosen(tmp_path: Path) -> None:
    write(tmp_path, pairs_tsv="1\t一\tone\n2\t二\ttwo\n")
    rows = list(source.read(corpus(table="pairs.tsv", columns=[3, 2]), tmp_path, LANGUAGES))
    assert rows == [Row(1, "one", "一"), Row(2, "two", "二")]
    with pytest.raises(CorpusError, match=r"pairs\.tsv: line 1 has 3 columns; expected 4 or more on every line"):
        list(source.read(corpus(table="pairs.tsv", columns=[4, 2]), tmp_path, LANGUAGES))


def test_a_table_row_without_a_tab_is_named(tmp_path: Path) -> None:
    write(tmp_path, pairs_tsv="one\t一\ntwo 二\n")
    with pytest.raises(CorpusError, match=r"pairs\.tsv: line 2 has no tab"):
        list(source.read(corpus(table="pairs.tsv"), tmp_path, LANGUAGES))


@pytest.mark.parametrize("how", COMPRESSIONS)
def test_compressed_sides_are_read_alike(tmp_path: Path, how: str) -> None:
    for name, text in (("train.en", "one\n"), ("train.zh", "一\n")):
        (tmp_path / name).write_bytes(compressed(text.encode(), how))
    assert list(source.read(corpus(), tmp_path, LANGUAGES)) == [Row(1, "one", "一")]


def test_selected_lines_keep_the_numbers_of_the_file(tmp_path: Path) -> None:
    write(tmp_path, train_en="a\nb\nc\n", train_zh="甲\n乙\n丙\n", labels="news\ntalk\nnews\n")
    select = {"file": "labels", "values": ["news"]}
    assert [row.line for row in source.read(corpus(select=select), tmp_path, LANGUAGES)] == [1, 3]


def test_labels_must_be_as_many_as_pairs(tmp_path: Path) -> None:
    write(tmp_path, train_en="a\nb\n", train_zh="甲\n乙\n", labels="news\n")
    with pytest.raises(CorpusError, match=r"train\.en has 2 lines but .*labels has 1;"):
        list(source.read(corpus(select={"file": "labels", "values": ["news"]}), tmp_path, LANGUAGES))


def test_a_label_that_nowhere_stands_is_an_error_that_lists_the_others(tmp_path: Path) -> None:
    write(tmp_path, train_en="a\nb\n", train_zh="甲\n乙\n", labels="news\ntalk\n")
    with pytest.raises(CorpusError, match="no line is labelled novels; labels found: news, talk"):
        list(source.read(corpus(select={"file": "labels", "values": ["news", "novels"]}), tmp_path, LANGUAGES))


def test_a_pinned_sum_is_checked_before_anything_is_read(tmp_path: Path) -> None:
    write(tmp_path, train_en="one\n", train_zh="一\n")
    right = hashlib.sha256(b"one\n").hexdigest()
    assert list(source.read(corpus(sha256={"train.en": right}), tmp_path, LANGUAGES))
    with pytest.raises(MismatchError, match=rf"train\.en: sha256 is {right}, but params\.yaml pins {'0' * 64}"):
        next(source.read(corpus(sha256={"train.en": "0" * 64}), tmp_path, LANGUAGES))


def test_a_sum_of_a_file_that_is_not_read_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"does not read: other\.en"):
        corpus(sha256={"other.en": "0" * 64})


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.tmx", "tmx"), ("b/a.TMX.gz", "tmx"), ("a.en-zh.jsonl.zst", "jsonl"), ("a.po.xz", "po"), ("a.mo", "mo"),
     ("a.xlf.bz2", "xliff"), ("a.xliff", "xliff"), ("a.tsv", "tsv")],
)  # fmt: skip
def test_the_name_of_a_file_tells_its_format(name: str, expected: str) -> None:
    assert corpus(file=name).file_format == expected


@pytest.mark.parametrize(
    ("keys", "why"),
    [({"file": "a.txt"}, "tells no format"), ({"file": "tmx"}, "tells no format"), ({"file": ".gz"}, "tells no format"),
     ({"file": "a.tmx", "keys": ["q", "a"]}, "`keys` goes with the format `jsonl`"),
     ({"file": "a.tmx", "table": "a.tsv"}, "either `source` and `target`, or `table`, or `file`"),
     ({"file": "a.tmx", "target": "a.zh"}, "either `source`"),
     ({"table": "a.tsv", "languages": ["en", "zh"]}, "go with `file`"),
     ({"file": "a.jsonl", "keys": ["q"]}, "at least 2"), ({"file": "a.tmx", "languages": ["en"]}, "at least 2"),
     ({"file": "a.tmx", "languages": ["en", "../zh"]}, "pattern"), ({"file": "a.csv", "format": "csv"}, "'tsv'"),
     ({"file": "a.tmx", "languages": ["en", "zh\n"]}, "pattern")],
)  # fmt: skip
def test_keys_that_do_not_go_together_are_refused(keys: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        corpus(**keys)


def test_a_format_may_be_given_where_the_name_tells_none_or_another(tmp_path: Path) -> None:
    write(tmp_path, pairs_txt='{"en": "one", "zh": "一"}\n')
    assert list(source.read(corpus(file="pairs.txt", format="jsonl"), tmp_path, LANGUAGES)) == [Row(1, "one", "一")]


def test_records_of_one_file_can_be_selected_too(tmp_path: Path) -> None:
    write(tmp_path, pairs_tsv="a\t甲\nb\t乙\nc\t丙\n", labels="news\ntalk\nnews\n")
    chosen = corpus(file="pairs.tsv", select={"file": "labels", "values": ["news"]})
    assert [row.line for row in source.read(chosen, tmp_path, LANGUAGES)] == [1, 3]


def test_one_name_may_serve_several_splits_but_no_split_twice() -> None:
    params([local("train"), local("dev"), local("test")])
    with pytest.raises(ValidationError, match=r"used twice for one split: tiny \(train\)"):
        params([local("train"), local("train")])


def test_something_must_be_trained_on() -> None:
    with pytest.raises(ValidationError, match="no corpus has `split: train`"):
        params([local("dev"), local("test")])


def test_a_pattern_stands_for_its_files_by_name_and_lines_count_through_all(tmp_path: Path) -> None:
    (tmp_path / "in [1]").mkdir()
    for name, text in {"b.tsv": "three\t三\n", "a.tsv": "one\t一\n\t\n", ".c.tsv": "half", "d.part": "half"}.items():
        (tmp_path / "in [1]" / name).write_text(text, encoding="utf-8")
    found = corpus(table="in [1]/*.tsv")
    assert list(source.inputs(found, tmp_path)) == ["in [1]/a.tsv", "in [1]/b.tsv"]
    rows = list(source.read(found, tmp_path, LANGUAGES))
    assert rows == [Row(1, "one", "一"), Row(2, "", ""), Row(3, "three", "三")]


def test_a_pattern_that_no_file_matches_is_told(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"incoming/\*\.tsv: no file matches; put one there or correct the pattern"):
        list(source.read(corpus(table="incoming/*.tsv"), tmp_path, LANGUAGES))


@pytest.mark.parametrize(
    ("keys", "fault"),
    [
        ({"source": "*.en", "target": "*.zh"}, "only `file` and `table` may be patterns"),
        ({"table": "*.tsv", "select": {"file": "labels", "values": ["x"]}}, "`select` goes with one file"),
        ({"table": "*.tsv", "sha256": {"a.tsv": "0" * 64}}, "files that the corpus does not read"),
    ],
)
def test_patterns_where_they_mean_nothing_are_refused(keys: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        corpus(**keys)
