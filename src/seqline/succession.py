"""Who is champion: the one place where aliases move. C is champion, P was before it, N comes.

    champion = C, previous = P
    C's tag ``gate.previous`` = P        the alias is overwritten next
    champion = C, previous = C           begun: the way back from C is its tag
    champion = N, previous = C           done, in one move of one alias

A kill anywhere leaves the old champion or the new one, with a way back from either; asking again ends the same. So a
rollback never undoes a rollback: whoever repeats it because no answer came, or because a colleague had the same
thought, must not bring the bad version back.
"""

from collections.abc import Sequence

from seqline.errors import MissingError
from seqline.resolving import CHALLENGER, CHAMPION, PREVIOUS, find
from seqline.types import Registry, Version

DECISION, ROLLED_BACK = "gate.decision", "rolled back"
_RESTORED, _WAY_BACK = "restored", "gate.previous"


def holder(versions: Sequence[Version], alias: str) -> Version | None:
    """The version that an alias points to."""
    return next((one for one in versions if alias in one.aliases), None)


def way_back(versions: Sequence[Version]) -> Version | None:
    """The version that a rollback would bring back; None where there is none."""
    previous = holder(versions, PREVIOUS)
    if previous is None or CHAMPION not in previous.aliases:
        return previous
    return next((one for one in versions if str(one.number) == previous.tags.get(_WAY_BACK)), None)


def is_rolled_back(version: Version) -> bool:
    """Whether it was champion and was taken back: nothing that runs by itself promotes it again."""
    return version.tags.get(DECISION) == ROLLED_BACK


def crown(registry: Registry, versions: Sequence[Version], challenger: Version) -> None:
    """Make the challenger champion, and the champion among ``versions`` its previous one."""
    champion, back = holder(versions, CHAMPION), way_back(versions)
    if champion and back and is_rolled_back(champion):  # that was begun and never ended: nobody wants it back
        registry.set_alias(challenger.name, PREVIOUS, back.number)
        registry.set_alias(challenger.name, CHAMPION, challenger.number)
    else:
        _move(registry, versions, challenger)
    registry.remove_alias(challenger.name, CHALLENGER)


def rollback(registry: Registry, name: str) -> str:
    """Make the previous champion champion again, and return what came of it in one line.

    The version that goes is marked, so that no scheduled promotion brings it back. A second time nothing happens.

    Raises:
        MissingError: there is no champion, or nothing to go back to.
    """
    champion, target, versions = _both(registry, name)
    if is_rolled_back(target):
        undo = "`seqline rollback --undo` brings it back"
        return f"{name}: version {champion.number} is champion already; version {target.number} was rolled back, {undo}"
    registry.tag(name, champion.number, {DECISION: ROLLED_BACK})
    registry.tag(name, target.number, {DECISION: _RESTORED})
    _move(registry, versions, target)
    return f"{name}: version {target.number} is champion again"


def undo(registry: Registry, name: str) -> str:
    """Make a version that was rolled back champion again, and return what came of it in one line.

    Raises:
        MissingError: there is no champion, or nothing was rolled back.
    """
    champion, target, versions = _both(registry, name)
    if is_rolled_back(target):
        _move(registry, versions, target)
        champion = target
    elif not is_rolled_back(champion):  # else a rollback, or this, was interrupted
        return f"{name}: nothing to undo; version {champion.number} is champion"
    registry.tag(name, champion.number, {DECISION: _RESTORED})
    return f"{name}: version {champion.number} is champion again"


def _both(registry: Registry, name: str) -> tuple[Version, Version, list[Version]]:
    """The champion, where the way back leads, and all versions."""
    champion = find(registry, f"models:/{name}@{CHAMPION}")
    versions = registry.versions(name)
    target = way_back(versions)
    if target is None:
        raise MissingError(f"{name}: no previous champion to go back to; version {champion.number} stays champion")
    return champion, target, versions


def _move(registry: Registry, versions: Sequence[Version], target: Version) -> None:
    if champion := holder(versions, CHAMPION):
        back = way_back(versions)
        registry.tag(champion.name, champion.number, {_WAY_BACK: str(back.number) if back else ""})
        registry.set_alias(champion.name, PREVIOUS, champion.number)
    registry.set_alias(target.name, CHAMPION, target.number)
