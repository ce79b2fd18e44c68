"""Stage ``quantize``: export the pruned model for CTranslate2, prove that the export is right, and that int8 is.

Two checks, each against a limit of params.yaml: exported in float32 the log-probability of every piece must be
torch's, which catches any error of the export; quantised, the translations of dev must score as well.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
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
    with _scratch(job) as scratch:
        exact, quantised = scratch / "float32", scratch / "quantized"
        _export(job, exact, "float32")
        error = _check_export(job, exact, dev.head(_CHECKED_PAIRS))
        _export(job, quantised, settings.compute_type)
        before, after = _check_score(job, exact, quantised, dev)
        figures = {"log_prob_error": error, "bleu_before": before, "bleu_after": after}
        with files.staged(job.work.model("quantized"), compute_type=settings.compute_type, **figures) as folder:
            shutil.copytree(quantised, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(files.MANIFEST))
    size_mb = files.size_bytes(job.work.model("quantized")) / 1e6
    return Report(
        f"{settings.compute_type}: {size_mb:.1f} MB, dev BLEU {before:.2f} → {after:.2f}, "
        f"log-probabilities within {error:.1g} of torch before quantisation",
        {**figures, "size_mb": size_mb},
    )


@contextmanager
def _scratch(job: Job) -> Iterator[Path]:
    """A folder for trial exports; what a killed run left there goes first."""
    folder = job.work.checkpoints("quantize")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _check_export(job: Job, exact: Path, dev: pl.DataFrame) -> float:
    pruned, limit = job.work.model("pruned"), job.params.quantize.max_log_prob_error
    error = log_prob_error(pruned, exact, dev["source"].to_list(), dev["target"].to_list())
    if not error <= limit:  # so that NaN fails too
        raise StageError(
            f"{pruned}: exported in float32 a log-probability is {error:.2g} off torch's, "
            f"more than quantize.max_log_prob_error {limit:g}; the export is wrong for this model"
        )
    return error


def _check_score(job: Job, exact: Path, quantised: Path, dev: pl.DataFrame) -> tuple[float, float]:
    limit, kind = job.params.quantize.max_bleu_loss, job.params.quantize.compute_type
    before, after = (_bleu(job, folder, dev) for folder in (exact, quantised))
    if before - after > limit:
        raise StageError(
            f"{job.work.model('pruned')}: {kind} loses {before - after:.2f} BLEU on dev ({before:.2f} → {after:.2f}), "
            f"more than quantize.max_bleu_loss {limit:g}; choose another quantize.compute_type"
        )
    return before, after


def _bleu(job: Job, bundle: Path, dev: pl.DataFrame) -> float:
    translator = Bundle.open(bundle, threads=job.params.project.threads)
    hypotheses = [translations[0].text for translations in translator.translate(dev["source"].to_list())]
    return bleu(hypotheses, dev["target"].to_list(), job.params.project.target).value


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
