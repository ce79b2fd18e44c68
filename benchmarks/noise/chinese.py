"""Chinese lines written in another variety: traditional characters, and written Cantonese.

Cantonese is made from standard Chinese by its commonest words, after the word lists of written Cantonese (Snow 2004,
*Cantonese as Written Language*, appendix 1): grammar words, pronouns and everyday verbs, longest first.
"""

import re
from functools import cache
from typing import Final

CANTONESE_WORDS: Final = {
    "他们": "佢哋", "她们": "佢哋", "它们": "佢哋", "我们": "我哋", "你们": "你哋", "人们": "人哋",
    "没有": "冇", "什么": "乜嘢", "怎么": "点样", "为什么": "点解", "这个": "呢个", "那个": "嗰个", "这里": "呢度",
    "那里": "嗰度", "哪里": "边度", "谁": "边个", "这些": "呢啲", "那些": "嗰啲", "一些": "一啲", "现在": "而家",
    "东西": "嘢", "喜欢": "钟意", "知道": "知", "不知道": "唔知", "漂亮": "靓", "回家": "返屋企", "聊天": "倾偈",
    "不是": "唔系", "不要": "唔好", "不能": "唔可以", "不会": "唔会", "是": "系", "的": "嘅", "了": "咗", "不": "唔",
    "在": "喺", "这": "呢", "那": "嗰", "他": "佢", "她": "佢", "它": "佢", "来": "嚟", "看": "睇", "说": "讲",
    "给": "畀", "吃": "食", "喝": "饮", "拿": "攞", "站": "企", "找": "揾", "想": "谂", "和": "同",
}  # fmt: skip
_WORD: Final = re.compile("|".join(sorted(CANTONESE_WORDS, key=len, reverse=True)))


def traditional(text: str) -> str:
    """The line in traditional characters; equal to the line where both varieties write it alike."""
    return str(_converter("s2t").convert(text))


def cantonese(text: str) -> str:
    """The line with its common words in Cantonese, simplified; unchanged where it has but one of them."""
    changed, count = _WORD.subn(lambda found: CANTONESE_WORDS[found.group()], text)
    return changed if count > 1 else text


def cantonese_traditional(text: str) -> str:
    """The line as Hong Kong writes Cantonese."""
    changed = cantonese(text)
    return text if changed == text else str(_converter("s2hk").convert(changed))


@cache
def _converter(name: str) -> "OpenCC":  # type: ignore[name-defined]  # noqa: F821
    from opencc import OpenCC

    return OpenCC(name)
