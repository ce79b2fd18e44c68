"""Everything the page tells, read from the workspace. What is not there yet is None or empty."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqline import files, lineage, params
from seqline.errors import MissingError
from seqline.workspace import Workspace

_DROPPED_PER_RULE = 3

Document = Mapping[str, Any]
Curve = list[dict[str, float]]


@dataclass(frozen=True)
class Findings:
    """The contents of the reports. ``dropped`` holds a few dropped pairs per rule; models are in the params' order."""

    name: str
    source: str
    target: str
    clean: Document | None
    dropped: Mapping[str, list[dict[str, Any]]]
    curves: Mapping[str, Curve]
    models: Mapping[str, Document]
    pruned: Mapping[str, Document]
    choice: Document | None
    gate: Document | None
    receipt: Document | None
    corpora: list[Document]
    lineage: Document | None

    @property
    def deployed(self) -> str | None:
        """The model that is shipped, if it has been chosen and evaluated."""
        name = self.choice["selected"] if self.choice else None
        return name if name in self.models else None


def gather(work: Workspace) -> Findings:
    """Read what the stages have left.

    Raises:
        ArtifactError: a report is damaged.
        ParamsError: params.yaml is wrong.
    """
    settings = params.load(work.params) if work.params.exists() else None
    project = settings.project if settings else None
    names = (
        settings.evaluate.models
        if settings
        else sorted(path.stem for path in (work.reports / "evaluate").glob("*.json"))
    )
    scores = {model: _read(work.reports / "evaluate" / f"{model}.json") for model in names}
    pruned = {model: _read(work.reports / "prune" / f"{model}.json") for model in names}
    return Findings(
        name=project.name if project else work.root.resolve().name,
        source=project.source if project else "",
        target=project.target if project else "",
        clean=_read(work.reports / "clean.json"),
        dropped=_dropped(work.clean / "dropped.parquet"),
        curves={model: curve for model in names if (curve := _curve(work.model(model) / "curve.csv"))},
        models={model: figures for model, figures in scores.items() if figures is not None},
        pruned={model: figures for model, figures in pruned.items() if figures is not None},
        choice=_read(work.reports / "select.json"),
        gate=_read(work.reports / "promote.json"),
        receipt=_read(work.reports / "register.json"),
        corpora=_corpora(work),
        lineage=_lineage(work),
    )


def _read(path: Path) -> Document | None:
    if not path.exists():
        return None
    content: Document = files.read_json(path)
    return content


def _dropped(path: Path) -> dict[str, list[dict[str, Any]]]:
    if not path.exists():
        return {}
    import polars as pl

    rows = pl.scan_parquet(path).group_by("rule", maintain_order=True).head(_DROPPED_PER_RULE).collect()
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows.to_dicts():
        found.setdefault(row["rule"], []).append(row)
    return found


def _curve(path: Path) -> Curve:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as stream:
        return [{key: float(value) for key, value in row.items() if value} for row in csv.DictReader(stream)]


def _corpora(work: Workspace) -> list[Document]:
    try:
        corpora: list[Document] = files.manifest(work.raw)["corpora"]
    except MissingError:
        return []
    return corpora


def _lineage(work: Workspace) -> Document | None:
    try:
        return lineage.collect(work, work.models())
    except MissingError:
        return None
