"""How the models learnt: loss and scores on dev over the updates."""

from collections.abc import Sequence

from seqline.report.charts import Series, lines
from seqline.report.gather import Curve, Findings
from seqline.report.html import Markup, tag
from seqline.report.sections import dot, missing, section

_MEASURES = (("loss", "Training loss", 3), ("chrf", "chrF2 on dev", 1), ("bleu", "BLEU on dev", 1))


def training(found: Findings) -> Markup:
    """One chart per measure, one line per model."""
    if not found.curves:
        return section("training", "Training", "", missing("training curves", "train"))
    charts = [chart for measure, title, digits in _MEASURES if (chart := _chart(found, measure, title, digits))]
    legend = tag("p", *(dot(model) for model in found.curves), class_="legend")
    return section("training", "Training", _summary(found), legend, tag("div", *charts, class_="charts"))


def _chart(found: Findings, measure: str, title: str, digits: int) -> Markup | None:
    drawn = [Series(model, points) for model, curve in found.curves.items() if (points := _points(curve, measure))]
    if not drawn:
        return None
    return tag("figure", tag("figcaption", title), lines(title, drawn, "updates", digits))


def _points(curve: Curve, measure: str) -> Sequence[tuple[float, float]]:
    return [(row["update"], row[measure]) for row in curve if "update" in row and measure in row]


def _summary(found: Findings) -> str:
    told = []
    for model, curve in found.curves.items():
        best = max((row.get("chrf", 0.0) for row in curve), default=0.0)
        told.append(f"{model} {curve[-1]['update']:,.0f} updates, best chrF2 {best:.1f}")
    line = "; ".join(told)
    return f"{line[:1].upper()}{line[1:]}."
