"""The options of ``seqline translate`` that say how to search, how to sample and what to demand."""

from pathlib import Path
from typing import Annotated

import typer

_SEARCHING, _SAMPLING, _DEMANDS = "Searching", "Sampling", "What a translation must hold"

Nbest = Annotated[
    int, typer.Option(help="Translations a line. Above 1, each is printed as line number, score, text.", min=1)
]
Scores = Annotated[bool, typer.Option("--scores", help="Print each translation's score before it.")]
Alignment = Annotated[
    bool, typer.Option("--alignment", help="Print which words belong together behind it: 0-0 1-2, source-target.")
]

LengthPenalty = Annotated[
    float, typer.Option(help="α of the score log P / length^α.", min=0.0, max=10.0, rich_help_panel=_SEARCHING)
]
CoveragePenalty = Annotated[
    float, typer.Option(help="β of Wu et al. 2016: source words left out cost.", min=0.0, rich_help_panel=_SEARCHING)
]
Groups = Annotated[
    int, typer.Option(help="Part the beam into groups that are made to differ.", min=1, rich_help_panel=_SEARCHING)
]
Diversity = Annotated[
    float, typer.Option(help="What a piece costs per earlier group that has it.", min=0.0, rich_help_panel=_SEARCHING)
]
MinLength = Annotated[int, typer.Option(help="Pieces that a translation must have.", min=0, rich_help_panel=_SEARCHING)]
NoRepeatNgram = Annotated[
    int, typer.Option(help="No so many pieces in a row twice; 0: allowed.", min=0, rich_help_panel=_SEARCHING)
]

Sample = Annotated[
    bool, typer.Option("--sample", help="Draw at random instead of searching.", rich_help_panel=_SAMPLING)
]
Temperature = Annotated[float | None, typer.Option(help="Below 1 sharper, above 1 flatter.", rich_help_panel=_SAMPLING)]
TopK = Annotated[
    int | None, typer.Option(help="Draw among the K most probable pieces.", min=1, rich_help_panel=_SAMPLING)
]
TopP = Annotated[
    float | None, typer.Option(help="Draw among the fewest pieces with so much probability.", rich_help_panel=_SAMPLING)
]
Seed = Annotated[
    int | None, typer.Option(help="The same seed draws the same for the same line.", rich_help_panel=_SAMPLING)
]

Prefix = Annotated[str, typer.Option(help="How every translation begins.", rich_help_panel=_DEMANDS)]
Phrases = Annotated[
    list[str] | None,
    typer.Option("--constraint", help="A phrase that every translation holds; repeatable.", rich_help_panel=_DEMANDS),
]
Terms = Annotated[
    Path | None,
    typer.Option(
        help="Terms, one a line: source phrase, tab, its translation, demanded of lines that have the phrase.",
        rich_help_panel=_DEMANDS,
    ),
]
