"""Tell people how a retraining went: a Markdown artifact in Prefect, and a message to ``SEQLINE_WEBHOOK`` if it is set.

A message is one JSON object: ``text`` (one line, which chat services show), ``project``, ``state`` (``promoted``,
``kept``, ``unchanged``, ``made``, ``failed`` or ``crashed``), ``because`` and ``link``; after a success ``changed``.
"""

from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prefect import Flow, get_run_logger, runtime
from prefect.artifacts import create_markdown_artifact
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import ArtifactCreate
from prefect.client.schemas.objects import FlowRun, State
from prefect.logging.loggers import flow_run_logger
from prefect.settings import get_current_settings

from seqline import params
from seqline.adapters import prefect_server, webhook
from seqline.adapters.tracking import tracking_uri
from seqline.errors import SeqlineError
from seqline.files import read_json
from seqline.report.front import front
from seqline.report.gather import gather
from seqline.workspace import Workspace

if TYPE_CHECKING:
    from flows.retrain import Retraining


def tell_result(work: Workspace, done: "Retraining") -> None:
    """Keep the report of a retraining, and send its one line; what keeps it from being told is one line in the log."""
    logger, link = get_run_logger(), link_of(str(runtime.flow_run.id))
    try:
        name = params.load(work.params).project.name
        message = {"text": done.summary, "project": name, "state": done.action, "changed": done.changed}
        webhook.send({**message, "because": done.because, "link": link}, logger.warning)
        create_markdown_artifact(key="retrain", markdown=markdown(work, done, link))
    except Exception as error:  # whatever it is: what was promoted stays so, and the run has done its work
        logger.warning(f"the result could not be told ({type(error).__name__}: {_first_line(str(error))})")


def tell_failure(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """A hook for a flow that failed or crashed: send one line that says why, and keep it with the run."""
    how = (state.name or "failed").lower()
    text, because = f"{flow.name} {how}: {_reason(state)}", str(flow_run.parameters.get("because", ""))
    message = {"text": text, "project": _name(flow_run), "state": how, "because": because}
    link = link_of(str(flow_run.id))
    webhook.send({**message, "link": link}, flow_run_logger(flow_run, flow).warning)
    page = f"[the flow run]({link})" if link else f"`prefect flow-run logs {flow_run.id}`"
    parts = [f"# {text}", f"Started because: {because}" if because else "", f"Every line of it: {page}"]
    report = "\n\n".join(part for part in parts if part)
    with get_client(sync_client=True) as client:  # a run that is over has no context to create artifacts in
        client.create_artifact(ArtifactCreate(type="markdown", key=flow.name, data=report, flow_run_id=flow_run.id))


def markdown(work: Workspace, done: "Retraining", link: str = "") -> str:
    """The report: what changed, what was done, how the gate judged, where to read on; ``link`` is the run's page."""
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
        _reading(work, done, link),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part)


def link_of(run_id: str) -> str:
    """The page of a flow run; empty where the API is a temporary one, which has no pages."""
    pages = "" if prefect_server.is_temporary() else get_current_settings().ui_url or ""
    return f"{pages}/flow-runs/flow-run/{run_id}" if pages else ""


def _picture(work: Workspace) -> list[str]:
    try:
        drawn = front(gather(work))
    except SeqlineError:  # no part of the report is worth a retraining
        return []
    data = b64encode(drawn.encode()).decode() if drawn else ""
    return ["## The models", "", f"![score, speed and size](data:image/svg+xml;base64,{data})"] if data else []


def _reading(work: Workspace, done: "Retraining", link: str) -> list[str]:
    known = {
        "the page, by `seqline report`": work.reports / "index.html",
        "the decision": work.reports / "promote.json",
    }
    found = [f"- {what}: `{path}`" for what, path in known.items() if path.is_file()]
    found += [f"- [the flow run]({link})"] if link else []
    if (server := tracking_uri(work.root)).startswith("http") and done.outcome and done.outcome.decision:
        report = read_json(work.reports / "promote.json")
        name, number = report["model"], report["challenger"]["version"]
        found.append(f"- [version {number} in MLflow]({server.rstrip('/')}/#/models/{name}/versions/{number})")
    return ["## Read on", "", *found] if found else []


def _reason(state: State[Any]) -> str:
    error = state.result(raise_on_failure=False)
    if isinstance(error, SeqlineError):
        return str(error)
    return _first_line(state.message or "without a word")


def _name(run: FlowRun) -> str:
    root = Path(str(run.parameters.get("root", "."))).resolve()
    try:
        return params.load(Workspace(root).params).project.name
    except (SeqlineError, OSError):
        return root.name


def _first_line(text: str) -> str:
    return text.split("\n")[0][:500]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
