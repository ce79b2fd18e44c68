"""The index of https://github.com/thammegowda/mtdata: which URLs and members make up a dataset.

Only its index is used. Its own downloads go on without checking certificates where a check fails, and its readers
end lines at a lone carriage return; ours do neither. It runs in a process of its own, in an empty folder, because
importing it sets up logging, and its cached index is a pickle in the home folder.
"""

import json
import os
import subprocess
import sys
import tempfile
from typing import Any

from seqline.corpus.remote.optional import require
from seqline.errors import CorpusError, FetchError
from seqline.params.remote import Mtdata, Url

_TIMEOUT_S = 300.0
_PLAIN = ("txt", "txt.gz", "txt.xz")
_TABLES = ("tsv", "tsv.gz", "tsv.xz")
_FILES = ("tmx", "tmx.gz")
_ARCHIVES = ("zip", "tar", "tar.gz", "tgz")
_INDEX = """
import json, sys
from mtdata.entry import BCP47Tag, DatasetId
from mtdata.index import Index
from mtdata.iso.bcp47 import bcp47
name, *languages = sys.argv[1:]
index = Index()
index.load_all()
entry = index.entries.get(DatasetId.parse(name))
if entry is None:
    group, title = name.split("-")[:2]
    near = [str(did) for did in index.entries if (did.group, did.name) == (group, title)]
    said = {"near": sorted(near)[:10]}
else:
    fits, swapped = BCP47Tag.check_compat_swap(tuple(map(bcp47, languages)), entry.did.langs)
    said = {key: getattr(entry, key) for key in ("url", "ext", "in_paths", "in_ext", "cols")}
    said |= {"fits": bool(fits), "swapped": swapped, "cite": entry.cite and "; ".join(
        index.ref_db.get_bibtex(key) for key in entry.cite)}
print("\\n" + json.dumps(said))
"""


def question(corpus: Mtdata, languages: tuple[str, str]) -> str:
    """A name for what is looked up."""
    return f"mtdata:{corpus.id}:{'-'.join(languages)}"


def look_up(corpus: Mtdata, languages: tuple[str, str]) -> dict[str, str]:
    """What the index says, as keys of a `url` corpus.

    Raises:
        MissingError: mtdata is not installed.
        CorpusError: it has no such dataset, not in these languages, or in a format that is not read.
    """
    require("mtdata", "mtdata")
    entry = _entry(corpus.id, languages)
    if "near" in entry:
        near = f"; near to it: {', '.join(entry['near'])}" if entry["near"] else ""
        raise CorpusError(f"{corpus.name}: mtdata has no dataset {corpus.id}{near} (`mtdata list` shows all)")
    if not entry["fits"]:
        raise CorpusError(f"{corpus.name}: {corpus.id} is not in {' and '.join(languages)}")
    if found := _keys(entry):
        return found | ({"citation": " ".join(entry["cite"].split())[:2000]} if entry["cite"] else {})
    kind = entry["in_ext"] or entry["ext"]
    way_out = "say kind: huggingface" if kind == "hfds" else "convert it with `mtdata get` and use kind: local"
    raise CorpusError(f"{corpus.name}: {corpus.id} comes as {kind}, which is not read; {way_out}")


def as_url(corpus: Mtdata, answer: dict[str, str]) -> Url:
    """The dataset as a corpus by URL."""
    keys: dict[str, Any] = dict(answer)
    if "columns" in keys:
        keys["columns"] = [int(column) for column in answer["columns"].split(",")]
    page = "https://github.com/thammegowda/mtdata"
    return Url(kind="url", name=corpus.name, split=corpus.split, licence=corpus.licence, url=page, **keys)


def _entry(name: str, languages: tuple[str, str]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="seqline-") as folder:
        command = [sys.executable, "-I", "-c", _INDEX, name, *languages]
        environment = {**os.environ, "MTDATA": folder}
        try:
            done = subprocess.run(
                command, cwd=folder, env=environment, capture_output=True, timeout=_TIMEOUT_S, text=True
            )
        except subprocess.TimeoutExpired:
            raise FetchError(f"mtdata did not load its index within {_TIMEOUT_S:g} s; try again") from None
    if done.returncode:
        reason = (done.stderr.strip() or "it ended without a word").rpartition("\n")[2]
        raise CorpusError(f"mtdata does not take {name} with {' and '.join(languages)}: {reason[:300]}")
    content: dict[str, Any] = json.loads(done.stdout.strip().rpartition("\n")[2])
    return content


def _keys(entry: dict[str, Any]) -> dict[str, str]:
    """An entry as keys of a `url` corpus; nothing where it has a shape that is not read."""
    urls = entry["url"] if isinstance(entry["url"], list) else [entry["url"]]
    archive = {"archive": urls[0]} if entry["ext"] in _ARCHIVES else {}
    names = entry["in_paths"] or [] if archive else urls
    form = (entry["in_ext"] if archive else entry["in_ext"] or entry["ext"]) or ""
    if len(names) == 2 and form in _PLAIN:
        source, target = reversed(names) if entry["swapped"] else names
        return {**archive, "source": source, "target": target}
    if len(names) == 1 and form in _TABLES:
        columns = [str(column + 1) for column in entry["cols"] or (0, 1)]
        return {**archive, "table": names[0], "columns": ",".join(reversed(columns) if entry["swapped"] else columns)}
    if len(names) == 1 and form in _FILES:
        return {**archive, "file": names[0], "format": "tmx"}
    return {}
