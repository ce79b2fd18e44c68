"""Simplified and traditional Chinese characters, after the tables of OpenCC."""

from functools import cache
from typing import Literal

Variety = Literal["simplified", "traditional"]
_UNIFIED_HAN = range(0x4E00, 0xA000)


@cache
def characters_only_in(variety: Variety) -> str:
    """The characters that one variety writes and the other does not, in code-point order.

    A character counts where OpenCC converts it to another one and the national standard of the other variety (GB 2312,
    Big5) lacks it. So what both write in some word (里, 后, 乾, …) says nothing, and a line of shared characters
    belongs to both varieties.
    """
    # Imported here: loading its dictionaries takes 0.1 s, which a corpus without Chinese need not pay.
    from opencc import OpenCC

    conversion, other_standard = ("s2t", "big5") if variety == "simplified" else ("t2s", "gb2312")
    convert = OpenCC(conversion).convert
    candidates = (character for character in map(chr, _UNIFIED_HAN) if convert(character) != character)
    return "".join(character for character in candidates if not _can_write(other_standard, character))


def _can_write(standard: str, character: str) -> bool:
    try:
        character.encode(standard)
    except UnicodeEncodeError:
        return False
    return True
