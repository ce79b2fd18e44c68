"""The catalogue of https://opus.nlpl.eu: which version of a corpus is the latest, and where its Moses archive lies.

The API answers ``?corpus=…&source=…&target=…&preprocessing=moses&version=…`` with a list of entries; ``url`` of one
ends in ``OPUS-CORPUS/VERSION/moses/A-B.txt.zip``, and the archive holds ``CORPUS.A-B.A``, ``CORPUS.A-B.B``, mostly
``LICENSE`` and ``README``. A-B is in the order of OPUS, not of the question. Codes are case-sensitive and differ by
corpus: zh, zh_cn, zh_CN, zh_TW, zhs …
"""

from typing import Any
from urllib.parse import urlencode, urlsplit

from seqline.errors import CorpusError, SeqlineError
from seqline.fetching.asking import ask
from seqline.params.network import Network
from seqline.params.remote import Opus, Url

_SUFFIX = ".txt.zip"


def question(corpus: Opus, languages: tuple[str, str]) -> str:
    """The URL that asks for a corpus; sides are given in the order of OPUS, so that both ways ask the same."""
    first, second = sorted(codes(corpus, languages))
    query = {
        "corpus": corpus.corpus, "source": first, "target": second, "preprocessing": "moses",
        "version": corpus.version,
    }  # fmt: skip
    return f"{corpus.api}?{urlencode(query)}"


def look_up(corpus: Opus, languages: tuple[str, str], policy: Network) -> dict[str, str]:
    """What OPUS answers: ``version`` and ``url`` of the archive.

    Raises:
        CorpusError: it has no such corpus, version or pair of languages; the message names the codes that it has.
        InputError, FetchError: see :func:`seqline.fetching.transfer.fetch`.
    """
    asked = question(corpus, languages)
    entries = [entry for entry in _entries(ask(asked, policy), asked) if _fits(entry, corpus)]
    if len(entries) > 1:  # an API that does not heed `version=latest`
        entries = [entry for entry in entries if str(entry.get("latest")) == "True"] or entries
    if not entries:
        raise CorpusError(_none_found(corpus, languages, policy))
    return {"version": str(entries[0].get("version", "")), "url": str(entries[0].get("url", ""))}


def as_url(corpus: Opus, languages: tuple[str, str], answer: dict[str, str]) -> Url:
    """The corpus as an archive with two members.

    Raises:
        ValueError: the answer names no Moses archive of these languages.
    """
    source, target = codes(corpus, languages)
    archive = answer.get("url", "")
    pair = urlsplit(archive).path.rpartition("/")[2].removesuffix(_SUFFIX)
    if pair not in (f"{source}-{target}", f"{target}-{source}"):
        raise ValueError(f"{archive[:200]!r} is no Moses archive of {source} and {target}")
    return Url(
        kind="url",
        name=corpus.name,
        split=corpus.split,
        archive=archive,
        source=f"*.{pair}.{source}",
        target=f"*.{pair}.{target}",
        licence=corpus.licence,
        citation=corpus.citation,
        url="https://opus.nlpl.eu",
        sha256={archive: corpus.sha256} if corpus.sha256 else {},
    )


def codes(corpus: Opus, languages: tuple[str, str]) -> tuple[str, str]:
    """The codes of source and target in this corpus."""
    source, target = corpus.languages or languages
    return source, target


def _entries(document: Any, asked: str) -> list[dict[str, Any]]:
    found = document.get("corpora") if isinstance(document, dict) else None
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise CorpusError(f"{asked}: the answer has no list of `corpora`; is this the API of OPUS?")
    return found


def _fits(entry: dict[str, Any], corpus: Opus) -> bool:
    wanted = {"corpus": corpus.corpus, "preprocessing": "moses"}
    if corpus.version != "latest":
        wanted["version"] = corpus.version
    return all(entry.get(key) == value for key, value in wanted.items())


def _none_found(corpus: Opus, languages: tuple[str, str], policy: Network) -> str:
    source, target = codes(corpus, languages)
    said = f"{corpus.name}: OPUS has no {corpus.corpus} ({corpus.version}) in {source} and {target}"
    asked = f"{corpus.api}?{urlencode({'languages': 'True', 'corpus': corpus.corpus, 'source': source})}"
    try:
        found = ask(asked, policy)["languages"]
        others = ", ".join(sorted(str(code) for code in found)[:60])
    except (SeqlineError, LookupError, TypeError):
        others = ""
    if others:
        return f"{said}; with {source} it has {others}: name the right codes as `languages: [source, target]`"
    return f"{said}; look for corpus, version and codes at https://opus.nlpl.eu (all are case-sensitive)"
