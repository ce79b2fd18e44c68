"""Keep the model fresh: look for what changed, bring the graph up to date, let the gate decide, tell how it went.

    python -m flows retrain                     by hand
    prefect deploy --all --no-prompt            on the schedule and the events of prefect.yaml

You will see what was looked at and what changed, the table of the pipeline, and one line with the gate's decision: the
new version is champion, or the old one stays and why. With nothing changed it ends in seconds. Never two at once: a
second one says busy and ends, or waits for its turn; one whose lock was taken from it can promote nothing.
"""

from dataclasses import dataclass, field

from prefect import flow, get_run_logger

from flows.pipeline import SIDE_BY_SIDE, Hold, Row, at_work, bring_up_to_date
from flows.telling import tell_failure, tell_result
from seqline import looking, params, profiles, promotion
from seqline.adapters import outbox
from seqline.errors import InputError
from seqline.looking import Look
from seqline.workspace import Workspace


@dataclass
class Retraining:
    """What a retraining saw, did and decided."""

    looked_at: str
    changed: list[str]
    because: str = ""
    rows: list[Row] = field(default_factory=list)
    outcome: promotion.Outcome | None = None

    @property
    def action(self) -> str:
        """``unchanged``, ``made`` (nothing was to be judged), ``promoted`` or ``kept``."""
        if self.outcome:
            return self.outcome.action
        return "made" if self.rows else "unchanged"

    @property
    def summary(self) -> str:
        """One line."""
        if self.outcome:
            return self.outcome.summary
        if not self.rows:
            return f"nothing changed; looked at {self.looked_at}"
        return f"{sum(row.did != 'unchanged' for row in self.rows)} of {len(self.rows)} stages made anew; none promoted"


@flow(
    name="retrain",
    task_runner=SIDE_BY_SIDE,
    validate_parameters=False,
    on_failure=[tell_failure],
    on_crashed=[tell_failure],
)
def retrain(
    root: str = ".",
    parallel: int = 2,
    profile: str | None = None,
    targets: list[str] | None = None,
    force: bool = False,
    promote: bool | None = None,
    because: str = "",
    wait_s: float = 0.0,
) -> str:
    """Retrain if something changed and promote what came out if the gate allows.

    Args:
        root: the project's folder.
        parallel: stages at work at once, at most.
        profile: refuse to run unless params.yaml is this ready profile.
        targets: only these stages and all that they need.
        force: run them (or all) although nothing changed.
        promote: True judges the registered version also when nothing changed, False never; None: when something did,
            or when the last registered version was never judged.
        because: why it was started; goes into the report.
        wait_s: where another run is at work, seconds to wait for its end; 0: end at once.

    Returns:
        ``unchanged``, ``made``, ``promoted`` or ``kept``.

    Raises:
        BusyError: another run is at work on this project, or has taken it from this one.
        InputError: params.yaml is another profile, or there is no such stage.
        SeqlineError: a stage failed, or the registry did not answer; the champion is as it was.
    """
    with at_work(root, wait_s) as hold:
        _require(profile, hold.work)
        outbox.send(hold.work.root, get_run_logger().warning)
        look = looking.look(hold.work, targets or [], tell=get_run_logger().warning)
        done = Retraining(look.looked_at, look.changed, because)
        for change in done.changed:
            get_run_logger().info(f"changed: {change}")
        if done.changed or force:
            done.rows = bring_up_to_date(hold.runner, look.forcing(targets or []) if force else look, parallel)
        if _is_to_judge(hold.work, look, promote, moved=bool(done.rows)):
            done.outcome = _judge(hold)
        get_run_logger().info(done.summary)
        tell_result(hold.work, done)  # before the next run may begin, which would take this one for dead
    return done.action


def _require(profile: str | None, work: Workspace) -> None:
    if profile is not None and profiles.render(work, profile) != work.params.read_bytes():
        raise InputError(f"{work.params}: not the profile {profile!r}; switch with `seqline profile {profile}`")


def _is_to_judge(work: Workspace, look: Look, promote: bool | None, *, moved: bool) -> bool:
    if promote is not None:
        return promote
    return "register" in look.steps and (moved or promotion.is_waiting(work))


def _judge(hold: Hold) -> promotion.Outcome:
    registry = promotion.project_registry(hold.work)
    return promotion.promote(hold.work, params.load(hold.work.params), registry, hold.lease)
