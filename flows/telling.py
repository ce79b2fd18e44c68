"""Tell people how a retraining went: a Markdown artifact in Prefect, and a message to ``SEQLINE_WEBHOOK`` if it is set.

A message is one JSON object: ``text`` (one line, which chat services show), ``project``, ``state`` (``promoted``,
``kept``, ``unchanged``, ``made``, ``failed`` or ``crashed``), ``because`` and ``link``; after a success ``changed``.
"""

from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prefect import Flow, get_run_logger, runtime
from prefect.artifacts import create_markdown_artifact
from prefect.client.schemas.objects import FlowRun, State
from prefect.logging.loggers import flow_run_logger
from prefect.settings import get_current_settings

from seqline import params
from seqline.adapters import webhook
from seqline.errors import SeqlineError
from seqline.report.front import front
from seqline.report.gather import gather
from seqline.workspace import Workspace

if TYPE_CHECKING:
    from flows.retrain import Retraining


def tell_result(work: Workspace, done: "Retraining") -> None:
    """Keep the report of a retraining, and send its one line."""
    link = link_of(str(runtime.flow_run.id))
    create_markdown_artifact(key="retrain", markdown=markdown(work, done))
    name = params.load(work.params).project.name
    message = {"text": done.summary, "project": name, "state": done.action, "changed": done.changed}
    webhook.send({**message, "because": done.because, "link": link}, get_run_logger().warning)


def tell_failure(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """A hook for a flow that failed or crashed: send one line that says why."""
    how = (state.name or "failed").lower()
    message = {"text": f"{flow.name} {how}: {_reason(state)}", "project": _name(flow_run), "state": how}
    because, link = str(flow_run.parameters.get("because", "")), link_of(str(flow_run.id))
    webhook.send({**message, "because": because, "link": link}, flow_run_logger(flow_run, flow).warning)


def markdown(work: Workspace, done: "Retraining") -> str:
    """The report: what changed, what was done, how the gate judged, where to read on."""
    moved = [row for row in done.rows if row.did != "unchanged"]
    stages = [f"| {row.stage} | {row.did} | {row.seconds:.1f} | {_cell(row.why)} |" for row in moved]
    decision = done.outcome.decision if done.outcome else None
    checks = [
        f"| {check.name} | {'passed' if check.passed else '**failed**'} | {_cell(check.detail)} |"
        for check in (decision.checks if decision else ())
    ]
    parts = [
        [f"# {done.summary}"],
        [f"Started because: {done.because}"] if done.because else [],
        ["## What changed", *([f"- {change}" for change in done.changed] or [f"Nothing of {done.looked_at}."])],
        ["## What was done", "", "| stage | did | seconds | why |", "|---|---|---|---|", *stages] if stages else [],
        ["## The gate", "", "| check | verdict | detail |", "|---|---|---|", *checks] if checks else [],
        _picture(work),
        _reading(work),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part)


def link_of(run_id: str) -> str:
    """The page of a flow run; empty where the API is a temporary one, which has no pages."""
    pages = get_current_settings().ui_url or ""
    return f"{pages}/flow-runs/flow-run/{run_id}" if pages else ""


def _picture(work: Workspace) -> list[str]:
    try:
        drawn = front(gather(work))
    except SeqlineError:  # no part of the report is worth a retraining
        return []
    data = b64encode(drawn.encode()).decode() if drawn else ""
    return ["## The models", "", f"![score, speed and size](data:image/svg+xml;base64,{data})"] if data else []


def _reading(work: Workspace) -> list[str]:
    known = {
        "the page, by `seqline report`": work.reports / "index.html",
        "the decision": work.reports / "promote.json",
    }
    found = [f"- {what}: `{path}`" for what, path in known.items() if path.is_file()]
    return ["## Read on", "", *found] if found else []


def _reason(state: State[Any]) -> str:
    error = state.result(raise_on_failure=False)
    if isinstance(error, SeqlineError):
        return str(error)
    return (state.message or "without a word").split("\n")[0][:500]


def _name(run: FlowRun) -> str:
    root = Path(str(run.parameters.get("root", "."))).resolve()
    try:
        return params.load(Workspace(root).params).project.name
    except (SeqlineError, OSError):
        return root.name


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
