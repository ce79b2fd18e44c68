"""Where: places, cities, countries, and spots on, in and beside things."""

from functools import cache
from typing import Final

from seqline.corpus.phrasebook.words import Place, listed

_PLACES: Final = (
    # English, Chinese, preposition, 里 or nothing, measure word, kind
    ("library", "图书馆", "in", "", "座", "public"),
    ("museum", "博物馆", "in", "", "座", "public"),
    ("restaurant", "餐厅", "in", "", "家", "shop"),
    ("café", "咖啡馆", "in", "", "家", "shop"),
    ("hotel", "酒店", "in", "", "家", "public"),
    ("bank", "银行", "in", "", "家", "shop"),
    ("hospital", "医院", "in", "", "家", "public"),
    ("supermarket", "超市", "in", "", "家", "shop"),
    ("bookshop", "书店", "in", "", "家", "shop"),
    ("cinema", "电影院", "in", "", "家", "shop"),
    ("post office", "邮局", "in", "", "家", "shop"),
    ("pharmacy", "药店", "in", "", "家", "shop"),
    ("school", "学校", "at", "", "所", "public"),
    ("university", "大学", "at", "", "所", "public"),
    ("station", "火车站", "at", "", "个", "public"),
    ("airport", "机场", "at", "", "个", "public"),
    ("market", "市场", "at", "", "个", "public"),
    ("park", "公园", "in", "里", "个", "open"),
    ("zoo", "动物园", "at", "里", "个", "open"),
    ("garden", "花园", "in", "里", "个", "open"),
    ("square", "广场", "on", "上", "个", "open"),
    ("beach", "海滩", "on", "上", "片", "open"),
    ("office", "办公室", "in", "里", "间", "room"),
    ("kitchen", "厨房", "in", "里", "间", "room"),
    ("living room", "客厅", "in", "里", "间", "room"),
    ("classroom", "教室", "in", "里", "间", "room"),
    ("factory", "工厂", "in", "", "家", "work"),
    ("gym", "健身房", "at", "", "家", "work"),
    ("swimming pool", "游泳池", "in", "里", "个", "work"),
    ("sea", "海", "in", "里", "片", "nature"),
)
PLACES: Final = tuple(Place(*row) for row in _PLACES)
HOME: Final = Place("home", "家", "at", "", "个", "home")

CITIES: Final = listed("""
    Beijing 北京 | Shanghai 上海 | Guangzhou 广州 | Chengdu 成都 | Hangzhou 杭州 | London 伦敦 | Paris 巴黎 |
    New York 纽约 | Berlin 柏林 | Rome 罗马 | Tokyo 东京 | Moscow 莫斯科 | Sydney 悉尼 | Madrid 马德里 |
    Singapore 新加坡 | Vienna 维也纳
""")
COUNTRIES: Final = listed("""
    China 中国 | England 英国 | France 法国 | Germany 德国 | Japan 日本 | Russia 俄罗斯 | Spain 西班牙 |
    Italy 意大利 | Canada 加拿大 | Australia 澳大利亚
""")
#: Combined as ``under`` + ``the bed`` → 床 + 下面.
RELATIONS: Final = listed("""
    on 上 | under 下面 | behind 后面 | next to 旁边 | in front of 前面
""")
SUPPORTS: Final = listed("table 桌子 | desk 书桌 | bed 床 | sofa 沙发 | chair 椅子")
CONTAINERS: Final = listed("""
    box 盒子 | bag 包 | drawer 抽屉 | cupboard 柜子 | suitcase 行李箱
""")
#: How buildings lie to each other: 银行在邮局旁边.
BETWEEN_PLACES: Final = listed("""
    next to 旁边 | behind 后面 | in front of 前面 | opposite 对面 | to the left of 左边 | to the right of 右边 |
    near 附近 | to the north of 北边 | to the south of 南边
""")
TRANSPORT: Final = listed("""
    by bus 坐公共汽车 | by train 坐火车 | by taxi 坐出租车 | by underground 坐地铁 | by bicycle 骑自行车 |
    on foot 走路 | by car 开车
""")


@cache
def places(*kinds: str) -> tuple[Place, ...]:
    """The places of these kinds."""
    return tuple(place for place in PLACES if place.kind in kinds)


@cache
def place(en: str) -> Place:
    """One place by its English."""
    return HOME if en == "home" else next(entry for entry in PLACES if entry.en == en)
