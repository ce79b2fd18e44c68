from dataclasses import replace
from typing import Any

import polars as pl
import pytest
import torch

from seqline import files, models
from seqline.compression import shortlist
from seqline.errors import ArtifactError, InputError, StageError
from seqline.evaluation.metrics import bleu
from seqline.models.config import RecurrentConfig
from seqline.params.compression import ComputeType
from seqline.serving.bundle import SHORTLIST, Bundle, Description
from seqline.stages import quantize
from seqline.stages.job import Job
from seqline.tokenization import Tokenizer


def with_settings(job: Job, **values: Any) -> Job:
    changed = job.params.quantize.model_copy(update=values)
    return replace(job, item="pruned", params=job.params.model_copy(update={"quantize": changed}))


def test_the_bundle_is_whole_and_translates(walked: Any) -> None:
    folder = walked.job.work.model("pruned-quantized")
    manifest = files.verify(folder)
    assert manifest["compute_type"] == "int8"
    assert Description.read(folder) == Description("phrasebook-en-zh", "en", "zh", 40, 2.0, 10)
    sources = pl.read_parquet(walked.job.work.clean / "test.parquet")["source"].to_list()
    assert all(translations[0].text for translations in Bundle.open(folder).translate(sources))


def test_the_figures_of_both_checks_are_reported_and_kept(walked: Any) -> None:
    metrics = walked.reports["quantize"].metrics
    manifest = files.manifest(walked.job.work.model("pruned-quantized"))
    for figure in ("log_prob_error", "bleu_before", "bleu_after"):
        assert manifest[figure] == metrics[figure]
    assert metrics["log_prob_error"] < 1e-4


def test_what_is_shipped_has_a_shortlist_unless_the_params_say_zero(copied: Job) -> None:
    folder = copied.work.model("pruned-quantized")
    assert SHORTLIST in files.verify(folder)["files"]
    quantize.run(with_settings(copied, shortlist=0))
    assert SHORTLIST not in files.verify(folder)["files"]


def test_a_shortlist_is_judged_line_by_line(copied: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shortlist, "_COMMON", 1)
    report = quantize.run(with_settings(copied, shortlist=1, max_bleu_loss=100.0))
    dev = pl.read_parquet(copied.work.clean / "dev.parquet")
    bundle = Bundle.open(copied.work.model("pruned-quantized"))
    sources, references = dev["source"].to_list(), dev["target"].to_list()
    alone = [bundle.translate([source])[0][0].text for source in sources]
    assert alone != [best.text for best, *_ in bundle.translate(sources)]
    assert report.metrics["bleu_after"] == bleu(alone, references, "zh").value


def test_the_same_model_gives_the_same_bundle(copied: Job) -> None:
    before = files.content_hash(copied.work.model("pruned-quantized"))
    quantize.run(replace(copied, item="pruned"))
    assert files.content_hash(copied.work.model("pruned-quantized")) == before


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"max_log_prob_error": 1e-12}, r"exported in float32 .* more than quantize\.max_log_prob_error 1e-12"),
        ({"max_bleu_loss": -1000.0}, r"int8 loses .* BLEU on dev \(.* → .*\), more than quantize\.max_bleu_loss"),
    ],
)
def test_a_limit_exceeded_fails_with_the_figures_and_the_old_bundle_stays(
    copied: Job, limits: dict[str, float], message: str
) -> None:
    before = files.content_hash(copied.work.model("pruned-quantized"))
    with pytest.raises(StageError, match=message):
        quantize.run(with_settings(copied, **limits))
    assert files.content_hash(copied.work.model("pruned-quantized")) == before
    assert not copied.work.checkpoints("quantize-pruned").exists()


@pytest.mark.parametrize("kind", ["int8_float32", "int8_bfloat16", "int16", "float16", "bfloat16"])
def test_what_a_cpu_does_not_compute_in_translates_on_one_all_the_same(copied: Job, kind: ComputeType) -> None:
    report = quantize.run(with_settings(copied, models={"pruned": kind}))
    assert files.manifest(copied.work.model("pruned-quantized"))["compute_type"] == kind
    assert report.metrics["bleu_after"] == pytest.approx(report.metrics["bleu_before"], abs=5.0)


def test_without_dev_pairs_nothing_can_be_checked(copied: Job) -> None:
    train = pl.read_parquet(copied.work.clean / "train.parquet")
    with files.staged(copied.work.clean) as folder:
        train.write_parquet(folder / "train.parquet")
        train.head(0).write_parquet(folder / "dev.parquet")
    with pytest.raises(StageError, match=r"dev\.parquet: no dev pairs"):
        quantize.run(replace(copied, item="pruned"))


def test_a_damaged_model_is_refused(copied: Job) -> None:
    config = copied.work.model("pruned") / "config.json"
    config.write_text(config.read_text().replace("relu", "gelu"))
    with pytest.raises(ArtifactError, match=r"config\.json"):
        quantize.run(replace(copied, item="pruned"))


def test_a_recurrent_model_goes_to_onnx_with_the_same_checks(copied: Job) -> None:
    tokenizer = Tokenizer.load(copied.work.tokenized)
    torch.manual_seed(1)
    sizes = tokenizer.source_vocabulary, tokenizer.target_vocabulary
    with files.staged(copied.work.model("teacher")) as folder:
        models.save(models.build(RecurrentConfig("gru", *sizes, 16, 1, 1, "dot", 0.0, "none")), folder)
        tokenizer.save(folder)
    report = quantize.run(replace(with_settings(copied), item="teacher"))
    assert report.metrics["log_prob_error"] < 1e-4
    assert {"encoder.onnx", "decoder.onnx"} <= set(files.verify(copied.work.model("teacher-quantized"))["files"])
    job = replace(with_settings(copied, models={"teacher": "bfloat16"}), item="teacher")
    with pytest.raises(InputError, match=r"quantize\.models\.teacher: ONNX Runtime runs .* not bfloat16"):
        quantize.run(job)
