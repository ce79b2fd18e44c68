"""Promotion: the newest version against the champion, by the gate, on the test set as it is now.

The decision and its figures are kept as tags of the challenger before an alias moves (:mod:`seqline.succession`).
A kill anywhere leaves the old champion or the new one, and running it again ends the same.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from seqline import succession
from seqline.adapters.fencing import Lease, held
from seqline.errors import BusyError, MissingError
from seqline.evaluation.gate import Candidate, Decision, TestSet, decide
from seqline.evaluation.speed import measure, spread
from seqline.files import content_bytes, read_json, verify, write_json
from seqline.leaks import leaked
from seqline.params import Params
from seqline.progress import progress
from seqline.resolving import CHALLENGER, CHAMPION, fetched, project_registry, resolve
from seqline.serving.bundle import Bundle
from seqline.stages import register
from seqline.stages.job import Job
from seqline.succession import DECISION
from seqline.types import Registry, Version
from seqline.workspace import Workspace

__all__ = ["Outcome", "models", "project_registry", "promote", "resolve"]

_CHUNK_LINES = 200


@dataclass(frozen=True)
class Outcome:
    """What came of it.

    ``action`` is ``promoted``, ``kept`` (the gate refused) or ``unchanged`` (nothing was judged: the challenger is
    champion already, or was rolled back).
    """

    action: str
    summary: str
    decision: Decision | None = None


def promote(work: Workspace, params: Params, registry: Registry, lease: Lease | None = None) -> Outcome:
    """Judge the challenger, and make it champion if the gate allows it.

    The challenger is what the ``register`` stage last registered, which is done again where the registry does not know
    it; where that never ran here, the version with the alias ``challenger``, or else the newest. A run that holds the
    project hands in its ``lease``.

    Raises:
        MissingError: nothing is registered, or there is no cleaned test set.
        BusyError: somebody else changed the champion meanwhile, or a later run took the project.
        ArtifactError: a file is damaged.
        RegistryError: the registry does not answer.
    """
    outcome = _promoted(work, params, registry, lease)
    if (receipt := work.reports / "register.json").is_file():
        write_json(_judged(work), {"content_hash": read_json(receipt)["content_hash"]})
    return outcome


def is_waiting(work: Workspace) -> bool:
    """Whether what was last registered here was never judged: the run that made it did not come so far."""
    receipt, judged = work.reports / "register.json", _judged(work)
    if not receipt.is_file():
        return False
    return not judged.is_file() or read_json(judged) != {"content_hash": read_json(receipt)["content_hash"]}


def _judged(work: Workspace) -> Path:
    return work.state / "judged.json"


def _promoted(work: Workspace, params: Params, registry: Registry, lease: Lease | None) -> Outcome:
    name = params.project.name
    challenger, champion = _contenders(work, params, registry)
    if champion and champion.number == challenger.number:
        return Outcome("unchanged", f"{name}: version {champion.number} is champion already; nothing to decide")
    if succession.is_rolled_back(challenger):
        way_out = "train another, or bring it back with `seqline rollback --undo`"
        return Outcome("unchanged", f"{name}: version {challenger.number} was rolled back; {way_out}")
    decision = _judge(work, params, registry, challenger, champion)
    action = "promoted" if decision.promote else "kept"
    summary = _summary(name, challenger, champion, decision)
    with held(work.state, lease):
        versions = registry.versions(name)
        _require_unmoved(versions, challenger, champion)
        registry.tag(name, challenger.number, _tags(action, champion, decision))
        if decision.promote:
            succession.crown(registry, versions, challenger)
    write_json(work.reports / "promote.json", _report(name, action, summary, challenger, champion, decision))
    return Outcome(action, summary, decision)


def models(params: Params, registry: Registry) -> list[Version]:
    """All versions of the project's model, oldest first.

    Raises:
        MissingError: nothing is registered yet.
    """
    versions = registry.versions(params.project.name)
    if not versions:
        raise _nothing_registered(params)
    return versions


def _nothing_registered(params: Params) -> MissingError:
    return MissingError(f"{params.project.name}: nothing is registered yet; run `seqline register`")


def _contenders(work: Workspace, params: Params, registry: Registry) -> tuple[Version, Version | None]:
    receipt = work.reports / "register.json"
    content = read_json(receipt)["content_hash"] if receipt.is_file() else None
    versions = registry.versions(params.project.name)
    if content and content not in [one.tags.get("content_hash") for one in versions]:
        register.again(Job(params, work, registry=registry))
        versions = registry.versions(params.project.name)
    if not versions:
        raise _nothing_registered(params)
    named = next((one for one in versions if one.tags.get("content_hash") == content), None)
    return named or succession.holder(versions, CHALLENGER) or versions[-1], succession.holder(versions, CHAMPION)


def _judge(
    work: Workspace, params: Params, registry: Registry, challenger: Version, champion: Version | None
) -> Decision:
    verify(work.clean)
    pairs = pl.read_parquet(work.clean / "test.parquet", columns=["corpus", "source", "target"])
    sources, references, corpora = (pairs[column].to_list() for column in ("source", "target", "corpus"))
    bundle = fetched(work, registry, challenger)
    test = TestSet(sources, references, params.project.target, leaked(work, bundle, pairs), corpora)
    contenders = [_candidate(bundle, sources, params, f"challenger, version {challenger.number}")]
    if champion:
        folder = fetched(work, registry, champion)
        contenders.append(_candidate(folder, sources, params, f"champion, version {champion.number}"))
    return decide(
        contenders[0],
        contenders[1] if champion else None,
        test,
        params.promote,
        resamples=params.evaluate.resamples,
        seed=params.project.seed,
    )


def _candidate(folder: Path, sources: Sequence[str], params: Params, description: str) -> Candidate:
    settings, beam = params.evaluate, params.evaluate.beam
    translator = Bundle.open(folder, threads=params.project.threads, batch_tokens=settings.batch_tokens)
    hypotheses: list[str] = []
    with progress(f"translate the test set: {description}", len(sources), "lines") as advance:
        for begin in range(0, len(sources), _CHUNK_LINES):
            lines = sources[begin : begin + _CHUNK_LINES]
            hypotheses += [best[0].text for best in translator.translate(lines, beam=beam)]
            advance(len(lines))
    speed = measure(translator, spread(sources, settings.speed_pairs), beam=beam, single_lines=settings.latency_pairs)
    return Candidate(hypotheses, content_bytes(folder) / 1e6, speed.p95_ms)


def _require_unmoved(versions: Sequence[Version], challenger: Version, champion: Version | None) -> None:
    """Raise where somebody has moved the champion, or taken the challenger back, since the gate began to judge."""
    present = succession.holder(versions, CHAMPION)
    rolled_back = any(one.number == challenger.number and succession.is_rolled_back(one) for one in versions)
    if rolled_back or (present and present.number) != (champion and champion.number):
        name = challenger.name
        raise BusyError(f"{name}: the champion changed while the gate was judging; run `seqline promote` again")


def _summary(name: str, challenger: Version, champion: Version | None, decision: Decision) -> str:
    bleu = f"{decision.figures['challenger_bleu']:.2f} BLEU"
    if decision.promote:
        over = f"after version {champion.number}" if champion else "the first"
        return f"{name}: version {challenger.number} is champion now ({bleu}), {over}"
    failed = "; ".join(f"{check.name}: {check.detail}" for check in decision.checks if not check.passed)
    stays = f"version {champion.number} stays champion" if champion else "there is still no champion"
    return f"{name}: {stays}; version {challenger.number} did not pass: {failed}"


def _tags(action: str, champion: Version | None, decision: Decision) -> dict[str, str]:
    return {
        "gate.figures": json.dumps(dict(decision.figures), allow_nan=False),
        "gate.checks": json.dumps(_checks(decision), ensure_ascii=False),
        "gate.against": str(champion.number) if champion else "nothing",
        DECISION: action,
    }


def _checks(decision: Decision) -> list[dict[str, Any]]:
    return [{"check": check.name, "passed": check.passed, "detail": check.detail} for check in decision.checks]


def _report(
    name: str, action: str, summary: str, challenger: Version, champion: Version | None, decision: Decision
) -> dict[str, Any]:
    return {
        "model": name,
        "decision": action,
        "summary": summary,
        "checks": _checks(decision),
        "champion": _contender(CHAMPION, champion, decision),
        "challenger": _contender(CHALLENGER, challenger, decision),
        "figures": dict(decision.figures),
    }


def _contender(side: str, version: Version | None, decision: Decision) -> dict[str, Any] | None:
    """What the gate measured of one side, on the present test set."""
    if version is None:
        return None
    prefix = f"{side}_"
    found = {name.removeprefix(prefix): value for name, value in decision.figures.items() if name.startswith(prefix)}
    return {"version": version.number, "metrics": found}
