"""The download stage with corpora from the network, end to end against a server of this machine."""

import hashlib
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from raw_corpora import job, local, write_pairs
from web import LOCK, POLICY, File, Status, Web, moses, zipped

from seqline import files
from seqline.corpus import changes
from seqline.corpus.remote import huggingface
from seqline.errors import CorpusError, FetchError, InputError, MismatchError, MissingError
from seqline.fetching.pins import Pins
from seqline.fetching.store import Store
from seqline.params.remote import HuggingFace
from seqline.stages import download
from seqline.stages.job import Job

LINES = {"en": ["one", "two"], "zh": ["一", "二"]}
LINES_OF_HUB = {"en": "six", "zh": "六"}
CODES = {"en": ["three"], "zh_cn": ["三"]}


def far(root: Path, *corpora: dict[str, Any], **network: Any) -> Job:
    """A job whose network may ask this machine."""
    task = job(root, corpora)
    policy = POLICY.model_copy(update=network)
    block = task.params.download.model_copy(update={"network": policy})
    return Job(task.params.model_copy(update={"download": block}), task.work)


def by_url(**keys: Any) -> dict[str, Any]:
    return {"kind": "url", "name": "web", "split": "train", **keys}


def from_opus(api: str, **keys: Any) -> dict[str, Any]:
    return {"kind": "opus", "name": "tiny", "split": "train", "corpus": "Tiny", "api": api, **keys}


def sides(web: Web) -> dict[str, str]:
    return {"source": web.give("/web.en", b"four\nfive\n"), "target": web.give("/web.zh", "四\n五\n".encode())}


def pairs(root: Path, name: str) -> list[tuple[Any, ...]]:
    return pl.read_parquet(root / f"data/raw/{name}.parquet").rows()


def sentences(task: Job) -> tuple[list[str], list[str]]:
    """Reasons to run again, and what else is told."""
    told = list[str]()
    reasons = changes.changed(task.params, task.work) + changes.news(task.params, task.work, told.append)
    return reasons, told


def test_opus_url_and_local_corpora_walk_through_the_stage_together(tmp_path: Path, web: Web) -> None:
    write_pairs(tmp_path, "dev", [("six", "六")])
    api = web.give_opus("Tiny", "v1", "en-zh_cn", moses("Tiny", "en-zh_cn", CODES))
    task = far(
        tmp_path,
        from_opus(api, languages=["en", "zh_cn"]),
        local("dev"),
        by_url(**sides(web), licence="CC0-1.0", citation="Web et al.", url="https://example.org"),
    )
    report = download.run(task)
    assert report.metrics == {"lines": 4.0}
    assert pairs(tmp_path, "tiny.train") == [(1, "three", "三", "")]
    assert pairs(tmp_path, "web.train") == [(1, "four", "四", ""), (2, "five", "五", "")]
    manifest = files.verify(task.work.raw)["corpora"]
    assert [entry["name"] for entry in manifest] == ["tiny", "tiny", "web"]
    assert not (task.work.state / "unpacked" / "tiny.train").exists()


def test_the_manifest_says_where_everything_came_from_and_under_which_licence(tmp_path: Path, web: Web) -> None:
    api = web.give_opus("Tiny", "v1", "en-zh", moses("Tiny", "en-zh", LINES))
    task = far(tmp_path, from_opus(api), by_url(**sides(web), licence="CC0-1.0", citation="Web et al."))
    download.run(task)
    opus, plain = files.manifest(task.work.raw)["corpora"]
    archive = web.url("/OPUS-Tiny/v1/moses/en-zh.txt.zip")
    assert opus["licence"] == "CC-BY 2.0 FR", "the first line of the archive's own LICENSE"
    assert "Tiedemann" in opus["citation"]
    assert list(opus["inputs"]) == list(opus["fetched"]) == [archive]
    assert (plain["licence"], plain["citation"], plain["lines"]) == ("CC0-1.0", "Web et al.", 2)
    assert plain["inputs"][web.url("/web.en")] == hashlib.sha256(b"four\nfive\n").hexdigest()
    assert plain["fetched"][web.url("/web.en")]["final_url"] == web.url("/web.en")
    assert plain["fetched"][web.url("/web.en")]["bytes"] == 10
    assert plain["date"] == plain["fetched"][web.url("/web.en")]["date"] == datetime.now(UTC).date().isoformat()
    assert plain["bytes"] == 10 + len("四\n五\n".encode())


def test_every_kind_of_corpus_has_the_same_facts_in_the_manifest(tmp_path: Path, web: Web) -> None:
    write_pairs(tmp_path, "train", [("one", "一")])
    generated = {
        "kind": "generated", "name": "phrases", "pairs": 20, "dev_pairs": 1, "test_pairs": 1, "noise_share": 0.0,
        "seed": 1,
    }  # fmt: skip
    api = web.give_opus("Tiny", "v1", "en-zh", moses("Tiny", "en-zh", LINES))
    corpora = [from_opus(api), local(name="mine"), by_url(**sides(web)), generated]
    task = far(tmp_path, *corpora, rows_of_hub(tmp_path))
    download.run(task)
    entries = files.manifest(task.work.raw)["corpora"]
    assert {entry["kind"] for entry in entries} == {"opus", "local", "url", "generated", "huggingface"}
    facts = {"licence", "url", "citation", "date", "bytes", "lines"}
    for entry in entries:
        assert facts < entry.keys()
        assert (entry["bytes"] > 0) == (entry["kind"] != "generated")
        assert bool(entry["date"]) == (entry["kind"] not in ("generated", "local"))


def rows_of_hub(root: Path) -> dict[str, Any]:
    """A dataset of the hub whose rows an earlier run has fetched: nobody is asked."""
    corpus: dict[str, Any] = {
        "kind": "huggingface",
        "name": "hub",
        "split": "train",
        "dataset": "owner/name",
        "citation": "Roe 2026",
    }
    block = HuggingFace(**corpus)
    pins = Pins(root / LOCK)
    pins.keep_answer(huggingface.question(block), {"commit": "abc"})
    rows = Store(root / ".seqline" / "downloads", pins, POLICY, print)
    url = huggingface.url(block, ("en", "zh"), "abc")
    columns = huggingface.columns(block, ("en", "zh"))
    rows.make(url, partial(huggingface.write, [{"translation": LINES_OF_HUB}], columns, "hub"))
    return corpus


def test_a_second_run_asks_nobody_and_leaves_the_same_bytes(tmp_path: Path, web: Web) -> None:
    api = web.give_opus("Tiny", "v1", "en-zh", moses("Tiny", "en-zh", LINES))
    task = far(tmp_path, from_opus(api), by_url(**sides(web)))
    download.run(task)
    before, asked = files.content_hash(task.work.raw), len(web.asked)
    manifest = (task.work.raw / files.MANIFEST).read_bytes()
    download.run(task)
    assert (files.content_hash(task.work.raw), len(web.asked)) == (before, asked)
    assert (task.work.raw / files.MANIFEST).read_bytes() == manifest


def test_a_clone_with_the_lock_file_gets_the_same_bytes_or_an_error(tmp_path: Path, web: Web) -> None:
    keys = sides(web)
    first = far(tmp_path / "a", by_url(**keys))
    download.run(first)
    for clone in ("b", "c"):
        (tmp_path / clone).mkdir()
        (tmp_path / clone / LOCK).write_bytes((tmp_path / "a" / LOCK).read_bytes())
    download.run(second := far(tmp_path / "b", by_url(**keys)))
    assert files.content_hash(second.work.raw) == files.content_hash(first.work.raw)
    web.give("/web.en", File(b"four\nFIVE\n", etag='"2"'))
    with pytest.raises(MismatchError, match=f"web.en: sha256 is .* but {LOCK} pins"):
        download.run(far(tmp_path / "c", by_url(**keys)))
    assert not (tmp_path / "c" / "data" / "raw").exists()


@pytest.mark.parametrize("keys", [{"table": "*/all.tsv", "columns": [3, 1]}, {"source": "x/a.en", "target": "*.zh"}])
def test_members_of_an_archive_are_named_by_patterns(tmp_path: Path, web: Web, keys: dict[str, Any]) -> None:
    members = {"x/all.tsv": "一\t7\tone\n", "x/a.en": "one\n", "x/a.zh": "一\n"}
    task = far(tmp_path, by_url(archive=web.give("/x.zip", zipped(members)), **keys))
    download.run(task)
    assert pairs(tmp_path, "web.train") == [(1, "one", "一", "")]


@pytest.mark.parametrize(
    ("pattern", "said"), [("*.xx", "matches no member; it holds a.en, b.en"), ("*.en", "2 members")]
)
def test_a_pattern_that_means_no_member_or_several_is_told(tmp_path: Path, web: Web, pattern: str, said: str) -> None:
    archive = web.give("/x.zip", zipped({"a.en": "one\n", "b.en": "two\n"}))
    with pytest.raises(CorpusError, match=said):
        download.run(far(tmp_path, by_url(archive=archive, source=pattern, target="b.en")))


def test_unequal_sides_inside_an_archive_are_an_error_with_both_counts(tmp_path: Path, web: Web) -> None:
    unequal = {"en": ["one", "two", "three"], "zh": ["一", "二"]}
    api = web.give_opus("Tiny", "v1", "en-zh", moses("Tiny", "en-zh", unequal))
    task = far(tmp_path, from_opus(api))
    with pytest.raises(CorpusError, match=r"Tiny\.en-zh\.en has 3 lines but .*Tiny\.en-zh\.zh has 2"):
        download.run(task)
    assert not task.work.raw.exists()
    assert not (task.work.state / "unpacked" / "tiny.train").exists()


def test_lines_are_selected_by_labels_from_the_network(tmp_path: Path, web: Web) -> None:
    select = {"file": web.give("/labels", b"news\ntalk\n"), "values": ["talk"]}
    download.run(far(tmp_path, by_url(**sides(web), select=select)))
    assert pairs(tmp_path, "web.train") == [(2, "five", "五", "")]


def test_a_file_with_both_sides_is_read_by_its_suffix(tmp_path: Path, web: Web) -> None:
    url = web.give("/memory.jsonl", '{"en": "one", "zh": "一"}\n'.encode())
    download.run(far(tmp_path, by_url(file=url)))
    assert pairs(tmp_path, "web.train") == [(1, "one", "一", "")]


def test_what_a_killed_run_had_unpacked_is_cleared_away(tmp_path: Path, web: Web) -> None:
    api = web.give_opus("Tiny", "v1", "en-zh", moses("Tiny", "en-zh", LINES))
    task = far(tmp_path, from_opus(api))
    left = task.work.unpacked("tiny.train")
    left.mkdir(parents=True)
    for name in ("Tiny.en-zh.en", ".Tiny.en-zh.zh.partial"):
        (left / name).write_text("half", encoding="utf-8")
    download.run(task)
    assert pairs(tmp_path, "tiny.train") == [(1, "one", "一", ""), (2, "two", "二", "")]
    assert not left.exists()


def test_an_earlier_output_survives_a_failed_download(tmp_path: Path, web: Web) -> None:
    keys = sides(web)
    task = far(tmp_path, by_url(**keys))
    download.run(task)
    before = files.content_hash(task.work.raw)
    with pytest.raises(FetchError, match="more: the server answers 500"):
        download.run(far(tmp_path, by_url(**keys), by_url(name="more", table=web.give("/more", Status(500)))))
    assert files.content_hash(task.work.raw) == before


@pytest.mark.parametrize(
    ("kind", "package", "keys"),
    [("mtdata", "mtdata", {"id": "Group-name-1-eng-zho"}), ("huggingface", "datasets", {"dataset": "owner/name"})],
)
def test_a_corpus_that_needs_an_absent_package_says_so_before_anything_is_fetched(
    tmp_path: Path, web: Web, monkeypatch: pytest.MonkeyPatch, kind: str, package: str, keys: dict[str, str]
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    block = {"kind": kind, "name": "far", "split": "train", **keys}
    with pytest.raises(MissingError, match=f"kind {kind} needs the package {package}: pip install ") as caught:
        download.run(far(tmp_path, by_url(**sides(web)), block))
    assert caught.value.exit_code == 2
    assert web.asked == []


def test_private_addresses_are_refused_unless_the_params_allow_them(tmp_path: Path, web: Web) -> None:
    with pytest.raises(InputError, match=r"refused, 127.0.0.1 is not an address of the public internet"):
        download.run(far(tmp_path, by_url(**sides(web)), allow_private_addresses=False))
    assert web.asked == []


def test_after_a_download_nothing_is_to_be_told_and_each_file_costs_one_question(tmp_path: Path, web: Web) -> None:
    api = web.give_opus("Tiny", "v1", "en-zh", moses("Tiny", "en-zh", LINES))
    task = far(tmp_path, from_opus(api), by_url(**sides(web)))
    assert changes.changed(task.params, task.work) == ["no corpus was read yet"]
    download.run(task)
    asked = len(web.asked)
    assert sentences(task) == ([], [])
    assert sorted(question.split("?")[0] for question in web.asked[asked:]) == [
        "GET /opusapi/", "HEAD /OPUS-Tiny/v1/moses/en-zh.txt.zip", "HEAD /web.en", "HEAD /web.zh",
    ]  # fmt: skip


def test_other_content_at_the_source_is_told_and_no_reason_to_run(tmp_path: Path, web: Web) -> None:
    api = web.give_opus("Tiny", "v1", "en-zh", moses("Tiny", "en-zh", LINES))
    task = far(tmp_path, from_opus(api), by_url(**sides(web)))
    download.run(task)
    web.give("/web.en", File(b"new content\n", etag='"2"'))
    web.give("/web.zh", Status(503))
    web.opus.clear()
    web.give_opus("Tiny", "v2", "en-zh", moses("Tiny", "en-zh", LINES))
    reasons, told = sentences(task)
    assert reasons == []
    newer, english, chinese = told
    assert newer.startswith("tiny: there is v2, ")
    assert f"to move on, take {api}?corpus=Tiny" in newer
    assert english.startswith(f"{web.url('/web.en')}: other content by now than what is pinned and used; to take it,")
    assert chinese == f"whether it changed, nobody could say: {web.url('/web.zh')}: the server answers 503"


def test_new_content_of_a_followed_source_is_a_reason_to_run(tmp_path: Path, web: Web) -> None:
    task = far(tmp_path, by_url(**sides(web), follow=True))
    download.run(task)
    web.give("/web.en", File(b"four\nFIVE\n", etag='"2"'))
    assert sentences(task) == ([f"{web.url('/web.en')} changed"], [])
    download.run(task)
    assert pairs(tmp_path, "web.train")[1] == (2, "FIVE", "五", "")
    assert sentences(task) == ([], [])


def test_an_entry_taken_out_of_the_lock_file_is_a_reason_to_run(tmp_path: Path, web: Web) -> None:
    api = web.give_opus("Tiny", "v1", "en-zh", moses("Tiny", "en-zh", LINES))
    task = far(tmp_path, from_opus(api), by_url(**sides(web)))
    download.run(task)
    task.work.pins.unlink()
    assert changes.changed(task.params, task.work) == [
        "tiny (train): tiny is not pinned yet",
        f"web (train): {web.url('/web.en')} is not pinned yet",
        f"web (train): {web.url('/web.zh')} is not pinned yet",
    ]
