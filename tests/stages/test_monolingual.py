"""Sentences without a translation: cleaned with a reason for each that goes, translated, and learnt."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from raw_corpora import job, local, write_pairs

from seqline import files
from seqline.errors import CorpusError
from seqline.stages import clean, distill, download, synthesize
from seqline.stages.job import Job

PAIRS = {"train": ["We meet at noon.", "He sold the car.", "It rains."], "dev": ["I see a dog."], "test": ["Go home!"]}
ALONE = [
    "She reads a long book.",
    "she reads a long book",  # as the one before
    "He sold the car.",  # a training pair has it
    "go home",  # a test pair has it
    "",
    "Они встретились в полдень и говорили.",
    "The train   leaves at nine.",
]


@pytest.fixture
def cleaned(tmp_path: Path) -> Job:
    corpora: list[dict[str, Any]] = []
    for split, sources in PAIRS.items():
        (tmp_path / f"{split}.tsv").write_text("".join(f"{source}\t中文{source[:2]}。\n" for source in sources))
        corpora.append(local(split, table=f"{split}.tsv"))
    (tmp_path / "alone.txt").write_text("\n".join(ALONE) + "\n")
    corpora.append({"kind": "monolingual", "name": "alone", "files": ["alone.txt"], "licence": "CC0-1.0"})
    task = job(tmp_path, corpora)
    download.run(task)
    clean.run(task)
    return task


def test_each_sentence_is_kept_or_goes_for_a_reason(cleaned: Job) -> None:
    kept = pl.read_parquet(cleaned.work.clean / "monolingual.parquet")
    assert kept.select("id", "line", "source", "target").rows() == [
        (0, 1, ALONE[0], ""),
        (1, 7, "The train leaves at nine.", ""),
    ]
    dropped = pl.read_parquet(cleaned.work.clean / "dropped.parquet").filter(pl.col("corpus") == "alone")
    assert dict(dropped.select("line", "rule").iter_rows()) == {
        2: "near_duplicate", 3: "near_duplicate", 4: "leak", 5: "empty", 6: "min_script_share",
    }  # fmt: skip
    report = files.read_json(cleaned.work.reports / "clean.json")
    assert report["splits"]["monolingual"] == 2
    assert report["read"] == report["kept"] + sum(report["dropped"].values())


def test_a_project_without_such_corpora_has_no_such_file(walked: Any) -> None:
    assert not (walked.job.work.clean / "monolingual.parquet").exists()


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    write_pairs(tmp_path, "train", [("We meet.", "我们见面。")])
    alone = {"kind": "monolingual", "name": "alone", "files": ["nowhere.txt"]}
    with pytest.raises(CorpusError, match=r"nowhere\.txt: no such file"):
        download.run(job(tmp_path, [local(), alone]))


def test_the_teacher_translates_them_and_the_student_learns_from_it(copied: Job) -> None:
    alone = pl.DataFrame(
        {"id": [0, 1], "source": ["nine nine nine nine nine nine eight", "seven one two"], "target": ["", ""]}
    )
    splits = {split: pl.read_parquet(copied.work.clean / f"{split}.parquet") for split in ("train", "dev", "test")}
    with files.staged(copied.work.clean) as folder:
        for split, frame in (splits | {"monolingual": alone}).items():
            frame.write_parquet(folder / f"{split}.parquet")
    whole = copied.params.synthesize.model_copy(update={"drop_share": 0.0})
    copied = replace(copied, params=copied.params.model_copy(update={"synthesize": whole}))
    report = synthesize.run(copied)
    made = pl.read_parquet(copied.work.synthetic / "synthetic.parquet").filter(pl.col("id") >= 400)
    assert made.select("id", "source").rows() == [(400, "nine nine nine nine nine nine eight"), (401, "seven one two")]
    assert made["target"].str.len_chars().min() > 0
    assert made["chrf"].to_list() == [None, None]
    assert report.metrics["chrf"] > 0
    assert report.metrics["pairs"] == 402
    data = distill.distillation_data(copied)
    (ids,) = data.tokenizer.encode_source(["nine nine nine nine nine nine eight"])
    assert sum(data.source[row].tolist() == ids for row in range(len(data))) == 1
