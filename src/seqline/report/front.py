"""The picture of the models as a file of its own, for pages that are not ours."""

from dataclasses import replace

from seqline.report.gather import Findings
from seqline.report.html import Markup
from seqline.report.models import picture
from seqline.report.style import STYLE

_NEEDED = {"words_per_s", "bleu", "bleu_low", "bleu_high", "size_mb"}


def front(found: Findings) -> str | None:
    """Score, speed and size of the evaluated models as one SVG document; None where none was measured."""
    measured = {model: one for model, one in found.models.items() if one.keys() >= _NEEDED}
    drawn = picture(replace(found, models=measured))
    if not drawn:
        return None
    begin, end = drawn.index("<svg ") + len("<svg "), drawn.index("</svg>") + len("</svg>")
    head, _, rest = drawn[begin:end].partition(">")
    style = f"svg {{ font-family: system-ui, sans-serif; background: var(--paper); }} {STYLE}"
    return Markup(f'<svg xmlns="http://www.w3.org/2000/svg" {head}><style><![CDATA[{style}]]></style>{rest}')
