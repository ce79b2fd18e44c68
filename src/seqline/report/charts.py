"""Pictures as inline SVG. Colours and fonts come from the page's style, so they follow light, dark and print."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from seqline.report.html import Markup, tag
from seqline.report.scales import Scale, powers, short, spread, ticks


@dataclass(frozen=True)
class Series:
    """A named line: points in the order of x."""

    name: str
    points: Sequence[tuple[float, float]]


def lines(title: str, series: Sequence[Series], x_label: str, digits: int = 1) -> Markup:
    """A line chart. The class of each line is its name, which the style gives a colour."""
    width, height, left, right, top, bottom = 340, 230, 40, 12, 16, 34
    xs = [x for one in series for x, _ in one.points]
    ys = [y for one in series for _, y in one.points]
    slack = 0.06 * (max(ys) - min(ys)) or 1.0
    x_scale = Scale(0.0, max(xs), left, width - right)
    y_scale = Scale(min(ys) - slack, max(ys) + slack, height - bottom, top)
    grid = [_grid_line(left, width - right, y_scale(tick), short(tick)) for tick in ticks(y_scale.low, y_scale.high)]
    marks = [_label(x_scale(tick), height - bottom + 16, short(tick), "middle") for tick in ticks(0.0, max(xs), 4)]
    drawn = [_line(one, x_scale, y_scale, x_label, digits) for one in series]
    x_title = _label((left + width - right) / 2, height - 3, x_label, "middle")
    return _figure(title, width, height, [*grid, *marks, x_title, *drawn])


def _line(one: Series, x_scale: Scale, y_scale: Scale, x_label: str, digits: int) -> Markup:
    places = [(x_scale(x), y_scale(y)) for x, y in one.points]
    path = "M" + "L".join(f"{x} {y}" for x, y in places)
    dots = (
        tag(
            "circle",
            tag("title", f"{one.name}, {x_label} {x:,.0f}: {y:,.{digits}f}"),
            cx=place[0],
            cy=place[1],
            r=2.6,
        )
        for (x, y), place in zip(one.points, places, strict=True)
    )
    return tag("g", tag("path", d=path, class_="line"), *dots, class_=f"series {one.name}")


@dataclass(frozen=True)
class Bubble:
    """A model: speed to the right, score upwards with its interval, size as area; hollow if it is dominated."""

    name: str
    speed: float
    score: float
    low: float
    high: float
    size: float
    is_dominated: bool


def bubbles(title: str, items: Sequence[Bubble]) -> Markup:
    """Score against speed (logarithmic), the area of each bubble its size on disk."""
    width, height, left, right, top, bottom = 960, 400, 44, 16, 34, 46
    low, high = min(one.low for one in items), max(one.high for one in items)
    slack = max(0.12 * (high - low), 1.0)
    slowest, fastest = min(one.speed for one in items), max(one.speed for one in items)
    x_scale = Scale(slowest / 1.8, fastest * 1.8, left, width - right, logarithmic=True)
    y_scale = Scale(max(0.0, low - slack), min(100.0, high + slack), height - bottom, top)
    grid = [_grid_line(left, width - right, y_scale(tick), short(tick)) for tick in ticks(y_scale.low, y_scale.high, 6)]
    marks = [
        _label(x_scale(tick), height - bottom + 18, short(tick), "middle") for tick in powers(x_scale.low, x_scale.high)
    ]
    axes = [
        _label((left + width - right) / 2, height - 4, "source words per second (logarithmic)", "middle"),
        _label(
            left,
            14,
            "BLEU with its 95% interval; the area is the size on disk; hollow: another is better in all",
            "start",
        ),
    ]
    largest = max(one.size for one in items)
    placed = [
        _Placed(one, x_scale(one.speed), y_scale(one.score), max(4.0, 34.0 * math.sqrt(one.size / largest)))
        for one in items
    ]
    heights = spread([each.y for each in placed], 36.0, top + 14, height - bottom - 18)
    discs = [_disc(each, y_scale) for each in placed]
    names = [
        _name(each, text_y, _crowded(each, placed, 1, width) and not _crowded(each, placed, -1, width))
        for each, text_y in zip(placed, heights, strict=True)
    ]
    return _figure(title, width, height, [*grid, *marks, *axes, *discs, *names])


@dataclass(frozen=True)
class _Placed:
    one: Bubble
    x: float
    y: float
    radius: float

    @property
    def figures(self) -> str:
        return f"{self.one.score:.1f} · {self.one.size:.1f} MB · {self.one.speed:,.0f} words/s"


def _crowded(at: _Placed, others: Sequence[_Placed], side: int, width: float) -> bool:
    """Whether a name beside this disc, to the right (1) or the left (-1), would leave the picture or meet a disc."""
    reach = 200.0
    if not 0 < at.x + side * (at.radius + reach) < width:
        return True
    return any(
        0 < side * (other.x - at.x) < reach + other.radius and abs(other.y - at.y) < other.radius + 24
        for other in others
        if other is not at
    )


def _disc(at: _Placed, y_scale: Scale) -> Markup:
    low, high = y_scale(at.one.low), y_scale(at.one.high)
    told = tag("title", f"{at.one.name}: BLEU {at.figures}")
    shape = "bubble hollow" if at.one.is_dominated else "bubble"
    return tag(
        "g",
        tag("circle", told, cx=at.x, cy=at.y, r=round(at.radius, 1), class_=shape),
        tag("path", d=f"M{at.x} {low}V{high}M{at.x - 5:.1f} {low}h10M{at.x - 5:.1f} {high}h10", class_="whisker"),
        class_=f"series {at.one.name}",
    )


def _name(at: _Placed, text_y: float, to_the_left: bool) -> Markup:
    side, anchor = (-1, "end") if to_the_left else (1, "start")
    edge, text_x = at.x + side * at.radius, at.x + side * (at.radius + 12)
    return tag(
        "g",
        tag("path", d=f"M{edge:.1f} {at.y}L{text_x - side * 3:.1f} {text_y:.1f}", class_="leader"),
        tag("text", at.one.name, x=round(text_x, 1), y=round(text_y - 2, 1), text_anchor=anchor, class_="name"),
        tag("text", at.figures, x=round(text_x, 1), y=round(text_y + 13, 1), text_anchor=anchor, class_="label"),
        class_=f"series {at.one.name}",
    )


def heat_map(title: str, rows: Sequence[str], columns: Sequence[str], weights: Sequence[Sequence[float]]) -> Markup:
    """Weights between 0 and 1 as cells; ``rows`` stand at the left, ``columns`` above, turned."""
    cell = 24
    left = round(14 + 14 * max(map(_width, rows), default=1.0))
    top = round(18 + 11 * max(map(_width, columns), default=1.0))
    drawn = [
        tag("text", text, x=left - 7, y=top + row * cell + 16, text_anchor="end", class_="piece")
        for row, text in enumerate(rows)
    ]
    for column, text in enumerate(columns):
        place = f"translate({left + column * cell + 15} {top - 6}) rotate(-55)"
        drawn.append(tag("text", text, transform=place, class_="piece"))
    for row, line in enumerate(weights):
        for column, weight in enumerate(line):
            told = tag("title", f"{rows[row]} ← {columns[column]}: {weight:.0%}")
            drawn.append(_cell(left + column * cell, top + row * cell, cell - 2, weight, told))
    return _figure(title, left + cell * len(columns) + 40, top + cell * len(rows) + 4, drawn, natural=True)


def _cell(x: float, y: float, size: float, weight: float, told: Markup) -> Markup:
    shade = round(min(max(weight, 0.0), 1.0) ** 0.7, 3)  # so that small weights are still seen
    under = tag("rect", x=x, y=y, width=size, height=size, rx=4, class_="cell")
    over = tag("rect", told, x=x, y=y, width=size, height=size, rx=4, class_="heat", fill_opacity=shade)
    return Markup(under + over)


def _width(text: str) -> float:
    """Rough width in Chinese characters; a Latin letter takes less."""
    return sum(1.0 if ord(character) > 0x2E7F else 0.62 for character in text)


def _grid_line(left: float, right: float, y: float, text: str) -> Markup:
    return tag("g", tag("path", d=f"M{left} {y}H{right}", class_="grid"), _label(left - 7, y + 4, text, "end"))


def _label(x: float, y: float, text: str, anchor: str) -> Markup:
    return tag("text", text, x=round(x, 1), y=round(y, 1), text_anchor=anchor, class_="label")


def _figure(title: str, width: float, height: float, drawn: Sequence[Markup], *, natural: bool = False) -> Markup:
    style = f"width:{width:.0f}px" if natural else None
    box = f"0 0 {width:.0f} {height:.0f}"
    return tag("svg", tag("title", title), *drawn, viewBox=box, role="img", style=style, class_="chart")
