"""The model card: what stands in it, and that no name can break its tables."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from seqline import card, params
from seqline.card import Findings

SLICES = {
    "length 1-3": {"count": 3, "share": 0.1, "bleu": 40.123, "chrf": 41.0},
    "length 4-8": {"count": 50, "share": 0.5, "bleu": 70.0, "chrf": 71.5},
    "numbers": {"count": 40, "share": 0.4, "bleu": 60.0, "chrf": 61.5},
    "empty": {"count": 1, "share": 0.01},
}
CORPUS = {
    "name": "web", "split": "train", "kind": "local", "lines": 24_000, "licence": "CC0-1.0", "url": "", "bytes": 28,
    "citation": "Doe et al. 2026", "date": "2026-11-20",
}  # fmt: skip


def evaluation(parameters: int | None, **more: Any) -> dict[str, Any]:
    return {
        "bleu": 92.1, "bleu_low": 91.0, "bleu_high": 93.2, "chrf": 90.0, "ter": 5.0, "pairs": 1234, "size_mb": 2.7,
        "signatures": {"bleu": "nrefs:1|tok:zh", "chrf": "nc:6"}, "slices": SLICES, "sets": {}, "test_hash": "ab" * 32,
        "words_per_s": 21_500.0, "p50_ms": 2.3, "p95_ms": 3.4, "peak_rss_mb": 90.0, "beam": 4, "threads": 2,
        "parameters": parameters, **more,
    }  # fmt: skip


@pytest.fixture
def found() -> Findings:
    settings = params.load(Path(__file__).parents[2] / "params.yaml")
    evaluations = {name: evaluation(None if "quantized" in name else 2_100_000) for name in settings.evaluate.models}
    cleaning = {"read": 100, "kept": 90, "dropped": {"copy": 10, "html": 0}}
    lineage = {"corpora": [CORPUS], "code": {"commit": "0123abc", "dirty": True}, "packages": {"torch": "2.13.0"}}
    return Findings(settings, "pruned-quantized", "the smallest", "cc" * 32, evaluations, cleaning, lineage)


def test_card_tells_all_that_one_asks_of_a_model(found: Findings) -> None:
    text = card.write(found)
    sections = [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")]
    assert sections == ["Intended use", "Scores", "Size and speed", "Limits", "How it was made", "Data", "Origin"]
    for told in (
        "| BLEU | 92.10 | 91.00 … 93.20 | nrefs:1\\|tok:zh |",
        "| length 1-3 | 3 | 40.12 | 41.00 |",
        "| empty | 1 | 1.00% |",
        "Hardly measured: length 1-3 (3 pairs).",
        "Weakest slice: numbers, 61.5 chrF2.",
        "teacher → student → pruned → pruned-quantized. `pruned-quantized` is shipped: the smallest.",
        "| pruned | cut out of the student: heads_share 0.25, ffn_share 0.25 | 2.10 M |",
        "| pruned-quantized | pruned in int8, shortlist of 50 | 2.10 M |",
        "| web | train | 24,000 | 28 | CC0-1.0 | local | 2026-11-20 |",
        "To be cited:\n\n- Doe et al. 2026\n",
        "Cleaning kept 90 of 100 pairs.",
        "| copy | 10 |",
        "Code: 0123abc and uncommitted changes.",
    ):
        assert told in text
    assert "| html |" not in text


def test_same_findings_give_the_same_bytes(found: Findings) -> None:
    assert card.write(found) == card.write(replace(found))


def test_several_test_sets_have_a_row_each(found: Findings) -> None:
    sets = {"web": evaluation(None, pairs=7), "law": evaluation(None, pairs=8)}
    evaluations = {name: evaluation(None, sets=sets) for name in found.evaluations}
    assert "| law | 8 | 92.10 | 90.00 |" in card.write(replace(found, evaluations=evaluations))
    assert "| test set |" not in card.write(found)


def test_a_hostile_name_breaks_no_table_and_becomes_no_markup(found: Findings) -> None:
    corpus = CORPUS | {"licence": "MIT|\n| x", "citation": "<script>alert(1)</script>\n\n# New title"}
    text = card.write(replace(found, lineage={**found.lineage, "corpora": [corpus]}))
    assert "| web | train | 24,000 | 28 | MIT\\| \\| x | local | 2026-11-20 |" in text
    assert "<script" not in text
    assert "\n# New title" not in text


def test_what_is_not_known_is_left_out(found: Findings) -> None:
    bare = {"bleu": 1.0, "chrf": 2.0, "ter": 3.0, "size_mb": 4.0, "words_per_s": 5.0, "p50_ms": 6.0, "p95_ms": 7.0}
    evaluations = dict.fromkeys(found.evaluations, bare)
    text = card.write(replace(found, evaluations=evaluations, cleaning=None, lineage={}))
    assert "- test pairs, sha256 `not known`" in text
    assert "Cleaning kept" not in text
    assert "Code: not under version control." in text
