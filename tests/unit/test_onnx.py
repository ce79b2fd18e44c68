"""Every option of the recurrent models, exported: ONNX Runtime must give torch's log-probabilities, piece by piece."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from recurrent_models import KINDS, SOURCE_ROWS, TARGET_ROWS, Options, build, every_model, padded
from torch.nn import functional as F

from seqline import models
from seqline.cli import main
from seqline.compression.onnx_export import DECODER, ENCODER, ComputeType, to_onnx, write_onnx
from seqline.decoding import TorchTranslator, score, score_by_steps
from seqline.decoding.onnx_model import OnnxModel, OnnxTranslator
from seqline.decoding.search import search
from seqline.errors import ArtifactError, InputError, StageError
from seqline.files import staged
from seqline.models.config import RecurrentConfig, TransformerConfig
from seqline.models.recurrent import RecurrentEncoderDecoder
from seqline.special import BOS, EOS
from seqline.tokenization import Tokenizer
from seqline.types import Search

LABEL_ROWS = [[*row[1:], EOS] for row in TARGET_ROWS]


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def loud(**options: object) -> RecurrentEncoderDecoder:
    """A model whose biases, norms and peepholes are not at their neutral values, so that a forgotten one shows."""
    model, generator = build(**options).eval(), torch.Generator().manual_seed(1)
    with torch.no_grad():
        for weight in model.parameters():
            weight += 0.2 * torch.randn(weight.shape, generator=generator)
    return model


def exported(model: RecurrentEncoderDecoder, folder: Path, compute_type: ComputeType = "float32") -> OnnxModel:
    to_onnx(model, folder, compute_type)
    return OnnxModel.open(folder, threads=1)


def log_prob_errors(model: RecurrentEncoderDecoder, runtime: OnnxModel) -> torch.Tensor:
    pairs = (padded(SOURCE_ROWS), padded(TARGET_ROWS), padded(LABEL_ROWS))
    return (score_by_steps(runtime, *pairs) - score(model, *pairs)).abs()


@every_model
def test_log_probabilities_are_those_of_torch(options: Options, tmp_path: Path) -> None:
    model = loud(**options)
    assert log_prob_errors(model, exported(model, tmp_path)).max() < 1e-4


@pytest.mark.parametrize("tie", ["none", "target", "all"])
@pytest.mark.parametrize("compute_type", ["float32", "int8"])
def test_every_tie_is_exported(tie: str, compute_type: ComputeType, tmp_path: Path) -> None:
    model = loud(tie=tie, source_vocabulary=24)
    limit = {"float32": 1e-4, "int8": 0.5}[compute_type]
    assert log_prob_errors(model, exported(model, tmp_path, compute_type)).max() < limit


@every_model
def test_int8_is_near(options: Options, tmp_path: Path) -> None:
    model = loud(**options)
    errors = log_prob_errors(model, exported(model, tmp_path, "int8"))
    assert errors.mean() < 0.2
    assert errors.max() > 0  # it is quantised indeed


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_does_not_depend_on_its_company_or_padding(kind: str, tmp_path: Path) -> None:
    runtime = exported(loud(kind=kind, encoder_layers=2), tmp_path)
    together = runtime.start(runtime.encode(padded(SOURCE_ROWS)))
    for row, source in enumerate(SOURCE_ROWS):
        alone = runtime.start(runtime.encode(padded([source])))
        torch.testing.assert_close(together.state_NKD[row], alone.state_NKD[0])
        torch.testing.assert_close(together.source["values"][row, : len(source)], alone.source["values"][0])
        assert torch.all(together.source["values"][row, len(source) :] == 0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("look", [{}, {"attention": "none"}, {"attention": "additive", "input_feeding": False}])
def test_beam_search_finds_what_it_finds_in_torch(kind: str, look: Options, tmp_path: Path) -> None:
    model = loud(kind=kind, **look)
    runtime = exported(model, tmp_path)
    found, expected = (
        search(each, padded(SOURCE_ROWS), Search(beam=3, nbest=3), [9, 5, 7]) for each in (runtime, model)
    )
    for ours, theirs in zip(found, expected, strict=True):
        assert [hypothesis.ids for hypothesis in ours] == [hypothesis.ids for hypothesis in theirs]
        assert [hypothesis.score for hypothesis in ours] == pytest.approx([one.score for one in theirs], abs=1e-4)


def test_the_source_is_copied_only_where_a_sentence_leaves(tmp_path: Path) -> None:
    runtime = exported(loud(), tmp_path)
    state = runtime.start(runtime.encode(padded(SOURCE_ROWS))).regroup(torch.tensor([[0, 0], [1, 1], [2, 2]]))
    moved = state.regroup(torch.tensor([[1, 0], [3, 3], [4, 5]]))
    assert moved.source is state.source
    left = moved.regroup(torch.tensor([[0, 1], [5, 4]]))
    assert torch.equal(left.source["keys"], state.source["keys"][[0, 0, 4, 4]])


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_that_learnt_to_copy_still_copies_in_int8(kind: str, tmp_path: Path) -> None:
    model, source = trained_to_copy(kind)
    for each in (model, exported(model, tmp_path, "int8")):
        found = search(each, source, Search(beam=1), [6] * len(source))
        right = [best[0].ids == tuple(row[:-1]) for best, row in zip(found, source.tolist(), strict=True)]
        assert sum(right) >= 0.9 * len(right)


def trained_to_copy(kind: str) -> tuple[RecurrentEncoderDecoder, torch.Tensor]:
    model = build(kind=kind, width=32, dropout=0.0, tie="target")
    pieces = torch.randint(4, 20, (16, 4), generator=torch.Generator().manual_seed(6))
    begin, end = torch.full((16, 1), BOS), torch.full((16, 1), EOS)
    source, target = torch.cat((pieces, end), dim=1), torch.cat((begin, pieces), dim=1)
    optimiser = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(60):
        loss = F.cross_entropy(model.output(model(source, target)).flatten(0, 1), source.flatten())
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
    return model.eval(), source


def test_int8_is_smaller(tmp_path: Path) -> None:
    sizes = {}
    for compute_type in ("float32", "int8"):
        folder = tmp_path / compute_type
        folder.mkdir()
        to_onnx(loud(kind="lstm", width=64, target_vocabulary=400), folder, compute_type)
        sizes[compute_type] = sum((folder / name).stat().st_size for name in (ENCODER, DECODER))
    assert sizes["int8"] < 0.4 * sizes["float32"]


def test_a_tied_table_is_stored_once(tmp_path: Path) -> None:
    sizes = {}
    for tie in ("none", "target"):
        to_onnx(loud(tie=tie, target_vocabulary=1000), tmp_path, "float32")
        sizes[tie] = (tmp_path / DECODER).stat().st_size
    assert sizes["none"] - sizes["target"] == pytest.approx(4 * 1000 * 16, rel=0.01)


# --- folders


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory, tiny_bundle: Path) -> Path:
    """A model folder with a recurrent model of random weights."""
    tokenizer, folder = Tokenizer.load(tiny_bundle), tmp_path_factory.mktemp("models") / "teacher"
    config = RecurrentConfig(
        "lstm", tokenizer.source_vocabulary, tokenizer.target_vocabulary, width=16, encoder_layers=1, decoder_layers=1,
        attention="dot", dropout=0.0, tie="target",
    )  # fmt: skip
    with torch.random.fork_rng(), staged(folder) as partial:
        torch.manual_seed(1)
        models.save(models.build(config), partial)
        tokenizer.save(partial)
    return folder


def test_an_exported_folder_translates_lines_as_the_model_does(teacher: Path, tmp_path: Path) -> None:
    write_onnx(teacher, tmp_path / "onnx", "float32")
    lines = ["good morning", "", "I would like some tea", "\x00\u2028"]
    ours, theirs = (
        each.translate(lines, beam=2)
        for each in (OnnxTranslator.open(tmp_path / "onnx", 1), TorchTranslator.open(teacher, 1))
    )
    assert [best[0].text for best in ours] == [best[0].text for best in theirs]


def test_the_command_line_exports_and_translates(
    teacher: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from seqline.cli.opening import open_model
    from seqline.workspace import Workspace

    monkeypatch.chdir(tmp_path)
    for _ in range(2):  # an export may be made again
        assert exit_code("export", "--model", str(teacher), "--to", "small", "--type", "int8") == 0
    assert "small" in capfd.readouterr().out
    assert isinstance(open_model("small", Workspace(tmp_path), threads=1), OnnxTranslator)


def test_an_export_never_replaces_a_folder_that_is_none(
    teacher: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("do not lose me")
    assert exit_code("export", "--model", str(teacher), "--to", "letters") == InputError.exit_code
    assert "letters" in capsys.readouterr().err
    assert (tmp_path / "letters" / "dear.txt").read_text() == "do not lose me"


def exit_code(*arguments: str) -> int:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert isinstance(caught.value.code, int)
    return caught.value.code


@pytest.mark.parametrize("name", [ENCODER, DECODER])
def test_a_damaged_export_is_told_from_the_network_it_was(teacher: Path, tmp_path: Path, name: str) -> None:
    write_onnx(teacher, tmp_path / "onnx", "float32")
    path = tmp_path / "onnx" / name
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ArtifactError, match=name):
        OnnxTranslator.open(tmp_path / "onnx", 1)
    with pytest.raises(ArtifactError, match=f"{name}: ONNX Runtime cannot load"):
        OnnxModel.open(tmp_path / "onnx", 1)


def test_a_transformer_is_sent_to_quantize(tmp_path: Path, tiny_bundle: Path) -> None:
    config = TransformerConfig("transformer", 20, 20, 16, 8, 2, 2, (16,), (16,), "relu", 0.0, "none")
    with staged(tmp_path / "teacher") as partial:
        models.save(models.build(config), partial)
        Tokenizer.load(tiny_bundle).save(partial)
    with pytest.raises(StageError, match="quantize"):
        write_onnx(tmp_path / "teacher", tmp_path / "onnx", "float32")
    assert not (tmp_path / "onnx").exists()
