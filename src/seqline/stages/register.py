"""Stage ``register``: one version in the registry for what is deployed, with its scores, lineage and card.

Leaves ``reports/register.json``: name, version, content hash. The same content is registered once. A version that is
not the champion becomes the ``challenger``, which `promote` judges.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from seqline import card, files, lineage
from seqline.errors import MissingError, StageError
from seqline.params.base import Block
from seqline.resolving import CHALLENGER, CHAMPION
from seqline.stages.job import Job, Report
from seqline.types import Facts, Version
from seqline.workspace import SELECTED

_MEASURES = ("bleu", "chrf", "ter", "size_mb", "words_per_s", "p50_ms", "p95_ms")


def run(job: Job) -> Report:
    """Register ``models/selected``.

    Raises:
        MissingError: a stage before has not run.
        ArtifactError: the model is damaged.
        RegistryError: the registry does not answer.
    """
    facts, version = _registered(job)
    receipt = {"name": version.name, "version": version.number, "content_hash": facts.content_hash}
    files.write_json(_receipt(job), receipt)
    return Report(f"{version.name} version {version.number}, content {facts.content_hash[:12]}", version.metrics)


def again(job: Job) -> None:
    """Register what the receipt names in a registry that does not know it: a new one, or one that has retired it.

    The receipt stays: it is an output of the graph, and what it was made from has not changed.

    Raises:
        MissingError: ``models/selected`` is another one by now, or a stage before has not run.
        ArtifactError, RegistryError: as :func:`run`.
    """
    if files.read_json(_receipt(job))["content_hash"] != files.content_hash(job.work.model(SELECTED)):
        raise MissingError(f"{_receipt(job)}: the registry does not know what it names; run `seqline register`")
    _registered(job)


def _registered(job: Job) -> tuple[Facts, Version]:
    if job.registry is None:
        raise StageError("register: no registry was given; run it as `seqline stage register`")
    bundle, name = job.work.model(SELECTED), job.params.project.name
    files.verify(bundle)
    facts = facts_of(job)
    version = job.registry.register(name, bundle, facts)
    if CHAMPION not in version.aliases:
        job.registry.set_alias(name, CHALLENGER, version.number)
    return facts, version


def _receipt(job: Job) -> Path:
    return job.work.reports / "register.json"


def facts_of(job: Job) -> Facts:
    """All that is recorded of ``models/selected``, the model card too.

    Raises:
        MissingError: a stage before has not run.
    """
    reports, content_hash = job.work.reports, files.content_hash(job.work.model(SELECTED))
    choice = files.read_json(reports / "select.json")
    selected, reason = choice["selected"], choice["reason"]
    evaluations = {
        model: files.read_json(reports / "evaluate" / f"{model}.json") for model in job.params.evaluate.models
    }
    cleaning = files.read_json(reports / "clean.json") if (reports / "clean.json").is_file() else None
    origin = lineage.collect(job.work, job.params.evaluate.models)
    findings = card.Findings(job.params, selected, reason, content_hash, evaluations, cleaning, origin)
    return Facts(
        content_hash=content_hash,
        metrics=dict(_metrics(selected, evaluations)),
        params=dict(_flat(job.params)),
        lineage=origin,
        example=_example(job),
        card=card.write(findings),
    )


def _metrics(selected: str, evaluations: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, float]]:
    """The scores of what is deployed under their plain names; those of its forebears with the model's name before."""
    for model, report in evaluations.items():
        prefix = "" if model == selected else f"{model}."
        for measure in _MEASURES:
            yield f"{prefix}{measure}", float(report[measure])


def _flat(block: Block, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every tunable with its path: ``train.model.width``."""
    for name in type(block).model_fields:
        value = getattr(block, name)
        if isinstance(value, Block):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _example(job: Job) -> str:
    path = job.work.clean / "test.parquet"
    files.verify(job.work.clean)
    sources = pl.read_parquet(path, columns=["source"], n_rows=1)["source"]
    if sources.is_empty():
        raise StageError(f"{path}: no test pair to take an example from; raise clean.split.test_pairs")
    return str(sources[0])
