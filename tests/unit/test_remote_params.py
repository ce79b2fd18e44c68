"""Corpora from the network in params.yaml: what is wrong is told before anything is fetched."""

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from raw_corpora import params

from seqline.params.base import Block
from seqline.params.corpora import Generated, Local
from seqline.params.network import Network
from seqline.params.remote import HuggingFace, Mtdata, Opus, Url

SUM = "0" * 64
LABELS = {"file": "https://a/x.labels", "values": ["news"]}
BASES: dict[str, dict[str, Any]] = {
    "url": {"source": "https://a/x.en", "target": "https://a/x.zh"},
    "opus": {"corpus": "Tatoeba"},
    "mtdata": {"id": "Statmt-news_commentary-18.1-eng-zho"},
    "huggingface": {"dataset": "owner/name"},
}


def remote(kind: str, **keys: Any) -> dict[str, Any]:
    chosen = {**BASES[kind], **keys}
    return {
        "kind": kind,
        "name": "far",
        "split": "train",
        **{key: value for key, value in chosen.items() if value != ...},
    }


GOOD = [
    ("url", {}),
    ("url", {"source": ..., "target": ..., "table": "https://a/x.tsv.gz", "columns": [2, 1]}),
    ("url", {"source": ..., "target": ..., "file": "https://a/x.tmx"}),
    ("url", {"archive": "https://a/x.zip", "source": "*/x.en", "target": "*/x.zh", "sha256": {"https://a/x.zip": SUM}}),
    ("url", {"select": LABELS, "follow": True}),
    ("opus", {"version": "v2023-04-12", "languages": ["en", "zh_cn"]}),
    ("opus", {"corpus": "ELRC-3056-wikipedia_health", "languages": ["be_x_old", "sr@latin"], "sha256": SUM}),
    ("mtdata", {}),
    ("huggingface", {"config": "en-zh", "revision": "refs/convert/parquet", "hf_split": "validation"}),
    ("huggingface", {"source": "english", "target": "chinese"}),
]


@pytest.mark.parametrize(("kind", "keys"), GOOD)
def test_every_way_to_name_a_corpus_is_taken(kind: str, keys: dict[str, Any]) -> None:
    (corpus,) = params([remote(kind, **keys)]).download.corpora
    assert corpus.kind == kind


@pytest.mark.parametrize("kind", [Generated, Local, Url, Opus, Mtdata, HuggingFace])
def test_every_key_of_every_kind_stands_in_the_documentation(kind: type[Block]) -> None:
    text = (Path(__file__).parents[2] / "docs" / "corpora.md").read_text(encoding="utf-8")
    keys = {key for code in re.findall(r"`([^`]+)`", text) for key in re.findall(r"\w+", code)}
    assert set(kind.model_fields) - {"kind"} <= keys


BAD = [
    ("url", {"target": ...}, "give either `source` and `target`, or `table`, or `file`"),
    ("url", {"table": "https://a/x.tsv"}, "give either"),
    ("url", {"source": "x.en"}, "'x.en' is not a URL"),
    ("url", {"source": "file:///etc/passwd"}, "is not a URL"),
    ("url", {"archive": "https://a/x.zip"}, "is not the name of a member of `archive`"),
    ("url", {"archive": "x.zip", "source": "a", "target": "b"}, "archive"),
    ("url", {"sha256": {"https://a/other": SUM}}, "URLs that the corpus does not fetch: https://a/other"),
    ("url", {"sha256": {"https://a/x.en": "short"}}, "should match pattern"),
    ("url", {"sha256": {"https://a/x.en": SUM}, "follow": True}, "give one of them"),
    ("url", {"source": ..., "target": ..., "file": "https://a/x?y"}, "tells no format"),
    ("url", {"columns": [1, 2]}, "`columns` goes with `table`"),
    ("url", {"source": ..., "target": ..., "table": "https://a/x.tsv", "columns": [0, 1]}, "columns"),
    ("url", {"archive": "https://a/x y.zip", "source": "a", "target": "b"}, "should match pattern"),
    ("opus", {"corpus": "../etc"}, "should match pattern"),
    ("opus", {"version": "v1/../../x"}, "should match pattern"),
    ("opus", {"languages": ["en"]}, "at least 2"),
    ("opus", {"languages": ["en", "zh;rm"]}, "should match pattern"),
    ("opus", {"api": "file:///x"}, "should match pattern"),
    ("mtdata", {"id": "only-three-parts"}, "should match pattern"),
    ("mtdata", {"id": "--help-a-b-c"}, "should match pattern"),
    ("huggingface", {"dataset": "../x/y"}, "should match pattern"),
    ("huggingface", {"source": "english"}, "give both columns"),
    ("huggingface", {"trust_remote_code": True}, "not permitted"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "keys", "said"), BAD)
def test_every_kind_of_mistake_is_named(kind: str, keys: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        params([remote(kind, **keys)])
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("deadline_s", 0.0), ("deadline_s", float("inf")), ("idle_timeout_s", -1.0), ("attempts", 0), ("attempts", 21),
        ("backoff_s", -0.1), ("max_wait_s", 4000.0), ("parallel", 0), ("parallel", 33), ("max_bytes", 0),
        ("allow_private_addresses", "yes"), ("jitter", 1.0),
    ],
)  # fmt: skip
def test_the_bounds_of_the_network_are_bounded_themselves(key: str, value: object) -> None:
    good = params().download.network.model_dump()
    with pytest.raises(ValidationError, match=key):
        Network.model_validate({**good, key: value})
