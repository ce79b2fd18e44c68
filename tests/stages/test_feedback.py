"""Drift and shadow figures of a project, from what a server noted."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from stages.conftest import numbers

from seqline import feedback
from seqline.errors import ArtifactError, MissingError
from seqline.files import content_hash, read_json
from seqline.server.batcher import Options
from seqline.server.exchange import Exchange
from seqline.server.journal import Journal
from seqline.server.shadow import Shadow
from seqline.server.traffic import Traffic
from seqline.serving.bundle import Bundle
from seqline.stages.job import Job
from seqline.types import Located

MODEL = "pruned-quantized"
KNOWN = numbers(240, 5)["source"].to_list()


def exchange(job: Job, lines: Sequence[str], beam: int = 4, content: str = "") -> Exchange:
    folder = job.work.model(MODEL)
    answer = Bundle.open(folder).translate(lines, beam=beam)
    located = Located("numbers/1", content or content_hash(folder), folder)
    return Exchange(located, lines, Options(beam, 1, False), answer, 0.01)


def drift_after(job: Job, *exchanges: Exchange) -> feedback.Drift:
    traffic = Traffic(Journal(job.work.traffic, keep_days=3), Bundle.open(job.work.model(MODEL)).count_pieces)
    for one in exchanges:
        traffic(one)
    traffic.close()
    return feedback.drift(job.work, job.params, model=MODEL)


def worse(given: Exchange) -> Exchange:
    """The same, of which the model was far less sure."""
    return replace(given, answer=[[replace(one, score=one.score - 5) for one in line] for line in given.answer])


def test_lines_like_those_of_training_are_no_drift_in_what_they_are(copied: Job) -> None:
    found = drift_after(copied, exchange(copied, KNOWN))
    moved = {one.name: one.is_beyond for one in found.figures}
    assert (moved["length"], moved["pieces spelt in bytes"]) == (False, False)
    assert read_json(copied.work.reports / "drift.json")["lines"] == len(KNOWN)


def test_longer_lines_of_unknown_characters_drift(copied: Job) -> None:
    found = drift_after(copied, exchange(copied, [f"{line} ☃ {line} {line} {line}" for line in KNOWN]))
    moved = {one.name: one.is_beyond for one in found.figures}
    assert (moved["length"], moved["pieces spelt in bytes"]) == (True, True)
    assert found.is_beyond
    assert found.summary.startswith("drift: length ")


def test_the_daily_flow_says_what_moved(copied: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    root, project = copied.work.root, Path(__file__).parents[2]
    (root / "flows").symlink_to(project / "flows")
    YAML().dump(copied.params.model_dump(mode="json"), copied.work.params)
    drift_after(copied, exchange(copied, [f"{line} ☃" for line in KNOWN]))
    (today,) = copied.work.traffic.iterdir()
    today.rename(today.with_stem(str(date.fromisoformat(today.stem) - timedelta(days=1))))
    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        monkeypatch.delenv(name)
    program = f"from seqline.adapters.launch import launch; print(launch(Path.cwd(), 'drift', model={MODEL!r}))"
    command = [sys.executable, "-c", f"from pathlib import Path; {program}"]
    environment = {**os.environ, "PYTHONPATH": str(project / "src")}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=300)
    assert done.stdout.strip() == "True", done.stderr
    assert "pieces spelt in bytes 0 → 0." in done.stderr


def test_only_what_the_present_model_gave_with_one_beam_tells_its_confidence(copied: Job) -> None:
    before = worse(exchange(copied, KNOWN, content="of the champion before"))
    narrow = worse(exchange(copied, KNOWN[:220], beam=1))
    assert "confidence" not in {one.name for one in drift_after(copied, before).figures}
    known = {one.name: one for one in drift_after(copied, narrow, exchange(copied, KNOWN)).figures}
    assert not known["confidence"].is_beyond
    fallen = drift_after(copied, *[worse(exchange(copied, KNOWN))] * 3)
    assert {one.name: one.is_beyond for one in fallen.figures}["confidence"]


def test_the_day_that_has_begun_can_be_left_out_and_a_day_without_requests_is_no_failure(copied: Job) -> None:
    drift_after(copied, exchange(copied, KNOWN))
    found = feedback.drift(copied.work, copied.params, model=MODEL, with_today=False)
    assert found.summary == "drift: 0 lines in 1 days are too few to tell"
    assert not found.is_beyond


def test_a_few_lines_say_nothing(copied: Job) -> None:
    found = drift_after(copied, exchange(copied, KNOWN[:5]))
    assert (found.figures, found.is_beyond) == ([], False)
    assert found.summary == "drift: 5 lines in 1 days are too few to tell"


def test_what_is_missing_or_foreign_is_named(copied: Job) -> None:
    with pytest.raises(MissingError, match="run `seqline serve --log`"):
        feedback.drift(copied.work, copied.params, model=MODEL)
    with pytest.raises(MissingError, match="run `seqline serve --shadow`"):
        feedback.compared(copied.work, copied.params)
    journal = Journal(copied.work.traffic, keep_days=1)
    journal.add(lambda: [{"nothing": "known"}] * 300)
    journal.close()
    with pytest.raises(ArtifactError, match="not what this server writes"):
        feedback.drift(copied.work, copied.params, model=MODEL)


def test_a_shadow_is_compared_with_the_champion_it_stood_beside(copied: Job) -> None:
    challenger = Located("numbers/2", "cd", copied.work.model(MODEL))
    for version in ("numbers/1", "numbers/2"):
        shadow = Shadow(
            lambda version=version: Located(version, version, challenger.folder),
            Bundle.open,
            Journal(copied.work.shadow, keep_days=1),
            share=1.0,
        )
        shadow(exchange(copied, KNOWN[:30]))
        shadow.close()
    champion, beside, found = feedback.compared(copied.work, copied.params)
    assert (champion, beside, found.lines) == ("numbers/1", "numbers/2", 30)
    assert (found.same, found.different) == (1.0, [])
