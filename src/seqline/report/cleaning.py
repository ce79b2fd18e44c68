"""What cleaning did: from pairs read to pairs kept, with reasons, examples and the planted noise that it found."""

from collections.abc import Mapping
from typing import Any, Final

from seqline.report.gather import Findings
from seqline.report.html import Markup, number, quote, table, tag
from seqline.report.sections import missing, section

_WORST_RULES: Final = 4


def cleaning(found: Findings) -> Markup:
    """The waterfall, examples of what went, and recall per kind of planted noise."""
    if found.clean is None:
        return section("cleaning", "Cleaning", "", missing("what cleaning kept and dropped", "clean"))
    read, kept = found.clean["read"], found.clean["kept"]
    dropped: Mapping[str, int] = found.clean["dropped"]
    summary = f"Of {read:,} pairs read, {kept:,} were kept ({_percent(kept, read)}); each drop has a reason."
    return section(
        "cleaning",
        "Cleaning",
        summary,
        _waterfall(read, kept, dropped),
        _corpora(found.clean.get("corpora", {})),
        _pair_score(found.clean.get("pair_score") or {}),
        _noise(found.clean),
        _examples(found.dropped),
    )


def _waterfall(read: int, kept: int, dropped: Mapping[str, int]) -> Markup:
    rows = [_bar("read", read, 0, read, read, "whole")]
    left = read
    for rule, count in sorted(dropped.items(), key=lambda item: -item[1]):
        if count:
            left -= count
            rows.append(_bar(rule, -count, left, count, read, "lost"))
    rows.append(_bar("kept", kept, 0, kept, read, "kept"))
    return tag("div", *rows, class_="waterfall")


def _bar(name: str, shown: int, start: int, length: int, whole: int, kind: str) -> Markup:
    place = f"margin-left:{100 * start / max(whole, 1):.3f}%;width:{100 * length / max(whole, 1):.3f}%"
    return tag(
        "div",
        tag("span", name.replace("_", " "), class_="what"),
        tag("span", tag("span", class_=f"bar {kind}", style=place), class_="track"),
        tag("span", f"{shown:,}".replace("-", "−"), class_="count"),
        tag("span", _percent(length, whole), class_="share"),
        class_="step",
    )


def _corpora(corpora: Mapping[str, Mapping[str, Any]]) -> Markup | None:
    """What each corpus lost, and to which rules; one corpus is the waterfall itself."""
    if len(corpora) < 2:
        return None
    rows = [
        (
            name,
            number(each["read"]),
            number(each["kept"]),
            number(100 * each["kept"] / max(each["read"], 1), 1, " %"),
            _worst(each),
        )
        for name, each in corpora.items()
    ]
    return tag(
        "div", tag("h3", "By corpus"), table(("corpus", "read", "kept", "share", "lost most to"), rows, "corpora")
    )


def _worst(corpus: Mapping[str, Any]) -> str:
    most = list(corpus["dropped"].items())[:_WORST_RULES]
    return ", ".join(f"{rule.replace('_', ' ')} {_percent(count, corpus['read'])}" for rule, count in most)


def _pair_score(expected: Mapping[str, Mapping[str, float]]) -> Markup | None:
    if not expected:
        return None
    rows = [
        (
            fault.replace("_", " "),
            tag("td", f"{each['estimated_share']:.2%}", class_="number"),
            _recall(each["expected_recall"]),
            _recall(each["expected_precision"]),
            tag("td", f"{each['expected_loss']:.2%}", class_="number"),
        )
        for fault, each in expected.items()
    ]
    told = "The score learns from the corpus itself; faults planted for it say what to expect of its threshold."
    names = ("fault", "of the corpus, about", "expected recall", "expected precision", "good pairs lost")
    return tag("div", tag("h3", "Pair score"), tag("p", told, class_="soft"), table(names, rows, "noise"))


def _noise(clean: Mapping[str, Any]) -> Markup | None:
    noise: Mapping[str, Mapping[str, Any]] = clean.get("noise") or {}
    if not noise:
        return None
    rows = [
        (kind.replace("_", " "), number(each["planted"]), number(each["caught"]), _recall(each.get("recall")))
        for kind, each in noise.items()
    ]
    planted = sum(each["planted"] for each in noise.values())
    caught = sum(each["caught"] for each in noise.values())
    rows.append(("all", number(planted), number(caught), _recall(caught / planted if planted else None)))
    precision = clean.get("precision")
    told = "" if precision is None else f" Precision: {precision:.1%} of the pairs dropped as noise were noise."
    return tag(
        "div",
        tag("h3", "Planted noise"),
        tag("p", f"The corpus carries labelled damage, so what cleaning finds can be counted.{told}", class_="soft"),
        table(("kind", "planted", "caught", "recall"), rows, "noise"),
    )


def _recall(value: float | None) -> Markup:
    if value is None:
        return number(None)
    meter = tag("span", tag("span", style=f"width:{100 * value:.1f}%"), class_="meter")
    return tag("td", meter, tag("span", f"{value:.1%}", class_="share"), class_="number")


def _examples(dropped: Mapping[str, list[dict[str, Any]]]) -> Markup | None:
    if not dropped:
        return None
    rows = [
        (
            tag("td", rule.replace("_", " "), class_="rule"),
            _origin(row),
            quote(row["source"] or "", 160),
            quote(row["target"] or "", 160),
            row["value"] or "",
        )
        for rule, examples in dropped.items()
        for row in examples
    ]
    return tag(
        "details",
        tag("summary", "Examples of dropped pairs, by rule"),
        table(("rule", "line", "source", "target", "found"), rows, "examples"),
    )


def _origin(row: Mapping[str, Any]) -> Markup:
    return tag("td", f"{row['corpus']} {row['line']}", class_="faint")


def _percent(part: float, whole: float) -> str:
    share = part / whole if whole else 0.0
    return f"{share:.1%}" if share >= 0.001 or not part else "<0.1%"
