"""Cleaning in threads, in processes and on a local Ray cluster leaves the very files that one thread leaves."""

import importlib.util
from pathlib import Path

import pytest
from raw_corpora import job

from seqline import files
from seqline.cleaning import workers
from seqline.stages import clean, download

PHRASES = {
    "kind": "generated", "name": "phrases", "pairs": 3000, "dev_pairs": 60, "test_pairs": 80, "noise_share": 0.15,
    "seed": 3,
}  # fmt: skip


def _cleaned(root: Path, engine: str, threads: int) -> tuple[str, str]:
    task = job(root, [PHRASES])
    copies = task.params.clean.deduplicate.model_copy(update={"near_share": 0.8})
    settings = task.params.model_copy(
        update={
            "project": task.params.project.model_copy(update={"threads": threads}),
            "clean": task.params.clean.model_copy(update={"engine": engine, "deduplicate": copies}),
        }
    )
    task = type(task)(settings, task.work)
    download.run(task)
    clean.run(task)
    return files.content_hash(task.work.clean), (task.work.reports / "clean.json").read_text()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["threads", "processes", "ray"])
def test_how_the_work_is_divided_makes_no_difference(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "ROW_GROUP_PAIRS", 500)
    monkeypatch.setattr(clean, "_PAIRS_PER_WORKER", 1000)
    if kind == "ray" and importlib.util.find_spec("ray") is None:
        pytest.skip("ray is not installed: pip install 'seqline[ray]'")
    if kind == "processes":
        monkeypatch.setattr(workers, "_MOST_THREADS", 1)
    engine = "ray" if kind == "ray" else "local"
    assert _cleaned(tmp_path / "alone", "local", 1) == _cleaned(tmp_path / "divided", engine, 2)
