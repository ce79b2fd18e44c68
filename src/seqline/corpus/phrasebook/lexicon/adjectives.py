"""Adjectives with the kinds of noun that they suit, and how Chinese puts them before a noun."""

from functools import cache
from typing import Final

from seqline.corpus.phrasebook.words import Adjective, listed

_WORN: Final = ("worn", "headwear", "footwear", "gloves", "trousers")
_THINGS: Final = (*_WORN, "vehicle", "transport", "device", "furniture", "instrument", "luggage", "building")
_READ: Final = ("book", "press", "paper")
_BULKY: Final = ("furniture", "luggage", "instrument")

ADJECTIVES: Final = (
    Adjective("new", "新", "新", (*_THINGS, *_READ, "small", "craft")),
    Adjective("old", "旧", "旧", (*_THINGS, "book", "reference")),
    Adjective(
        "big",
        "大",
        "大",
        ("vehicle", "transport", "furniture", "luggage", "building", "food", "animal", "plant", "craft"),
    ),
    Adjective("small", "小", "小", ("vehicle", "furniture", "luggage", "building", "food", "animal", "plant")),
    Adjective("long", "长", "很长的", ("book", "paper", "landscape", "film")),
    Adjective("short", "短", "很短的", ("book", "paper", "film")),
    Adjective("expensive", "贵", "昂贵的", (*_THINGS, "small", "gift")),
    Adjective("cheap", "便宜", "便宜的", (*_WORN, "vehicle", "device", "furniture", "instrument", "luggage", "food")),
    Adjective("beautiful", "漂亮", "漂亮的", (*_WORN, "building", "plant", "animal", "landscape", "gift")),
    Adjective("heavy", "重", "很重的", (*_BULKY, "device")),
    Adjective("light", "轻", "很轻的", ("luggage", "footwear", "device")),
    Adjective("interesting", "有意思", "有意思的", (*_READ, "film")),
    Adjective("boring", "无聊", "无聊的", (*_READ, "film")),
    Adjective("difficult", "难", "很难的", ("book", "paper")),
    Adjective("useful", "有用", "有用的", ("book", "reference", "small", "gift", "device")),
    Adjective("famous", "有名", "有名的", ("book", "film", "building", "landscape")),
    Adjective("fast", "快", "很快的", ("vehicle", "transport", "craft", "device")),
    Adjective("slow", "慢", "很慢的", ("vehicle", "transport", "craft", "device")),
    Adjective("clean", "干净", "干净的", (*_WORN, "vehicle", "transport", "luggage", "building")),
    Adjective("dirty", "脏", "很脏的", (*_WORN, "vehicle", "transport", "luggage")),
    Adjective("comfortable", "舒服", "舒服的", ("footwear", "worn", "trousers", "furniture", "vehicle")),
    Adjective("sweet", "甜", "很甜的", ("food",)),
    Adjective("fresh", "新鲜", "新鲜的", ("food",)),
    Adjective("delicious", "好吃", "好吃的", ("food",)),
    Adjective("clever", "聪明", "聪明的", ("animal", "person")),
    Adjective("quiet", "安静", "安静的", ("animal", "person", "place")),
    Adjective("young", "年轻", "年轻的", ("person",)),
    Adjective("friendly", "友好", "友好的", ("person",)),
    Adjective("patient", "耐心", "耐心的", ("person",)),
    Adjective("strong", "强壮", "强壮的", ("person", "animal")),
    Adjective("famous", "有名", "有名的", ("person", "place")),
)
#: What something can be *too* much of, or a little.
UNPLEASANT: Final = frozenset({
    "expensive", "heavy", "boring", "difficult", "slow", "dirty", "old", "big", "small", "long", "short", "light",
    "sweet", "quiet",
})  # fmt: skip
COLOURS: Final = listed("""
    red 红色 | white 白色 | black 黑色 | blue 蓝色 | green 绿色 | yellow 黄色
""")
#: How people feel; a clause of its own (我很累).
FEELINGS: Final = listed("""
    tired 累 | busy 忙 | happy 高兴 | hungry 饿 | nervous 紧张 | angry 生气 | sad 难过 | thirsty 渴
""")
#: What people are like, for comparing them.
TRAITS: Final = tuple(
    Adjective(en, zh, zh, ("person",))
    for en, zh in (
        entry.split()
        for entry in ("tall 高", "young 年轻", "clever 聪明", "busy 忙", "strong 强壮", "patient 耐心", "friendly 友好")
    )
)


@cache
def adjectives(kind: str) -> tuple[Adjective, ...]:
    """The adjectives that suit a kind of noun."""
    return tuple(adjective for adjective in ADJECTIVES if kind in adjective.kinds)
