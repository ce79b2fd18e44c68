"""People: pronouns, family, names and titles, professions."""

from typing import Final

from seqline.corpus.phrasebook.words import Subject, listed

ME: Final = Subject("I", "我", "first", "me", "my")
HE: Final = Subject("he", "他", "third", "him", "his")
SHE: Final = Subject("she", "她", "third", "her", "her")
WE: Final = Subject("we", "我们", "plural", "us", "our")
THEY: Final = Subject("they", "他们", "plural", "them", "their")
YOU: Final = Subject("you", "你", "plural", "you", "your")
PRONOUNS: Final = (ME, HE, SHE, WE, THEY)

NAMES: Final = tuple(
    Subject(name.en, name.zh)
    for name in listed("""
        Tom 汤姆 | Mary 玛丽 | Anna 安娜 | David 大卫 | Peter 彼得 | Lucy 露西 | Jack 杰克 | Emma 艾玛 |
        Michael 迈克尔 | Alice 爱丽丝 | Henry 亨利 | Linda 琳达 | Helen 海伦 | Robert 罗伯特 | Daniel 丹尼尔 |
        Laura 劳拉 | Martin 马丁 | Julia 朱莉娅 | Li Na 李娜 | Wang Wei 王伟 | Chen Jing 陈静
    """)
)
_SURNAMES: Final = listed(
    "Wang 王 | Li 李 | Zhang 张 | Chen 陈 | Liu 刘 | Zhao 赵 | Zhou 周 | Smith 史密斯 | Brown 布朗"
)
_TITLES: Final = listed("Mr 先生 | Ms 女士 | Professor 教授 | Dr 博士")
TITLED: Final = tuple(
    Subject(f"{title.en} {surname.en}", surname.zh + title.zh) for title in _TITLES for surname in _SURNAMES
)
KIN: Final = listed("""
    mother 母亲 | father 父亲 | mum 妈妈 | dad 爸爸 | older brother 哥哥 | younger brother 弟弟 |
    older sister 姐姐 | younger sister 妹妹 | grandfather 爷爷 | grandmother 奶奶 | uncle 叔叔 | aunt 阿姨 |
    son 儿子 | daughter 女儿
""")
#: Kin with its owner; Chinese says 我妈妈, without 的.
RELATIVES: Final = tuple(
    Subject(f"{owner.possessive_en} {kin.en}", owner.zh + kin.zh) for owner in (ME, HE, SHE) for kin in KIN
)
MY_RELATIVES: Final = RELATIVES[: len(KIN)]
COMPANIONS: Final = (
    Subject("my neighbour", "我的邻居"), Subject("my colleague", "我的同事"), Subject("our teacher", "我们的老师"),
    Subject("my best friend", "我最好的朋友"),
)  # fmt: skip
GROUPS: Final = (
    Subject("my parents", "我父母", "plural", "", "my parents'"),
    Subject("the students", "学生们", "plural", "", "the students'"),
    Subject("the children", "孩子们", "plural"),
    Subject("his friends", "他的朋友们", "plural", "", "his friends'"),
)
#: Who can do anything a person does.
SUBJECTS: Final = (*PRONOUNS * 4, *NAMES, *RELATIVES, *COMPANIONS, *GROUPS, *TITLED[::3])
#: Subjects in the third person, for being talked about.
OTHERS: Final = (*(s for s in SUBJECTS if s.agreement == "third" and s not in (HE, SHE)), HE, SHE)

JOBS: Final = listed("""
    teacher 老师 | doctor 医生 | nurse 护士 | engineer 工程师 | lawyer 律师 | writer 作家 | driver 司机 |
    cook 厨师 | manager 经理 | scientist 科学家 | student 学生 | police officer 警察 | worker 工人
""")
LANGUAGES: Final = listed("""
    Chinese 中文 | English 英语 | French 法语 | German 德语 | Japanese 日语 | Russian 俄语 | Spanish 西班牙语
""")
