"""The models side by side: score, size, speed; and where each is weak."""

from collections.abc import Mapping, Sequence
from typing import Any

from seqline.report.charts import Bubble, bubbles
from seqline.report.gather import Document, Findings
from seqline.report.html import Markup, join, number, table, tag
from seqline.report.sections import dot, missing, section


def models(found: Findings) -> Markup:
    """The picture, the table with intervals and signatures, scores per test set."""
    if not found.models:
        return section("models", "Models", "", missing("scores of the models", "evaluate"))
    note = None if found.deployed else missing("which of them is shipped", "select")
    return section(
        "models", "Models", _summary(found), note, picture(found), _table(found), _sets(found.models),
        _signatures(found.models), _sensitivities(found),
    )  # fmt: skip


def slices(found: Findings) -> Markup:
    """BLEU per part of the test set, and how often each failure occurs."""
    if not found.models:
        return section("slices", "Slices", "", missing("scores per slice", "evaluate"))
    per_model = {model: figures["slices"] for model, figures in found.models.items()}
    names = list(dict.fromkeys(name for each in per_model.values() for name in each))
    parts = [name for name in names if any("bleu" in each.get(name, {}) for each in per_model.values())]
    failures = [name for name in names if name not in parts]
    return section(
        "slices",
        "Slices",
        "The same test pairs, cut by the source's length in words and content; then how often known failures occur.",
        _scores(per_model, parts),
        tag("h3", "Failures"),
        _rates(per_model, failures),
    )


def ratios(found: Findings) -> tuple[float, float, float] | None:
    """Of what is shipped against the teacher: BLEU difference, times smaller, times faster. None if one is absent."""
    if "teacher" not in found.models or found.deployed is None:
        return None
    teacher, deployed = found.models["teacher"], found.models[found.deployed]
    return (
        deployed["bleu"] - teacher["bleu"],
        teacher["size_mb"] / max(deployed["size_mb"], 1e-9),
        deployed["words_per_s"] / max(teacher["words_per_s"], 1e-9),
    )


def _summary(found: Findings) -> str:
    told = ratios(found)
    if told is None or found.choice is None:
        return ""
    delta, smaller, faster = told
    figures = (
        f"it scores {delta:+.1f} BLEU against the teacher, is {smaller:.1f}× smaller and {faster:.1f}× faster with the "
        "same threads and beam."
    ).replace("-", "−")
    return f"Shipped is {found.deployed}, {found.choice['reason']}; {figures}"


def picture(found: Findings) -> Markup:
    """Score, speed and size of the models; empty where none was timed."""
    items = [
        Bubble(
            model, one["words_per_s"], one["bleu"], one["bleu_low"], one["bleu_high"], one["size_mb"],
            is_dominated=_dominator(found, model) is not None,
        )
        for model, one in found.models.items()
        if one["words_per_s"] > 0
    ]  # fmt: skip
    return tag("figure", bubbles("Score, speed and size of the models", items), class_="wide") if items else Markup("")


def _table(found: Findings) -> Markup:
    header = (
        "model", "BLEU", "95% interval", "chrF2", "TER ↓", "MB", "parameters", "words/s", "line by line", "p50 ms",
        "p95 ms", "RSS MB", "dominated by",
    )  # fmt: skip
    rows = [
        (
            dot(model),
            number(one["bleu"], 2),
            tag("td", f"{one['bleu_low']:.1f} – {one['bleu_high']:.1f}", class_="number"),
            number(one["chrf"], 2),
            number(one["ter"], 2),
            number(one["size_mb"], 1),
            number(one.get("parameters")),
            number(one["words_per_s"]),
            number(one.get("single_words_per_s")),
            number(one["p50_ms"], 1),
            number(one["p95_ms"], 1),
            number(one.get("peak_rss_mb")),
            _dominator(found, model) or "",
        )
        for model, one in found.models.items()
    ]
    return table(header, rows)


def _dominator(found: Findings, model: str) -> str | None:
    """The model that is better in all than this one."""
    verdicts = found.choice["candidates"] if found.choice else {}
    better: str | None = (verdicts.get(model) or {}).get("dominated_by")
    return better


def _sensitivities(found: Findings) -> Markup | None:
    """What each part of the student was worth before anything of a pruned model went."""
    if not found.pruned:
        return None
    tables = [
        join((tag("h3", "What the parts of ", dot(model), " were worth"), _sensitivity(figures)))
        for model, figures in found.pruned.items()
        if figures["sensitivity"]  # of a recurrent model there is none
    ]
    return join(tables)


def _sensitivity(figures: Document) -> Markup:
    rows = [(part["part"], number(part["parameters"]), number(part["loss"], 3)) for part in figures["sensitivity"]]
    told = (
        f"Without {figures['heads_share']:.0%} of its heads and {figures['ffn_share']:.0%} of its feed-forward units."
    )
    return join((tag("p", told, class_="note"), table(("without", "parameters", "held-out loss, nats"), rows)))


def _sets(figures: Mapping[str, Document]) -> Markup | None:
    names = list(dict.fromkeys(name for one in figures.values() for name in one.get("sets", {})))
    if len(names) < 2:
        return None
    rows = [
        (dot(model), *(number((one["sets"].get(name) or {}).get("bleu"), 2) for name in names))
        for model, one in figures.items()
    ]
    return join((tag("h3", "BLEU per test set"), table(("model", *names), rows)))


def _signatures(figures: Mapping[str, Document]) -> Markup:
    one = next(iter(figures.values()))
    timed = f"{one['pairs']:,} test pairs; beam {one['beam']}, {one['threads']} threads, batches of {one['batch']}; "
    scores = join(
        join((tag("b", name), " ", tag("code", signature), " ")) for name, signature in one["signatures"].items()
    )
    return tag("p", timed, "latency of single lines. sacreBLEU signatures: ", scores, class_="note")


def _scores(per_model: Mapping[str, Any], parts: Sequence[str]) -> Markup:
    values = [each[part]["bleu"] for each in per_model.values() for part in parts if part in each]
    low, high = min(values, default=0.0), max(values, default=1.0)
    counts = next(iter(per_model.values()))
    header = ["model", *(_heading(part, counts.get(part, {}).get("count")) for part in parts)]
    rows = [
        (dot(model), *(_shaded((each.get(part) or {}).get("bleu"), low, high) for part in parts))
        for model, each in per_model.items()
    ]
    return table(header, rows, "slices")


def _heading(part: str, count: float | None) -> Markup:
    pairs = None if count is None else tag("small", f"{count:,.0f} pairs")
    return join((part, tag("br"), pairs))


def _shaded(value: float | None, low: float, high: float) -> Markup:
    if value is None:
        return number(None)
    share = 100 * (value - low) / (high - low) if high > low else 50.0
    return tag("td", f"{value:.1f}", class_="number shaded", style=f"--share:{share:.0f}%")


def _rates(per_model: Mapping[str, Any], failures: Sequence[str]) -> Markup:
    rows = [(dot(model), *(_rate(each.get(failure)) for failure in failures)) for model, each in per_model.items()]
    return table(("model", *failures), rows, "slices")


def _rate(slice_: Mapping[str, float] | None) -> Markup:
    if slice_ is None:
        return number(None)
    kind = "number none" if slice_["count"] == 0 else "number some"
    return tag("td", f"{slice_['share']:.1%} ", tag("small", f"({slice_['count']:,.0f})"), class_=kind)
