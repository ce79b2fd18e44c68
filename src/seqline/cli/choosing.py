"""``seqline select``: which model to ship, and what other budgets would say."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from seqline.cli.errors import say
from seqline.cli.opening import workspace
from seqline.cli.output import Json, print_json, print_table
from seqline.errors import StageError

if TYPE_CHECKING:
    from seqline.evaluation.front import Candidate
    from seqline.workspace import Workspace

_HEADER = (
    "model", "BLEU", "chrF2", "kept", "MB", "words/s", "line by line", "p50 ms", "p95 ms", "RSS MB", "",
)  # fmt: skip


def select(
    prefer: Annotated[Literal["size", "speed", "score"] | None, typer.Option(help="What decides.")] = None,
    min_score_share: Annotated[float | None, typer.Option(help="Kept of the teacher's scores.", min=0, max=1)] = None,
    max_mb: Annotated[float | None, typer.Option(help="Largest size on disk.", min=0.001)] = None,
    max_p95_ms: Annotated[float | None, typer.Option(help="Latency of 95 % of single lines.", min=0.001)] = None,
    experiments: Annotated[bool, typer.Option("--experiments", help="Those of `dvc exp run` too.")] = False,
    as_json: Json = False,
) -> None:
    """Show every evaluated model beside its costs, which are dominated, and which one to ship, with the reason.

    The budgets are those of params.yaml but for what you give here; nothing is written. The stage of this name makes
    the choice of params.yaml the model that is registered. With --experiments, the models of all DVC experiments since
    the last commit stand beside the project's, as EXPERIMENT/MODEL; `dvc exp apply EXPERIMENT` takes one over.

    Example: [bold]seqline select --prefer speed --max-mb 5[/bold]
    """
    from seqline import params
    from seqline.evaluation.front import choose, dominators, teacher_of
    from seqline.stages.select import candidates_of

    work = workspace()
    settings = params.load(work.params)
    given = {"prefer": prefer, "min_score_share": min_score_share, "max_mb": max_mb, "max_p95_ms": max_p95_ms}
    rules = settings.select.model_copy(update={key: value for key, value in given.items() if value is not None})
    candidates = candidates_of(work, settings.evaluate.models)
    if experiments:
        candidates += _of_experiments(work, settings.evaluate.models)
    dominated, failure = dominators(candidates), None
    try:
        choice = choose(candidates, rules)
        selected, verdict = choice.name, f"{choice.name}: {choice.reason}"
    except StageError as error:
        selected, verdict, failure = "", str(error), error
    if as_json:
        figures = [asdict(one) for one in candidates]
        print_json({"selected": selected or None, "reason": verdict, "dominated": dominated, "candidates": figures})
    else:
        teacher = teacher_of(candidates)
        print_table(_HEADER, [_row(one, teacher, selected, dominated) for one in candidates])
        if failure is None:
            print(verdict)
    if failure is not None:
        raise failure


def _of_experiments(work: "Workspace", own: Sequence[str]) -> list["Candidate"]:
    """The deployable models of all experiments; one that several have made, or the project itself, is shown once."""
    from seqline.adapters import dvc_experiments
    from seqline.stages.select import candidate, evaluation

    reports_here = [evaluation(work, name) for name in own]
    known, test = {report["content_hash"] for report in reports_here}, reports_here[0]["test_hash"]
    found = {}
    for name, reports in sorted(dvc_experiments.metrics(work.root, "reports/evaluate").items()):
        if any(report["test_hash"] != test for report in reports):
            say(f"{name}: other test pairs than here, so its scores cannot be compared; left out")
            continue
        for report in reports:
            if report["is_deployable"] and report["content_hash"] not in known:
                known.add(report["content_hash"])
                found[f"{name}/{report['model']}"] = report
    return [candidate(name, report) for name, report in found.items()]


def _row(one: "Candidate", teacher: "Candidate", selected: str, dominated: Mapping[str, str]) -> Sequence[str]:
    verdict = f"dominated by {dominated[one.name]}" if one.name in dominated else ""
    return (
        one.name,
        f"{one.bleu:.2f}",
        f"{one.chrf:.2f}",
        f"{one.score_share(teacher):.1%}",
        f"{one.size_mb:.1f}",
        f"{one.words_per_s:,.0f}",
        f"{one.single_words_per_s:,.0f}",
        f"{one.p50_ms:.1f}",
        f"{one.p95_ms:.1f}",
        f"{one.peak_rss_mb:.0f}",
        "ship this" if one.name == selected else verdict,
    )
