"""mtdata: entries of its index as corpora by URL."""

import sys
from typing import Any

import pytest

from seqline.corpus.remote import mtdata
from seqline.errors import CorpusError, MissingError
from seqline.params.remote import Mtdata, Url

URL = "https://example.org/x"
SIDES = ["*/x.en", "*/x.zh"]


def corpus(name: str) -> Mtdata:
    return Mtdata(kind="mtdata", name="far", split="train", id=name)


def entry(**keys: Any) -> dict[str, Any]:
    base = {"url": URL, "ext": "zip", "in_paths": None, "in_ext": None, "cols": None, "swapped": False, "cite": None}
    return {**base, **keys}


@pytest.mark.parametrize(
    ("found", "keys"),
    [
        (entry(in_paths=SIDES, in_ext="txt"), {"archive": URL, "source": "*/x.en", "target": "*/x.zh"}),
        (entry(in_paths=SIDES, in_ext="txt", swapped=True), {"archive": URL, "source": "*/x.zh", "target": "*/x.en"}),
        (entry(ext="tsv.gz"), {"table": URL, "columns": "1,2"}),
        (entry(ext="tsv.gz", cols=[1, 2], swapped=True), {"table": URL, "columns": "3,2"}),
        (entry(ext="tar.gz", in_ext="tsv", in_paths=["x"]), {"archive": URL, "table": "x", "columns": "1,2"}),
        (entry(in_ext="tmx", in_paths=["*.tmx"], swapped=True), {"archive": URL, "file": "*.tmx", "format": "tmx"}),
        (entry(ext="tmx.gz"), {"file": URL, "format": "tmx"}),
        (entry(url=[f"{URL}.en", f"{URL}.zh"], ext="txt"), {"source": f"{URL}.en", "target": f"{URL}.zh"}),
        (entry(ext="tgz", in_paths=SIDES, in_ext="sgm"), {}),
        (entry(ext="hfds", in_ext="hfds", in_paths=["x"]), {}),
        (entry(in_paths=["a.tmx", "b.tmx"], in_ext="tmx"), {}),
    ],
)
def test_an_entry_becomes_keys_that_make_a_corpus_or_nothing(found: dict[str, Any], keys: dict[str, str]) -> None:
    assert mtdata._keys(found) == keys
    if keys:
        assert isinstance(mtdata.as_url(corpus("Group-name-1-eng-zho"), keys), Url)


def test_without_the_package_the_way_out_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mtdata", None)  # as if it were not installed
    with pytest.raises(MissingError, match="kind mtdata needs the package mtdata: pip install --no-deps mtdata"):
        mtdata.look_up(corpus("Group-name-1-eng-zho"), ("en", "zh"))


@pytest.mark.slow
class TestRealIndex:
    """The index itself; nothing is downloaded."""

    @pytest.fixture(autouse=True)
    def _installed(self) -> None:
        pytest.importorskip("mtdata")

    def test_a_dataset_is_found_in_both_directions(self) -> None:
        there = mtdata.look_up(corpus("Statmt-news_commentary-18.1-eng-zho"), ("en", "zh"))
        back = mtdata.look_up(corpus("Statmt-news_commentary-18.1-eng-zho"), ("zh", "en"))
        assert there["table"] == back["table"]
        assert there["table"].startswith("http://data.statmt.org/news-commentary/v18.1/")
        assert (there["columns"], back["columns"]) == ("1,2", "2,1")
        assert "findings" in there["citation"]

    def test_what_it_lacks_is_told_with_what_is_near(self) -> None:
        with pytest.raises(CorpusError, match=r"no dataset .*near to it: Statmt-news_commentary-"):
            mtdata.look_up(corpus("Statmt-news_commentary-99-eng-zho"), ("en", "zh"))

    def test_other_languages_and_formats_are_told(self) -> None:
        with pytest.raises(CorpusError, match="is not in en and de"):
            mtdata.look_up(corpus("Statmt-news_commentary-18.1-eng-zho"), ("en", "de"))
        with pytest.raises(CorpusError, match="comes as sgm, which is not read"):
            mtdata.look_up(corpus("Statmt-newstest_enzh-2020-eng-zho"), ("en", "zh"))
        with pytest.raises(CorpusError, match="mtdata does not take"):
            mtdata.look_up(corpus("Statmt-news_commentary-18.1-eng-qqqqq"), ("en", "zh"))
