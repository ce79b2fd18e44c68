import pytest

from seqline.evaluation.shadowed import Line, summary


def line(champion: str, challenger: str, source: str = "the cat sat") -> Line:
    return Line(source, champion, challenger, -0.2, -0.4)


def test_what_can_be_said_without_references() -> None:
    found = summary(
        [
            line("我喜欢喝茶。", "我喜欢喝茶。"),
            line("他有三只猫。", "他有三只狗。"),
            line("你好。", ""),
            line("我们明天见。", "我们 我们 我们 我们 我们 我们 我们"),
        ],
        "zh",
    )
    assert (found.lines, found.same, found.scores) == (4, 0.25, (-0.2, -0.4))
    assert found.failures["empty"] == (0.0, 0.25)
    assert found.failures["repeated"] == (0.0, 0.25)
    assert found.length_ratio == pytest.approx((6 + 6 + 0 + 20) / (6 + 6 + 3 + 6))
    assert [one.challenger for one in found.different] == ["", "我们 我们 我们 我们 我们 我们 我们", "他有三只狗。"]


def test_two_that_agree_differ_nowhere() -> None:
    found = summary([line("你好。", "你好。")] * 3, "zh")
    assert (found.same, found.length_ratio, found.different) == (1.0, 1.0, [])
    assert found.chrf == pytest.approx(100)
    assert all(rates == (0.0, 0.0) for rates in found.failures.values())
