import shutil
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any

import polars as pl
import pytest
import torch

from seqline import files, models
from seqline.compression import shards
from seqline.compression.synthesis import nbest_lists
from seqline.decoding.translator import open_ensemble
from seqline.errors import ArtifactError, MismatchError, MissingError, StageError
from seqline.models.config import RecurrentConfig
from seqline.serving.bundle import Bundle, Description
from seqline.stages import synthesize, teachers, tokenize, train
from seqline.stages.job import Job
from seqline.stages.opening import open_translator
from seqline.tokenization import Tokenizer
from seqline.workspace import Workspace


def output(job: Job) -> pl.DataFrame:
    return pl.read_parquet(job.work.synthetic / "synthetic.parquet")


def with_settings(job: Job, **values: Any) -> Job:
    changed = job.params.synthesize.model_copy(update=values)
    return replace(job, params=job.params.model_copy(update={"synthesize": changed}))


def fail_at_call(monkeypatch: pytest.MonkeyPatch, number: int) -> list[int]:
    """Let the n-th shard fail as a kill would; returns the list in which calls are counted, as numbers of pairs."""
    calls: list[int] = []

    def counted(sources: list[str], *args: Any, **kwargs: Any) -> Any:
        calls.append(len(sources))
        if len(calls) == number:
            raise KeyboardInterrupt
        return nbest_lists(sources, *args, **kwargs)

    monkeypatch.setattr("seqline.compression.shards.nbest_lists", counted)
    return calls


def killed_at_the_last_shard(job: Job, monkeypatch: pytest.MonkeyPatch) -> tuple[list[int], list[Path]]:
    """The calls so far, and the two shards that are done."""
    calls = fail_at_call(monkeypatch, 3)
    with pytest.raises(KeyboardInterrupt):
        synthesize.run(job)
    return calls, sorted(job.work.checkpoints("synthesize").glob("*/*.parquet"))


def recurrent_teacher(job: Job, folder: Path) -> None:
    """Untrained."""
    tokenizer = Tokenizer.load(job.work.tokenized)
    torch.manual_seed(1)
    config = RecurrentConfig(
        "gru", tokenizer.source_vocabulary, tokenizer.target_vocabulary, width=16, encoder_layers=1, decoder_layers=1,
        attention="dot", dropout=0.0, tie="none",
    )  # fmt: skip
    with files.staged(folder) as model:
        models.save(models.build(config), model)
        tokenizer.save(model)


@pytest.fixture(scope="session")
def of_the_other_direction(walked: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model zh → en, trained on the same pairs; do not alter it."""
    work = Workspace(tmp_path_factory.mktemp("backwards"))
    with files.staged(work.clean) as folder:
        for split in ("train", "dev"):
            pairs = pl.read_parquet(walked.job.work.clean / f"{split}.parquet")
            pairs.rename({"source": "target", "target": "source"}).write_parquet(folder / f"{split}.parquet")
    project = walked.job.params.project.model_copy(update={"source": "zh", "target": "en"})
    job = Job(walked.job.params.model_copy(update={"project": project}), work)
    tokenize.run(job)
    train.run(job)
    return work.model("teacher")


def from_elsewhere(job: Job, name: str) -> Path:
    """The pruned bundle as a folder of somebody else's."""
    folder = job.work.root / name
    shutil.copytree(job.work.model("pruned-quantized"), folder)
    for side in ("source", "target"):
        (folder / f"{side}.model").rename(folder / f"{side}.spm")
    for own in ("manifest.json", "seqline.json"):
        (folder / own).unlink()
    return folder


def test_each_translation_stands_beside_the_source_with_its_id(walked: Any) -> None:
    made = output(walked.job)
    clean = pl.read_parquet(walked.job.work.clean / "train.parquet")
    joined = made.join(clean, on="id", how="left", suffix="_clean")
    assert joined["source"].to_list() == joined["source_clean"].to_list()
    assert made["id"].is_sorted()
    assert (len(made), walked.reports["synthesize"].metrics["dropped"]) == (380, 20)


def test_each_translation_is_one_of_its_own_source_and_not_of_the_next(walked: Any) -> None:
    made, teacher = output(walked.job), open_translator(walked.job.work.model("teacher"), walked.job.params)
    lists = [{one.text for one in nbest} for nbest in teacher.translate(made["source"].to_list(), beam=3, nbest=3)]

    def hits(targets: list[str]) -> float:
        return fmean(target in nbest for target, nbest in zip(targets, lists, strict=True))

    targets = made["target"].to_list()
    assert hits(targets) > 0.9
    assert hits([*targets[1:], targets[0]]) < 0.1


def test_a_second_run_leaves_the_same_bytes(copied: Job) -> None:
    before = files.content_hash(copied.work.synthetic)
    synthesize.run(copied)
    assert files.content_hash(copied.work.synthetic) == before


def test_finished_shards_of_a_killed_run_are_not_translated_again(copied: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    before = files.content_hash(copied.work.synthetic)
    calls, done = killed_at_the_last_shard(copied, monkeypatch)
    assert len(done) == 2
    assert files.content_hash(copied.work.synthetic) == before
    synthesize.run(copied)
    assert calls == [150, 150, 100, 100]
    assert files.content_hash(copied.work.synthetic) == before
    assert not copied.work.checkpoints("synthesize").exists()


def test_a_run_killed_within_a_shard_goes_on_there_and_leaves_the_same_bytes(
    copied: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "PART_PAIRS", 60)
    synthesize.run(copied)
    before = files.content_hash(copied.work.synthetic)
    calls = fail_at_call(monkeypatch, 5)
    with pytest.raises(KeyboardInterrupt):
        synthesize.run(copied)
    synthesize.run(copied)
    assert calls == [60, 60, 30, 60, 60, 60, 30, 60, 40]
    assert files.content_hash(copied.work.synthetic) == before


def test_shards_cut_short_or_without_some_rows_are_translated_again(
    copied: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files.content_hash(copied.work.synthetic)
    calls, (first, second) = killed_at_the_last_shard(copied, monkeypatch)
    first.write_bytes(first.read_bytes()[:-100])
    pl.read_parquet(second).head(149).write_parquet(second)
    synthesize.run(copied)
    assert calls == [150, 150, 100, 150, 150, 100]
    assert files.content_hash(copied.work.synthetic) == before


def test_where_every_shard_is_there_no_teacher_is_opened(copied: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise StageError("the disk is full")

    before = files.content_hash(copied.work.synthetic)
    with monkeypatch.context() as patched:
        patched.setattr(synthesize, "_write", full)
        with pytest.raises(StageError, match="disk is full"):
            synthesize.run(copied)
    monkeypatch.setattr(teachers, "opened", None)
    synthesize.run(copied)
    assert files.content_hash(copied.work.synthetic) == before


def test_shards_made_with_other_settings_are_not_used(copied: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    calls, _ = killed_at_the_last_shard(copied, monkeypatch)
    synthesize.run(with_settings(copied, beam=2, nbest=2))
    assert calls == [150, 150, 100, 150, 150, 100]


def test_a_recurrent_teacher_translates_too(copied: Job) -> None:
    recurrent_teacher(copied, copied.work.model("teacher"))
    synthesize.run(with_settings(copied, beam=1, nbest=1, drop_share=0.0))
    made = output(copied)
    assert made["id"].to_list() == list(range(400))
    assert all(made["target"])


def test_a_gpu_is_taken_where_the_params_allow_it(walked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for gpus, device, expected in ((0, "auto", "cpu"), (1, "auto", "cuda"), (1, "cpu", "cpu"), (0, "cuda", "cpu")):
        monkeypatch.setattr("ctranslate2.get_cuda_device_count", lambda gpus=gpus: gpus)
        project = walked.job.params.project.model_copy(update={"device": device})
        job = replace(walked.job, params=walked.job.params.model_copy(update={"project": project}))
        assert teachers.device_of(job) == expected


def test_a_teacher_from_elsewhere_translates(copied: Job) -> None:
    from_elsewhere(copied, "opus")
    synthesize.run(with_settings(copied, teachers=["opus"], beam=2, nbest=1))
    made = output(copied)
    at_home = Bundle.open(copied.work.model("pruned-quantized")).translate(made["source"].to_list(), beam=2)
    same = sum(nbest[0].text == target for nbest, target in zip(at_home, made["target"], strict=True))
    assert (len(made), same) == (380, pytest.approx(380, abs=10))


def test_a_teacher_from_elsewhere_that_makes_no_sense_is_refused_each_time(copied: Job) -> None:
    recurrent_teacher(copied, copied.work.root / "strange")
    job = with_settings(copied, teachers=["strange"], beam=1, nbest=1)
    for _ in range(2):
        with pytest.raises(StageError, match=r"strange: mean chrF2 \d.* does not seem to translate en → zh"):
            synthesize.run(job)


def test_what_makes_no_sense_is_refused_after_a_kill_too(copied: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    recurrent_teacher(copied, copied.work.root / "strange")
    job = with_settings(copied, teachers=["strange"], beam=1, nbest=1)
    with monkeypatch.context() as killed:
        killed.setattr(synthesize, "_check_sense", lambda *_: None)
        fail_at_call(killed, 3)
        with pytest.raises(KeyboardInterrupt):
            synthesize.run(job)
    calls = fail_at_call(monkeypatch, 1)
    with pytest.raises(StageError, match="strange: mean chrF2"):
        synthesize.run(job)
    assert not calls


def test_a_judge_that_does_not_understand_the_translations_is_refused_each_time(copied: Job) -> None:
    recurrent_teacher(copied, copied.work.root / "strange")
    for _ in range(2):
        with pytest.raises(StageError, match=r"synthesize\.backward: strange: knows only \d+% .* translate zh → en"):
            synthesize.run(with_settings(copied, backward="strange", beam=1, nbest=1))


def test_a_teacher_cannot_judge_backwards(copied: Job) -> None:
    shutil.copytree(copied.work.model("teacher"), copied.work.root / "copy")
    with pytest.raises(MismatchError, match=r"copy is a teacher too, so it translates en → zh; name a model zh → en"):
        synthesize.run(with_settings(copied, backward="copy"))


def test_a_teacher_that_cannot_vote_is_named(copied: Job) -> None:
    from_elsewhere(copied, "opus")
    for name in ("opus", "models/pruned-quantized"):
        with pytest.raises(MismatchError, match=f"{name}: several teachers must be torch models of Seqline's"):
            synthesize.run(with_settings(copied, teachers=["teacher", name]))


def test_two_teachers_vote_and_a_third_model_judges_backwards(copied: Job, of_the_other_direction: Path) -> None:
    recurrent_teacher(copied, copied.work.root / "second")
    exact = copied.params.quantize.model_copy(update={"shortlist": 0})
    copied = replace(copied, params=copied.params.model_copy(update={"quantize": exact}))
    once = with_settings(copied, beam=2, nbest=1, compute_type="float32", drop_share=0.0)
    synthesize.run(once)
    alone = output(copied)
    synthesize.run(with_settings(once, teachers=["teacher", "second"], backward=str(of_the_other_direction)))
    together = output(copied)
    voters = open_ensemble([copied.work.model("teacher"), copied.work.root / "second"], 1, 512)
    expected = [best.text for best, *_ in voters.translate(together["source"].to_list(), beam=2)]
    assert together["target"].to_list() == expected
    assert together["target"].to_list() != alone["target"].to_list()
    assert alone["backward"].null_count() == len(alone)
    judge = open_translator(of_the_other_direction, copied.params)
    judged = [fmean(scores) for scores in judge.score(together["target"].to_list(), together["source"].to_list())]
    assert together["backward"].to_list() == pytest.approx(judged, abs=1e-4)


def test_a_bundle_must_be_of_the_projects_languages_and_the_judge_of_the_swapped_ones(copied: Job) -> None:
    bundle = copied.work.model("pruned-quantized")
    backward = copied.work.root / "backward"
    with files.staged(backward) as folder:
        shutil.copytree(bundle, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("manifest.json"))
        replace(Description.read(bundle), source="zh_Hans", target="en").write(folder)
    with pytest.raises(MismatchError, match=r"backward: translates zh_Hans → en, and en → zh is wanted"):
        synthesize.run(with_settings(copied, teachers=["backward"]))
    with pytest.raises(MismatchError, match=r"pruned-quantized: translates en → zh, and zh → en is wanted"):
        synthesize.run(with_settings(copied, backward="models/pruned-quantized"))
    with pytest.raises(StageError, match=r"synthesize\.backward: backward: knows only \d+%"):  # it only says so
        synthesize.run(with_settings(copied, backward="backward", beam=1, nbest=1))


def test_a_teacher_that_is_not_there_is_named(copied: Job) -> None:
    with pytest.raises(MissingError, match="nowhere"):
        synthesize.run(with_settings(copied, teachers=["nowhere"]))


def test_a_teacher_from_elsewhere_without_its_pieces_is_told_what_it_lacks(copied: Job) -> None:
    (from_elsewhere(copied, "opus") / "source.spm").unlink()
    with pytest.raises(
        MissingError, match=r"opus: neither manifest\.json.* nor source\.spm, .*; put its source\.spm and"
    ):
        synthesize.run(with_settings(copied, teachers=["opus"]))


def test_a_damaged_teacher_is_found_before_any_work(copied: Job) -> None:
    weights = copied.work.model("teacher") / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x00")
    with pytest.raises(ArtifactError, match=r"weights\.safetensors"):
        synthesize.run(copied)
