"""``seqline plan``, ``run``, ``stage`` and ``profile``: the graph and its parameters."""

from typing import TYPE_CHECKING, Annotated

import typer

from seqline.cli.opening import workspace
from seqline.cli.output import Json, print_json, print_table
from seqline.progress import duration

if TYPE_CHECKING:
    from seqline.adapters.dvc_graph import Step

Stages = Annotated[
    list[str] | None, typer.Argument(help="Only these stages and all that they need.", show_default="all")
]


def plan(stages: Stages = None, as_json: Json = False) -> None:
    """Show which stages would run, why, and how long they took the last time. Nothing is run or changed.

    Example: [bold]seqline plan[/bold]
    """
    from seqline import params
    from seqline.adapters import dvc_graph, environment

    work = workspace()
    params.load(work.params)
    environment.apply(work.root)
    steps = dvc_graph.plan(work.root, stages or ())
    if as_json:
        print_json(
            [{"stage": one.stage, "runs": bool(one.reason), "why": one.reason, "seconds": one.seconds} for one in steps]
        )
        return
    print_table(("stage", "runs", "took", "why"), [_row(one) for one in steps])
    known = [one.seconds for one in steps if one.reason and one.seconds is not None]
    count = sum(bool(one.reason) for one in steps)
    print(f"{count} of {len(steps)} stages would run" + (f", about {duration(sum(known))}" if known else ""))


def run(
    stages: Stages = None,
    promote: Annotated[bool, typer.Option(help="Then let the gate decide on the registered version.")] = False,
    parallel: Annotated[int, typer.Option(help="Independent stages at work at once.", min=1, max=16)] = 2,
) -> None:
    """Bring the pipeline up to date: a Prefect flow over DVC's graph. Only what changed runs.

    A stage's own lines are shown as they come; at the end stands a table of what ran, was restored from an earlier
    run, or had not changed. `dvc repro` does the same without Prefect.

    Example: [bold]seqline run --promote[/bold]
    """
    from seqline import params
    from seqline.adapters import dvc_graph, environment
    from seqline.adapters.launch import launch

    root = workspace().root
    params.load(root / "params.yaml")  # a mistake is told before Prefect starts
    if stages:
        environment.apply(root)
        dvc_graph.load(root).with_upstream(stages)
    if promote and not stages:
        launch(root, "retrain", parallel=parallel, promote=True)
        return
    launch(root, "pipeline", stages=list(stages or ()), parallel=parallel)
    if promote:
        launch(root, "promote")


def stage(
    name: Annotated[str, typer.Argument(help="download, clean, …, or evaluate@MODEL.", metavar="NAME[@ITEM]")],
) -> None:
    """Run one stage, exactly as dvc.yaml does. Its outputs are complete or as they were before.

    Example: [bold]seqline stage evaluate@student[/bold]
    """
    from seqline.cli.composition import run_stage

    print(f"{name}: {run_stage(name, workspace()).summary}")


def profile(
    name: Annotated[str, typer.Argument(help="The profile to switch to; none: list them.", show_default=False)] = "",
) -> None:
    """Switch params.yaml to a ready profile, or list the profiles and say which one is active.

    A params.yaml that you changed is kept as params.yaml.bak.

    Example: [bold]seqline profile tatoeba[/bold]
    """
    from seqline import profiles

    work = workspace()
    if not name:
        rows = [("*" if one.active else "", one.name, one.description) for one in profiles.profiles(work)]
        print_table(("", "profile", "what it is"), rows)
        if not any(mark for mark, _, _ in rows):
            print("params.yaml is none of them: it was changed.")
        return
    kept = profiles.switch(work, name)
    print(f"params.yaml is now the profile {name}" + (f"; your changed one is kept as {kept.name}" if kept else ""))


def _row(step: "Step") -> tuple[str, ...]:
    took = "" if step.seconds is None else duration(step.seconds)
    return (step.stage, "yes" if step.reason else "no", took, step.reason or "nothing changed")
