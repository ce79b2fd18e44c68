"""OPUS: one question to its catalogue, pinned, and the right side on the right side."""

import json
from pathlib import Path
from typing import Any

import pytest
from raw_corpora import params
from web import LOCK, POLICY, Status, Web, moses

from seqline.corpus.remote import opus, resolving, sources
from seqline.corpus.row import Row
from seqline.errors import CorpusError, FetchError
from seqline.fetching.pins import Pins
from seqline.params.remote import Opus
from seqline.workspace import Workspace

LINES = {"en": ["one", "two"], "zh": ["一", "二"]}


def corpus(api: str, **keys: Any) -> Opus:
    (found,) = params(
        [{"kind": "opus", "name": "far", "split": "train", "corpus": "Tiny", "api": api, **keys}]
    ).download.corpora
    assert isinstance(found, Opus)
    return found


def rows(root: Path, one: Opus, languages: tuple[str, str] = ("en", "zh")) -> list[Row]:
    place = sources.Place(Workspace(root), languages, POLICY, lambda sentence: None)
    (source,) = sources.gather([one], place)
    ((_, found),) = source.read()
    return list(found)


@pytest.mark.parametrize("pair", ["en-zh", "zh-en"])
@pytest.mark.parametrize("languages", [("en", "zh"), ("zh", "en")])
def test_sides_are_where_the_project_wants_them_in_whatever_order_opus_has_them(
    tmp_path: Path, web: Web, pair: str, languages: tuple[str, str]
) -> None:
    api = web.give_opus("Tiny", "v1", pair, moses("Tiny", pair, LINES))
    found = rows(tmp_path, corpus(api), languages)
    assert [(row.line, row.source, row.target) for row in found] == [
        (number, LINES[languages[0]][number - 1], LINES[languages[1]][number - 1]) for number in (1, 2)
    ]


def test_codes_of_its_own_are_given_by_the_params(tmp_path: Path, web: Web) -> None:
    api = web.give_opus("Tiny", "v1", "en-zh_cn", moses("Tiny", "en-zh_cn", {"en": ["one"], "zh_cn": ["一"]}))
    assert rows(tmp_path, corpus(api, languages=["en", "zh_cn"])) == [Row(1, "one", "一")]


def test_the_latest_version_is_looked_up_once_and_pinned(tmp_path: Path, web: Web) -> None:
    api = web.give_opus("Tiny", "v1", "en-zh", moses("Tiny", "en-zh", LINES))
    before = rows(tmp_path, corpus(api))
    web.give_opus("Tiny", "v2", "en-zh", moses("Tiny", "en-zh", {"en": ["new"], "zh": ["新"]}))
    assert rows(tmp_path, corpus(api)) == before
    assert len(web.asked) == 2, "one question, one download"
    (answer,) = json.loads((tmp_path / LOCK).read_text(encoding="utf-8"))["answers"].values()
    assert answer == {"version": "v1", "url": web.url("/OPUS-Tiny/v1/moses/en-zh.txt.zip")}


def test_a_version_may_be_chosen(tmp_path: Path, web: Web) -> None:
    web.give_opus("Tiny", "v1", "en-zh", moses("Tiny", "en-zh", LINES), latest=False)
    api = web.give_opus("Tiny", "v2", "en-zh", moses("Tiny", "en-zh", {"en": ["new"], "zh": ["新"]}))
    assert rows(tmp_path, corpus(api, version="v1"))[0].source == "one"
    assert rows(tmp_path, corpus(api))[0].source == "new"


def test_what_opus_lacks_is_told_with_what_it_has(tmp_path: Path, web: Web) -> None:
    api = web.give_opus("Tiny", "v1", "en-zh_cn", moses("Tiny", "en-zh_cn", LINES))
    web.give_opus("Tiny", "v1", "de-en", moses("Tiny", "de-en", LINES))
    with pytest.raises(CorpusError, match=r"far: OPUS has no Tiny \(latest\) in en and zh; with en it has de, zh_cn: "):
        rows(tmp_path, corpus(api))
    assert not (tmp_path / LOCK).exists()


NONSENSE = {
    "a list": "[]", "no corpora": "{}", "no JSON": "Hello", "entries of no kind": '{"corpora": [7]}',
    "no archive": json.dumps({"corpora": [{"corpus": "Tiny", "preprocessing": "moses", "url": "http://x/README"}]}),
    "a file of this machine": json.dumps(
        {"corpora": [{"corpus": "Tiny", "preprocessing": "moses", "url": "file:///x/en-zh.txt.zip", "version": "v1"}]}
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NONSENSE)
def test_an_answer_that_makes_no_sense_is_an_error_and_not_pinned(tmp_path: Path, web: Web, name: str) -> None:
    api = web.give("/api/", Status(200, body=NONSENSE[name].encode()))
    with pytest.raises(CorpusError) as caught:
        rows(tmp_path, corpus(api))
    assert "\n" not in str(caught.value)
    assert not (tmp_path / LOCK).exists()


def test_an_api_that_fails_is_an_error_of_the_network(tmp_path: Path, web: Web) -> None:
    with pytest.raises(FetchError, match="answers 500"):
        rows(tmp_path, corpus(web.give("/api/", Status(500))))


def test_an_edited_lock_file_is_told_with_its_entry(tmp_path: Path, web: Web) -> None:
    one = corpus(web.url("/api/"))
    asked = opus.question(one, ("en", "zh"))
    pins = Pins(tmp_path / LOCK)
    pins.keep_answer(asked, {"version": "v1", "url": "http://x/fr-de.txt.zip"})
    with pytest.raises(CorpusError, match=r"makes no sense .*take it out"):
        resolving.known(one, ("en", "zh"), pins)


def test_both_directions_ask_the_same_question() -> None:
    one = corpus("https://opus.nlpl.eu/opusapi/")
    asked = opus.question(one, ("zh", "en"))
    assert asked == opus.question(one, ("en", "zh"))
    assert asked == ("https://opus.nlpl.eu/opusapi/?corpus=Tiny&source=en&target=zh&preprocessing=moses&version=latest")
