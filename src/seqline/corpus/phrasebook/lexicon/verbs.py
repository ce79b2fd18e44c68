"""What people do: verbs that take an object of certain kinds, and activities that need none."""

from typing import Final

from seqline.corpus.phrasebook.words import Activity, Verb, listed

_WORN: Final = ("worn", "headwear", "footwear", "gloves", "trousers")
_GOODS: Final = (*_WORN, "book", "reference", "small", "device", "furniture", "instrument", "luggage", "gift")
_DURABLE: Final = ("vehicle", "device", "furniture", "instrument")

#: Done once, to something that can be counted.
ACTIONS: Final = (
    Verb("buy", "买", (*_GOODS, "press", "vehicle", "food", "drink"), "bought"),
    Verb("sell", "卖", (*_DURABLE, "luggage"), "sold"),
    Verb("read", "读", ("book", "press", "paper"), "read"),
    Verb("write", "写", ("book", "paper"), "wrote", "written"),
    Verb("eat", "吃", ("food", "meal"), "ate", "eaten"),
    Verb("drink", "喝", ("drink",), "drank", "drunk"),
    Verb("order", "点", ("meal", "drink")),
    Verb("see", "看见", ("animal", "transport", "craft"), "saw", "seen"),
    Verb("find", "找到", ("small", "token", "luggage", "gloves"), "found"),
    Verb("lose", "丢", ("small", "token", "luggage", "gloves"), "lost"),
    Verb("repair", "修", ("vehicle", "transport", "device", "furniture")),
    Verb("wash", "洗", ("worn", "trousers", "vehicle", "transport")),
    Verb("paint", "画", ("animal", "plant", "landscape")),
    Verb("borrow", "借", ("book", "reference", "small", "instrument", "vehicle")),
    Verb("choose", "选", (*_WORN, "book", "luggage", "gift"), "chose", "chosen"),
    Verb("receive", "收到", ("gift", "paper")),
)
#: Actions said to be complete: the Chinese verb carries its result (看完, 修好).
COMPLETED: Final = (
    Verb("read", "看完", ("book", "press", "paper"), "read"),
    Verb("write", "写完", ("book", "paper"), "wrote", "written"),
    Verb("eat", "吃完", ("meal", "food"), "ate", "eaten"),
    Verb("drink", "喝完", ("drink",), "drank", "drunk"),
    Verb("repair", "修好", ("vehicle", "transport", "device", "furniture")),
    Verb("wash", "洗好", ("worn", "trousers", "vehicle")),
    Verb("sell", "卖掉", (*_DURABLE, "luggage"), "sold"),
    Verb("find", "找到", ("small", "token", "luggage", "gloves"), "found"),
)
#: Transfers between people; the Chinese stands before the receiver.
GIVING: Final = (
    Verb("give", "送给", ("book", "reference", "worn", "small", "gift", "instrument", "luggage"), "gave", "given"),
    Verb("lend", "借给", ("book", "reference", "small", "vehicle", "instrument", "luggage"), "lent"),
    Verb("send", "寄给", ("book", "paper", "worn", "gift"), "sent"),
    Verb("sell", "卖给", (*_DURABLE, "luggage"), "sold"),
)

ACTIVITIES: Final = (
    Activity(Verb("swim", "游", (), "swam", "swum"), "", "泳", ("swimming pool", "sea")),
    Activity(Verb("watch", "看"), "television", "电视", ("home", "hotel", "living room")),
    Activity(Verb("listen", "听"), "to music", "音乐", ("home", "café", "park", "living room")),
    Activity(Verb("play", "踢"), "football", "足球", ("park", "school")),
    Activity(Verb("play", "打"), "basketball", "篮球", ("park", "school", "gym")),
    Activity(Verb("play", "打"), "table tennis", "乒乓球", ("gym", "school")),
    Activity(Verb("play", "弹"), "the piano", "钢琴", ("home", "school", "living room")),
    Activity(Verb("play", "弹"), "the guitar", "吉他", ("park", "beach", "café", "home")),
    Activity(Verb("play", "下"), "chess", "棋", ("park", "café", "home", "garden")),
    Activity(Verb("walk", "散"), "", "步", ("park", "beach", "garden")),
    Activity(Verb("sing", "唱", (), "sang", "sung"), "", "歌", ("home", "school", "square", "garden")),
    Activity(Verb("dance", "跳"), "", "舞", ("square", "park", "school")),
    Activity(Verb("run", "跑", (), "ran", "run"), "", "步", ("park", "gym", "beach")),
    Activity(Verb("study", "学"), "Chinese", "中文", ("library", "café", "school", "home")),
    Activity(Verb("study", "学"), "English", "英语", ("library", "café", "school", "home")),
    Activity(Verb("cook", "做"), "dinner", "晚饭", ("home", "kitchen")),
    Activity(Verb("do", "做", (), "did", "done"), "homework", "作业", ("library", "home", "school", "café")),
    Activity(Verb("take", "拍", (), "took", "taken"), "photos", "照片", ("museum", "park", "beach", "square", "zoo")),
    Activity(Verb("wash", "洗"), "clothes", "衣服", ("home", "garden")),
    Activity(Verb("work", "工作"), "", "", ("office", "factory", "hospital", "bank", "home")),
    Activity(Verb("rest", "休息"), "", "", ("hotel", "home", "garden", "office")),
)
#: What one can have learnt to do (会).
SKILLS: Final = listed("""
    swim 游泳 | drive a car 开车 | ride a bicycle 骑自行车 | ride a horse 骑马 | play the piano 弹钢琴 |
    play the guitar 弹吉他 | play chess 下棋 | play table tennis 打乒乓球 | cook 做饭 | dance 跳舞 |
    speak Chinese 说中文 | speak English 说英语 | speak French 说法语 | speak German 说德语 |
    repair bicycles 修自行车 | sing 唱歌
""")
#: What one says of somebody's way of doing it: verb, how; Chinese repeats the verb (唱歌唱得很好听).
MANNERS: Final = (
    (Verb("sing", "唱歌唱"), ("beautifully 很好听", "badly 很难听", "well 很好")),
    (Verb("dance", "跳舞跳"), ("beautifully 很美", "well 很好", "badly 很差")),
    (Verb("run", "跑步跑"), ("fast 很快", "slowly 很慢")),
    (Verb("swim", "游泳游"), ("fast 很快", "slowly 很慢", "well 很好")),
    (Verb("drive", "开车开"), ("fast 很快", "slowly 很慢", "carefully 很小心", "well 很好")),
    (Verb("speak Chinese", "说中文说"), ("well 很好", "fast 很快", "slowly 很慢", "badly 很差")),
    (Verb("speak English", "说英语说"), ("well 很好", "fast 很快", "slowly 很慢", "badly 很差")),
    (Verb("cook", "做饭做"), ("well 很好", "fast 很快", "badly 很差")),
    (Verb("write", "写字写"), ("beautifully 很漂亮", "slowly 很慢", "carefully 很认真")),
    (Verb("work", "工作"), ("carefully 很认真", "slowly 很慢", "well 很好")),
)
