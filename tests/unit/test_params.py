from pathlib import Path

import pytest

from seqline import params
from seqline.errors import ParamsError
from seqline.params.modelling import Recurrent

GOOD = Path(__file__).parents[2] / "profiles" / "phrasebook.yaml"


def _load(folder: Path, text: str) -> params.Params:
    path = folder / "params.yaml"
    path.write_text(text, encoding="utf-8")
    return params.load(path)


def _broken(folder: Path, *changes: tuple[str, str]) -> str:
    """The message for the shipped parameters with some text replaced once."""
    text = GOOD.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    with pytest.raises(ParamsError) as caught:
        _load(folder, text)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(str(folder / "params.yaml"))
    return message


def test_the_shipped_parameters_are_valid(tmp_path: Path) -> None:
    assert _load(tmp_path, GOOD.read_text(encoding="utf-8")).project.target == "zh"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("  seed: 1", "  sead: 1", "project.sead: unknown key"),
        ("  threads: 2 ", "  # threads: 2 ", "project.threads: missing"),
        ("promote:\n", "promotion:\n", "promotion: unknown key"),
        ("beam: 4", "beam: four", "synthesize.beam: Input should be a valid integer (found 'four')"),
        ("beam: 4", "beam: 4.0", "synthesize.beam: Input should be a valid integer (found 4.0)"),
        ("beam: 4", "beam: true", "synthesize.beam: Input should be a valid integer (found True)"),
        ("beam: 4", "beam: '4'", "synthesize.beam: Input should be a valid integer (found '4')"),
        ("beam: 4", "beam: null", "synthesize.beam: Input should be a valid integer (found None)"),
        ("beam: 4", "beam: 0", "synthesize.beam: Input should be greater than or equal to 1 (found 0)"),
        ("dropout: 0.1", "dropout: 1.0", "less than 1 (found 1.0)"),
        ("dropout: 0.1", "dropout: .nan", "train.model.transformer.dropout: Input should be a finite number"),
        ("learning_rate: 0.002", "learning_rate: .inf", "learning_rate: Input should be a finite number"),
        ("learning_rate: 0.002", "learning_rate: -1.0", "learning_rate: Input should be greater than 0"),
        ("betas: [0.9, 0.98]", "betas: [0.9]", "betas: List should have at least 2 items"),
        ("joint: false", "joint: 0", "tokenize.joint: Input should be a valid boolean"),
        ("activation: relu", "activation: swish", "Input should be 'relu', 'gelu' or 'swiglu' (found 'swish')"),
        ("kind: transformer ", "kind: mamba ", "train.model: Input tag 'mamba' found"),
        ("sequence_level: true", "sequence_level: 1", "distill.sequence_level: Input should be a valid boolean"),
        ("heads: 4", "heads: 5", "width 192 is not a multiple of heads 5"),
        ("warmup_updates: 150", "warmup_updates: 1500", "warmup_updates 1500 must be below max_updates 800"),
        ("tie: target ", "tie: all ", "train.model.tie: `all` ties source and target, so tokenize.joint must be true"),
        ("  source: en", "  source: ../x", "project.source: String should match pattern"),
        ("  source: en", "  source: 'en\\n'", "project.source: String should match pattern"),
        ("  source: en", '  source: "e\\0n"', "project.source: String should match pattern"),
        ("name: phrasebook\n", "name: ../../etc\n", "download.corpora.0.generated.name: String should match pattern"),
        ("kind: generated", "kind: local", "download.corpora.0.local.pairs: unknown key"),
        ("margin_chrf: 0.5", "margin_chrf: -0.5", "promote.margin_chrf: Input should be greater than or equal to 0"),
        ("  margin_chrf: 0.5\n", "", "promote.margin_chrf: missing"),
        ("max_copy_share: 0.5", "max_copy_share: .nan", "max_copy_share: Input should be a finite number"),
    ],
)
def test_every_kind_of_mistake_is_named_with_its_key(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert expected in _broken(tmp_path, (old, new))


def test_a_target_in_megabytes_is_one_of_a_model_in_int8(tmp_path: Path) -> None:
    message = _broken(tmp_path, ("target: null  ", "target: {mb: 2.0}  "), ("pruned: int8", "pruned: float16"))
    assert "prune.models.pruned.target: mb and ms are those of int8, and quantize.models.pruned is float16" in message


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    message = _broken(
        tmp_path, ("  seed: 1", "  sead: 1"), ("dropout: 0.1", "dropout: 7.0"), ("alpha: 0.05", "alpha: high")
    )
    assert "project.sead: unknown key" in message
    assert "project.seed: missing" in message
    assert "dropout" in message
    assert "promote.alpha" in message


def test_a_key_that_stands_twice_is_refused_with_its_line(tmp_path: Path) -> None:
    message = _broken(tmp_path, ("  seed: 1\n", "  seed: 1\n  seed: 2\n"))
    assert "line 8" in message
    assert "duplicate key" in message


@pytest.mark.parametrize("text", ["", "just words", "- a\n- list", "project: [", "a: b: c", "\t- x", "&a [*a]"])
def test_what_is_no_parameter_file_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(ParamsError) as caught:
        _load(tmp_path, text)
    assert "\n" not in str(caught.value)


def test_hostile_yaml_tags_run_nothing(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    with pytest.raises(ParamsError):
        _load(tmp_path, f"project: !!python/object/apply:pathlib.Path.touch [{canary}]\n")
    assert not canary.exists()


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_bytes(b"project: \xff\n")
    with pytest.raises(ParamsError, match="not UTF-8 at byte 9"):
        params.load(path)


def test_an_absent_file_names_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match="seqline profile phrasebook"):
        params.load(tmp_path / "params.yaml")


def test_a_local_corpus_has_two_sides_or_one_table(tmp_path: Path) -> None:
    start = "  corpora:\n"
    one_side = start + "    - {kind: local, name: mine, split: train, source: a.en}\n"
    assert "give either `source` and `target`, or `table`" in _broken(tmp_path, (start, one_side))


@pytest.mark.parametrize("written", ["2026-11-23", "'2026-11-23'"])
def test_a_day_may_stand_with_quotes_or_without(tmp_path: Path, written: str) -> None:
    start = "  corpora:\n"
    more = f"    - {{kind: local, name: mine, split: train, table: a.tsv, date: {written}}}\n"
    corpus = _load(tmp_path, GOOD.read_text(encoding="utf-8").replace(start, start + more, 1)).download.corpora[0]
    assert corpus.model_dump()["date"] == "2026-11-23"


def test_another_date_than_a_day_is_refused(tmp_path: Path) -> None:
    start = "  corpora:\n"
    more = "    - {kind: local, name: mine, split: train, table: a.tsv, date: 2026-11-23 10:00:00}\n"
    assert "download.corpora.0.local.date" in _broken(tmp_path, (start, start + more))


def test_corpus_names_are_distinct(tmp_path: Path) -> None:
    start = "  corpora:\n"
    twin = start + "    - {kind: local, name: phrasebook, split: train, table: a.tsv}\n"
    assert "corpus name used twice for one split: phrasebook (train)" in _broken(tmp_path, (start, twin))


# --- recurrent models


def _recurrent(folder: Path, *changes: tuple[str, str]) -> params.Params:
    """The shipped parameters with the documented recurrent model as the teacher."""
    document = (GOOD.parents[1] / "docs" / "recurrent.md").read_text(encoding="utf-8")
    block = document.split("```yaml\ntrain:\n")[1].split("```")[0]
    for old, new in changes:
        assert old in block
        block = block.replace(old, new)
    shipped = GOOD.read_text(encoding="utf-8").replace("initialise: teacher", "initialise: random")
    before, rest = shipped.split("train:\n  model:\n", 1)
    return _load(folder, f"{before}train:\n{block}{rest[rest.index('  start:') :]}")


def test_the_documented_recurrent_model_can_be_trained(tmp_path: Path) -> None:
    assert isinstance(_recurrent(tmp_path).train.model, Recurrent)


def test_without_attention_there_is_nothing_to_feed_back(tmp_path: Path) -> None:
    none = ("attention: general", "attention: none")
    with pytest.raises(ParamsError, match="say input_feeding: false"):
        _recurrent(tmp_path, none)
    model = _recurrent(tmp_path, none, ("input_feeding: true", "input_feeding: false")).train.model
    assert isinstance(model, Recurrent)
    assert model.attention == "none"
