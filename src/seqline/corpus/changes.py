"""Whether the raw data still stand for the corpora they came from."""

from collections.abc import Callable
from typing import Any

from seqline import files
from seqline.corpus import load
from seqline.errors import ArtifactError, CorpusError, MissingError
from seqline.params import Params
from seqline.params.corpora import Corpus, Remote, splits
from seqline.workspace import Workspace


def changed(params: Params, work: Workspace) -> list[str]:
    """Plain sentences about what differs between the raw data and the corpora they came from; empty: nothing.

    It looks at the bytes of local files and at what is pinned for those from the network, which the graph does not
    watch; nobody is asked.
    """
    try:
        known = files.manifest(work.raw)["corpora"]
    except MissingError:
        return ["no corpus was read yet"]
    before = {(entry["name"], entry["split"]): entry["inputs"] for entry in known}
    now = {(corpus.name, split): corpus for corpus in params.download.corpora for split in splits(corpus)}
    gone = sorted(before.keys() - now.keys())
    said = [f"{name} ({split}) is no longer among the corpora" for name, split in gone]
    for (name, split), corpus in now.items():
        if (name, split) not in before:
            said.append(f"{name} ({split}) was not read yet")
        else:
            said += [f"{name} ({split}): {what}" for what in _differences(before[name, split], corpus, params, work)]
    return said


def news(params: Params, work: Workspace, tell: Callable[[str], None]) -> list[str]:
    """The same of content that the params ask to follow; each file from the network is asked about once.

    ``tell`` gets what is no reason to fetch anything again: other content than what is pinned, a newer version, a
    server that does not answer.
    """
    corpora = [corpus for corpus in params.download.corpora if isinstance(corpus, Remote)]
    if not corpora:
        return []
    from seqline.corpus.remote import news, sources

    return news.look(corpora, sources.Place(work, params.project.languages, params.download.network, tell))


def _differences(before: dict[str, Any], corpus: Corpus, params: Params, work: Workspace) -> list[str]:
    try:
        now = _sums(corpus, params, work)
    except (CorpusError, ArtifactError) as error:
        return [str(error)]
    if unknown := [name for name, digest in now.items() if not digest]:
        return [f"{name} is not pinned yet" for name in unknown]
    new = [f"{name} is new" for name in now if name not in before]
    gone = [f"{name} is gone" for name in before if name not in now]
    return new + gone + [f"{name} changed" for name in now if name in before and now[name] != before[name]]


def _sums(corpus: Corpus, params: Params, work: Workspace) -> dict[str, str]:
    if not isinstance(corpus, Remote):
        return load.fingerprint(corpus, work.root)
    from seqline.corpus.remote import sources

    place = sources.Place(work, params.project.languages, params.download.network, lambda sentence: None)
    return sources.pinned(corpus, place)
