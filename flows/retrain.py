"""Keep the model fresh: look for changed sources, bring the graph up to date, let the gate decide.

    python -m flows retrain                     by hand
    prefect deploy --all --no-prompt            on the schedule of prefect.yaml

You will see what changed since the last run, the table of the pipeline, and one line with the gate's decision: the
new version is champion, or the old one stays and why. Never two at once: a second one says busy and ends.
"""

from prefect import flow, get_run_logger
from prefect.artifacts import create_markdown_artifact

from flows.pipeline import SIDE_BY_SIDE, Row, at_work, bring_up_to_date
from seqline import params, promotion
from seqline.workspace import Workspace


@flow(name="retrain", task_runner=SIDE_BY_SIDE, validate_parameters=False)
def retrain(root: str = ".", parallel: int = 2) -> str:
    """Run the pipeline and promote what it made if the gate allows; returns ``promoted``, ``kept`` or ``unchanged``.

    Raises:
        BusyError: another run is at work on this project.
        SeqlineError: a stage failed, or the registry did not answer; the champion is as it was.
    """
    with at_work(root) as runner:
        rows = bring_up_to_date(runner, [], parallel)
        work = Workspace(runner.root)
        outcome = promotion.promote(work, params.load(work.params), promotion.project_registry(work))
    get_run_logger().info(outcome.summary)
    create_markdown_artifact(key="retrain", markdown=_markdown(rows, outcome))
    return outcome.action


def _markdown(rows: list[Row], outcome: promotion.Outcome) -> str:
    moved = [f"| {row.stage} | {row.did} | {row.seconds:.1f} | {row.why} |" for row in rows if row.did != "unchanged"]
    table = ["| stage | did | seconds | why |", "|---|---|---|---|", *moved] if moved else ["Nothing had changed."]
    checks = [
        f"- {'passed' if check.passed else 'failed'}: {check.name}: {check.detail}"
        for check in (outcome.decision.checks if outcome.decision else ())
    ]
    return "\n".join([f"# {outcome.summary}", "", *table, "", *checks])
