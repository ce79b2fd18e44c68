"""Promotion with a real registry: worse, equal and leaked challengers; a kill at every call; two at once; rollback."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from seqline import params as params_module
from seqline import promotion, retention, succession
from seqline.adapters.mlflow_registry import MlflowRegistry
from seqline.errors import BusyError, MissingError
from seqline.files import manifest, staged
from seqline.params import Params
from seqline.stages import register
from seqline.stages.job import Job
from seqline.types import Registry, Version
from seqline.workspace import Workspace

NAME = "phrasebook-en-zh"
GOOD, EQUAL, WORSE = 1, 2, 3
MUTATIONS = ("set_alias", "remove_alias", "tag")


@dataclass(frozen=True)
class Project:
    work: Workspace
    params: Params
    registry: Registry

    def reset(self, champion: int | None, challenger: int, previous: int | None = None) -> None:
        """Set the aliases, and the receipt that names the challenger."""
        for alias, number in {"champion": champion, "challenger": challenger, "previous": previous}.items():
            if number is None:
                self.registry.remove_alias(NAME, alias)
            else:
                self.registry.set_alias(NAME, alias, number)
        for version in self.registry.versions(NAME):
            self.registry.tag(NAME, version.number, {"gate.decision": "", "gate.previous": ""})
        content = self.registry.versions(NAME)[challenger - 1].tags["content_hash"]
        (self.work.reports / "register.json").write_text(json.dumps({"content_hash": content}))

    def aliases(self) -> dict[str, int]:
        return {alias: one.number for one in self.registry.versions(NAME) for alias in one.aliases}

    def tags(self, number: int) -> dict[str, str]:
        return dict(self.registry.versions(NAME)[number - 1].tags)

    def promote(self, registry: Registry | None = None, **rules: Any) -> promotion.Outcome:
        params = self.params.model_copy(update={"promote": self.params.promote.model_copy(update=rules)})
        return promotion.promote(self.work, params, registry or self.registry)


@pytest.fixture(scope="module")
def project(
    tmp_path_factory: pytest.TempPathFactory,
    make_bundle: Callable[..., Path],
    make_project: Callable[[Path, Path], Workspace],
) -> Project:
    """Three versions: a good one, another that translates the same, and one that translates nonsense."""
    root = tmp_path_factory.mktemp("project")
    bundles = [
        make_bundle(root / "bundles" / name, seed=seed, name=name)
        for name, seed in (("good", 1), ("equal", 1), ("worse", 2))
    ]
    work = make_project(root, bundles[0])
    params = params_module.load(work.params)
    small = {"resamples": 100, "speed_pairs": 8, "latency_pairs": 8}
    params = params.model_copy(
        update={
            "evaluate": params.evaluate.model_copy(update=small),
            "promote": params.promote.model_copy(update={"min_test_pairs": 50}),
        }
    )
    registry = MlflowRegistry(root)
    for bundle in bundles:
        shutil.rmtree(work.model("selected"))
        shutil.copytree(bundle, work.model("selected"))
        register.run(Job(params, work, registry=registry))
    return Project(work, params, registry)


def failed(outcome: promotion.Outcome) -> list[str]:
    assert outcome.decision is not None
    return [check.name for check in outcome.decision.checks if not check.passed]


def test_first_champion_needs_no_other(project: Project) -> None:
    project.reset(champion=None, challenger=GOOD)
    outcome = project.promote()
    assert outcome.action == "promoted"
    assert project.aliases() == {"champion": GOOD}


def test_equal_challenger_is_promoted_and_the_old_champion_kept_as_previous(project: Project) -> None:
    project.reset(champion=GOOD, challenger=EQUAL)
    outcome = project.promote()
    assert outcome.summary == f"{NAME}: version 2 is champion now (100.00 BLEU), after version 1"
    assert project.aliases() == {"champion": EQUAL, "previous": GOOD}


def test_worse_challenger_leaves_the_champion_and_its_figures_are_kept(project: Project) -> None:
    project.reset(champion=GOOD, challenger=WORSE)
    outcome = project.promote()
    assert outcome.action == "kept"
    assert {"not worse in BLEU", "not worse in chrF2"} <= set(failed(outcome))
    assert project.aliases() == {"champion": GOOD, "challenger": WORSE}
    tags = project.tags(WORSE)
    assert tags["gate.decision"] == "kept"
    assert tags["gate.against"] == "1"
    assert json.loads(tags["gate.figures"])["champion_bleu"] == pytest.approx(100.0)
    report = json.loads((project.work.reports / "promote.json").read_text())
    assert report["decision"] == "kept"
    assert {check["check"] for check in report["checks"] if not check["passed"]} >= {"not worse in BLEU"}
    assert (report["champion"]["version"], report["challenger"]["version"]) == (GOOD, WORSE)
    for side in ("champion", "challenger"):
        assert report[side]["metrics"].keys() == {"bleu", "chrf", "size_mb", "p95_ms"}


def test_equal_challenger_is_kept_out_where_it_must_improve(project: Project) -> None:
    project.reset(champion=GOOD, challenger=EQUAL)
    assert failed(project.promote(must_improve=True)) == ["better in BLEU", "better in chrF2"]
    assert project.aliases()["champion"] == GOOD


def test_champion_is_not_judged_against_itself(project: Project) -> None:
    project.reset(champion=GOOD, challenger=GOOD)
    outcome = project.promote()
    assert outcome.action == "unchanged"
    assert outcome.summary == f"{NAME}: version 1 is champion already; nothing to decide"


def test_too_few_test_pairs_and_too_large_a_model_keep_the_champion(project: Project) -> None:
    project.reset(champion=GOOD, challenger=EQUAL)
    assert failed(project.promote(min_test_pairs=61, max_mb=0.001, max_p95_ms=0.000001)) == [
        "test size",
        "size",
        "latency",
    ]
    assert project.aliases()["champion"] == GOOD


@pytest.fixture
def other_training_data(project: Project) -> Iterator[Callable[[pl.DataFrame], None]]:
    """Replaces the training data; afterwards everything is as it was."""
    kept = project.work.root / "kept"
    shutil.copytree(project.work.clean, kept)

    def replace_train(train: pl.DataFrame) -> None:
        test = pl.read_parquet(project.work.clean / "test.parquet")
        with staged(project.work.clean) as folder:
            train.write_parquet(folder / "train.parquet")
            test.write_parquet(folder / "test.parquet")

    yield replace_train
    shutil.rmtree(project.work.clean)
    kept.rename(project.work.clean)


def test_challenger_trained_on_other_data_is_kept_out(
    project: Project, other_training_data: Callable[[pl.DataFrame], None]
) -> None:
    project.reset(champion=GOOD, challenger=EQUAL)
    other_training_data(pl.read_parquet(project.work.clean / "train.parquet").head(10))
    outcome = project.promote()
    assert failed(outcome) == ["no leak"]
    assert "trained on other data" in outcome.summary


@pytest.mark.parametrize("side", ["source", "target"])
def test_one_leaked_side_of_one_pair_keeps_the_champion(
    project: Project, other_training_data: Callable[[pl.DataFrame], None], side: str
) -> None:
    project.reset(champion=GOOD, challenger=EQUAL)
    test = pl.read_parquet(project.work.clean / "test.parquet")
    train = pl.read_parquet(project.work.clean / "train.parquet")
    leak = train.head(1).with_columns(pl.lit(f"{test[side][7].upper()} !").alias(side))
    other_training_data(pl.concat([train, leak]))
    trained_on = manifest(project.work.clean)["files"]["train.parquet"]
    cache = project.work.state / "cache"
    for lineage in cache.glob("*/lineage.json"):
        content = json.loads(lineage.read_text())
        lineage.write_text(json.dumps({**content, "training_data": trained_on}))
    outcome = project.promote()
    shutil.rmtree(cache)
    assert failed(outcome) == ["no leak"]
    assert project.aliases()["champion"] == GOOD


class Killed(BaseException):
    """Stands for a SIGKILL: nothing catches it."""


class KilledAt:
    """A registry whose process dies just before, or just after, its n-th change."""

    def __init__(self, registry: Registry, at: int, after: bool) -> None:
        self._registry, self._left, self._after = registry, at, after

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._registry, name)
        if name not in MUTATIONS:
            return call

        def change(*arguments: Any) -> None:
            self._left -= 1
            if self._left == 0 and not self._after:
                raise Killed
            call(*arguments)
            if self._left == 0:
                raise Killed

        return change


Change = Callable[[Registry], object]


def killed_at_each_change(project: Project, begin: Callable[[], None], change: Change, after: bool) -> Iterator[None]:
    """Yields after each kill; ends when a run is through."""
    points = 0
    while True:
        begin()
        try:
            change(KilledAt(project.registry, points + 1, after))  # type: ignore[arg-type]
            return
        except Killed:
            points += 1
            yield


@pytest.mark.parametrize("after", [False, True])
def test_killed_at_any_change_champion_is_old_or_new_and_a_rerun_ends_the_same(project: Project, after: bool) -> None:
    kills = 0
    begin = partial(project.reset, champion=GOOD, challenger=EQUAL, previous=WORSE)
    for _ in killed_at_each_change(project, begin, project.promote, after):
        kills += 1
        aliases = project.aliases()
        assert aliases["champion"] in (GOOD, EQUAL)
        back = succession.way_back(project.registry.versions(NAME))
        assert back is not None
        assert back.number == (WORSE if aliases["champion"] == GOOD else GOOD)
        assert project.promote().action in ("promoted", "unchanged")
        aliases = project.aliases()
        assert (aliases["champion"], aliases["previous"]) == (EQUAL, GOOD)
    assert kills == 5  # decision, way back, previous, champion, challenger


@pytest.mark.parametrize("after", [False, True])
def test_a_promotion_that_was_killed_and_is_refused_the_second_time_can_be_rolled_back_from(
    project: Project, after: bool
) -> None:
    def crown(registry: Registry) -> None:
        succession.crown(registry, registry.versions(NAME), registry.versions(NAME)[EQUAL - 1])

    begin = partial(project.reset, champion=GOOD, challenger=EQUAL, previous=WORSE)
    for _ in killed_at_each_change(project, begin, crown, after):
        champion = project.aliases()["champion"]
        assert [
            one for one in retention.retirable(project.work, project.registry.versions(NAME), 1) if one.number < 3
        ] == []
        succession.rollback(project.registry, NAME)
        assert project.aliases()["champion"] == (WORSE if champion == GOOD else GOOD)
        assert project.aliases()["previous"] == champion


@pytest.mark.parametrize("after", [False, True])
def test_a_rollback_that_was_killed_or_got_no_answer_is_simply_repeated(project: Project, after: bool) -> None:
    kills = 0
    begin = partial(project.reset, champion=EQUAL, challenger=EQUAL, previous=GOOD)
    for _ in killed_at_each_change(project, begin, lambda one: succession.rollback(one, NAME), after):
        kills += 1
        assert project.aliases()["champion"] in (GOOD, EQUAL)
        for _ in range(2):
            assert "version 1 is champion" in succession.rollback(project.registry, NAME)
            assert project.aliases() == {"champion": GOOD, "previous": EQUAL, "challenger": EQUAL}
        assert project.tags(EQUAL)["gate.decision"] == "rolled back"
    assert kills == 5  # both marks, way back, previous, champion


@pytest.mark.parametrize("after", [False, True])
def test_an_undo_that_was_killed_is_simply_repeated_too(project: Project, after: bool) -> None:
    def begin() -> None:
        project.reset(champion=EQUAL, challenger=EQUAL, previous=GOOD)
        succession.rollback(project.registry, NAME)

    for _ in killed_at_each_change(project, begin, lambda one: succession.undo(one, NAME), after):
        for _ in range(2):
            assert "version 2 is champion" in succession.undo(project.registry, NAME)
            assert project.aliases() == {"champion": EQUAL, "previous": GOOD, "challenger": EQUAL}
        assert project.tags(EQUAL)["gate.decision"] == "restored"
        assert "version 1 is champion again" in succession.rollback(project.registry, NAME)


@pytest.mark.parametrize("after", [False, True])
def test_after_a_rollback_that_was_begun_and_a_promotion_the_way_back_is_not_the_bad_version(
    project: Project, after: bool
) -> None:
    begin = partial(project.reset, champion=EQUAL, challenger=WORSE, previous=GOOD)
    for _ in killed_at_each_change(project, begin, lambda one: succession.rollback(one, NAME), after):
        if project.aliases()["champion"] == EQUAL and project.tags(EQUAL)["gate.decision"]:
            versions = project.registry.versions(NAME)
            succession.crown(project.registry, versions, versions[WORSE - 1])
            assert project.aliases() == {"champion": WORSE, "previous": GOOD}


class Intruder:
    """A registry in which another run does something while this one is judging."""

    def __init__(self, registry: Registry, deed: Callable[[], object]) -> None:
        self._registry, self._deed = registry, deed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._registry, name)

    def versions(self, name: str) -> list[Version]:
        found = self._registry.versions(name)
        self._deed()
        self._deed = lambda: None
        return found


def test_champion_that_changed_while_judging_is_not_overwritten(project: Project) -> None:
    project.reset(champion=GOOD, challenger=EQUAL)
    intruder = Intruder(project.registry, lambda: project.registry.set_alias(NAME, "champion", WORSE))
    with pytest.raises(BusyError, match="the champion changed while the gate was judging"):
        project.promote(intruder)  # type: ignore[arg-type]
    assert project.aliases()["champion"] == WORSE
    assert project.tags(EQUAL)["gate.decision"] == "", "nothing says that it was promoted"


def test_challenger_that_was_promoted_and_rolled_back_while_judging_keeps_its_mark(project: Project) -> None:
    project.reset(champion=GOOD, challenger=EQUAL)

    def there_and_back() -> None:
        versions = project.registry.versions(NAME)
        succession.crown(project.registry, versions, versions[EQUAL - 1])
        succession.rollback(project.registry, NAME)

    with pytest.raises(BusyError, match="the champion changed while the gate was judging"):
        project.promote(Intruder(project.registry, there_and_back))  # type: ignore[arg-type]
    assert project.aliases()["champion"] == GOOD
    assert project.promote().action == "unchanged"


def test_a_scheduled_promotion_does_not_undo_a_rollback(project: Project) -> None:
    project.reset(champion=GOOD, challenger=EQUAL)
    project.promote()
    assert succession.rollback(project.registry, NAME) == f"{NAME}: version 1 is champion again"
    assert project.aliases() == {"champion": GOOD, "previous": EQUAL}
    outcome = project.promote()
    assert outcome.action == "unchanged"
    assert "version 2 was rolled back" in outcome.summary
    assert succession.undo(project.registry, NAME) == f"{NAME}: version 2 is champion again"
    assert project.aliases() == {"champion": EQUAL, "previous": GOOD}
    assert "nothing to undo" in succession.undo(project.registry, NAME)


def test_rollback_without_a_previous_champion_is_refused(project: Project) -> None:
    project.reset(champion=GOOD, challenger=GOOD)
    with pytest.raises(MissingError, match="no previous champion to go back to; version 1 stays champion"):
        succession.rollback(project.registry, NAME)


def test_rollback_without_a_champion_is_refused(project: Project) -> None:
    project.reset(champion=None, challenger=GOOD)
    with pytest.raises(MissingError, match="no champion yet"):
        succession.rollback(project.registry, NAME)


def test_nothing_registered_says_what_to_run(project: Project) -> None:
    (project.work.reports / "register.json").unlink(missing_ok=True)
    nameless = project.params.model_copy(
        update={"project": project.params.project.model_copy(update={"name": "never-registered"})}
    )
    for call in (
        lambda: promotion.promote(project.work, nameless, project.registry),
        lambda: promotion.models(nameless, project.registry),
    ):
        with pytest.raises(MissingError, match="never-registered: nothing is registered yet; run `seqline register`"):
            call()


def test_output_that_this_registry_does_not_know_is_refused(project: Project) -> None:
    project.reset(champion=GOOD, challenger=EQUAL)
    (project.work.reports / "register.json").write_text(json.dumps({"content_hash": "0" * 64}))
    with pytest.raises(MissingError, match="run `seqline register`"):
        project.promote()


def test_without_a_receipt_the_challenger_or_the_newest_is_judged(project: Project) -> None:
    project.reset(champion=GOOD, challenger=EQUAL)
    (project.work.reports / "register.json").unlink()
    assert project.promote().summary.startswith(f"{NAME}: version 2 is champion now")
    project.registry.remove_alias(NAME, "challenger")
    assert "version 3 did not pass" in project.promote().summary


def test_models_lists_versions_oldest_first(project: Project) -> None:
    assert [version.number for version in promotion.models(project.params, project.registry)] == [GOOD, EQUAL, WORSE]
