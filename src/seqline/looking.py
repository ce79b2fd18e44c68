"""What there is to do and why: the graph's own reasons, and what the sources of the corpora say.

DVC watches code, parameters and its own outputs, so whatever a new revision brings shows there. It does not watch the
files that ``download`` reads: those are compared here, files of this machine by their sums, those from the network by
one question each.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from seqline import files, params
from seqline.adapters import dvc_graph
from seqline.adapters.dvc_graph import Graph, Step
from seqline.corpus import changes, load, local
from seqline.errors import SeqlineError
from seqline.params.corpora import Local, Monolingual, Remote
from seqline.workspace import Workspace


@dataclass(frozen=True)
class Look:
    """The stages that were looked at, in order; ``forced`` are those that must run although DVC sees no reason."""

    graph: Graph
    steps: Mapping[str, Step]
    forced: Mapping[str, str]
    looked_at: str

    @property
    def changed(self) -> list[str]:
        """In plain words what changed; empty: nothing. What merely follows from a change is not repeated."""
        reasons = {name: self.forced.get(name) or step.reason for name, step in self.steps.items()}
        return [f"{name}: {why}" for name, why in reasons.items() if why and not why.startswith("follows ")]

    def forcing(self, names: Sequence[str]) -> "Look":
        """The same, where the named stages (none named: all) must run whatever was seen."""
        chosen = self.graph.named(names) if names else list(self.steps)
        return replace(self, forced={**dict.fromkeys(chosen, "asked for"), **self.forced})


def look(work: Workspace, names: Sequence[str] = (), tell: Callable[[str], None] | None = None) -> Look:
    """Look at the named stages and all that they need (none named: at all), and at every source.

    With ``tell`` the sources on the network are asked, too; it gets what is worth knowing and no reason to run.

    Raises:
        InputError: params.yaml or dvc.yaml is not valid, or there is no such stage.
    """
    settings = params.load(work.params)
    graph = dvc_graph.load(work.root)
    steps = {step.stage: step for step in dvc_graph.plan(work.root, names)}
    forced = {name: why for name, why in changed_sources(work, tell).items() if name in steps}
    far = sum(isinstance(one, Remote) for one in settings.download.corpora) if tell else 0
    near = sum(
        len(local.inputs(one, work.root)) for one in settings.download.corpora if isinstance(one, Local | Monolingual)
    )
    looked_at = f"{len(steps)} stages, {near} files of corpora here, {far} sources on the network"
    return Look(graph, steps, forced, looked_at)


def changed_sources(work: Workspace, tell: Callable[[str], None] | None = None) -> Mapping[str, str]:
    """The stage that must run because a corpus is not what was read, with the reason; with ``tell`` as above."""
    if not (work.raw / files.MANIFEST).is_file():
        return {}  # nothing to compare with, and to DVC the output is missing
    settings = params.load(work.params)
    said = changes.changed(settings, work) + (changes.news(settings, work, tell) if tell else [])
    return {"download": "; ".join(said)} if said else {}


def state(work: Workspace, found: Look) -> str:
    """A hash of what was found and of all that it was found in: the same until something changes again."""
    stale = [found.graph.stages[step.stage] for step in found.steps.values() if step.reason]
    watched = sorted({path for stage in stale for path in stage.dependencies})
    stamps = {path: _stamp(work, path) for path in watched}
    return files.fingerprint([found.changed, _sums(work), stamps, files.sha256(work.params)])


def _sums(work: Workspace) -> dict[str, dict[str, str]]:
    """The sums of every corpus of this machine; one that cannot be read has none."""
    found: dict[str, dict[str, str]] = {}
    for corpus in params.load(work.params).download.corpora:
        if not isinstance(corpus, Remote):
            try:
                found.setdefault(corpus.name, {}).update(load.fingerprint(corpus, work.root))
            except SeqlineError:
                found.setdefault(corpus.name, {})
    return found


def _stamp(work: Workspace, path: str) -> list[int]:
    facts = (work.root / path).stat() if (work.root / path).exists() else None
    return [facts.st_mtime_ns, facts.st_size] if facts else []
