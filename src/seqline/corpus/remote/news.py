"""What the sources of remote corpora have to say since they were pinned: one question per file and per catalogue."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from seqline.corpus.remote import resolving
from seqline.corpus.remote.sources import Place, wanted
from seqline.errors import SeqlineError
from seqline.fetching import freshness, parallel
from seqline.fetching.pins import Pins
from seqline.fetching.store import Wanted
from seqline.params.corpora import Remote
from seqline.params.remote import HuggingFace, Opus, Url

_COMMIT_DIGITS = 40


@dataclass(frozen=True)
class _News:
    """A sentence; ``is_reason``: a reason to fetch again."""

    sentence: str
    is_reason: bool = False


def look(corpora: Sequence[Remote], place: Place) -> list[str]:
    """Sentences about files that are followed and have new content.

    What is worth knowing but no reason to fetch again goes to ``place.tell``: other content than what is pinned, a
    newer version, a server that does not answer.
    """
    pins = place.pins()
    jobs: dict[str, Callable[[], _News | None]] = {}
    for corpus in corpora:
        jobs |= {f"{corpus.name} {one.url}": partial(_content, one, place, pins) for one in _files(corpus, place, pins)}
        if not isinstance(corpus, Url) and _may_move(corpus):
            jobs[f"{corpus.name} {corpus.split}"] = partial(_version, corpus, place, pins)
    found = [news for news in parallel.run(jobs, place.network.parallel, threading.Event()).values() if news]
    for news in found:
        if not news.is_reason:
            place.tell(news.sentence)
    return list(dict.fromkeys(news.sentence for news in found if news.is_reason))


def _files(corpus: Remote, place: Place, pins: Pins) -> list[Wanted]:
    block = resolving.known(corpus, place.languages, pins)
    return wanted(block) if isinstance(block, Url) else []


def _may_move(corpus: resolving.Catalogued) -> bool:
    """Whether the params leave it to the catalogue which version is meant."""
    if isinstance(corpus, Opus):
        return corpus.version == "latest"
    return isinstance(corpus, HuggingFace) and len(corpus.revision) != _COMMIT_DIGITS


def _version(corpus: resolving.Catalogued, place: Place, pins: Pins) -> _News | None:
    asked = resolving.question(corpus, place.languages)
    known = pins.answer(asked)
    if known is None:
        return None  # not pinned yet, which is a reason by itself
    try:
        now = resolving.look_up(corpus, place.languages, place.network)
    except SeqlineError as error:
        return _News(f"{corpus.name}: whether there is a newer version, nobody could say ({error})")
    if now == known:
        return None
    newer, older = (", ".join(one.values()) for one in (now, known))
    way_out = f"to move on, take {asked} out of {pins.path.name}"
    return _News(f"{corpus.name}: there is {newer}, pinned is {older}; {way_out}")


def _content(one: Wanted, place: Place, pins: Pins) -> _News | None:
    pin = pins.file(one.url)
    if pin is None:
        return None
    try:
        state = freshness.state(one.url, pin, place.network)
    except SeqlineError as error:
        return _News(f"whether it changed, nobody could say: {error}")
    match state, one.follow:
        case "changed", True:
            return _News(f"{one.url} changed", is_reason=True)
        case "changed", False:
            way_out = f"to take it, remove the pin from {_where(one, pins)}"
            return _News(f"{one.url}: other content by now than what is pinned and used; {way_out}")
        case "unknown", True:
            return _News(f"{one.url}: the server names no version, so only fetching it could tell whether it changed")
    return None


def _where(one: Wanted, pins: Pins) -> str:
    return "params.yaml" if one.sha256 else pins.path.name
