"""Datasets of https://huggingface.co, through the package ``datasets``; code that a dataset brings is never run.

The rows of a commit are written once as JSON Lines among the downloads, where they are pinned and checked like any
file. The hub's own package does the fetching, so ``download.network`` does not bind it.
"""

import json
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from seqline.corpus.remote.optional import load
from seqline.errors import CorpusError, FetchError
from seqline.params.remote import HuggingFace

KEYS = ("source", "target")
"""Of the two sides in the JSON Lines."""


def question(corpus: HuggingFace) -> str:
    """Where the state of a dataset lies; what it is answered with is a commit."""
    return f"https://huggingface.co/datasets/{corpus.dataset}/tree/{corpus.revision}"


def look_up(corpus: HuggingFace) -> dict[str, str]:
    """The commit that the revision stands for now.

    Raises:
        MissingError: the package ``datasets`` is not installed.
        FetchError: the hub does not answer, or does not give the dataset.
    """
    _library()
    hub = load("huggingface_hub", "huggingface")  # comes with datasets
    try:
        info = hub.HfApi(token=False).dataset_info(corpus.dataset, revision=corpus.revision, timeout=30.0)
    except Exception as error:  # whatever its many layers raise
        raise _failed(corpus, error) from None
    return {"commit": str(info.sha)}


def url(corpus: HuggingFace, languages: tuple[str, str], commit: str) -> str:
    """A name for the rows of one split at one commit, read with these columns."""
    source, target = columns(corpus, languages)
    place = f"https://huggingface.co/datasets/{corpus.dataset}/tree/{commit}"
    return f"{place}#{corpus.config or 'default'}/{corpus.hf_split}:{source},{target}"


def columns(corpus: HuggingFace, languages: tuple[str, str]) -> tuple[str, str]:
    """The two columns, as a path into a row: ``en``, or ``translation.en``."""
    if corpus.source and corpus.target:
        return corpus.source, corpus.target
    source, target = corpus.languages or languages
    return f"translation.{source}", f"translation.{target}"


def export(corpus: HuggingFace, languages: tuple[str, str], commit: str, path: Path) -> None:
    """Fetch the rows and write them as JSON Lines.

    Raises:
        CorpusError: there is no such config, split or column.
        FetchError: the hub does not give the dataset.
    """
    datasets, cache = _library(), path.with_name(f"{path.name}.cache")
    try:
        rows = datasets.load_dataset(
            corpus.dataset, corpus.config, split=corpus.hf_split, revision=commit, cache_dir=str(cache), token=False
        )
        write(rows, columns(corpus, languages), f"{corpus.name}: {corpus.dataset}", path)
    except ValueError as error:  # an unknown config or split
        raise CorpusError(f"{corpus.name}: {corpus.dataset}: {_one_line(error)}") from None
    except CorpusError:
        raise
    except Exception as error:  # whatever its many layers raise
        raise _failed(corpus, error) from None
    finally:
        shutil.rmtree(cache, ignore_errors=True)


def write(rows: Iterable[Mapping[str, Any]], places: tuple[str, str], name: str, path: Path) -> None:
    """Write the two sides of each row as a line of JSON; a side that is empty stays in its place.

    Raises:
        CorpusError: a row has no such column, or no text in it.
    """
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        for number, row in enumerate(rows, 1):
            sides = [_side(row, place, f"{name}: row {number}") for place in places]
            stream.write(json.dumps(dict(zip(KEYS, sides, strict=True)), ensure_ascii=False) + "\n")
        stream.flush()
        os.fsync(stream.fileno())


def _side(row: Mapping[str, Any], place: str, where: str) -> str:
    value: Any = row
    for part in [place] if place in row else place.split("."):
        if not isinstance(value, Mapping) or part not in value:
            known = ", ".join(map(str, value)) if isinstance(value, Mapping) else type(value).__name__
            raise CorpusError(f"{where}: no column {place}; there is {known}: name them as `source` and `target`")
        value = value[part]
    if value is None:
        return ""
    if not isinstance(value, str):
        raise CorpusError(f"{where}: column {place} holds {type(value).__name__}, not text")
    return value


def _library() -> Any:
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")  # read when it is imported
    return load("datasets", "huggingface")


def _failed(corpus: HuggingFace, error: Exception) -> FetchError:
    return FetchError(f"{corpus.name}: {corpus.dataset} does not come from the hub: {_one_line(error)}")


def _one_line(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
