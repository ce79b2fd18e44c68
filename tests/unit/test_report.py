"""The page: whole, partial, hostile. A real HTML parser reads it back."""

import json
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import polars as pl
import pytest

from seqline.errors import ArtifactError
from seqline.files import staged, write_json
from seqline.report import build
from seqline.report.front import front
from seqline.report.gather import gather
from seqline.report.html import escape, number, quote, tag
from seqline.report.scales import Scale, powers, short, spread, ticks
from seqline.workspace import Workspace

HOSTILE = """<script>alert("1")</script><img src=x onerror='alert(2)'>&amp;</td></style>\x00\ud800\u202e"""
VOID = {"meta", "br"}


class Page(HTMLParser):
    """Checks that elements are closed in order, and keeps what it saw."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.names: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


MODELS = ("teacher", "student", "pruned", "pruned-quantized")


@pytest.fixture
def work(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "phrasebook")


def _figures(model: str, source: str = "Good morning.", hypothesis: str = "早上好。", **more: Any) -> dict[str, Any]:
    attention = {
        "source_pieces": ["▁Good", "▁" + source[:9]],
        "target_pieces": ["早上", "好。"],
        "weights": [[1, 0], [0.5, 0.5]],
    }
    sample = {"source": source, "reference": "早上好。", "hypothesis": hypothesis, "attention": attention}
    slices = {"length 1-3": {"count": 3, "share": 0.5, "bleu": 40.0, "chrf": 41.0}, "empty": {"count": 1, "share": 0.1}}
    return {
        "model": model, "pairs": 6, "bleu": 40.5, "bleu_low": 38.0, "bleu_high": 43.0, "chrf": 44.0, "ter": 50.0,
        "signatures": {"bleu": "nrefs:1|tok:zh"}, "slices": slices, "sets": {"a": {"bleu": 40.0}, "b": {"bleu": 41.0}},
        "size_mb": 16.0 if model == "teacher" else 2.0, "parameters": None, "words_per_s": 500.0,
        "single_words_per_s": 100.0, "p50_ms": 3.0,
        "p95_ms": 5.0, "peak_rss_mb": 200.0, "batch": 32, "beam": 4, "threads": 2, "samples": [sample],
        **more,
    }  # fmt: skip


def _write_all(work: Workspace, text: str = "Good morning.") -> None:
    noise = {"copied": {"planted": 4, "caught": 3, "recall": 0.75}}
    clean: dict[str, Any] = {
        "read": 100,
        "kept": 90,
        "dropped": {"length_ratio": 7, "copy": 3},
        "noise": noise,
        "precision": 0.9,
    }
    clean["corpora"] = {
        "web": {"read": 60, "kept": 51, "dropped": {"length_ratio": 6, "copy": 3}},
        "ours": {"read": 40, "kept": 39, "dropped": {"length_ratio": 1}},
    }
    score = {
        "threshold": 1.5, "expected_recall": 0.973, "expected_precision": 0.81, "expected_loss": 0.0012,
        "estimated_share": 0.0056,
    }  # fmt: skip
    clean["pair_score"] = {"misaligned": score}
    write_json(work.reports / "clean.json", clean)
    verdict = {"score_share": 1.0, "is_deployable": True, "dominated_by": None}
    candidates = dict.fromkeys(MODELS, verdict) | {"pruned": verdict | {"dominated_by": "student"}}
    choice = {"selected": "pruned-quantized", "reason": escape_surrogates(text), "candidates": candidates}
    write_json(work.reports / "select.json", choice)
    worth = [{"part": "encoder.0.ffn", "parameters": 1000, "loss": 0.25}]
    write_json(work.reports / "prune" / "pruned.json", {"heads_share": 0.25, "ffn_share": 0.5, "sensitivity": worth})
    row = {"corpus": "a", "split": "train", "line": 7, "source": text, "target": text, "rule": "copy", "value": text}
    with staged(work.clean) as folder:
        pl.DataFrame([{key: escape_surrogates(value) for key, value in row.items()}]).write_parquet(
            folder / "dropped.parquet"
        )
    for model in MODELS:
        content = json.dumps(_figures(model, text, text))  # surrogates survive as JSON escapes
        (work.reports / "evaluate").mkdir(parents=True, exist_ok=True)
        (work.reports / "evaluate" / f"{model}.json").write_text(content)
    for model in ("teacher", "student"):
        with staged(work.model(model)) as folder:
            (folder / "curve.csv").write_text("update,loss,chrf,bleu\n100,5.5,10,5\n200,4.0,30,20\n")
    checks = [{"check": "no leak", "passed": False, "detail": escape_surrogates(text)}]
    decision = {"decision": "kept", "summary": "version 1 stays champion", "checks": checks}
    sides = {
        "champion": {"version": 1, "metrics": {"bleu": 41.0}},
        "challenger": {"version": 2, "metrics": {"bleu": 40.0}},
    }
    write_json(work.reports / "promote.json", decision | sides)
    corpus = {
        "name": "a",
        "split": "train",
        "kind": "local",
        "licence": "CC0",
        "url": escape_surrogates(text),
        "lines": 100,
    }
    with staged(work.raw, corpora=[corpus | {"inputs": {"a.en": "0" * 64}}]) as folder:
        (folder / "a.train.parquet").write_bytes(b"")


def escape_surrogates(value: Any) -> Any:
    return value.replace("\ud800", "") if isinstance(value, str) else value


def _page(work: Workspace) -> tuple[str, Page]:
    text = build(work).read_text(encoding="utf-8")
    return text, Page(text)


def test_every_part_is_on_the_page(work: Workspace) -> None:
    _write_all(work)
    text, page = _page(work)
    for told in (
        "Of 100 pairs read, 90 were kept", "length ratio 10.0%, copy 5.0%", "97.5 %", "75.0%", "97.3%",
        "200 updates, best chrF2 30.0", "8.0× smaller", "dominated by", "encoder.0.ffn",
        "nrefs:1|tok:zh", "length 1-3", "早上", "version 1 stays champion", "no leak", "CC0", "000000000000",
    ):  # fmt: skip
        assert told in page.text, told
    assert page.names.count("section") == 7
    assert page.names.count("svg") == 3 + 1 + 1  # curves, models, attention
    assert "Not there yet: what" not in text


def test_an_empty_project_gives_a_page_that_says_what_is_missing(work: Workspace) -> None:
    _, page = _page(work)
    assert page.text.count("Not there yet") == 6
    assert "No decision yet" in page.text
    assert "seqline run clean" in page.text


@pytest.mark.parametrize("part", ["clean.json", "promote.json", "evaluate/teacher.json", "select.json"])
def test_any_part_may_be_absent(work: Workspace, part: str) -> None:
    _write_all(work)
    (work.reports / part).unlink()
    _, page = _page(work)
    assert "not evaluated yet" in page.text.lower() or "Not there yet" in page.text or "No decision yet" in page.text


def test_a_hostile_sentence_is_shown_and_never_becomes_markup(work: Workspace) -> None:
    _write_all(work, HOSTILE)
    text, page = _page(work)
    assert "<script" not in text
    assert "img" not in page.names
    assert "script" not in page.names
    assert page.names.count("style") == 1
    assert not any(name.startswith("on") for name, _ in page.attributes)
    assert HOSTILE[:25] in page.text
    assert "\x00" not in text
    assert "\u202e" not in text


def test_the_page_asks_nothing_of_the_network(work: Workspace) -> None:
    _write_all(work)
    text, page = _page(work)
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in page.attributes
    links = [value for name, value in page.attributes if name in ("href", "src")]
    assert all(value and value.startswith("#") for value in links)
    assert "url(" not in text
    assert "@import" not in text


def test_the_same_reports_give_the_same_page(work: Workspace) -> None:
    _write_all(work)
    assert build(work).read_bytes() == build(work).read_bytes()


def test_a_damaged_report_is_named(work: Workspace) -> None:
    _write_all(work)
    (work.reports / "clean.json").write_text('{"read": 1')
    with pytest.raises(ArtifactError, match=r"clean\.json: not valid JSON"):
        build(work)


def test_a_long_sentence_is_cut_and_a_long_attention_left_out(work: Workspace) -> None:
    _write_all(work)
    wide = {"source_pieces": ["a"] * 200, "target_pieces": ["b"] * 200, "weights": [[0.0] * 200] * 200}
    figures = _figures("teacher", "x" * 10_000)
    figures["samples"][0]["attention"] = wide
    for model in MODELS:
        write_json(work.reports / "evaluate" / f"{model}.json", figures | {"model": model})
    text, _ = _page(work)
    assert len(text) < 100_000
    assert "x" * 400 + "…" in text


def test_a_model_without_attention_is_named_where_no_other_has_a_picture(work: Workspace) -> None:
    _write_all(work)
    figures = _figures("teacher", "good morning")
    for sample in figures["samples"]:
        sample["attention"] = None
    for model in MODELS:
        write_json(work.reports / "evaluate" / f"{model}.json", figures | {"model": model})
    text, _ = _page(work)
    assert "has no attention: it sees the source as one vector." in text


def test_the_picture_of_the_models_is_a_whole_document_of_its_own(work: Workspace) -> None:
    assert front(gather(work)) is None
    _write_all(work)
    drawn = front(gather(work))
    assert drawn is not None
    root = ElementTree.fromstring(drawn)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.get("viewBox")
    titles = [title.text or "" for title in root.iter("{http://www.w3.org/2000/svg}title")]
    assert any("teacher" in title for title in titles)
    assert "--accent" in (root.findtext("{http://www.w3.org/2000/svg}style") or "")


def test_text_is_escaped_and_markup_is_not() -> None:
    assert tag("p", "1 < 2", tag("b", "&"), class_='a"b', data_x=None) == '<p class="a&quot;b">1 &lt; 2<b>&amp;</b></p>'
    assert escape("a\x00\x1b\ud800\uffffb") == "a\ufffd\ufffd\ufffd\ufffdb"
    assert quote("  ") == '<span class="faint">(empty)</span>'
    assert number(None) == '<td class="number">–</td>'
    assert number(1234.56, 1) == '<td class="number">1,234.6</td>'


def test_ticks_are_round_numbers_inside_the_range() -> None:
    assert ticks(0.0, 10.0) == [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]
    assert ticks(61.3, 64.9) == [62.0, 63.0, 64.0]
    assert ticks(5.0, 5.0) == [5.0]
    assert powers(300.0, 6000.0) == [500.0, 1000.0, 2000.0, 5000.0]


def test_a_scale_maps_its_ends_and_survives_a_single_value() -> None:
    assert [Scale(1.0, 100.0, 0.0, 50.0, logarithmic=True)(value) for value in (1.0, 10.0, 100.0)] == [0.0, 25.0, 50.0]
    assert Scale(3.0, 3.0, 0.0, 50.0)(3.0) == 25.0


def test_labels_are_moved_apart_in_their_order_and_stay_inside() -> None:
    assert spread([10.0, 12.0, 11.0], 20.0, 0.0, 100.0) == [10.0, 50.0, 30.0]
    assert spread([95.0, 99.0], 20.0, 0.0, 100.0) == [80.0, 100.0]


def test_axis_figures_are_short() -> None:
    assert [short(value) for value in (0.5, 12.0, 1500.0, 20_000.0, 3e6)] == ["0.5", "12", "1.5k", "20k", "3M"]


@pytest.mark.slow
def test_chromium_renders_the_page(work: Workspace, tmp_path: Path) -> None:
    from shutil import which

    browser = which("chromium") or which("google-chrome")
    if browser is None:
        pytest.skip("no Chromium on this machine")
    _write_all(work, HOSTILE)
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
    flags += [
        "--disable-background-networking",
        "--disable-component-update",
        f"--user-data-dir={tmp_path / 'profile'}",
    ]
    dump = subprocess.run(
        [browser, *flags, "--dump-dom", build(work).as_uri()], capture_output=True, text=True, timeout=120, check=True
    )
    assert dump.stdout.count("<section") == 7
    assert "<script" not in dump.stdout
