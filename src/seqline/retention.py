"""Which old versions may go from the registry.

Never one with an alias or that a rollback would bring back, whatever its age; never one of the newest; never the one
that ``register`` last registered, which is judged next; and never one that was rolled back: its mark is what keeps the
same content from coming back.
"""

from collections.abc import Sequence

from seqline import succession
from seqline.errors import MissingError
from seqline.files import read_json
from seqline.params import Params
from seqline.promotion import models
from seqline.types import Registry, Version
from seqline.workspace import Workspace


def retirable(work: Workspace, versions: Sequence[Version], keep: int) -> list[Version]:
    """Those that may go, oldest first, where ``keep`` of the newest stay in any case."""
    newest = {version.number for version in sorted(versions, key=lambda version: version.number)[-keep:]}
    registered, back = _last_registered(work), succession.way_back(versions)
    return [
        version
        for version in versions
        if not version.aliases
        and version.number not in newest
        and version.tags.get("content_hash") != registered
        and version != back
        and not succession.is_rolled_back(version)
    ]


def retire(work: Workspace, params: Params, registry: Registry, keep: int) -> list[Version]:
    """Remove what may go, and return it; a second time there is nothing.

    Nothing else gives an alias to a version that may go, so none can lose one here.

    Raises:
        MissingError: nothing is registered yet.
        InputError: a version got an alias meanwhile; those before it are gone.
    """
    old = retirable(work, models(params, registry), keep)
    for version in old:
        registry.retire(version.name, version.number)
    return old


def _last_registered(work: Workspace) -> str | None:
    try:
        return str(read_json(work.reports / "register.json")["content_hash"])
    except MissingError:
        return None
