"""One way of writing what can be written in several: quotes, ellipses, the width of letters, spaces between Han."""

import re
from typing import Final

from seqline.cleaning.repair import Repair
from seqline.cleaning.sketch import following, holding
from seqline.cleaning.sparse import apply_where, change_where
from seqline.params.cleaning import Quotes

_HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_CHINESE: Final = r"\p{Han}，。！？：；、（）《》“”"
_FULL_WIDTH: Final = "\uff10-\uff19\uff21-\uff3a\uff41-\uff5a"
_TO_ASCII: Final = {code: code - 0xFEE0 for code in range(0xFF10, 0xFF5B) if chr(code).isalnum()}
_CURLY: Final = "“”„‟‘’‚‛"
_STRAIGHT: Final = str.maketrans(dict.fromkeys("“”„‟", '"') | dict.fromkeys("‘’‚‛", "'"))
_OPENING: Final = re.compile(r"""(^|[\s(\[{（【《“—–-])((?!'\d\d)["']+)(?=\S)""")
_OPEN: Final = str.maketrans({'"': "“", "'": "‘"})
_CLOSE: Final = str.maketrans({'"': "”", "'": "’"})
_SPACE_IN_HAN: Final = re.compile(rf"(?<=[{_HAN}，。！？：；、（）《》“”])\s+(?=[{_HAN}，。！？：；、（）《》“”])")
_DOTS: Final = r"(?:\.{3,}|。{2,}|…)[.。…]*"


def ascii_letters() -> Repair:
    """Full-width Latin letters and digits become ASCII: ``ＡＢＣ１２３`` becomes ``ABC123``; punctuation stays."""
    return Repair(
        lambda text: change_where(text, f"[{_FULL_WIDTH}]", lambda line: line.translate(_TO_ASCII)),
        (holding(_FULL_WIDTH),),
    )


def quotes(style: Quotes) -> Repair:
    """Quotation marks and apostrophes in one style.

    Straight: ``“It’s”`` becomes ``"It's"``. Curly: the other way round; double marks open and close in turn. A single
    mark, or one double mark too many, opens at the beginning of a text, after a space, a bracket, a dash or a quote.
    """
    if style == "straight":
        return Repair(
            lambda text: change_where(text, f"[{_CURLY}]", lambda line: line.translate(_STRAIGHT)), (holding(_CURLY),)
        )
    return Repair(lambda text: change_where(text, "[\"']", curly), (holding("\"'"),))


def curly(line: str) -> str:
    """``"It's"`` becomes ``“It’s”``, ``the '90s`` becomes ``the ’90s``, ``他说"好"`` becomes ``他说“好”``."""
    if line.count('"') % 2 == 0:
        parts = line.split('"')
        line = "".join(part + "“”"[index % 2] for index, part in enumerate(parts[:-1])) + parts[-1]
    return _OPENING.sub(lambda found: found[1] + found[2].translate(_OPEN), line).translate(_CLOSE)


def ellipses(*, chinese: bool) -> Repair:
    """``...`` in every language, ``……`` in Chinese: ``等等。。。`` becomes ``等等……``, ``so…`` becomes ``so...``."""
    if not chinese:
        return Repair(
            lambda text: apply_where(text, "…", lambda lines: lines.str.replace_all("…", "...", literal=True)),
            (holding("…"),),
        )
    return Repair(
        lambda text: apply_where(text, _DOTS, lambda lines: lines.str.replace_all(_DOTS, "……")),
        (holding("…"), following(".", "."), following("。", "。")),
    )


def no_spaces_in_chinese() -> Repair:
    """No spaces between Han characters or Chinese punctuation: ``我 是 学生 。`` becomes ``我是学生。``."""
    return Repair(
        lambda text: change_where(text, rf"[{_CHINESE}]\s", lambda line: _SPACE_IN_HAN.sub("", line)),
        (following(_CHINESE, r"\s"),),
    )
