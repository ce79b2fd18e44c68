"""What a stage is given and what it gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from seqline.params import Params
from seqline.types import NoTracker, Registry, Tracker
from seqline.workspace import Workspace


@dataclass(frozen=True)
class Job:
    """One stage, about to run: its parameters, the workspace, and the services it may call.

    ``item`` names what a stage that runs once per thing works on (``evaluate@teacher``: ``teacher``).
    """

    params: Params
    work: Workspace
    item: str = ""
    tracker: Tracker = field(default_factory=NoTracker)
    registry: Registry | None = None


@dataclass(frozen=True)
class Report:
    """What a stage has to say when it is done: one line for people, figures for machines."""

    summary: str
    metrics: Mapping[str, float] = field(default_factory=dict)
