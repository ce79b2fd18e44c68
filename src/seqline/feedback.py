"""What live requests tell: whether they drift from the training data, and what a challenger makes of them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from seqline.errors import ArtifactError, MissingError
from seqline.evaluation import drift as moved
from seqline.evaluation import shadowed
from seqline.evaluation.drift import Figure, Sample
from seqline.evaluation.shadowed import Line, Summary
from seqline.files import verify, write_json
from seqline.params import Params
from seqline.resolving import locate
from seqline.server import journal
from seqline.serving.bundle import Bundle
from seqline.tokenization import Sequences, Tokenizer
from seqline.workspace import Workspace


@dataclass(frozen=True)
class Drift:
    """The figures of some days; empty while there are too few lines to tell."""

    days: int
    lines: int
    figures: Sequence[Figure]

    @property
    def is_beyond(self) -> bool:
        """Whether something moved further than it may."""
        return any(figure.is_beyond for figure in self.figures)

    @property
    def summary(self) -> str:
        """One line."""
        if not self.figures:
            return f"drift: {self.lines} lines in {self.days} days are too few to tell"
        beyond = [f"{one.name} {one.before:.3g} → {one.now:.3g}" for one in self.figures if one.is_beyond]
        return f"drift: {', '.join(beyond)}" if beyond else f"drift: none in {self.lines} lines"


def drift(work: Workspace, params: Params, *, days: int = 1, model: str = "", with_today: bool = True) -> Drift:
    """How far the requests of the last days are from the training data; kept in ``reports/drift.json``.

    Lengths and spelt pieces are those of the training sources. Confidence is that of ``model`` (the champion) on dev
    with the beam that most requests asked for, beside what the same model gave with the same beam.

    Raises:
        MissingError: no server has noted anything yet, or there is no training data or no such model.
        ArtifactError: what the server noted has another form.
    """
    if not work.traffic.is_dir():
        raise MissingError(f"{work.traffic}: no request was ever noted; run `seqline serve --log`")
    records = list(journal.read(work.traffic, days, with_today=with_today))
    found = Drift(days, len(records), [])
    if len(records) >= params.drift.min_lines:
        found = Drift(days, len(records), _figures(work, params, model, records))
    document = asdict(found) | {"is_beyond": found.is_beyond, "summary": found.summary}
    write_json(work.reports / "drift.json", document)
    return found


def compared(work: Workspace, params: Params, *, days: int = 7) -> tuple[str, str, Summary]:
    """The versions of champion and challenger that were last side by side, and how their translations differ.

    Raises:
        MissingError: no challenger has translated anything.
        ArtifactError: what the server noted has another form.
    """
    records = list(journal.read(work.shadow, days))
    if not records:
        raise MissingError(f"{work.shadow}: nothing of the last {days} days; run `seqline serve --shadow`")
    try:
        versions = records[-1]["champion"]["version"], records[-1]["challenger"]["version"]
        lines = [
            Line(one["source"], old["text"], new["text"], old["score"], new["score"])
            for one, old, new in ((one, one["champion"], one["challenger"]) for one in records)
            if (old["version"], new["version"]) == versions
        ]
    except (KeyError, TypeError) as error:
        raise _unreadable(work.shadow, error) from None
    return *versions, shadowed.summary(lines, params.project.target)


def _figures(work: Workspace, params: Params, model: str, records: Sequence[dict[str, Any]]) -> list[Figure]:
    located = locate(work, model)
    own = [one for one in records if one.get("content") == located.content_hash]
    try:
        beams = Counter(int(one["beam"]) for one in own) or Counter([params.evaluate.beam])
        beam = beams.most_common(1)[0][0]
        scores = np.array([one["score"] for one in own if one["beam"] == beam])
        pieces, spelt = (np.array([one[name] for one in records]) for name in ("pieces", "spelt"))
        live = Sample(pieces, spelt, scores, [one["language"] for one in records])
    except (KeyError, TypeError) as error:
        raise _unreadable(work.traffic, error) from None
    trained = _trained(work, params, located.folder, beam)
    return moved.figures(trained, live, params.project.source.split("_")[0], params.drift)


def _trained(work: Workspace, params: Params, model: Path, beam: int) -> Sample:
    verify(work.tokenized)
    verify(work.clean)
    source, processor = Sequences.open(work.tokenized, "train.source"), Tokenizer.load(work.tokenized).source
    is_byte = np.array([processor.is_byte(index) for index in range(processor.get_piece_size())])
    spelt = np.concatenate([[0], np.cumsum(is_byte[source.flat])])
    dev = pl.read_parquet(work.clean / "dev.parquet", columns=["source"])["source"].to_list()
    bundle = Bundle.open(model, threads=params.project.threads)
    scores = [best[0].score for best in bundle.translate(dev, beam=beam)]
    return Sample(source.lengths, np.diff(spelt[source.starts]), np.array(scores))


def _unreadable(folder: object, error: Exception) -> ArtifactError:
    return ArtifactError(f"{folder}: not what this server writes ({error}); move the folder away")
