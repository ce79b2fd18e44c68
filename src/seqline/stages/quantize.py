"""Stage ``quantize``: export the pruned model for CTranslate2, prove that the export is right, and that int8 is.

Two checks, each against a limit of params.yaml: exported in float32 the log-probability of every piece must be
torch's, which catches any error of the export; quantised, the translations of dev must score as well.
"""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import torch

from seqline import files
from seqline.compression.agreement import log_prob_error
from seqline.compression.export import write_bundle
from seqline.errors import StageError
from seqline.evaluation.metrics import bleu
from seqline.serving.bundle import Bundle
from seqline.stages.job import Job, Report

_CHECKED_PAIRS = 200


def run(job: Job) -> Report:
    """Write ``models/quantized``, or fail with the figure that exceeds its limit."""
    settings, pruned = job.params.quantize, job.work.model("pruned")
    for folder in (job.work.clean, pruned):
        files.verify(folder)
    torch.set_num_threads(job.params.project.threads)
    dev = pl.read_parquet(job.work.clean / "dev.parquet", columns=["source", "target"])
    if not len(dev):
        raise StageError(f"{job.work.clean / 'dev.parquet'}: no dev pairs, so the quantised model cannot be checked")
    sources, references = dev["source"].to_list(), dev["target"].to_list()
    job.work.state.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=job.work.state) as scratch:
        exact, quantised = Path(scratch) / "float32", Path(scratch) / "quantized"
        _export(job, exact, "float32")
        error = log_prob_error(pruned, exact, sources[:_CHECKED_PAIRS], references[:_CHECKED_PAIRS])
        if not error <= settings.max_log_prob_error:
            raise StageError(
                f"{pruned}: exported in float32 a log-probability is {error:.2g} off torch's, more than "
                f"quantize.max_log_prob_error {settings.max_log_prob_error:g}; the export is wrong for this model"
            )
        _export(job, quantised, settings.compute_type)
        before, after = (_dev_bleu(job, folder, sources, references) for folder in (exact, quantised))
        if before - after > settings.max_bleu_loss:
            raise StageError(
                f"{pruned}: {settings.compute_type} loses {before - after:.2f} BLEU on dev ({before:.2f} → {after:.2f}), more "
                f"than quantize.max_bleu_loss {settings.max_bleu_loss:g}; choose another quantize.compute_type"
            )
        figures = {"log_prob_error": error, "bleu_before": before, "bleu_after": after}
        with files.staged(job.work.model("quantized"), compute_type=settings.compute_type, **figures) as folder:
            shutil.copytree(quantised, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(files.MANIFEST))
    size_mb = files.size_bytes(job.work.model("quantized")) / 1e6
    return Report(
        f"{settings.compute_type}: {size_mb:.1f} MB, dev BLEU {before:.2f} → {after:.2f}, "
        f"log-probabilities within {error:.1g} of torch before quantisation",
        {**figures, "size_mb": size_mb},
    )


def _export(job: Job, folder: Path, compute_type: str) -> None:
    project = job.params.project
    write_bundle(
        job.work.model("pruned"),
        folder,
        compute_type,
        name=project.name,
        languages=(project.source, project.target),
        max_pieces=job.params.tokenize.max_pieces,
    )


def _dev_bleu(job: Job, bundle: Path, sources: Sequence[str], references: Sequence[str]) -> float:
    translator = Bundle.open(bundle, threads=job.params.project.threads)
    hypotheses = [translations[0].text for translations in translator.translate(sources)]
    return bleu(hypotheses, references, job.params.project.target).value
