"""Every rule on pairs that must stay and pairs that must go."""

import polars as pl
import pytest
from raw_corpora import params

from seqline.cleaning import explain
from seqline.cleaning.language import language
from seqline.cleaning.profile import profiled
from seqline.cleaning.rule import drops
from seqline.cleaning.rules import rules

CLEAN = params().clean

GOES = {
    "empty": [("Hello.", ""), ("", "你好。"), ("Hello.", "\u200b \u3000")],
    "broken_encoding": [
        ("He went home.", "他\ufffd家了。"),
        ("He went home.", "锟斤拷锟斤拷"),
        ("He went home.", "他??了?。"),
        ("He went home.", "他回家了\ue000。"),
        ("The cafÃ\ufffd is open.", "咖啡馆开着。"),
    ],
    "markup_agrees": [
        ("Hello, world.", "<b>你好，世界。</b>"),
        ("Hello, world.<br/>", "你好，世界。"),
        ("Hello, world.", "&lt;p&gt;你好，世界。"),
        ("Hello, {{name}}.", "你好。"),
        ("[[link]]Hello.", "你好。"),
        ("Hello.<!-- end -->", "你好。"),
    ],
    "urls_agree": [("See https://example.org/a for more.", "更多信息请参阅文档。")],
    "placeholders_agree": [
        ("Hello %s, you have %d mails.", "你好 %s，你有新邮件。"),
        ("Dear {name}, thank you.", "亲爱的，谢谢你。"),
        ("Your home is $HOME now.", "你的主目录现在是 $PATH。"),
        ("Press Ctrl+C to stop.", "按 Ctrl+D 停止。"),
        ("The file %(path)s is gone.", "文件不见了。"),
    ],
    "max_copy_share": [
        ("An untranslated sentence stands here.", "An untranslated sentence stands here."),
        (
            "Only the first words of this sentence have been translated.",
            "只有 words of this sentence have been translated.",
        ),
        ("Some words were changed in this copy here.", "Some words were left out in this copy here."),
    ],
    "min_script_share": [
        ("Good morning to you all.", "Доброе утро, дорогие друзья."),
        ("Good morning.", "วันนี้อากาศดีมาก"),
        ("他在看一本书。", "他在看一本书。"),
        ("Where is the station?", "Where was the library yesterday?"),
    ],
    "foreign_language": [
        ("Wo ist der nächste Bahnhof?", "最近的火车站在哪里？"),
        ("Je ne sais pas où il habite.", "我不知道他住在哪里。"),
        ("Nie wiem, gdzie jest dworzec.", "我不知道火车站在哪里。"),
        ("This is my book.", "这は私の本です，我的书。"),
        ("He reads a book.", "他저는看书。"),
    ],
    "identified_language": [
        ("Añadir al carrito", "加入购物车"),
        ("Dodaj do koszyka", "加入购物车"),
        ("Barnen leker i trädgården.", "孩子们在花园里玩。"),
        ("Çocuklar bahçede oynuyor.", "孩子们在花园里玩。"),
    ],
    "chinese_script": [
        ("Where are you now?", "你現在在哪裡？"),
        ("See you after breakfast.", "早餐後见。"),
        ("Tom is clean.", "湯姆是干净的。"),
    ],
    "chinese_variety": [
        ("They are at home.", "佢哋喺屋企。"),
        ("I don't know.", "我唔知道。"),
        ("What are you doing?", "你做紧乜嘢？"),
        ("Where is this?", "呢度系边度？"),
        ("I do not want to go.", "我唔想去。"),
    ],
    "max_characters": [("word " * 40 + "x" * 900, "词" * 100)],
    "max_length": [("the " * 151, "这" * 150), ("the " * 100, "这" * 151)],
    "max_word_characters": [("An " + "x" * 41 + " here.", "这里有一个很长的词。")],
    "min_alphabet_share": [("=== -- == >> 12:30 ==", "=== -- == >> 十二点 ==")],
    "max_digit_share": [("No. 12345678901234", "编号12345678901234")],
    "max_length_ratio": [("Yes.", "是的，我昨天在图书馆里看了一本关于历史的书，非常有意思。")],
    "numbers_agree": [("Room 12 is free.", "34 号房间空着。")],
    "repetition": [("A lamp for sale for sale for sale for sale here.", "一盏灯待出售，请联系我们的店铺。")],
}

STAYS = [
    ("Hi.", "嗨。"),
    ("Yes.", "是的。"),
    ("OK", "OK"),
    ("Django", "Django"),
    ("It's 7:45.", "现在是7点45分。"),
    ("See 492 and 525.", "参见 492 和 525。"),
    ("There are three cats.", "有 3 只猫。"),
    ("It cost 3.6 million dollars.", "花了 360 万美元。"),
    ("A car of the 1920s.", "20 世纪 20 年代的汽车。"),
    ("The total is 3,000.", "总数是 3000。"),
    ("Use TensorFlow and tf.keras.layers.Dense here.", "在这里使用 TensorFlow 和 tf.keras.layers.Dense。"),
    ("The output goes to <path>.", "输出到 <路径>。"),
    ("Press <b>Enter</b> now.", "现在按 <b>回车</b>。"),
    ("Hello, {{ name }}!", "你好，{{ name }}！"),
    ("Read https://example.org now.", "现在阅读 https://example.org 。"),
    ("Press Ctrl-C or control+c.", "请按 CTRL + C 或者 Ctrl+C 键。"),
    ("It is 100 % sure that 5% drop out.", "可以 100% 肯定，5% 会退出。"),
    ("where $x_i$ is the $i$th value of \\text{mean}", "其中 $x_i$ 是向量均值的第 $i$ 个值，我们在此使用它"),
    ("It costs $5 or more.", "要花 5 美元以上。"),
    (
        "Write from django.urls import path before you can use it here.",
        "请先写 from django.urls import path，然后才能使用它。",
    ),
    ("Use Django 3.2.6 with Python 3.10.1.", "使用 Django 3.2.6 和 Python 3.10.1。"),
    ("Ha ha ha ha ha ha ha ha!", "哈哈哈哈哈哈哈哈哈哈哈哈！"),
    ("He works in a café in Los Angeles.", "他在洛杉矶的一家咖啡馆工作。"),
    ("Search add-ons", "搜索附加组件"),
    ("What? Who? Where?", "什么？谁？哪里？"),
    ("You and I.", "你和我。"),
    ("Monte Carlo dropout", "蒙特卡洛随机失活"),
    ("Import Keras models", "导入 Keras 模型"),
    ("Añadir", "添加"),
    ("Hm, let me think about it.", "唔，让我想一想。"),
    ("London stands on the Thames.", "伦敦在泰唔士河旁。"),
    ("The kitten sleeps beside Mummy.", "小猫咪睡在妈咪旁边。"),
    ("Bismarck was a chancellor.", "俾斯麦是一位首相。"),
    ("Emperor Qianlong wrote poems.", "乾隆皇帝写过诗。"),
    ("What are you looking at?", "你看什么呢？这个人是谁？"),
]


def failed(source: str, target: str, source_lang: str = "en", target_lang: str = "zh") -> list[str]:
    verdicts = explain(CLEAN, source_lang, target_lang, source, target)
    return [verdict.rule for verdict in verdicts if not verdict.passed]


@pytest.mark.parametrize(("rule", "pair"), [(rule, pair) for rule, pairs in GOES.items() for pair in pairs])
def test_a_bad_pair_fails_the_rule_that_names_its_fault(rule: str, pair: tuple[str, str]) -> None:
    assert rule in failed(*pair)


@pytest.mark.parametrize("pair", STAYS, ids=[source for source, _ in STAYS])
def test_a_good_pair_fails_no_rule(pair: tuple[str, str]) -> None:
    assert failed(*pair) == []


@pytest.mark.parametrize("name", sorted(GOES))
def test_every_rule_can_be_found_by_its_name(name: str) -> None:
    assert name in {rule.name for rule in rules(CLEAN.rules, language("en"), language("zh"))}


def test_every_rule_of_the_params_is_tested_here() -> None:
    assert {rule.name for rule in rules(CLEAN.rules, language("en"), language("zh"))} == set(GOES)


def test_rules_that_are_switched_off_are_gone() -> None:
    off = {name: False if isinstance(value, bool) else None for name, value in CLEAN.rules.model_dump().items()}
    found = rules(params(rules=off).clean.rules, language("en"), language("zh"))
    assert [rule.name for rule in found] == ["empty"]


def test_a_line_of_characters_that_both_varieties_write_is_simplified_and_traditional() -> None:
    for variety in ("simplified", "traditional"):
        clean = params(rules={"chinese_script": variety}).clean
        assert all(verdict.passed for verdict in explain(clean, "en", "zh", "Hello there.", "你好，他在家里。"))


def test_a_traditional_corpus_refuses_simplified_lines() -> None:
    clean = params(rules={"chinese_script": "traditional"}).clean
    (verdict,) = (one for one in explain(clean, "en", "zh", "Where?", "你现在在哪里") if one.rule == "chinese_script")
    assert (verdict.passed, verdict.value, verdict.threshold) == (False, "1", "at most 0")


def test_traditional_text_with_shared_words_is_no_cantonese() -> None:
    clean = params(rules={"chinese_script": "traditional"}).clean
    good = explain(clean, "en", "zh", "This has nothing to do with it.", "這和它沒有關係，而家庭更重要。")
    assert [verdict.rule for verdict in good if not verdict.passed] == []
    bad = explain(clean, "en", "zh", "Where did they go?", "佢哋去咗邊度？")
    assert [verdict.rule for verdict in bad if not verdict.passed] == ["chinese_variety"]


def test_questions_can_be_asked_to_stay_questions() -> None:
    clean = params(rules={"question_agrees": True}).clean
    pairs = {("Where is he?", "他在这里。"): False, ("“Who?”", "“谁？”"): True, ("What? No!", "不！"): True}
    for (source, target), passed in pairs.items():
        (verdict,) = (one for one in explain(clean, "en", "zh", source, target) if one.rule == "question_agrees")
        assert verdict.passed is passed


def test_few_latin_letters_can_be_asked_of_chinese() -> None:
    clean = params(rules={"max_latin_characters": 3}).clean
    rule = {verdict.rule: verdict for verdict in explain(clean, "en", "zh", "The API of Django.", "Django 的 API。")}
    assert rule["max_latin_characters"].value == "9"


def test_english_to_german_knows_both_languages() -> None:
    good = ("A man in a blue shirt stands on a ladder.", "Ein Mann in einem blauen Hemd steht auf einer Leiter.")
    assert failed(*good, "en", "de") == []
    assert failed(good[1], good[1], "en", "de") == ["max_copy_share", "foreign_language", "identified_language"]
    english = "The man is standing there with his friends."
    assert failed(english, english, "en", "de") == ["max_copy_share", "foreign_language", "identified_language"]
    assert "foreign_language" in failed(good[1], good[0], "en", "de")
    assert failed("Taxi!", "Taxi!", "en", "de") == []


def test_unknown_languages_are_judged_by_what_needs_no_knowledge() -> None:
    names = {rule.name for rule in rules(CLEAN.rules, language("tlh"), language("qya"))}
    assert not names & {"min_script_share", "foreign_language", "chinese_script"}
    assert "max_length" in names


def test_a_script_in_the_code_overrides_the_usual_one() -> None:
    assert failed("Good morning to you.", "Добро јутро свима вама.", "en", "sr") == []
    assert "min_script_share" in failed("Good morning to you.", "Добро јутро свима вама.", "en", "sr_Latn")


def test_the_first_rule_that_fails_is_blamed_and_its_value_is_kept() -> None:
    frame = pl.DataFrame({"row": [7, 8], "source": ["Room 12.", "Fine."], "target": ["34 号房。", "很好。"]})
    languages = (language("en"), language("zh"))
    asked = rules(CLEAN.rules, *languages)
    found = drops(profiled(frame, languages, asked), asked)
    assert found.rows() == [(7, "numbers_agree", "1: 12 / 34")]


def test_sentences_can_be_asked_to_end_on_both_sides() -> None:
    clean = params(rules={"ends_agree": True}).clean
    pairs = {
        ("He went home.", "他回家，"): False,
        ("“Stop!”", "“停！”"): True,
        ("Table of contents", "目录"): True,
        ("And then…", "然后"): False,
    }
    for (source, target), passed in pairs.items():
        (verdict,) = (one for one in explain(clean, "en", "zh", source, target) if one.rule == "ends_agree")
        assert verdict.passed is passed
