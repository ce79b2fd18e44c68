"""``seqline drift`` and ``seqline shadow``: what live requests tell."""

from dataclasses import asdict
from typing import Annotated

import typer

from seqline.cli.opening import Model, workspace
from seqline.cli.output import Json, print_json, print_table

_DRIFTED = 1


def drift(
    days: Annotated[int, typer.Option(help="Of requests, today counted.", min=1)] = 1,
    model: Model = "",
    check: Annotated[bool, typer.Option("--check", help="End with exit code 1 where something drifted.")] = False,
    as_json: Json = False,
) -> None:
    """How far live requests are from the training data: lengths, unknown pieces, other languages, confidence.

    Reads what [bold]seqline serve --log[/bold] noted; params.yaml says how far is too far.

    Example: [bold]seqline drift --days 7[/bold]
    """
    from seqline import feedback, params

    work = workspace()
    found = feedback.drift(work, params.load(work.params), days=days, model=model)
    if as_json:
        print_json(asdict(found) | {"is_beyond": found.is_beyond})
    else:
        rows = [
            (one.name, f"{one.before:.3g}", f"{one.now:.3g}", f"{one.moved:.2f}", f"{one.limit:g}",
             "too far" if one.is_beyond else "")
            for one in found.figures
        ]  # fmt: skip
        if rows:
            print_table(("", "trained on", "live", "moved", "limit", ""), rows)
        print(found.summary)
    if check and found.is_beyond:
        raise typer.Exit(_DRIFTED)


def shadow(
    days: Annotated[int, typer.Option(help="Of requests, today counted.", min=1)] = 7, as_json: Json = False
) -> None:
    """Compare the challenger with the champion on the live requests that [bold]seqline serve --shadow[/bold] gave it.

    Nobody knows the right translations of live requests, so this shows where the two differ; whether the challenger is
    better is for the gate.

    Example: [bold]seqline shadow --days 1[/bold]
    """
    from seqline import feedback, params

    work = workspace()
    champion, challenger, found = feedback.compared(work, params.load(work.params), days=days)
    if as_json:
        print_json({"champion": champion, "challenger": challenger, **asdict(found)})
        return
    print(f"{challenger} beside {champion}: {found.lines:,} lines")
    print(f"  translated alike  {found.same:.1%}; chrF2 of one against the other {found.chrf:.1f}")
    print(f"  length            {found.length_ratio:.2f} characters per character of the champion's")
    print(f"  confidence        {found.scores[0]:.3f} → {found.scores[1]:.3f} (median log-probability of a piece)")
    for name, (before, now) in found.failures.items():
        print(f"  {name:<17} {before:.2%} → {now:.2%}")
    for line in found.different:
        print(f"\n  {line.source}\n  - {line.champion}\n  + {line.challenger}")
