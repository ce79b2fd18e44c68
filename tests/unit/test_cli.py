import json
import re
import shutil
import signal
import subprocess
import sys
from io import BufferedReader, BytesIO
from pathlib import Path

import pytest

from seqline.cli import app, main
from seqline.cli.asking import Asked
from seqline.cli.composition import STAGES, parse
from seqline.cli.errors import guarded
from seqline.cli.translating import pump
from seqline.errors import ArtifactError, InputError
from seqline.serving.bundle import Bundle
from seqline.types import Search

ROOT = Path(__file__).parents[2]
GROUPS = {"": app} | {f"{group.name} ": group.typer_instance for group in app.registered_groups if group.typer_instance}
VERBS = sorted(
    f"{name}{command.callback.__name__}"
    for name, group in GROUPS.items()
    for command in group.registered_commands
    if command.callback
)
HOSTILE = ["", " ", "\x00", "a\x00b", "🙂" * 50, "word " * 2000, "x" * 10_000, "\r", "a\u2028b\u0085c\x1cd", "\ufeff"]


@pytest.fixture
def project(tmp_path: Path, tiny_bundle: Path, other_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with the shipped parameters and two models, as the current folder."""
    shutil.copytree(ROOT / "profiles", tmp_path / "profiles")
    shutil.copy(ROOT / "profiles" / "phrasebook.yaml", tmp_path / "params.yaml")
    shutil.copytree(tiny_bundle, tmp_path / "models" / "selected")
    shutil.copytree(other_bundle, tmp_path / "models" / "pruned")
    (tmp_path / "test.en").write_text("good morning\nI would like some tea\n\nwe meet on monday\n")
    (tmp_path / "test.zh").write_text("早上好\n我想喝茶\n\n我们星期一见面\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return tmp_path


def _run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert isinstance(caught.value.code, int)
    return caught.value.code


def _start(*arguments: str) -> subprocess.Popen[bytes]:
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-m", "seqline", *arguments], stdin=pipe, stdout=pipe, stderr=pipe)


# --- translate


def test_every_line_is_answered_in_order_whatever_it_holds(tiny_bundle: Path) -> None:
    translator, sink = Bundle.open(tiny_bundle), BytesIO()
    lines = [*HOSTILE, "good morning", *reversed(HOSTILE), "good morning"]
    source = BytesIO("".join(f"{line}\n" for line in lines).encode())
    pump(BufferedReader(source), sink, translator, Asked(Search(beam=2)))
    answers = sink.getvalue().decode().split("\n")
    assert answers.pop() == ""
    assert len(answers) == len(lines)
    assert answers == [translator.translate([line], beam=2)[0][0].text for line in lines]


@pytest.mark.parametrize(("given", "lines"), [(b"", 0), (b"\n", 1), (b"a", 1), (b"a\n", 1), (b"a\nb", 2), (b"\n\n", 2)])
def test_a_last_line_without_a_line_feed_counts(tiny_bundle: Path, given: bytes, lines: int) -> None:
    sink = BytesIO()
    pump(BufferedReader(BytesIO(given)), sink, Bundle.open(tiny_bundle), Asked(Search(beam=1)))
    assert sink.getvalue().count(b"\n") == lines


def test_a_line_that_is_not_utf8_is_translated_and_told_with_its_number(
    tiny_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sink = BytesIO()
    pump(BufferedReader(BytesIO(b"fine\ncaf\xe9\n")), sink, Bundle.open(tiny_bundle), Asked(Search(beam=1)))
    assert sink.getvalue().count(b"\n") == 2
    assert capsys.readouterr().err == "seqline: line 2: not UTF-8 at byte 4; what is bad is read as U+FFFD\n"


def test_a_binary_file_does_not_flood_the_terminal(tiny_bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pump(BufferedReader(BytesIO(b"\xff\n" * 50)), BytesIO(), Bundle.open(tiny_bundle), Asked(Search(beam=1)))
    told = capsys.readouterr().err.strip().split("\n")
    assert len(told) == 11
    assert told[-1] == "seqline: 40 more lines were not UTF-8, the last is 50"


def test_nbest_prints_line_number_score_and_text(tiny_bundle: Path) -> None:
    sink = BytesIO()
    pump(
        BufferedReader(BytesIO(b"good morning\nsome tea\n")),
        sink,
        Bundle.open(tiny_bundle),
        Asked(Search(beam=4, nbest=3)),
    )
    rows = [row.split("\t") for row in sink.getvalue().decode().strip().split("\n")]
    assert [row[0] for row in rows] == ["1"] * 3 + ["2"] * 3
    scores = [float(row[1]) for row in rows[:3]]
    assert scores == sorted(scores, reverse=True)


def test_a_line_is_answered_before_the_next_one_comes(project: Path) -> None:
    process = _start("translate", "--model", "selected")
    assert process.stdin
    assert process.stdout
    for _ in range(2):
        process.stdin.write(b"good morning\n")
        process.stdin.flush()
        assert process.stdout.readline().endswith(b"\n")
    _, errors = process.communicate()
    assert (process.returncode, errors) == (0, b"")


def test_a_closed_pipe_ends_quietly(project: Path) -> None:
    process = _start("translate", "--model", "selected", "--beam", "1")
    assert process.stdout
    process.stdout.close()
    process.stdout = None
    _, errors = process.communicate(b"good morning\n" * 5000)
    assert (process.returncode, errors) == (141, b"")


def test_ctrl_c_ends_with_one_line_and_130(project: Path) -> None:
    process = _start("translate", "--model", "selected")
    assert process.stdin
    assert process.stdout
    process.stdin.write(b"good morning\n")
    process.stdin.flush()
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate()
    assert process.returncode == 130
    assert errors.count(b"\n") == 1
    assert b"interrupted" in errors


# --- evaluate, compare


def test_evaluate_prints_scores_with_signatures_as_one_json_document(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = _run("evaluate", "--model", "selected", "--source", "test.en", "--reference", "test.zh", "--json")
    document = json.loads(capsys.readouterr().out)
    assert code == 0
    assert document["lines"] == 4
    assert "tok:zh" in document["bleu"]["signature"]
    assert document["words_per_s"] > 0


def test_a_model_is_not_significantly_better_than_itself(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    texts = ("--source", "test.en", "--reference", "test.zh")
    assert _run("compare", "selected", "models/selected", *texts) == 0
    assert "No significant difference in BLEU" in capsys.readouterr().out
    assert _run("compare", "selected", "pruned", *texts, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert [one["metric"] for one in document["metrics"]] == ["bleu", "chrf"]


# --- errors: one plain line, the right exit code


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["translate", "--model", "models/none"], "models/none: no model there"),
        (["translate", "--model", "teacher"], "models/teacher: no model there"),
        (["translate", "--model", "models:/../x@champion"], "not a registered model"),
        (["translate", "--nbest", "5"], "nbest 5 is more than beam 4"),
        (["translate", "--beam", "0"], "--beam"),
        (["translate", "--bean", "4"], "--bean"),
        (["no-such-verb"], "no-such-verb"),
        (["stage", "no-such-stage"], "no such stage; choose one of download, clean"),
        (["stage", "evaluate"], "choose evaluate@teacher"),
        (["stage", "evaluate@../x"], "choose evaluate@teacher"),
        (["stage", "train@teacher"], "choose train"),
        (["stage", "clean"], "run the stage that makes it"),
        (["profile", "no-such"], "choose one of phrasebook"),
        (["evaluate", "--source", "none", "--reference", "test.zh"], "none: no such file"),
        (["evaluate", "--source", "short.en", "--reference", "test.zh"], "short.en has 1 lines but test.zh has 4"),
        (["evaluate", "--source", "empty", "--reference", "empty"], "empty: the file is empty"),
        (["evaluate", "--source", "bad", "--reference", "test.zh"], "bad: line 1 is not UTF-8"),
        (["compare", "selected"], "Missing argument"),
    ],
)
def test_bad_input_gets_one_plain_line_and_exit_code_2(
    project: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    (project / "short.en").write_text("one\n")
    (project / "empty").write_bytes(b"")
    (project / "bad").write_bytes(b"\xff\n")
    code = _run(*arguments)
    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert err.startswith("seqline: ")
    assert err.count("\n") == 1
    assert told in err
    assert str(project) not in err, "paths are told as seen from the current folder"


def test_a_run_of_no_such_stage_is_told_before_prefect_starts(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(ROOT / "dvc.yaml", project)
    subprocess.run([sys.executable, "-m", "dvc", "init", "--no-scm", "--quiet"], check=True)
    assert _run("run", "trian") == 2
    assert capsys.readouterr().err.startswith("seqline: 'trian': no such stage; dvc.yaml has download, clean,")


@pytest.mark.parametrize(
    "verb", [["explain", "a", "b"], ["stage", "train"], ["models"], ["translate"], ["plan"], ["run"]]
)
def test_bad_parameters_stop_every_verb_before_any_work(
    project: Path, capsys: pytest.CaptureFixture[str], verb: list[str]
) -> None:
    text = (project / "params.yaml").read_text()
    (project / "params.yaml").write_text(text.replace("  source: en", "  source: ../x"))
    assert _run(*verb) == 2
    assert capsys.readouterr().err.startswith("seqline: params.yaml: project.source: String should match pattern")
    assert not (project / "data").exists()


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (ArtifactError("a/b: torn"), 1, "seqline: a/b: torn\n"),
        (InputError("two\nlines"), 2, "seqline: two lines\n"),
        (KeyboardInterrupt(), 130, "seqline: interrupted; earlier outputs are as they were\n"),
        (OSError(28, "No space left on device", "x"), 1, "seqline: x: No space left on device\n"),
        (KeyError("x"), 1, "seqline: unexpected KeyError: 'x' (SEQLINE_DEBUG=1 shows where)\n"),
    ],
)
def test_every_exception_becomes_one_line(
    capsys: pytest.CaptureFixture[str], error: BaseException, code: int, told: str
) -> None:
    def fail() -> None:
        raise error

    assert guarded(fail) == code
    assert capsys.readouterr().err == told


def test_the_traceback_is_shown_on_request(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEQLINE_DEBUG", "1")
    assert guarded(lambda: 1 // 0) == 1
    assert "Traceback" in capsys.readouterr().err


def test_a_damaged_model_is_refused_before_it_is_loaded(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (project / "models" / "selected" / "model.bin").open("r+b") as stream:
        stream.seek(1000)
        stream.write(b"\x00\x01\x02\x03")
    assert _run("translate", "--model", "selected") == 1
    assert "models/selected/model.bin: content differs" in capsys.readouterr().err


# --- profile, stage


def test_profile_lists_switches_and_keeps_what_was_changed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("profile") == 0
    assert "*  phrasebook" in capsys.readouterr().out
    with (project / "params.yaml").open("a") as stream:
        stream.write("# mine\n")
    assert _run("profile") == 0
    assert "it was changed" in capsys.readouterr().out
    assert _run("profile", "tatoeba") == 0
    assert "your changed one is kept as params.yaml.bak" in capsys.readouterr().out
    assert (project / "params.yaml.bak").read_text().endswith("# mine\n")
    assert "tatoeba-en-zh" in (project / "params.yaml").read_text()


def test_where_the_corpora_of_a_profile_are_absent_the_line_says_what_is_expected_where(project: Path) -> None:
    assert _run("profile", "tatoeba") == 0
    process = _start("stage", "download")
    _, errors = process.communicate()
    assert process.returncode == 2
    assert b"shared/data/enzh_open/train.en.gz: no such file" in errors
    assert not (project / "data" / "raw").exists()


def test_every_stage_has_a_module_of_its_name() -> None:
    modules = {path.stem for path in (ROOT / "src" / "seqline" / "stages").glob("*.py")}
    assert modules >= set(STAGES)


def test_a_stage_address_is_a_name_and_an_item() -> None:
    assert parse("train") == ("train", "")
    assert parse("evaluate@pruned") == ("evaluate", "pruned")


# --- help


@pytest.mark.parametrize("verb", VERBS)
def test_help_of_every_verb_has_an_example_and_a_word_on_every_option(
    verb: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    assert _run(*verb.split(), "--help") == 0
    shown = capsys.readouterr().out
    assert re.search(rf"Example: .*seqline {verb}", shown)
    options = re.findall(r"^│ [*]?\s*(?:--)?\w+.*│$", shown, re.MULTILINE)
    assert options
    assert all(re.search(r" [A-Z][^│]*[.)\]]\s*│$", option) for option in options), shown


def test_help_imports_nothing_heavy() -> None:
    code = "import atexit, sys; atexit.register(lambda: print(*sys.modules)); from seqline.cli import main; main()"
    command = [sys.executable, "-c", code, "translate", "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded = set(shown.stdout.rsplit("\n", 2)[-2].split())
    assert not loaded & {"torch", "mlflow", "prefect", "polars", "dvc", "ctranslate2", "numpy", "sacrebleu", "ruamel"}
