"""``seqline clean`` and ``seqline suggest``: what the rules do to the raw pairs, before anything is written."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from seqline.cli.opening import workspace
from seqline.cli.output import Json, print_json, print_table

if TYPE_CHECKING:
    import polars as pl

    from seqline.cleaning.language import Language
    from seqline.params.cleaning import Clean

Pairs = Annotated[int, typer.Option(help="How many pairs of each training corpus to look at.", min=1)]
_SHARES = (0.001, 0.005, 0.01, 0.02)
_SHOWN_CHARACTERS = 60


def clean(
    preview: Annotated[bool, typer.Option("--preview", help="Show what the rules drop; write nothing.")] = False,
    pairs: Pairs = 20_000,
    samples: Annotated[int, typer.Option(help="How many dropped pairs to show per rule.", min=0)] = 3,
    as_json: Json = False,
) -> None:
    """Clean the downloaded corpora; with --preview only show, on a sample, what each rule drops.

    Without --preview this is `seqline stage clean`. Copies, leaks and the learnt score need all pairs, so the preview
    leaves them out.

    Example: [bold]seqline clean --preview --samples 5[/bold]
    """
    if not preview:
        from seqline.cli.pipeline import stage

        stage("clean")
        return
    from seqline.cleaning.preview import losses

    frame, params, languages = _sample(pairs)
    found = losses(frame, params, languages, samples)
    if as_json:
        print_json({"pairs": len(frame), "losses": [asdict(one) for one in found]})
        return
    rows = []
    for one in found:
        rows.append((one.corpus, one.rule, f"{one.pairs:,}", f"{one.share:.2%}", "", ""))
        rows += [
            ("", "", "", "", value, f"{_short(source)} ||| {_short(target)}") for source, target, value in one.samples
        ]
    print_table(("corpus", "rule", "pairs", "share", "value", "for example"), rows)
    print(f"{sum(one.pairs for one in found):,} of {len(frame):,} pairs would go; nothing was written")


def suggest(pairs: Pairs = 20_000, as_json: Json = False) -> None:
    """Propose thresholds: for each rule, the bounds at which it alone would drop 0.1, 0.5, 1 and 2 % of the pairs.

    Where a bound of params.yaml costs much more than its neighbours, look at what it drops with `seqline clean
    --preview` before you keep it.

    Example: [bold]seqline suggest[/bold]
    """
    from seqline.cleaning.preview import suggestions

    frame, params, languages = _sample(pairs)
    found = suggestions(frame, params, languages, _SHARES)
    if as_json:
        print_json([asdict(one) | {"shares": list(_SHARES)} for one in found])
        return
    header = ("rule", "keeps", "now", "drops", *(f"{share:.1%}" for share in _SHARES))
    rows = [
        (one.rule, one.keep, f"{one.bound:g}", f"{one.lost:.2%}", *(f"{bound:g}" for bound in one.bounds))
        for one in found
    ]
    print_table(header, rows)


def _sample(num_pairs: int) -> "tuple[pl.DataFrame, Clean, tuple[Language, Language]]":
    from seqline import files, params
    from seqline.cleaning.language import language
    from seqline.cleaning.preview import sample
    from seqline.cleaning.shards import shards

    work = workspace()
    settings = params.load(work.params)
    found = shards(work.raw, files.manifest(work.raw)["corpora"])
    return (
        sample(found, num_pairs),
        settings.clean,
        (language(settings.project.source), language(settings.project.target)),
    )


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"
