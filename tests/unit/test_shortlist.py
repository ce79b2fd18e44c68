"""What a shortlist holds is learnt from pairs, and a bundle writes nothing else."""

import random
import shutil
from pathlib import Path

import pytest
from tiny_training import WORDS, tiny_data

from seqline.compression.shortlist import shortlist
from seqline.files import staged
from seqline.serving.bundle import SHORTLIST, Bundle
from seqline.types import Demand, Search

TOKENIZER = tiny_data().tokenizer
TRANSLATION = dict(zip(WORDS, WORDS[1:] + WORDS[:1], strict=True))


@pytest.fixture(scope="module")
def lines() -> dict[str, list[str]]:
    """Each source piece with its target pieces, of a language in which each word has one translation."""
    chance = random.Random(2)
    sources = [chance.choices(WORDS, k=4) for _ in range(400)]
    targets = [[TRANSLATION[word] for word in reversed(words)] for words in sources]
    made = shortlist(TOKENIZER, [" ".join(words) for words in sources], [" ".join(words) for words in targets], 3)
    return {source: pieces.split(" ") for source, pieces in (line.split("\t") for line in made)}


def test_the_likeliest_translation_stands_first(lines: dict[str, list[str]]) -> None:
    found = {word: lines[f"▁{word}"] for word in WORDS}
    assert {word: pieces[0] for word, pieces in found.items()} == {w: f"▁{t}" for w, t in TRANSLATION.items()}
    assert max(map(len, found.values())) <= 3


def test_every_sentence_may_use_the_most_frequent_pieces(lines: dict[str, list[str]]) -> None:
    assert {f"▁{word}" for word in WORDS} <= set(lines[""])
    assert len(lines[""]) == 100


@pytest.fixture(scope="module")
def short(tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """``tiny_bundle`` with a shortlist of two pieces."""
    folder = tmp_path_factory.mktemp("short") / "bundle"
    with staged(folder) as partial:
        shutil.copytree(tiny_bundle, partial, dirs_exist_ok=True, ignore=shutil.ignore_patterns("manifest.json"))
        (partial / SHORTLIST).write_text("\t在 早\n", encoding="utf-8")
    return Bundle.open(folder)


def test_a_bundle_writes_only_pieces_of_its_shortlist(short: Bundle, tiny_bundle: Path) -> None:
    sources = ["the cat sat on the mat", "good morning"]
    written = {best[0].text for best in short.translate(sources)}
    assert set("".join(written)) <= set("在早 ")
    assert written.isdisjoint(best[0].text for best in Bundle.open(tiny_bundle).translate(sources))


def test_a_prefix_may_hold_any_piece(short: Bundle) -> None:
    ((best,),) = short.search(["good morning"], Search(beam=2), [Demand(prefix="我想喝茶")])
    assert best.text.startswith("我想喝茶")
