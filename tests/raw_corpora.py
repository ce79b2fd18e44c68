"""Corpora for tests: files on disk, and the params and job that read them."""

import bz2
import gzip
import lzma
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from ruamel.yaml import YAML

from seqline.params import Params
from seqline.stages.job import Job
from seqline.workspace import Workspace

PARAMS = Path(__file__).parents[1] / "params.yaml"


def params(sources: Sequence[dict[str, Any]] | None = None, **clean: Any) -> Params:
    """The project's own params with other corpora, and with the given keys of blocks of ``clean`` changed."""
    content = YAML(typ="safe", pure=True).load(PARAMS.read_text(encoding="utf-8"))
    if sources is not None:
        content["download"]["corpora"] = list(sources)
    for block, changes in clean.items():
        content["clean"][block] = changes and {**(content["clean"].get(block) or {}), **changes}
    return Params.model_validate(content)


def local(split: str = "train", name: str = "tiny", **keys: Any) -> dict[str, Any]:
    """A local corpus of two files, ``SPLIT.en`` and ``SPLIT.zh``, unless the keys say otherwise."""
    files = {} if keys.keys() & {"table", "file"} else {"source": f"{split}.en", "target": f"{split}.zh"}
    return {"kind": "local", "name": name, "split": split, **files, **keys}


def job(root: Path, sources: Sequence[dict[str, Any]] | None = None, **clean: Any) -> Job:
    """A job in a workspace at ``root``."""
    return Job(params=params(sources, **clean), work=Workspace(root))


def write_pairs(root: Path, split: str, pairs: Sequence[tuple[str, str]]) -> None:
    """Write ``SPLIT.en`` and ``SPLIT.zh``."""
    for index, language in enumerate(("en", "zh")):
        text = "".join(f"{pair[index]}\n" for pair in pairs)
        (root / f"{split}.{language}").write_text(text, encoding="utf-8", newline="")


def compressed(data: bytes, how: str) -> bytes:
    """The bytes as they are (``plain``), or packed by one of :data:`COMPRESSIONS`."""
    return data if how == "plain" else COMPRESSIONS[how](data)


def zstd(data: bytes) -> bytes:
    """One zstd frame."""
    packed = pa.compress(data, codec="zstd", asbytes=True)
    assert isinstance(packed, bytes)
    return packed


COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "xz": lzma.compress,
    "bzip2": bz2.compress,
    "zstd": zstd,
}
