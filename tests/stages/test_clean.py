"""The clean stage on the phrasebook and on small local corpora: outputs, report, determinism, refusals."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from raw_corpora import job, local, write_pairs

from seqline import files
from seqline.errors import ArtifactError, MissingError, StageError
from seqline.stages import clean, download
from seqline.stages.job import Job

PHRASES = {
    "kind": "generated", "name": "phrases", "pairs": 4000, "dev_pairs": 60, "test_pairs": 80, "noise_share": 0.15,
    "seed": 3,
}  # fmt: skip
COLUMNS = {"id": pl.Int64, "corpus": pl.String, "line": pl.Int64, "source": pl.String, "target": pl.String}


@pytest.fixture(scope="module")
def phrases(tmp_path_factory: pytest.TempPathFactory) -> Job:
    task = job(tmp_path_factory.mktemp("phrases"), [PHRASES])
    download.run(task)
    clean.run(task)
    return task


def figures(task: Job) -> Any:
    return files.read_json(task.work.reports / "clean.json")


def test_kept_and_dropped_add_up_to_what_was_read(phrases: Job) -> None:
    report = figures(phrases)
    dropped = pl.read_parquet(phrases.work.clean / "dropped.parquet")
    kept = {split: pl.read_parquet(phrases.work.clean / f"{split}.parquet") for split in ("train", "dev", "test")}
    assert report["read"] == 4140 == report["kept"] + sum(report["dropped"].values())
    assert report["splits"] == {split: len(frame) for split, frame in kept.items()}
    assert dropped["rule"].value_counts().sort("rule").rows() == sorted(report["dropped"].items())
    assert sum(report["dropped_share"].values()) == pytest.approx(1 - report["kept"] / report["read"], abs=1e-4)
    assert dropped.columns == ["corpus", "split", "line", "source", "target", "rule", "value"]


@pytest.mark.parametrize("split", ["train", "dev", "test"])
def test_kept_pairs_are_numbered_and_lead_back_to_their_line(phrases: Job, split: str) -> None:
    frame = pl.read_parquet(phrases.work.clean / f"{split}.parquet")
    assert frame.schema == COLUMNS
    assert frame["id"].to_list() == list(range(len(frame)))
    raw = pl.read_parquet(phrases.work.raw / f"phrases.{split}.parquet")
    joined = frame.join(raw, on="line", suffix="_raw")
    assert len(joined) == len(frame)
    assert (joined["source"] == joined["source_raw"]).mean() > 0.95  # type: ignore[operator]


def test_dev_and_test_stay_whole(phrases: Job) -> None:
    assert figures(phrases)["splits"]["dev"] == 60
    assert figures(phrases)["splits"]["test"] == 80


def test_planted_noise_is_caught_and_clean_pairs_stay(phrases: Job) -> None:
    report = figures(phrases)
    assert set(report["noise"]) == {
        "misaligned", "duplicated", "wrong_language", "markup", "broken_encoding", "truncated", "copied",
    }  # fmt: skip
    recalls = {kind: found["recall"] for kind, found in report["noise"].items()}
    assert min(recalls.values()) >= 0.9, recalls
    assert report["recall"] >= 0.95
    assert report["precision"] >= 0.97
    assert report["clean_pairs"]["lost_share"] <= 0.01


def test_the_report_says_what_the_pair_score_expects_and_it_comes_true(phrases: Job) -> None:
    report = figures(phrases)
    expected = report["pair_score"]
    assert list(expected) == ["misaligned", "truncated_source", "truncated_target"]
    assert expected["misaligned"]["expected_recall"] == pytest.approx(report["noise"]["misaligned"]["recall"], abs=0.05)
    assert sum(one["expected_loss"] for one in expected.values()) <= phrases.params.clean.pair_score.max_loss
    assert expected["misaligned"]["estimated_share"] == pytest.approx(0.15 / 7, rel=0.5)


def test_the_report_shows_a_few_pairs_per_rule(phrases: Job) -> None:
    report = figures(phrases)
    assert set(report["samples"]) == set(report["dropped"])
    sample = report["samples"]["max_copy_share"][0]
    assert sample["source"] == sample["target"]
    assert sample["value"] == "1"


def test_the_same_raw_pairs_leave_the_same_bytes(phrases: Job, tmp_path: Path) -> None:
    again = job(tmp_path, [PHRASES])
    download.run(again)
    clean.run(again)
    assert files.content_hash(again.work.clean) == files.content_hash(phrases.work.clean)
    assert figures(again) == figures(phrases)


def test_dev_and_test_are_held_out_where_no_corpus_brings_them(tmp_path: Path) -> None:
    write_pairs(tmp_path, "train", [(f"This is sentence number {n}.", f"这是第 {n} 个句子。") for n in range(300)])
    task = job(tmp_path, [local()], split={"dev_pairs": 20, "test_pairs": 30, "max_ngram_overlap": 1.0})
    download.run(task)
    clean.run(task)
    assert figures(task)["splits"] == {"train": 250, "dev": 20, "test": 30}


def test_a_corpus_that_brings_its_test_set_keeps_it(tmp_path: Path) -> None:
    write_pairs(tmp_path, "train", [(f"This is sentence number {n}.", f"这是第 {n} 个句子。") for n in range(300)])
    write_pairs(tmp_path, "test", [("这", "Not Chinese &amp; not long"), ("", "空")])
    task = job(tmp_path, [local(), local("test")], split={"dev_pairs": 20})
    download.run(task)
    clean.run(task)
    test = pl.read_parquet(task.work.clean / "test.parquet")
    assert test.rows() == [(0, "tiny", 1, "这", "Not Chinese & not long")]
    assert figures(task)["dropped"]["empty"] == 1


def test_nothing_left_to_train_on_is_a_plain_error_and_earlier_output_stays(tmp_path: Path) -> None:
    write_pairs(tmp_path, "train", [(f"This is sentence number {n}.", f"这是第 {n} 个句子。") for n in range(300)])
    task = job(tmp_path, [local()])
    download.run(task)
    clean.run(task)
    before = files.content_hash(task.work.clean)
    strict = job(tmp_path, [local()], rules={"max_characters": 200, "max_length": 1})
    with pytest.raises(StageError, match=r"no training pair is left \(max_length dropped 300\)"):
        clean.run(strict)
    assert files.content_hash(task.work.clean) == before


def test_without_raw_data_the_error_says_so(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="no finished output there"):
        clean.run(job(tmp_path, [local()]))


def test_damaged_raw_data_is_found_before_it_is_used(tmp_path: Path) -> None:
    write_pairs(tmp_path, "train", [(f"Sentence {n}.", f"句子 {n}。") for n in range(300)])
    task = job(tmp_path, [local()])
    download.run(task)
    path = task.work.raw / "tiny.train.parquet"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(ArtifactError, match=r"tiny\.train\.parquet: content differs"):
        clean.run(task)


@pytest.mark.corpora
@pytest.mark.parametrize(("folder", "names", "target", "bound"), [
    ("multi30k_en_de", ("train.en.gz", "train.de.gz"), "de", 0.001),
    ("enzh_open", ("train.en.gz", "train.zh.gz"), "zh", 0.002),
])  # fmt: skip
def test_well_kept_corpora_lose_next_to_nothing_by_rules_and_no_more_than_is_allowed_by_the_pair_score(
    tmp_path: Path, folder: str, names: tuple[str, str], target: str, bound: float
) -> None:
    data = Path(__file__).parents[2] / "../shared/data" / folder
    if not data.is_dir():
        pytest.skip(f"needs the corpus {data}")
    source, translation = (str(data / name) for name in names)
    task = job(tmp_path, [local(source=source, target=translation)])
    project = task.params.project.model_copy(update={"target": target})
    task = Job(task.params.model_copy(update={"project": project}), task.work)
    download.run(task)
    clean.run(task)
    report = figures(task)
    shares = {rule: number / report["read"] for rule, number in report["dropped"].items()}
    assert task.params.clean.pair_score is not None
    assert shares.pop("misaligned", 0.0) + shares.pop("truncated", 0.0) <= task.params.clean.pair_score.max_loss
    no_mistakes = ("exact_duplicate", "near_duplicate", "leak", "ngram_overlap")
    assert sum(share for rule, share in shares.items() if rule not in no_mistakes) <= bound
