"""Stage ``distill``: a small student learns the teacher's translations (Kim & Rush 2016), with its tokenizers."""

import polars as pl
import torch

from seqline import files, models
from seqline.compression.distillation import encode, mix
from seqline.compression.initialisation import from_teacher
from seqline.compression.synthesis import OUTPUT
from seqline.compression.teaching import taught
from seqline.errors import MismatchError, StageError
from seqline.models.base import num_parameters
from seqline.models.config import TransformerConfig
from seqline.stages.job import Job, Report
from seqline.stages.modelling import Recipe, config_of, fit_model
from seqline.stages.sources import sources
from seqline.tokenization import Tokenizer
from seqline.training.data import TrainingData


def run(job: Job) -> Report:
    """Train the student, from layers of its teacher or from scratch; a killed run goes on from its last checkpoint."""
    work, block = job.work, job.params.distill
    data = distillation_data(job)
    config = config_of(block.model, data.tokenizer)
    inputs, start = distillation_inputs(job), None
    if block.initialise == "teacher":
        assert isinstance(config, TransformerConfig)
        start = from_teacher(models.load(work.model("teacher")), config)
        inputs["teacher"] = files.content_hash(work.model("teacher"))
    recipe = Recipe("distill", work.model("student"), config, block.optimisation, inputs)
    model, curve = fit_model(job, recipe, data, pl.read_parquet(work.clean / "dev.parquet"), start)
    best = max(curve, key=lambda row: row["chrf"])
    return Report(
        f"student of {num_parameters(model) / 1e6:.1f} M parameters: dev chrF {best['chrf']:.1f}, "
        f"BLEU {best['bleu']:.1f} at update {best['update']:.0f}",
        {"chrf": best["chrf"], "bleu": best["bleu"], "updates": curve[-1]["update"], "pairs": len(data)},
    )


def distillation_data(job: Job) -> TrainingData:
    """Synthetic pairs and a share of the originals, in the teacher's pieces, with its lessons if the params want them.

    Raises:
        StageError: no pair fits ``tokenize.max_pieces``.
        MismatchError: the teacher has other pieces than the data.
    """
    work, params = job.work, job.params
    for folder in (work.clean, work.synthetic):
        files.verify(folder)
    tokenizer = same_pieces(job, "teacher")
    synthetic = pl.read_parquet(work.synthetic / OUTPUT, columns=["id", "source", "target"])
    if not params.distill.sequence_level:
        synthetic = synthetic.clear()
    pairs = mix(sources(work).collect(), synthetic, params.distill.originals, params.project.seed)
    data = encode(pairs, tokenizer, params.tokenize.max_pieces, work.root)
    if not len(data):
        raise StageError(f"{work.synthetic}: no pair to learn from; is tokenize.max_pieces too small?")
    if not params.distill.word_level:
        return data
    teacher, settings = models.load(work.model("teacher")), params.distill
    torch.set_num_threads(params.project.threads)
    return taught(data, teacher, settings.word_level_pieces, settings.word_level, work.root)


def same_pieces(job: Job, model: str) -> Tokenizer:
    """The tokenizer of the data, which must be that of the model too; both folders are checked.

    Raises:
        MismatchError: it is not.
    """
    for folder in (job.work.tokenized, job.work.model(model)):
        files.verify(folder)
    tokenizer = Tokenizer.load(job.work.tokenized)
    if not tokenizer.is_same(Tokenizer.load(job.work.model(model))):
        folder = job.work.model(model)
        raise MismatchError(f"{folder}: its pieces are not those of {job.work.tokenized}; run its stage again")
    return tokenizer


def distillation_inputs(job: Job) -> dict[str, str]:
    """Hashes of all that :func:`distillation_data` depends on."""
    distill = job.params.distill
    settings = {
        "max_pieces": job.params.tokenize.max_pieces,
        **distill.model_dump(include={"sequence_level", "originals", "word_level", "word_level_pieces"}),
    }
    teacher = {"lessons": files.content_hash(job.work.model("teacher"))} if distill.word_level else {}
    return {
        **teacher,
        "clean": files.content_hash(job.work.clean),
        "synthetic": files.content_hash(job.work.synthetic),
        "tokenized": files.content_hash(job.work.tokenized),
        "distillation": files.fingerprint(settings),
    }
