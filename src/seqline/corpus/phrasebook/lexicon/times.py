"""When and how often: fixed expressions and what the composed ones are made of."""

from typing import Final

from seqline.corpus.phrasebook.words import listed

WEEKDAYS: Final = listed("""
    Monday 一 | Tuesday 二 | Wednesday 三 | Thursday 四 | Friday 五 | Saturday 六 | Sunday 日
""")
MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
PAST: Final = listed("""
    yesterday 昨天 | yesterday morning 昨天早上 | yesterday afternoon 昨天下午 | last night 昨天晚上 |
    the day before yesterday 前天 | this morning 今天早上 | last week 上周 | last month 上个月 | last year 去年
""")
FUTURE: Final = listed("""
    tomorrow 明天 | tomorrow morning 明天早上 | tomorrow afternoon 明天下午 | tomorrow evening 明天晚上 |
    tonight 今天晚上 | the day after tomorrow 后天 | next week 下周 | next month 下个月 | next year 明年
""")
REGULARLY: Final = listed("""
    every day 每天 | every morning 每天早上 | every evening 每天晚上 | every weekend 每个周末 | every week 每周 |
    in the morning 早上 | at the weekend 周末
""")
#: Before the verb in both languages.
ADVERBS: Final = listed("""
    often 经常 | always 总是 | sometimes 有时候 | usually 通常 | never 从来不 | rarely 很少
""")
SPANS: Final = listed("minute 分钟 | hour 个小时 | day 天 | week 个星期 | month 个月 | year 年")
SEASONS: Final = listed("winter 冬天 | spring 春天 | summer 夏天 | autumn 秋天")
WEATHER: Final = listed("cold 冷 | hot 热 | warm 暖和 | cool 凉快")
