"""The evaluate stage on real models: random weights, so bad translations, but all of the way is walked."""

import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import torch

from seqline import models, params
from seqline.compression.onnx_export import write_onnx
from seqline.errors import ArtifactError, InputError, MissingError
from seqline.evaluation import metrics
from seqline.files import read_json, staged
from seqline.models.config import RecurrentConfig, TransformerConfig
from seqline.params import Params
from seqline.stages import evaluate
from seqline.stages.job import Job
from seqline.tokenization import Tokenizer
from seqline.workspace import Workspace

PAIRS = [
    ("everyday", "good morning", "早上好"),
    ("everyday", "where is the train station", "火车站在哪里"),
    ("everyday", "", "空"),
    ("stories", "she reads a long book with 12 chapters", "她在看一本有12章的长书"),
    ("stories", "a dog ran home, and the cat sat on the mat", "狗跑回家了，猫坐在垫子上"),
]


@pytest.fixture(scope="module")
def settings() -> Params:
    loaded = params.load(Path(__file__).parents[2] / "params.yaml")
    small = {"beam": 2, "speed_pairs": 4, "latency_pairs": 2, "samples": 3, "resamples": 100}
    return loaded.model_copy(update={"evaluate": loaded.evaluate.model_copy(update=small)})


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory, tiny_bundle: Path, settings: Params) -> Workspace:
    """A workspace in which teacher and quantized have been evaluated; do not alter it."""
    work = Workspace(tmp_path_factory.mktemp("evaluated"))
    _write_test_set(work, PAIRS)
    shutil.copytree(tiny_bundle, work.model("pruned-quantized"))
    _write_teacher(work.model("teacher"), tiny_bundle)
    for model in ("teacher", "pruned-quantized"):
        evaluate.run(Job(settings, work, model))
    return work


@pytest.fixture
def work(done: Workspace, tmp_path: Path) -> Workspace:
    """A copy to alter."""
    shutil.copytree(done.root, tmp_path, dirs_exist_ok=True)
    return Workspace(tmp_path)


def _write_test_set(work: Workspace, pairs: list[tuple[str, str, str]]) -> None:
    columns = {name: [pair[index] for pair in pairs] for index, name in enumerate(("corpus", "source", "target"))}
    with staged(work.clean) as folder:
        pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)).write_parquet(folder / "test.parquet")


def _write_recurrent(folder: Path, **options: Any) -> None:
    """Put a recurrent model in the place of the model in a folder, with its tokenizer."""
    tokenizer = Tokenizer.load(folder)
    sizes = (tokenizer.source_vocabulary, tokenizer.target_vocabulary)
    config = RecurrentConfig("gru", *sizes, 16, 1, 1, dropout=0.0, tie="none", input_feeding=False, **options)
    torch.manual_seed(1)
    with staged(folder) as partial:
        models.save(models.build(config), partial)
        tokenizer.save(partial)


def _write_teacher(folder: Path, bundle: Path, max_positions: int = 1024) -> None:
    torch.manual_seed(1)
    sizes = Tokenizer.load(bundle)
    source, target = sizes.source_vocabulary, sizes.target_vocabulary
    config = TransformerConfig(
        "transformer", source, target, 16, 8, 2, 2, (32,), (32,), "relu", 0.1, "target", max_positions=max_positions
    )
    with staged(folder) as partial:
        models.save(models.build(config), partial)
        for name in ("source.model", "target.model"):
            shutil.copy(bundle / name, partial / name)
        (partial / "curve.csv").write_text("update,loss\n" * 1000)


def _figures(work: Workspace, model: str) -> dict[str, Any]:
    figures: dict[str, Any] = read_json(work.reports / "evaluate" / f"{model}.json")
    return figures


@pytest.mark.parametrize("model", ["teacher", "pruned-quantized"])
def test_one_hypothesis_per_test_pair_in_order_and_the_scores_are_theirs(
    done: Workspace, settings: Params, model: str
) -> None:
    figures = _figures(done, model)
    lines = (done.reports / "evaluate" / f"{model}.hypotheses.txt").read_bytes().decode().split("\n")
    assert lines.pop() == ""
    assert lines[2] == ""  # of the empty source
    translator = evaluate.open_translator(done.model(model), settings)
    found = translator.translate([source for _, source, _ in PAIRS], beam=2)
    assert lines == [best[0].text for best in found]
    references = [target for _, _, target in PAIRS]
    assert figures["chrf"] == pytest.approx(metrics.chrf(lines, references).value, abs=1e-3)
    assert figures["bleu_low"] <= figures["bleu"] <= figures["bleu_high"]
    assert "tok:zh" in figures["signatures"]["bleu"]


def test_every_corpus_of_the_test_set_is_scored_by_itself(done: Workspace) -> None:
    figures = _figures(done, "pruned-quantized")
    assert {name: card["pairs"] for name, card in figures["sets"].items()} == {"everyday": 3, "stories": 2}
    assert figures["slices"]["numbers"]["count"] == 1


def test_speed_size_and_parameters_are_measured(done: Workspace) -> None:
    teacher, quantized = (_figures(done, model) for model in ("teacher", "pruned-quantized"))
    for figures in (teacher, quantized):
        assert figures["words_per_s"] > 0
        assert 0 < figures["p50_ms"] <= figures["p95_ms"]
        assert figures["peak_rss_mb"] > 10
    weights = models.load(done.model("teacher"))
    assert teacher["parameters"] == sum(weight.numel() for weight in weights.parameters())
    assert quantized["parameters"] is None
    folder = done.model("teacher")
    kept = ["weights.safetensors", "config.json", "source.model", "target.model"]
    assert teacher["size_mb"] == pytest.approx(sum((folder / name).stat().st_size for name in kept) / 1e6, abs=1e-3)


def test_samples_carry_attention_where_the_model_can_show_it(done: Workspace) -> None:
    samples = _figures(done, "teacher")["samples"]
    assert [sample["source"] for sample in samples] == [PAIRS[row][1] for row in (0, 1, 3)]
    attention = samples[1]["attention"]
    assert len(attention["weights"]) == len(attention["target_pieces"])
    for row in attention["weights"]:
        assert len(row) == len(attention["source_pieces"])
        assert sum(row) == pytest.approx(1.0, abs=0.05)
    assert "attention" not in _figures(done, "pruned-quantized")["samples"][0]


def test_a_line_beyond_the_models_positions_is_evaluated_without_attention(
    work: Workspace, settings: Params, tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write_teacher(work.model("teacher"), tiny_bundle, max_positions=64)
    monkeypatch.setattr("seqline.decoding.step_translator.MAX_SEGMENT_PIECES", 20)
    _write_test_set(work, [*PAIRS[:2], ("stories", "a dog ran home " * 12, "狗跑回家了" * 12)])
    evaluate.run(Job(settings, work, "teacher"))
    samples = _figures(work, "teacher")["samples"]
    assert [sample["attention"] is None for sample in samples] == [False, False, True]
    assert samples[2]["hypothesis"]


def test_samples_of_a_model_without_attention_say_that_there_is_none(work: Workspace, settings: Params) -> None:
    _write_recurrent(work.model("teacher"), attention="none")
    evaluate.run(Job(settings, work, "teacher"))
    samples = _figures(work, "teacher")["samples"]
    assert samples
    assert all(sample["attention"] is None for sample in samples)


def test_a_folder_of_onnx_is_evaluated_like_the_model_it_came_from(work: Workspace, settings: Params) -> None:
    _write_recurrent(work.model("teacher"), attention="additive")
    write_onnx(work.model("teacher"), work.model("student"), "float32")
    for model in ("teacher", "student"):
        evaluate.run(Job(settings, work, model))
    teacher, student = (_figures(work, model) for model in ("teacher", "student"))
    assert [sample["hypothesis"] for sample in student["samples"]] == [one["hypothesis"] for one in teacher["samples"]]
    assert student["bleu"] == teacher["bleu"]
    assert student["parameters"] is None


def test_a_second_run_differs_only_in_wall_clock_figures(work: Workspace, settings: Params) -> None:
    first = _figures(work, "pruned-quantized")
    evaluate.run(Job(settings, work, "pruned-quantized"))
    second = _figures(work, "pruned-quantized")
    differing = {key for key in first if first[key] != second[key]}
    assert differing <= {"words_per_s", "single_words_per_s", "p50_ms", "p95_ms", "peak_rss_mb"}


def test_an_absent_model_is_named_and_the_earlier_report_stays(work: Workspace, settings: Params) -> None:
    before = _figures(work, "pruned-quantized")
    shutil.rmtree(work.model("pruned-quantized"))
    with pytest.raises(MissingError, match="pruned-quantized: no finished output"):
        evaluate.run(Job(settings, work, "pruned-quantized"))
    with pytest.raises(InputError, match=r"'\.\./professor': no name of a model"):
        evaluate.run(Job(settings, work, "../professor"))
    assert _figures(work, "pruned-quantized") == before


def test_a_damaged_test_set_is_noticed(work: Workspace, settings: Params) -> None:
    path = work.clean / "test.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"X")
    with pytest.raises(ArtifactError, match=r"test\.parquet: content differs"):
        evaluate.run(Job(settings, work, "pruned-quantized"))


def test_an_empty_test_set_is_refused(work: Workspace, settings: Params) -> None:
    _write_test_set(work, [])
    with pytest.raises(InputError, match="no test pairs"):
        evaluate.run(Job(settings, work, "pruned-quantized"))
