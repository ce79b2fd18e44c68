"""The frame that all sections share."""

from seqline.report.html import Child, Markup, tag


def section(name: str, title: str, summary: str, *content: Child) -> Markup:
    """A titled part of the page that says in one sentence what it shows."""
    lead = tag("p", summary, class_="lead") if summary else None
    return tag("section", tag("h2", title), lead, *content, id=name)


def missing(what: str, stage: str) -> Markup:
    """One line where a part is not there yet."""
    return tag("p", f"Not there yet: {what}. Run ", tag("code", f"seqline run {stage}"), ".", class_="missing")


def dot(model: str) -> Markup:
    """A model's name behind a dot in its colour."""
    return tag("span", tag("i", class_=f"dot {model}"), model, class_="model")
