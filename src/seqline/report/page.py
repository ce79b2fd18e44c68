"""The page as a whole: head, key figures, sections."""

from seqline.report.cleaning import cleaning
from seqline.report.decision import gate, lineage
from seqline.report.gather import Findings
from seqline.report.html import Markup, join, tag
from seqline.report.models import models, ratios, slices
from seqline.report.samples import samples
from seqline.report.style import STYLE, colours
from seqline.report.training import training

# No script and no request may ever run, whatever a sentence holds.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_SECTIONS = {
    "models": ("Models", models),
    "slices": ("Slices", slices),
    "samples": ("Samples", samples),
    "training": ("Training", training),
    "cleaning": ("Cleaning", cleaning),
    "gate": ("Gate", gate),
    "lineage": ("Lineage", lineage),
}


def page(found: Findings) -> str:
    """One self-contained HTML document."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("title", f"{found.name}: report"),
        tag("style", Markup(STYLE + colours(dict.fromkeys([*found.models, *found.curves])))),
    )
    links = tag("nav", *(tag("a", title, href=f"#{name}") for name, (title, _) in _SECTIONS.items()))
    sections = (make(found) for _, make in _SECTIONS.values())
    body = tag("body", tag("header", _title(found), _tiles(found)), links, tag("main", *sections), _foot())
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def _title(found: Findings) -> Markup:
    direction = f"{found.source} → {found.target}" if found.source else ""
    return tag("div", tag("p", direction, class_="direction"), tag("h1", found.name), _verdict(found), class_="title")


def _verdict(found: Findings) -> Markup | None:
    if found.gate is None:
        return None
    decision = str(found.gate["decision"])
    return tag("p", decision, class_=f"verdict {'good' if decision == 'promoted' else 'bad'}")


def _tiles(found: Findings) -> Markup:
    tiles = []
    deployed = found.models.get(found.deployed or "") or next(iter(found.models.values()), None)
    if deployed:
        interval = f"{deployed['bleu_low']:.1f} – {deployed['bleu_high']:.1f} · chrF2 {deployed['chrf']:.1f}"
        tiles.append(_tile(f"{deployed['bleu']:.1f}", f"BLEU, {deployed['model']}", interval))
    told = ratios(found)
    if told and deployed:
        delta, smaller, faster = told
        teacher = found.models["teacher"]
        kept = f"{deployed['bleu'] / max(teacher['bleu'], 1e-9):.1%} of it kept"
        tiles.append(_tile(f"{delta:+.1f}".replace("-", "−"), "BLEU vs. teacher", kept))
        sizes = f"{teacher['size_mb']:.1f} → {deployed['size_mb']:.1f} MB"
        tiles.append(_tile(f"{smaller:.1f}×", "smaller", sizes))
        speeds = f"{teacher['words_per_s']:,.0f} → {deployed['words_per_s']:,.0f} words/s"
        tiles.append(_tile(f"{faster:.1f}×", "faster", speeds))
    if found.clean:
        share = found.clean["kept"] / max(found.clean["read"], 1)
        tiles.append(_tile(f"{share:.0%}", "of the pairs kept", f"{found.clean['kept']:,} of {found.clean['read']:,}"))
    return tag("div", *tiles, class_="tiles")


def _tile(value: str, what: str, detail: str) -> Markup:
    return tag("div", tag("b", value), tag("span", what), tag("small", detail), class_="tile")


def _foot() -> Markup:
    return tag(
        "footer",
        join(("Written by ", tag("code", "seqline report"), "; nothing on this page is loaded from elsewhere.")),
    )
