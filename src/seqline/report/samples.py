"""Sample translations by every model, and where the teacher looked."""

from collections.abc import Mapping, Sequence
from typing import Any

from seqline.report.charts import heat_map
from seqline.report.gather import Findings
from seqline.report.html import Markup, quote, tag
from seqline.report.sections import dot, missing, section

_MAX_PIECES = 60


def samples(found: Findings) -> Markup:
    """The same test pairs by all models, each with one attention picture."""
    by_model: dict[str, Sequence[Mapping[str, Any]]] = {
        model: figures["samples"] for model, figures in found.models.items() if figures.get("samples")
    }
    if not by_model:
        return section("samples", "Samples", "", missing("sample translations", "evaluate"))
    sources = list(dict.fromkeys(sample["source"] for each in by_model.values() for sample in each))
    cards = [_card(source, by_model) for source in sources]
    return section(
        "samples",
        "Samples",
        "Evenly spaced test pairs. The darker a cell, the more the piece on its left was written from the one above.",
        *cards,
    )


def _card(source: str, by_model: Mapping[str, Sequence[Mapping[str, Any]]]) -> Markup:
    found = {model: one for model, each in by_model.items() for one in each if one["source"] == source}
    reference = next(iter(found.values()))["reference"]
    lines = [_line("source", source), _line("reference", reference)]
    lines += [_line(dot(model), one["hypothesis"], one["hypothesis"] == reference) for model, one in found.items()]
    return tag("article", tag("dl", *lines), _picture(found), class_="sample")


def _line(name: str, text: str, exact: bool = False) -> Markup:
    mark = tag("span", "= reference", class_="exact") if exact else None
    return tag("div", tag("dt", name), tag("dd", quote(text), mark))


def _picture(found: Mapping[str, Mapping[str, Any]]) -> Markup | None:
    for model, one in found.items():
        attention = one.get("attention")
        if (
            attention
            and len(attention["source_pieces"]) <= _MAX_PIECES
            and len(attention["target_pieces"]) <= _MAX_PIECES
        ):
            drawn = heat_map(
                f"Attention of the {model}",
                [_piece(piece) for piece in attention["target_pieces"]],
                [_piece(piece) for piece in attention["source_pieces"]],
                attention["weights"],
            )
            return tag("figure", drawn, tag("figcaption", "attention of the ", dot(model)), class_="attention")
    blind = next((model for model, one in found.items() if "attention" in one and one["attention"] is None), None)
    return tag("p", dot(blind), " has no attention: it sees the source as one vector.") if blind else None


def _piece(piece: str) -> str:
    """A SentencePiece piece without the mark of a word's begin, which is a space."""
    return piece.replace("▁", " ").strip() or "␣"
