"""Remote corpora made ready: looked up, fetched all together, and described for the manifest."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from seqline.corpus import formats
from seqline.corpus.remote import huggingface, reading, resolving
from seqline.corpus.row import Row
from seqline.corpus.source import Origin, Source, Splits
from seqline.fetching.pins import Pin, Pins
from seqline.fetching.store import Kept, Store, Wanted
from seqline.params.corpora import Remote
from seqline.params.network import Network
from seqline.params.remote import HuggingFace, Url
from seqline.workspace import Workspace

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Place:
    """A project, as far as its remote corpora need it; ``tell`` gets what is worth knowing although nothing failed."""

    work: Workspace
    languages: tuple[str, str]
    network: Network
    tell: Tell

    def pins(self) -> Pins:
        """The lock file as it is now."""
        return Pins(self.work.pins)


def gather(corpora: Sequence[Remote], place: Place) -> list[Source]:
    """Look up, fetch and check every corpus; what is here already, and right, is not fetched again.

    Raises:
        MismatchError: a file is not what is pinned.
        InputError: a corpus does not exist, or its URL must not be fetched.
        FetchError: the network or a server failed.
    """
    pins = place.pins()
    store = Store(place.work.downloads, pins, place.network, place.tell)
    for corpus in corpora:
        if not isinstance(corpus, Url):
            resolving.settle(corpus, place.languages, pins, place.network)
    blocks = [resolving.known(corpus, place.languages, pins) for corpus in corpora]
    kept = store.get_all([one for block in blocks if isinstance(block, Url) for one in wanted(block)])
    by_url = {file.url: file for file in kept}
    return [_source(corpus, block, by_url, store, place) for corpus, block in zip(corpora, blocks, strict=True)]


def wanted(corpus: Url) -> list[Wanted]:
    """Every file that a corpus fetches."""
    return [Wanted(url, corpus.sha256.get(url), corpus.follow) for url in corpus.urls()]


def pinned(corpus: Remote, place: Place) -> dict[str, str]:
    """The sums that the files of a corpus must have, by URL, nobody being asked; "": not known yet.

    Raises:
        ArtifactError, CorpusError: the lock file makes no sense.
    """
    pins = place.pins()
    block = resolving.known(corpus, place.languages, pins)
    if isinstance(block, Url):
        return {one.url: one.sha256 or _sum(pins, one.url) for one in wanted(block)}
    if isinstance(corpus, HuggingFace) and block is not None:
        url = huggingface.url(corpus, place.languages, block)
        return {url: _sum(pins, url)}
    return {corpus.name: ""}


def _sum(pins: Pins, url: str) -> str:
    pin = pins.file(url)
    return pin.sha256 if pin else ""


def _source(corpus: Remote, block: Url | str | None, files: Mapping[str, Kept], store: Store, place: Place) -> Source:
    if isinstance(block, Url):
        return _from_urls(corpus, block, files, place)
    assert isinstance(corpus, HuggingFace)
    assert block is not None
    return _from_hub(corpus, block, store, place)


def _from_urls(corpus: Remote, block: Url, files: Mapping[str, Kept], place: Place) -> Source:
    own = {url: files[url] for url in block.urls()}
    paths = {url: file.path for url, file in own.items()}
    scratch = place.work.unpacked(f"{corpus.name}.{corpus.split}")
    licence = block.licence or reading.licence(paths[block.urls()[0]], scratch) or "unknown"
    origin = Origin(licence, block.url, block.citation)
    return _ready(corpus, own, origin, partial(reading.read, block, paths, place.languages, scratch))


def _from_hub(corpus: HuggingFace, commit: str, store: Store, place: Place) -> Source:
    url = huggingface.url(corpus, place.languages, commit)
    file = store.make(url, partial(huggingface.export, corpus, place.languages, commit))
    page = f"https://huggingface.co/datasets/{corpus.dataset}"
    origin = Origin(corpus.licence, page, corpus.citation)
    rows = partial(formats.read, file.path, place.languages, "jsonl", huggingface.KEYS)
    return _ready(corpus, {url: file}, origin, rows)


def _ready(corpus: Remote, own: Mapping[str, Kept], origin: Origin, rows: Callable[[], Iterator[Row]]) -> Source:
    def read() -> Splits:
        yield corpus.split, rows()

    pins = {url: file.pin for url, file in own.items()}
    origin = replace(
        origin,
        date=max(pin.date for pin in pins.values()),
        bytes=sum(pin.bytes for pin in pins.values()),
        fetched={url: _fetched(pin) for url, pin in pins.items()},
    )
    return Source(corpus, {url: pin.sha256 for url, pin in pins.items()}, origin, read)


def _fetched(pin: Pin) -> dict[str, Any]:
    return {"final_url": pin.final_url, "date": pin.date, "bytes": pin.bytes}
