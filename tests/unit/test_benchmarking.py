"""What ``seqline bench`` measures, and that it leaves the project alone."""

import gzip
import json
import os
import time
from pathlib import Path

import pytest
from raw_corpora import PARAMS, params

from seqline.benchmarking.cleaning import speed
from seqline.benchmarking.memory import PeakMemory
from seqline.benchmarking.pairs import phrases, read, repeated
from seqline.cli import main
from seqline.cli.composition import use_threads
from seqline.corpus.row import Row
from seqline.errors import CorpusError


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Only params.yaml, as the current folder."""
    (tmp_path / "params.yaml").write_bytes(PARAMS.read_bytes())
    monkeypatch.chdir(tmp_path)
    for variable in ("OMP_NUM_THREADS", "POLARS_MAX_THREADS"):
        monkeypatch.setenv(variable, "2")  # the verb sets them; monkeypatch takes that back
    return tmp_path


def _run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert isinstance(caught.value.code, int)
    return caught.value.code


def test_repeated_pairs_are_no_copies_of_each_other() -> None:
    base = [Row(1, "Good morning.", "早上好。"), Row(2, "Thanks.", "谢谢。")]
    rows = list(repeated(base, 5))
    assert [row.line for row in rows] == [1, 2, 3, 4, 5]
    assert rows[:2] == base
    assert (rows[2].source, rows[2].target) == ("1. Good morning.", "1. 早上好。")
    assert rows[4].source == "2. Good morning."
    assert len({row.source for row in rows}) == 5


def test_pairs_come_from_two_files_plain_or_compressed(tmp_path: Path) -> None:
    (tmp_path / "a.en").write_text("one\ntwo\nthree\n")
    (tmp_path / "a.zh.gz").write_bytes(gzip.compress("一\n二\n三\n".encode()))
    rows = read(tmp_path / "a.en", tmp_path / "a.zh.gz", 2, ("en", "zh"))
    assert [(row.source, row.target) for row in rows] == [("one", "一"), ("two", "二")]


def test_a_file_that_is_absent_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"none\.en: no such file"):
        read(tmp_path / "none.en", tmp_path / "none.zh", 2, ("en", "zh"))


def test_every_pass_is_timed_and_they_add_up(tmp_path: Path) -> None:
    begin = time.perf_counter()
    found = speed(params(split={"dev_pairs": 20, "test_pairs": 20}), phrases(1500, seed=1), 3000, tmp_path / "bench")
    names = [one.name for one in found.passes]
    assert (names[0], names[-1]) == ("rules", "writing")
    assert {"copies", "pair score", "leaks"} < set(names)
    assert found.seconds == pytest.approx(sum(one.seconds for one in found.passes))
    assert 0 < found.seconds < time.perf_counter() - begin
    dropped = sum(int(one.said.split()[0].replace(",", "")) for one in found.passes if one.said)
    assert found.kept + dropped == found.pairs == 3000
    assert found.rules_pairs_per_s > 0


def test_threads_are_not_told_to_mkl_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own variable would overrule CTranslate2, whose workers take one core each."""
    for variable in ("OMP_NUM_THREADS", "POLARS_MAX_THREADS"):
        monkeypatch.setenv(variable, "1")  # taken back at the end
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    use_threads(2)
    assert os.environ["OMP_NUM_THREADS"] == "2"
    assert "MKL_NUM_THREADS" not in os.environ


def test_memory_of_this_process_is_seen() -> None:
    with PeakMemory() as memory:
        block = bytearray(b"x") * (64 << 20)
        time.sleep(0.25)
    assert memory.num_bytes > len(block)


def test_bench_clean_prints_a_table_and_touches_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.read_bytes() for path in project.rglob("*")}
    assert _run("bench", "clean", "--pairs", "2000") == 0
    shown = capsys.readouterr().out
    assert "crowded targets" in shown
    assert "2,000 pairs, 1 worker; normalising and rules alone" in shown
    assert {path: path.read_bytes() for path in project.rglob("*")} == before


def test_bench_clean_as_json_takes_pairs_from_files(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = phrases(800, seed=2)
    (project / "x.en").write_text("".join(f"{row.source}\n" for row in rows))
    (project / "x.zh").write_text("".join(f"{row.target}\n" for row in rows))
    assert _run("bench", "clean", "--pairs", "2000", "--corpus", "x.en", "x.zh", "--threads", "1", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["pairs"], document["workers"]) == (2000, 1)
    assert document["pairs_per_s"] == pytest.approx(2000 / document["seconds"], rel=0.01)
    assert document["passes"][0]["name"] == "rules"


def test_another_language_pair_needs_files(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (project / "params.yaml").read_text()
    (project / "params.yaml").write_text(text.replace("target: zh\n", "target: de\n"))
    assert _run("bench", "clean") == 2
    assert "the project en → de; name two aligned files with --corpus SOURCE TARGET" in capsys.readouterr().err
