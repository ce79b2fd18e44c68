"""Which Chinese it is: simplified or traditional characters, after the tables of OpenCC, and written Cantonese."""

from functools import cache
from typing import Final, Literal

Variety = Literal["simplified", "traditional"]
_UNIFIED_HAN: Final = range(0x4E00, 0xA000)

_TELLING: Final[dict[Variety, str]] = {
    "traditional": "於後菸",
    "simplified": "与种构机异体网适优离儿气听价触坏圣极惊愿怀赶",
}
"""Common in one variety; the standard of the other has them as well, but only for surnames and rare words."""

CANTONESE: Final = (
    r"[嘅咗喺佢哋嚟啲嗰冇嘢咁攞瞓揾搵谂諗嘥攰嗌啱嗮冚㗎噃嚿嗱𠮶]|唔[\p{Han}--[士的一唔]]"
    "|[做有]乜|乜[嘢都]|[畀俾][我你佢人]|睇[到见見下吓住书書戏戲]|咩[事嘢呀]|呢[度个個][系係]"
)
"""Characters and words that written Cantonese uses and standard written Chinese does not (after Snow 2004, *Cantonese
as Written Language*). Left out is what standard text holds too: 唔 as a sigh or in names (泰唔士), 咪 (猫咪), 係
(關係), 俾 (俾斯麦), and words that arise where two others meet: 而家 (而家庭), 点解 (难点解析), 边度 (那边度假)."""


@cache
def characters_only_in(variety: Variety) -> str:
    """The characters that one variety writes and the other does not, in code-point order.

    A character counts where OpenCC converts it to another one and the national standard of the other variety (GB 2312,
    Big5) lacks it. So what both write in some word (里, 后, 乾, …) says nothing, and a line of shared characters
    belongs to both varieties. A few common characters, such as 後, count though the other standard has them.
    """
    # Imported here: loading its dictionaries takes 0.1 s, which a corpus without Chinese need not pay.
    from opencc import OpenCC

    conversion, other_standard = ("s2t", "big5") if variety == "simplified" else ("t2s", "gb2312")
    characters = [chr(point) for point in _UNIFIED_HAN]
    # All at once, one a line: it converts words, too, and there is none of more than one character.
    converted = OpenCC(conversion).convert("\n".join(characters)).split("\n")
    candidates = (one for one, other in zip(characters, converted, strict=True) if one != other)
    return "".join(one for one in candidates if one in _TELLING[variety] or not _can_write(other_standard, one))


def _can_write(standard: str, character: str) -> bool:
    try:
        character.encode(standard)
    except UnicodeEncodeError:
        return False
    return True
