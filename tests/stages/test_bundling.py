from pathlib import Path

import pytest

from seqline.serving.bundle import SHORTLIST
from seqline.stages import bundling
from seqline.stages.job import Job


def shortlist(job: Job, folder: Path) -> str:
    bundling.export(job, job.work.model("teacher"), folder, "int8", has_shortlist=True)
    return (folder / SHORTLIST).read_text(encoding="utf-8")


@pytest.mark.parametrize(("most", "uses_all"), [(400, True), (399, False)])
def test_a_shortlist_is_learnt_from_all_pairs_up_to_a_limit(
    copied: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int, *, uses_all: bool
) -> None:
    of_all = shortlist(copied, tmp_path / "all")
    monkeypatch.setattr(bundling, "_TAUGHT_PAIRS", most)
    assert (shortlist(copied, tmp_path / "some") == of_all) is uses_all
