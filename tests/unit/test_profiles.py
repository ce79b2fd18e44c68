import shutil
import subprocess
from pathlib import Path

import pytest

from seqline import params, profiles
from seqline.errors import MissingError, ParamsError
from seqline.workspace import Workspace

ROOT = Path(__file__).parents[2]
NAMES = ["phrasebook", "enzh-open", "enzh-open-small", "multi30k", "tatoeba"]


@pytest.fixture
def work(tmp_path: Path) -> Workspace:
    shutil.copytree(ROOT / "profiles", tmp_path / "profiles")
    return Workspace(tmp_path)


def test_every_shipped_profile_makes_valid_parameters(work: Workspace) -> None:
    assert [profile.name for profile in profiles.profiles(work)] == NAMES
    for name in NAMES:
        profiles.switch(work, name)
        assert params.load(work.params).project.name


def test_the_committed_parameters_are_the_base_profile_byte_for_byte() -> None:
    shown = subprocess.run(["git", "show", "HEAD:params.yaml"], cwd=ROOT, capture_output=True)
    if shown.returncode:
        pytest.skip("not in a git checkout")
    assert shown.stdout == (ROOT / "profiles" / "phrasebook.yaml").read_bytes()


def test_switching_there_and_back_gives_the_same_bytes(work: Workspace) -> None:
    profiles.switch(work, "phrasebook")
    before = work.params.read_bytes()
    profiles.switch(work, "multi30k")
    profiles.switch(work, "phrasebook")
    assert work.params.read_bytes() == before == (work.root / "profiles" / "phrasebook.yaml").read_bytes()


def test_comments_and_blank_lines_of_the_base_survive_a_merge(work: Workspace) -> None:
    text = profiles.render(work, "tatoeba").decode()
    assert "encoder_layers: 4\n" in text
    assert "tie: target                 # none | target" in text
    assert "\n\ntokenize:\n" in text
    assert "\n\n\n" not in text


def test_a_list_is_replaced_as_a_whole(work: Workspace) -> None:
    profiles.switch(work, "tatoeba")
    corpora = params.load(work.params).download.corpora
    assert [corpus.kind for corpus in corpora] == ["local"] * 3


def test_distill_inherits_what_a_profile_changes_in_train(work: Workspace) -> None:
    profiles.switch(work, "multi30k")
    settings = params.load(work.params)
    assert settings.distill.optimisation.batch_tokens == settings.train.optimisation.batch_tokens == 4096


def test_a_profile_may_extend_another_than_the_base(work: Workspace) -> None:
    profiles.switch(work, "enzh-open")
    extended = params.load(work.params)
    profiles.switch(work, "enzh-open-small")
    small = params.load(work.params)
    assert small.download == extended.download
    assert small.train.model.width < extended.train.model.width
    assert small.distill.optimisation.optimiser == "muon"


def test_the_active_profile_is_marked(work: Workspace) -> None:
    profiles.switch(work, "tatoeba")
    assert [profile.name for profile in profiles.profiles(work) if profile.active] == ["tatoeba"]


def test_an_unchanged_profile_is_not_kept_as_a_backup(work: Workspace) -> None:
    assert profiles.switch(work, "tatoeba") is None
    assert profiles.switch(work, "phrasebook") is None
    assert not (work.root / "params.yaml.bak").exists()


def test_changed_parameters_are_kept_as_a_backup(work: Workspace) -> None:
    work.params.write_text("project: {mine: true}\n")
    kept = profiles.switch(work, "tatoeba")
    assert kept == work.root / "params.yaml.bak"
    assert kept.read_text() == "project: {mine: true}\n"


@pytest.mark.parametrize("name", ["no-such", "../params", "tatoeba.yaml", "", "a\nb"])
def test_an_unknown_profile_names_those_that_exist(work: Workspace, name: str) -> None:
    with pytest.raises(MissingError, match="phrasebook, enzh-open, enzh-open-small, multi30k, tatoeba"):
        profiles.switch(work, name)
    assert not work.params.exists()


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("trian: {model: {width: 8}}", "trian: the base profile has no such block"),
        ("train: {modle: {width: 8}}", "train.modle: the base profile has no such block"),
        ("train: {model: {widht: 8}}", "train.model.transformer.widht: unknown key"),
        ("train: {model: {width: wide}}", "width: Input should be a valid integer"),
        ("train: [1]", "train: Input should be"),
        ("train: {model: 7}\n  x", "not valid YAML"),
        ("extends: faulty", "extends 'faulty', which is no other profile"),
        ("extends: none", "extends 'none', which is no other profile"),
        ("extends: [tatoeba]", "extends ['tatoeba'], which is no other profile"),
        ("- a list", "expected blocks"),
        ("", "expected blocks"),
    ],
)
def test_a_faulty_profile_is_refused_and_changes_nothing(work: Workspace, override: str, expected: str) -> None:
    profiles.switch(work, "phrasebook")
    before = work.params.read_bytes()
    faulty = work.root / "profiles" / "faulty.yaml"
    faulty.write_text(override)
    with pytest.raises(ParamsError) as caught:
        profiles.switch(work, "faulty")
    assert expected in str(caught.value)
    assert str(caught.value).startswith(str(faulty))
    assert work.params.read_bytes() == before


def test_a_folder_without_profiles_says_so(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="run in the project's folder"):
        profiles.profiles(Workspace(tmp_path))


@pytest.mark.corpora
@pytest.mark.parametrize("name", NAMES[1:])
def test_the_files_that_a_profile_names_are_there_and_its_labels_occur(work: Workspace, name: str) -> None:
    from seqline.corpus import local
    from seqline.params.corpora import Local

    profiles.switch(work, name)
    if not (ROOT / "../shared/data").is_dir():
        pytest.skip("the real corpora are absent: ../shared/data")
    loaded = params.load(work.params)
    for corpus in loaded.download.corpora:
        assert isinstance(corpus, Local)
        assert next(iter(local.read(corpus, ROOT, (loaded.project.source, loaded.project.target)))).source
