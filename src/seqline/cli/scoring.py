"""``seqline score``: how probable a model finds given translations."""

from pathlib import Path
from typing import Annotated

import typer

from seqline.cli.judging import read_texts
from seqline.cli.opening import Models, Threads, open_models, workspace

_CHUNK_LINES = 256


def score(
    source: Annotated[Path, typer.Option(help="Sentences, one a line; plain, gzip or zstd.")],
    target: Annotated[Path, typer.Option(help="Their translations, line by line.")],
    model: Models = None,
    threads: Threads = 0,
    pieces: Annotated[
        bool, typer.Option("--pieces", help="Also print the log-probability of each piece and of the end.")
    ] = False,
) -> None:
    """Score given pairs: log-probability of the translation, a tab, and the mean per piece, one pair a line.

    Natural logarithms; the end of the sentence counts as a piece.

    Example: [bold]seqline score --model teacher --source test.en --target test.zh[/bold]
    """
    texts = read_texts(source, target)
    translator = open_models(model or (), workspace(), threads)
    for start in range(0, len(texts.sources), _CHUNK_LINES):
        part = slice(start, start + _CHUNK_LINES)
        for log_probs in translator.score(texts.sources[part], texts.references[part], first_line=start + 1):
            total = sum(log_probs)
            cells = [f"{total:.4f}", f"{total / len(log_probs):.4f}"]
            print("\t".join([*cells, " ".join(f"{each:.4f}" for each in log_probs)] if pieces else cells))
