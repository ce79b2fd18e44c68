"""From what params.yaml calls a corpus to what is fetched: as the lock file answers, or its catalogue, asked once."""

from seqline.corpus.remote import huggingface, mtdata, opus
from seqline.errors import CorpusError
from seqline.fetching.pins import Pins
from seqline.params.corpora import Remote
from seqline.params.network import Network
from seqline.params.remote import HuggingFace, Mtdata, Opus, Url

Catalogued = Opus | Mtdata | HuggingFace
Languages = tuple[str, str]


def question(corpus: Catalogued, languages: Languages) -> str:
    """What is asked, as the lock file names it."""
    match corpus:
        case Opus():
            return opus.question(corpus, languages)
        case Mtdata():
            return mtdata.question(corpus, languages)
        case HuggingFace():
            return huggingface.question(corpus)


def look_up(corpus: Catalogued, languages: Languages, network: Network) -> dict[str, str]:
    """What the catalogue answers now.

    Raises:
        SeqlineError: it does not answer, or has no such corpus.
    """
    match corpus:
        case Opus():
            return opus.look_up(corpus, languages, network)
        case Mtdata():
            return mtdata.look_up(corpus, languages)
        case HuggingFace():
            return huggingface.look_up(corpus)


def settle(corpus: Catalogued, languages: Languages, pins: Pins, network: Network) -> None:
    """See to it that the lock file has an answer for a corpus; one that makes no sense is not kept.

    Raises:
        SeqlineError: see :func:`look_up`.
    """
    asked = question(corpus, languages)
    if pins.answer(asked) is None:
        found = look_up(corpus, languages, network)
        _understood(corpus, languages, found)
        pins.keep_answer(asked, found)


def known(corpus: Remote, languages: Languages, pins: Pins) -> Url | str | None:
    """What a corpus stands for, nobody being asked: URLs, or a commit of the hub. None: the lock file does not say.

    Raises:
        CorpusError: the answer in the lock file makes no sense: it was edited.
    """
    if isinstance(corpus, Url):
        return corpus
    found = pins.answer(question(corpus, languages))
    return None if found is None else _understood(corpus, languages, found)


def _understood(corpus: Catalogued, languages: Languages, found: dict[str, str]) -> Url | str:
    try:
        return _meaning(corpus, languages, found)
    except (ValueError, TypeError, KeyError) as error:
        said = f"the answer to {question(corpus, languages)} makes no sense ({' '.join(str(error).split())[:300]})"
        raise CorpusError(f"{corpus.name}: {said}; if it stands in corpora.lock.json, take it out") from None


def _meaning(corpus: Catalogued, languages: Languages, found: dict[str, str]) -> Url | str:
    match corpus:
        case Opus():
            return opus.as_url(corpus, languages, found)
        case Mtdata():
            return mtdata.as_url(corpus, found)
        case HuggingFace():
            return found["commit"]
