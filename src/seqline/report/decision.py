"""What the gate decided and why, and where everything came from."""

from collections.abc import Mapping
from typing import Any

from seqline.report.gather import Document, Findings
from seqline.report.html import Markup, join, number, table, tag
from seqline.report.sections import missing, section

_SHORT = 12


def gate(found: Findings) -> Markup:
    """The checks of the last decision."""
    if found.gate is None:
        return section(
            "gate", "Gate", "", tag("p", "No decision yet. Run ", tag("code", "seqline promote"), ".", class_="missing")
        )
    return section(
        "gate",
        "Gate",
        str(found.gate.get("summary") or found.gate["decision"]),
        tag("ul", *(_check(check) for check in found.gate.get("checks", [])), class_="checks"),
        _contenders(found.gate),
    )


def lineage(found: Findings) -> Markup:
    """Corpora with licences, code, tokenizers, models and packages, each with its hash."""
    if not found.corpora:
        return section("lineage", "Lineage", "", missing("where the data came from", "download"))
    return section(
        "lineage",
        "Lineage",
        "Every figure above can be traced back to these files.",
        tag("h3", "Raw text"),
        table(("corpus", "split", "lines", "licence", "origin", "files"), [_corpus(one) for one in found.corpora]),
        _artifacts(found.lineage, found.receipt),
    )


def _check(check: Mapping[str, Any]) -> Markup:
    passed = bool(check["passed"])
    return tag(
        "li",
        tag("span", "✓" if passed else "✗", class_="sign"),
        tag("b", check["check"]),
        tag("span", check["detail"]),
        class_="passed" if passed else "failed",
    )


def _contenders(decision: Document) -> Markup | None:
    sides = {side: decision[side] for side in ("champion", "challenger") if decision.get(side)}
    if not sides:
        return None
    names = list(dict.fromkeys(name for one in sides.values() for name in one.get("metrics", {}) if "." not in name))
    rows = [
        (f"{side}, version {one['version']}", *(_figure(one.get("metrics", {}).get(name)) for name in names))
        for side, one in sides.items()
    ]
    return table(("", *(name.replace("_", " ") for name in names)), rows)


def _figure(value: float | None) -> Markup:
    return number(value, 2 if value is not None and value < 1000 else 0)


def _corpus(one: Document) -> tuple[Markup | str, ...]:
    inputs = [tag("div", path, " ", _digest(digest)) for path, digest in (one.get("inputs") or {}).items()]
    return (
        one["name"],
        one["split"],
        number(one["lines"]),
        one["licence"],
        one.get("url") or one.get("kind", ""),
        join(inputs),
    )


def _artifacts(lineage: Document | None, receipt: Document | None) -> Markup | None:
    if lineage is None:
        return tag("p", "Not there yet: the hashes of tokenizers and models.", class_="missing")
    code = lineage["code"]
    commit = code["commit"] or code["note"]
    rows: list[tuple[str, Markup | str]] = [
        ("code", tag("code", commit + (" and uncommitted changes" if code["dirty"] else "")))
    ]
    rows += [(f"tokenizer {name}", _digest(digest)) for name, digest in lineage["tokenizers"].items()]
    rows += [(f"model {name}", _digest(digest)) for name, digest in lineage["models"].items()]
    if receipt:
        rows.append((f"registered as {receipt['name']} version {receipt['version']}", _digest(receipt["content_hash"])))
    packages = ", ".join(f"{name} {version}" for name, version in lineage["packages"].items() if version)
    rows.append(("made with", packages))
    return join((tag("h3", "Made of"), table(("what", "sha256 or version"), rows, "artifacts")))


def _digest(digest: str) -> Markup:
    return tag("code", digest[:_SHORT], title=digest)
