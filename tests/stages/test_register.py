import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from seqline import card, lineage, params
from seqline.adapters.mlflow_client import connect
from seqline.adapters.mlflow_registry import MlflowRegistry
from seqline.errors import ArtifactError, MissingError, StageError
from seqline.files import content_hash, manifest, write_json
from seqline.resolving import fetched, find
from seqline.stages import register
from seqline.stages.job import Job
from seqline.workspace import Workspace

NAME = "phrasebook-en-zh"


@pytest.fixture(scope="module")
def job(
    tmp_path_factory: pytest.TempPathFactory, tiny_bundle: Path, make_project: Callable[[Path, Path], Workspace]
) -> Job:
    work = make_project(tmp_path_factory.mktemp("project"), tiny_bundle)
    return Job(params.load(work.params), work, registry=MlflowRegistry(work.root))


def test_deployed_model_becomes_a_challenger_with_scores_and_receipt(job: Job) -> None:
    report = register.run(job)
    digest = content_hash(job.work.model("selected"))
    receipt = json.loads((job.work.reports / "register.json").read_text())
    assert receipt == {"name": NAME, "version": 1, "content_hash": digest}
    assert report.summary == f"{NAME} version 1, content {digest[:12]}"
    assert job.registry is not None
    (version,) = job.registry.versions(NAME)
    assert version.aliases == ("challenger",)
    assert version.metrics["bleu"] == version.metrics["teacher.bleu"] == 100.0


def test_version_carries_a_card_that_its_content_hash_does_not_know(job: Job) -> None:
    register.run(job)
    assert job.registry is not None
    version = find(job.registry, f"models:/{NAME}/1")
    facts = register.facts_of(job)
    bundle = fetched(job.work, job.registry, version)
    assert (bundle.parent / card.FILE).read_text() == facts.card == register.facts_of(job).card
    assert content_hash(bundle) == content_hash(job.work.model("selected")) == facts.content_hash
    assert card.FILE not in manifest(bundle)["files"]
    shown = connect(job.work.root).get_model_version(NAME, "1").description
    assert shown == facts.card
    for told in ("teacher → student → pruned → pruned-quantized", "CC0-1.0", "Doe et al. 2026", facts.content_hash):
        assert told in shown


def test_card_alone_makes_no_new_version(job: Job) -> None:
    register.run(job)
    path = job.work.reports / "select.json"
    choice = path.read_text()
    write_json(path, json.loads(choice) | {"reason": "another reason"})
    assert "another reason" in register.facts_of(job).card
    register.run(job)
    path.write_text(choice)
    assert job.registry is not None
    assert len(job.registry.versions(NAME)) == 1


def test_running_again_changes_nothing(job: Job) -> None:
    register.run(job)
    receipt = (job.work.reports / "register.json").read_bytes()
    register.run(job)
    assert (job.work.reports / "register.json").read_bytes() == receipt
    assert job.registry is not None
    assert len(job.registry.versions(NAME)) == 1


def test_registered_version_can_be_traced_to_its_raw_files(job: Job) -> None:
    register.run(job)
    found = lineage.trace(job.work, f"models:/{NAME}@challenger", job.registry)
    assert found["corpora"][0]["licence"] == "CC0-1.0"
    assert found["content_hash"] == content_hash(job.work.model("selected"))


def test_champion_registered_again_is_no_challenger(job: Job) -> None:
    register.run(job)
    assert job.registry is not None
    job.registry.set_alias(NAME, "champion", 1)
    job.registry.remove_alias(NAME, "challenger")
    register.run(job)
    assert job.registry.resolve(NAME, "challenger") is None


def test_altered_bundle_is_not_registered(
    tmp_path: Path, tiny_bundle: Path, make_project: Callable[[Path, Path], Workspace]
) -> None:
    work = make_project(tmp_path, tiny_bundle)
    (work.model("selected") / "model.bin").write_bytes(b"altered")
    with pytest.raises(ArtifactError, match=r"model\.bin: content differs"):
        register.run(Job(params.load(work.params), work, registry=_Never()))  # type: ignore[arg-type]


def test_missing_evaluation_names_the_file(job: Job) -> None:
    path = job.work.reports / "evaluate" / "student.json"
    scores = json.loads(path.read_text())
    path.unlink()
    with pytest.raises(MissingError, match=r"student\.json: no such file"):
        register.run(job)
    write_json(path, scores)


def test_without_a_registry_it_says_how_to_run_it(job: Job) -> None:
    with pytest.raises(StageError, match="run it as `seqline stage register`"):
        register.run(replace(job, registry=None))


class _Never:
    """A registry that must not be reached."""
