"""Which of the texts in a record are source and target, by the language codes that the file gives them."""

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

from seqline.errors import CorpusError

Languages = tuple[str, str]

_SCRIPT_OF_REGION: Final = {"cn": "hans", "sg": "hans", "my": "hans", "tw": "hant", "hk": "hant", "mo": "hant"}
_MAX_CODES = 20
"""Codes remembered for an error message; a hostile file could invent millions."""


class Sides:
    """Picks source and target out of every record of a file, and knows at its end whether it ever found them."""

    def __init__(self, path: Path, languages: Languages) -> None:
        self._path, self._languages = path, languages
        self._found, self._codes = [False, False], dict[str, None]()

    def pick(self, texts: Sequence[tuple[str, str]]) -> tuple[str, str]:
        """The source and target among a record's texts, each with its code; a side that is not there is empty.

        The very code wins (``zh-CN`` for ``zh-CN``), then the first that means the language (``zh-TW`` for ``zh``).
        """
        for code, _ in texts:
            if len(self._codes) < _MAX_CODES:
                self._codes[code] = None
        return self._side(0, texts), self._side(1, texts)

    def check(self) -> None:
        """Say, once the file is read, that a language is nowhere in it.

        Raises:
            CorpusError: no record had a text in one of the languages; or there was no record.
        """
        if not self._codes:
            raise CorpusError(f"{self._path}: no translation unit stands in it")
        for language, found in zip(self._languages, self._found, strict=True):
            if not found:
                codes = ", ".join(repr(code[:40]) for code in self._codes)
                way_out = "name the file's own codes under `languages:`"
                raise CorpusError(f"{self._path}: nothing is in {language!r}; languages found: {codes}; {way_out}")

    def _side(self, side: int, texts: Sequence[tuple[str, str]]) -> str:
        wanted = self._languages[side]
        meant = [(code, text) for code, text in texts if means(code, wanted)]
        if not meant:
            return ""
        self._found[side] = True
        return next((text for code, text in meant if _subtags(code) == _subtags(wanted)), meant[0][1])


@lru_cache(maxsize=256)
def means(code: str, wanted: str) -> bool:
    """Whether a code in a file names the wanted language.

    ``en-US``, ``en_GB`` and ``EN`` mean ``en``; ``zh-CN`` means ``zh`` and ``zh_Hans``, not ``zh_Hant``.
    """
    found, asked = _subtags(code), _subtags(wanted)
    if not found or not asked or found[0] != asked[0]:
        return False
    return {*asked[1:]} <= {*found[1:], *_implied(found)}


def _implied(subtags: tuple[str, ...]) -> set[str]:
    """The script that a Chinese code without one implies by its region."""
    if subtags[0] != "zh" or {"hans", "hant"} & {*subtags}:
        return set()
    return {_SCRIPT_OF_REGION[part] for part in subtags[1:] if part in _SCRIPT_OF_REGION}


@lru_cache(maxsize=256)
def _subtags(code: str) -> tuple[str, ...]:
    """``zh-Hans_CN.UTF-8@x`` as ``("zh", "hans", "cn")``."""
    return tuple(part for part in re.split(r"[-_]", re.split(r"[.@]", code.strip().lower())[0]) if part)
