"""The options of `seqline translate` and `seqline score`, over a torch model and a deployed one."""

import io
import shutil
from pathlib import Path

import pytest
import torch

from seqline import models
from seqline.cli import main
from seqline.files import staged
from seqline.models.config import TransformerConfig
from seqline.tokenization import Tokenizer

LINES = "good morning\n\nthe cat sat on the mat\n"


@pytest.fixture
def project(tmp_path: Path, tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two torch models of one tokenizer and a bundle, as the current folder."""
    size = Tokenizer.load(tiny_bundle).target_vocabulary
    config = TransformerConfig("transformer", size, size, 16, 8, 2, 2, (16,), (16,), "relu", 0.0, "none")
    for seed, name in enumerate(("teacher", "student")):
        with torch.random.fork_rng(), staged(tmp_path / "models" / name) as folder:
            torch.manual_seed(seed)
            models.save(models.build(config), folder)
            Tokenizer.load(tiny_bundle).save(folder)
    shutil.copytree(tiny_bundle, tmp_path / "models" / "selected")
    (tmp_path / "in.en").write_text(LINES)
    (tmp_path / "out.zh").write_text("早上好\n\n猫坐在垫子上\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes], *arguments: str) -> list[str]:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(LINES.encode())))
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    captured = capfdbinary.readouterr()
    if caught.value.code:
        assert caught.value.code == 2
        return [captured.err.decode()]
    return captured.out.decode().rstrip("\n").split("\n")


Run = tuple[pytest.MonkeyPatch, pytest.CaptureFixture[bytes]]


@pytest.fixture
def io_of(project: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    return monkeypatch, capfdbinary


def test_samples_repeat_with_their_seed(io_of: Run) -> None:
    asked = ("translate", "-m", "teacher", "--sample", "--top-p", "0.9", "--nbest", "3", "--seed")
    first, again, other = (run(*io_of, *asked, seed) for seed in ("7", "7", "8"))
    assert first == again != other
    assert [row.split("\t")[0] for row in first] == ["1", "1", "1", "2", "3", "3", "3"]


@pytest.mark.parametrize("model", ["teacher", "selected"])
def test_every_translation_begins_with_the_prefix(io_of: Run, model: str) -> None:
    found = run(*io_of, "translate", "-m", model, "--prefix", "我想")
    assert [line[:2] for line in found] == ["我想", "", "我想"]


def test_terms_are_demanded_only_where_their_source_stands(io_of: Run, project: Path) -> None:
    (project / "terms.tsv").write_text("cat\t狗跑\nmorn\t火车\n")
    found = run(*io_of, "translate", "-m", "teacher", "--terms", "terms.tsv", "--constraint", "喝茶")
    assert "喝茶" in found[0]
    assert "火车" not in found[0]
    assert "喝茶" in found[2]
    assert "狗跑" in found[2]


def test_scores_stand_before_and_alignments_behind(io_of: Run) -> None:
    for model in ("teacher", "selected"):
        rows = [row.split("\t") for row in run(*io_of, "translate", "-m", model, "--scores", "--alignment")]
        assert [len(row) for row in rows] == [3, 3, 3]
        float(rows[0][0])
        pairs = [pair.split("-") for pair in rows[2][2].split()]
        assert all(int(source) < 6 for source, _ in pairs)


def test_two_models_translate_together(io_of: Run) -> None:
    alone = run(*io_of, "translate", "-m", "teacher", "--scores")
    twice = run(*io_of, "translate", "-m", "teacher", "-m", "teacher", "--scores")
    both = run(*io_of, "translate", "-m", "teacher", "-m", "student", "--scores")
    assert alone[0].split("\t")[1] == twice[0].split("\t")[1]
    assert both != alone


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("-m", "teacher", "--top-k", "3"), "--sample"),
        (("-m", "teacher", "--nbest", "5"), "beam 4"),
        (("-m", "teacher", "--groups", "3"), "equal groups"),
        (("-m", "teacher", "--sample", "--top-p", "2"), "top-p"),
        (("-m", "teacher", "--sample", "--constraint", "茶"), "sampling"),
        (("-m", "teacher", "--terms", "nowhere.tsv"), "nowhere.tsv"),
        (("-m", "teacher", "-m", "selected"), "ensemble"),
        (("-m", "teacher", "-m", "student", "--alignment"), "single torch model"),
        (("-m", "selected", "--constraint", "茶"), "CTranslate2"),
        (("-m", "selected", "--sample", "--seed", "1"), "CTranslate2"),
        (("-m", "selected", "--groups", "2"), "CTranslate2"),
    ],
)
def test_what_cannot_be_is_refused_in_one_plain_line(io_of: Run, arguments: tuple[str, ...], told: str) -> None:
    (error,) = run(*io_of, "translate", *arguments)
    assert told in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("model", ["teacher", "selected"])
def test_pairs_are_scored_line_by_line(io_of: Run, model: str) -> None:
    rows = [
        line.split("\t")
        for line in run(*io_of, "score", "-m", model, "--source", "in.en", "--target", "out.zh", "--pieces")
    ]
    assert len(rows) == 3
    for total, mean, pieces in rows:
        log_probs = [float(each) for each in pieces.split()]
        assert float(total) == pytest.approx(sum(log_probs), abs=0.01)
        assert float(mean) == pytest.approx(sum(log_probs) / len(log_probs), abs=0.01)


@pytest.mark.parametrize("model", ["teacher", "selected"])
@pytest.mark.parametrize("side", ["in.en", "out.zh"])
def test_a_line_that_is_too_long_to_score_is_named(io_of: Run, project: Path, model: str, side: str) -> None:
    for name in ("in.en", "out.zh"):
        line = "早上好" * 400 if name == side else "good"
        (project / name).write_text("good\n" * 299 + f"{line}\n" + "good\n")
    error = run(*io_of, "score", "-m", model, "--source", "in.en", "--target", "out.zh")[-1]
    assert "line 300: 1,20" in error
    assert error.count("\n") == 1
