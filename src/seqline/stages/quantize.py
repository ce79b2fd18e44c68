"""Stage ``quantize@NAME``: export a model for CTranslate2, prove that the export is right, and that int8 is.

A recurrent model is exported for ONNX Runtime instead. Two checks, each against a limit of params.yaml: exported in
float32 the log-probability of every piece must be torch's, which catches any error of the export; quantised and with
its shortlist, the translations of dev must score as well.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import torch

from seqline import files
from seqline.compression.agreement import log_prob_error
from seqline.compression.recurrent_export import write_onnx
from seqline.errors import InputError, StageError
from seqline.evaluation.metrics import bleu
from seqline.models.config import TransformerConfig, read_config
from seqline.params.compression import ComputeType
from seqline.params.load import QUANTIZED
from seqline.serving.bundle import SHORTLIST
from seqline.stages.bundling import export
from seqline.stages.job import Job, Report
from seqline.stages.opening import open_translator
from seqline.tokenization import Tokenizer

_CHECKED_PAIRS = 200


def run(job: Job) -> Report:
    """Write ``models/NAME-quantized``, or fail with the figure that exceeds its limit."""
    exact_model, target = job.work.model(job.item), job.work.model(f"{job.item}{QUANTIZED}")
    for folder in (job.work.clean, exact_model):
        files.verify(folder)
    torch.set_num_threads(job.params.project.threads)
    dev = pl.read_parquet(job.work.clean / "dev.parquet", columns=["source", "target"])
    if not len(dev):
        raise StageError(f"{job.work.clean / 'dev.parquet'}: no dev pairs, so the quantised model cannot be checked")
    kind = job.params.quantize.models[job.item]
    with _scratch(job) as scratch:
        exact, quantised = scratch / "float32", scratch / "quantized"
        _export(job, exact, "float32", has_shortlist=False)
        error = _check_export(job, exact, dev.head(_CHECKED_PAIRS))
        _export(job, quantised, kind, has_shortlist=True, packed=job.params.quantize.packed)
        before, after = _check_score(job, exact, quantised, dev)
        figures = {"log_prob_error": error, "bleu_before": before, "bleu_after": after}
        with files.staged(target, compute_type=kind, **figures) as folder:
            shutil.copytree(quantised, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(files.MANIFEST))
    size_mb = files.content_bytes(target) / 1e6
    return Report(
        f"{kind}: {size_mb:.1f} MB, dev BLEU {before:.2f} → {after:.2f}, "
        f"log-probabilities within {error:.1g} of torch before quantisation",
        {**figures, "size_mb": size_mb},
    )


@contextmanager
def _scratch(job: Job) -> Iterator[Path]:
    """A folder for trial exports; what a killed run left there goes first."""
    folder = job.work.checkpoints(f"quantize-{job.item}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _check_export(job: Job, exact: Path, dev: pl.DataFrame) -> float:
    """The largest error over pairs that are no longer than what the model was trained on."""
    model, limit = job.work.model(job.item), job.params.quantize.max_log_prob_error
    torch_model, exported = (open_translator(folder, job.params) for folder in (model, exact))
    pairs = _fitting(job, model, dev)
    error = log_prob_error(torch_model, exported, pairs["source"].to_list(), pairs["target"].to_list())
    if not error <= limit:  # so that NaN fails too
        raise StageError(
            f"{model}: exported in float32 a log-probability is {error:.2g} off torch's, "
            f"more than quantize.max_log_prob_error {limit:g}; the export is wrong for this model"
        )
    return error


def _fitting(job: Job, model: Path, dev: pl.DataFrame) -> pl.DataFrame:
    tokenizer, limit = Tokenizer.load(model), job.params.tokenize.max_pieces
    sides = tokenizer.encode_source(dev["source"].to_list()), tokenizer.encode_target(dev["target"].to_list())
    return dev.filter(pl.Series([max(len(s), len(t)) <= limit for s, t in zip(*sides, strict=True)]))


def _check_score(job: Job, exact: Path, quantised: Path, dev: pl.DataFrame) -> tuple[float, float]:
    limit, kind = job.params.quantize.max_bleu_loss, job.params.quantize.models[job.item]
    before, after = (_bleu(job, folder, dev) for folder in (exact, quantised))
    if before - after > limit:
        raise StageError(
            f"{job.work.model(job.item)}: {kind} loses {before - after:.2f} BLEU on dev ({before:.2f} → {after:.2f}), "
            f"more than quantize.max_bleu_loss {limit:g}; choose another type in quantize.models.{job.item}, or allow "
            "more and let select.min_score_share decide"
        )
    return before, after


def _bleu(job: Job, folder: Path, dev: pl.DataFrame) -> float:
    """With a shortlist line by line: a batch would weigh the pieces that any of its lines calls for."""
    has_shortlist = any(name.startswith(SHORTLIST) for name in files.manifest(folder)["files"])
    translator = open_translator(folder, job.params, batch_tokens=1 if has_shortlist else None)
    hypotheses = [translations[0].text for translations in translator.translate(dev["source"].to_list())]
    return bleu(hypotheses, dev["target"].to_list(), job.params.project.target).value


def _export(job: Job, folder: Path, compute_type: ComputeType, *, has_shortlist: bool, packed: bool = False) -> None:
    model = job.work.model(job.item)
    if isinstance(read_config(model / "config.json"), TransformerConfig):
        export(job, model, folder, compute_type, has_shortlist=has_shortlist, packed=packed)
        return
    if compute_type not in ("int8", "float32"):
        raise InputError(
            f"quantize.models.{job.item}: ONNX Runtime runs a recurrent model in int8 or float32, not {compute_type}"
        )
    write_onnx(model, folder, compute_type)
