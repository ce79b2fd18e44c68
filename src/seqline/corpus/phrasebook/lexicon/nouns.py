"""Things and beings that can be counted, with their measure words."""

from functools import cache
from typing import Final

from seqline.corpus.phrasebook.grammar.morphology import plural
from seqline.corpus.phrasebook.words import Noun, listed

_REGULAR: Final = (
    # kind, measure word and the nouns that share them
    ("book", "本", "book 书", "novel 小说"),
    ("press", "本", "magazine 杂志"),
    ("press", "份", "newspaper 报纸"),
    ("reference", "本", "dictionary 词典"),
    ("paper", "份", "report 报告"),
    ("paper", "封", "letter 信"),
    ("paper", "篇", "article 文章"),
    ("film", "部", "film 电影"),
    ("worn", "件", "shirt 衬衫", "coat 外套", "sweater 毛衣"),
    ("worn", "条", "dress 连衣裙", "skirt 短裙"),
    ("headwear", "顶", "hat 帽子"),
    ("food", "个", "apple 苹果", "orange 橙子", "egg 鸡蛋", "sandwich 三明治", "cake 蛋糕"),
    ("animal", "只", "cat 猫", "dog 狗", "bird 鸟", "monkey 猴子", "rabbit 兔子", "tiger 老虎"),
    ("animal", "匹", "horse 马"),
    ("animal", "头", "cow 牛", "elephant 大象"),
    ("vehicle", "辆", "car 汽车", "bicycle 自行车"),
    ("transport", "辆", "bus 公共汽车", "taxi 出租车", "truck 卡车"),
    ("craft", "架", "plane 飞机"),
    ("craft", "列", "train 火车"),
    ("craft", "艘", "ship 船"),
    ("device", "台", "computer 电脑", "camera 照相机", "television 电视机"),
    ("small", "部", "phone 手机"),
    ("small", "块", "watch 手表"),
    ("small", "把", "umbrella 雨伞"),
    ("small", "支", "pen 钢笔", "pencil 铅笔"),
    ("small", "张", "map 地图"),
    ("small", "个", "cup 杯子"),
    ("token", "把", "key 钥匙"),
    ("token", "张", "photo 照片", "ticket 票"),
    ("token", "个", "wallet 钱包"),
    ("gift", "份", "gift 礼物"),
    ("gift", "个", "toy 玩具"),
    ("furniture", "张", "table 桌子", "bed 床", "sofa 沙发"),
    ("furniture", "把", "chair 椅子"),
    ("furniture", "盏", "lamp 台灯"),
    ("instrument", "架", "piano 钢琴"),
    ("instrument", "把", "guitar 吉他", "violin 小提琴"),
    ("plant", "棵", "tree 树"),
    ("plant", "朵", "flower 花"),
    ("luggage", "个", "bag 包", "suitcase 行李箱", "box 盒子"),
    ("building", "座", "house 房子", "building 大楼", "bridge 桥"),
    ("landscape", "座", "mountain 山"),
    ("landscape", "条", "river 河", "road 路", "street 街道"),
)
_UNITS: Final = (
    ("footwear", "pair of shoes", "鞋子", "双"),
    ("footwear", "pair of socks", "袜子", "双"),
    ("gloves", "pair of gloves", "手套", "副"),
    ("gloves", "pair of glasses", "眼镜", "副"),
    ("trousers", "pair of trousers", "裤子", "条"),
    ("drink", "cup of tea", "茶", "杯"),
    ("drink", "cup of coffee", "咖啡", "杯"),
    ("drink", "glass of milk", "牛奶", "杯"),
    ("drink", "glass of orange juice", "橙汁", "杯"),
    ("drink", "bottle of water", "水", "瓶"),
    ("drink", "bottle of beer", "啤酒", "瓶"),
    ("meal", "bowl of rice", "米饭", "碗"),
    ("meal", "bowl of noodles", "面条", "碗"),
    ("meal", "plate of dumplings", "饺子", "盘"),
    ("meal", "piece of bread", "面包", "片"),
    ("meal", "piece of chocolate", "巧克力", "块"),
)
_PEOPLE: Final = (
    ("个", "student 学生", "boy 男孩", "girl 女孩", "tourist 游客", "worker 工人", "friend 朋友"),
    ("位", "teacher 老师", "doctor 医生", "nurse 护士", "engineer 工程师", "lawyer 律师", "writer 作家"),
    ("位", "driver 司机", "cook 厨师", "manager 经理", "scientist 科学家", "guest 客人"),
)


def _table() -> tuple[Noun, ...]:
    rows = []
    for kind, measure, *entries in _REGULAR:
        for en, zh in (entry.split() for entry in entries):
            rows.append(Noun(en, plural(en), zh, measure, kind))
    for kind, en, zh, measure in _UNITS:
        unit, of, stuff = en.partition(" of ")
        rows.append(Noun(en, plural(unit) + of + stuff, zh, measure, kind))
    for measure, *entries in _PEOPLE:
        for en, zh in (entry.split() for entry in entries):
            rows.append(Noun(en, plural(en), zh, measure, "person"))
    irregular = [
        ("child", "children", "孩子", "个", "person"),
        ("man", "men", "男人", "个", "person"),
        ("woman", "women", "女人", "个", "person"),
        ("sheep", "sheep", "羊", "只", "animal"),
    ]
    return tuple(rows + [Noun(*row) for row in irregular])


NOUNS: Final = _table()

#: What is eaten and drunk in general, without counting.
FOODS: Final = listed("""
    rice 米饭 | noodles 面条 | dumplings 饺子 | bread 面包 | fish 鱼 | beef 牛肉 | chicken 鸡肉 |
    vegetables 蔬菜 | fruit 水果 | chocolate 巧克力 | cheese 奶酪 | ice cream 冰淇淋 | eggs 鸡蛋
""")
DRINKS: Final = listed("""
    tea 茶 | coffee 咖啡 | milk 牛奶 | orange juice 橙汁 | beer 啤酒 | water 水 | wine 葡萄酒
""")


@cache
def nouns(*kinds: str) -> tuple[Noun, ...]:
    """The nouns of these kinds, in the order of the table."""
    return tuple(noun for noun in NOUNS if noun.kind in kinds)


@cache
def noun(en: str) -> Noun:
    """One noun by its English."""
    return next(entry for entry in NOUNS if entry.en == en)
