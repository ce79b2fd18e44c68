"""The command line: thin compositions, one module per group of verbs.

Heavy libraries (torch 3 s, mlflow 2.6 s) are imported by the verb that needs them, so that ``--help`` is instant.
"""

from collections.abc import Callable, Sequence

import typer

from seqline.adapters import prefect_server
from seqline.cli import (
    bench,
    choosing,
    cleaning,
    deciding,
    exporting,
    judging,
    locating,
    pipeline,
    scoring,
    serving,
    sources,
    tracing,
    translating,
    watching,
)
from seqline.cli.errors import guarded

__all__ = ["app", "main"]

app = typer.Typer(
    name="seqline",
    help="From raw parallel text to a small, fast, registered translation model, and kept fresh.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)

_PANELS: dict[str, tuple[Callable[..., None], ...]] = {
    "The pipeline": (pipeline.plan, pipeline.run, pipeline.stage, pipeline.profile, tracing.report),
    "Models at work": (
        translating.translate,
        serving.serve,
        scoring.score,
        judging.evaluate,
        judging.compare,
        choosing.select,
        exporting.export,
        locating.where,
    ),
    "Live requests": (watching.drift, watching.shadow),
    "Cleaning": (cleaning.clean, cleaning.suggest),
    "Questions": (tracing.explain, tracing.trace, tracing.card, sources.sources),
    "The registry": (deciding.models, deciding.register, deciding.promote, deciding.rollback, deciding.retire),
}

for panel, verbs in _PANELS.items():
    for verb in verbs:
        app.command(rich_help_panel=panel)(verb)
app.add_typer(bench.app, name="bench", rich_help_panel="Cleaning")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and exit: 0 success, 1 failure, 2 bad input, 130 interrupted."""
    prefect_server.leave(guarded(lambda: app(arguments, prog_name="seqline", standalone_mode=False)))
