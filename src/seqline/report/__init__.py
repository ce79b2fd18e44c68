"""The report: one self-contained HTML page on what a run read, learnt, measured and decided."""

from pathlib import Path

from seqline.files import write_text
from seqline.report.gather import gather
from seqline.report.page import page
from seqline.workspace import Workspace


def build(work: Workspace) -> Path:
    """Write ``reports/index.html`` from what the stages have left, and return where it lies.

    A part whose stage has not run yet says so in one line. The same reports give the same page.

    Raises:
        ArtifactError: a report is damaged.
        ParamsError: params.yaml is wrong.
    """
    target = work.reports / "index.html"
    write_text(target, page(gather(work)))
    return target
