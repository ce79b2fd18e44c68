"""Stage ``register``: one version in the registry for what is deployed, with its scores and its whole lineage.

Leaves ``reports/register.json``: name, version, content hash. The same content is registered once. A version that is
not the champion becomes the ``challenger``, which `promote` judges.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from seqline import files, lineage
from seqline.errors import StageError
from seqline.params.base import Block
from seqline.resolving import CHALLENGER, CHAMPION
from seqline.stages.job import Job, Report
from seqline.types import Facts
from seqline.workspace import SELECTED

_MEASURES = ("bleu", "chrf", "ter", "size_mb", "words_per_s", "p50_ms", "p95_ms")


def run(job: Job) -> Report:
    """Register ``models/selected``.

    Raises:
        MissingError: a stage before has not run.
        ArtifactError: the model is damaged.
        RegistryError: the registry does not answer.
    """
    if job.registry is None:
        raise StageError("register: no registry was given; run it as `seqline stage register`")
    bundle, name = job.work.model(SELECTED), job.params.project.name
    files.verify(bundle)
    facts = Facts(
        content_hash=files.content_hash(bundle),
        metrics=dict(_metrics(job)),
        params=dict(_flat(job.params)),
        lineage=lineage.collect(job.work, job.params.evaluate.models),
        example=_example(job),
    )
    version = job.registry.register(name, bundle, facts)
    if CHAMPION not in version.aliases:
        job.registry.set_alias(name, CHALLENGER, version.number)
    receipt = {"name": name, "version": version.number, "content_hash": facts.content_hash}
    files.write_json(job.work.reports / "register.json", receipt)
    return Report(f"{name} version {version.number}, content {facts.content_hash[:12]}", version.metrics)


def _metrics(job: Job) -> Iterator[tuple[str, float]]:
    """The scores of what is deployed under their plain names; those of its forebears with the model's name before."""
    selected = files.read_json(job.work.reports / "select.json")["selected"]
    for model in job.params.evaluate.models:
        report: Mapping[str, Any] = files.read_json(job.work.reports / "evaluate" / f"{model}.json")
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
