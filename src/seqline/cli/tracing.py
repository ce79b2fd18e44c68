"""``seqline explain``, ``trace``, ``card`` and ``report``: why a pair was dropped, what a model is and came from."""

from dataclasses import asdict
from typing import Annotated

import typer

from seqline.cli.opening import workspace
from seqline.cli.output import Json, print_json, print_table


def explain(
    source: Annotated[str, typer.Argument(help="A source sentence.")],
    target: Annotated[str, typer.Argument(help="Its translation.")],
    as_json: Json = False,
) -> None:
    """Show every cleaning rule's verdict on a pair: what it measured, against which threshold.

    Example: [bold]seqline explain "See page 12." "见第 21 页。"[/bold]
    """
    from seqline import cleaning, params

    settings = params.load(workspace().params)
    verdicts = cleaning.explain(settings.clean, settings.project.source, settings.project.target, source, target)
    failed = [verdict.rule for verdict in verdicts if not verdict.passed]
    if as_json:
        print_json({"kept": not failed, "verdicts": [asdict(verdict) for verdict in verdicts]})
        return
    print_table(
        ("rule", "verdict", "value", "threshold"),
        [(one.rule, "ok" if one.passed else "DROP", one.value, one.threshold) for one in verdicts],
    )
    print(f"dropped by {', '.join(failed)}" if failed else "kept")


def trace(
    model: Annotated[
        str, typer.Argument(help="A model, as --model of `translate` takes it; the champion by default.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Print a model's lineage: the stages behind it with the hashes of what they made, back to the raw files.

    Example: [bold]seqline trace quantized[/bold]
    """
    from seqline import lineage

    found = lineage.trace(workspace(), model)
    if as_json:
        print_json(found)
    else:
        print("\n".join(lineage.tell(found)))


def card(
    model: Annotated[
        str,
        typer.Argument(
            help="A version: its number, models:/NAME@ALIAS or models:/NAME/NUMBER. Without it: the champion."
        ),
    ] = "",
) -> None:
    """Print the model card of a registered version: use, scores, data, limits, and what the gate decided.

    Example: [bold]seqline card 3 > MODEL.md[/bold]
    """
    from seqline import card as cards
    from seqline import params, resolving

    work = workspace()
    name = params.load(work.params).project.name
    uri = f"models:/{name}/{model}" if model.isdecimal() else model or f"models:/{name}@{resolving.CHAMPION}"
    print(cards.read(work, uri, resolving.project_registry(work)), end="")


def report() -> None:
    """Write the report on what the stages have left, one self-contained HTML page, and print its path.

    Example: [bold]seqline report[/bold]
    """
    from seqline.report import build

    work = workspace()
    print(build(work).relative_to(work.root))
