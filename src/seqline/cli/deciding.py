"""``seqline models``, ``register``, ``promote``, ``rollback`` and ``retire``: the registry."""

from typing import TYPE_CHECKING, Annotated

import typer

from seqline.cli.opening import workspace
from seqline.cli.output import Json, print_json, print_table

if TYPE_CHECKING:
    from seqline.types import Version

_SHOWN = {"bleu": "BLEU", "chrf": "chrF2", "size_mb": "MB"}
_HEADER = ("model", "version", "aliases", "decision", *_SHOWN.values())


def models(as_json: Json = False) -> None:
    """List the versions of the project's model, with their aliases, the gate's decision, scores and sizes.

    Example: [bold]seqline models[/bold]
    """
    from seqline import params, promotion

    work = workspace()
    versions = promotion.models(params.load(work.params), promotion.project_registry(work))
    if as_json:
        print_json([_document(version) for version in versions])
        return
    print_table(_HEADER, [_row(version) for version in versions])


def register() -> None:
    """Register models/selected as a version, with its whole lineage. The same content is registered once.

    Example: [bold]seqline register[/bold]
    """
    from seqline.adapters import locks
    from seqline.cli.composition import run_stage

    work = workspace()
    with locks.run_lock(work.state):
        print(run_stage("register", work).summary)


def promote(as_json: Json = False) -> None:
    """Let the gate decide whether the newest version becomes champion.

    It is compared with the champion on the same test pairs; the decision and its figures are kept with the version.
    A refusal is a decision too: the exit code is 0.

    Example: [bold]seqline promote[/bold]
    """
    from seqline import params, promotion
    from seqline.adapters import locks

    work = workspace()
    settings = params.load(work.params)
    with locks.run_lock(work.state) as lease:
        outcome = promotion.promote(work, settings, promotion.project_registry(work), lease)
    if as_json:
        figures = dict(outcome.decision.figures) if outcome.decision else {}
        print_json({"action": outcome.action, "summary": outcome.summary, "figures": figures})
    else:
        print(outcome.summary)


def rollback(
    undo: Annotated[bool, typer.Option("--undo", help="Bring back what was rolled back.")] = False,
) -> None:
    """Make the previous champion champion again, also while a run is at work. A second time nothing happens.

    Example: [bold]seqline rollback[/bold]
    """
    from seqline import params, promotion, succession
    from seqline.adapters import fencing

    work = workspace()
    settings, registry = params.load(work.params), promotion.project_registry(work)
    with fencing.held(work.state, None):
        print((succession.undo if undo else succession.rollback)(registry, settings.project.name))


def retire(
    keep: Annotated[int, typer.Option(help="Of the newest versions, which stay in any case.", min=1)] = 10,
    preview: Annotated[bool, typer.Option("--preview", help="Tell what would go; nothing does.")] = False,
    as_json: Json = False,
) -> None:
    """Remove old versions from the registry: none with an alias, none that is judged next or was rolled back.

    Their runs stay. Their files go when [bold]mlflow gc[/bold] runs.

    Example: [bold]seqline retire --keep 5 --preview[/bold]
    """
    from seqline import params, promotion, retention
    from seqline.adapters import locks

    work = workspace()
    settings, registry = params.load(work.params), promotion.project_registry(work)
    if preview:
        old = retention.retirable(work, promotion.models(settings, registry), keep)
    else:
        with locks.run_lock(work.state):
            old = retention.retire(work, settings, registry, keep)
    if as_json:
        print_json([_document(version) for version in old])
    elif old:
        print_table(_HEADER, [_row(version) for version in old])
    else:
        print(f"{settings.project.name}: no version may go; {keep} and all that are needed stay")


def _document(version: "Version") -> dict[str, object]:
    return {
        "name": version.name,
        "version": version.number,
        "aliases": list(version.aliases),
        "metrics": dict(version.metrics),
        "tags": dict(version.tags),
    }


def _row(version: "Version") -> tuple[str, ...]:
    figures = (f"{version.metrics[name]:.2f}" if name in version.metrics else "" for name in _SHOWN)
    decision = version.tags.get("gate.decision", "not judged")
    return (version.name, str(version.number), ", ".join(version.aliases), decision, *figures)
