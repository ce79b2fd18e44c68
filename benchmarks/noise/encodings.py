"""Text read in the wrong encoding, or with characters lost on the way."""

from random import Random


def latin1(text: str, random: Random) -> str:
    """UTF-8 read as Latin-1: every byte becomes a character."""
    return text.encode().decode("latin-1")


def cp1252(text: str, random: Random) -> str:
    """UTF-8 read as Windows-1252, unknown bytes replaced."""
    return text.encode().decode("cp1252", errors="replace")


def utf8_as_gbk(text: str, random: Random) -> str:
    """UTF-8 read as GBK: 锛屾槸."""
    return text.encode().decode("gbk", errors="replace")


def gbk_as_utf8(text: str, random: Random) -> str:
    """GBK read as UTF-8: replacement characters."""
    return text.encode("gb18030").decode("utf-8", errors="replace")


def gbk_as_latin1(text: str, random: Random) -> str:
    """GBK read as Latin-1: ÖÐÎÄ."""
    return text.encode("gb18030").decode("latin-1")


def twice(text: str, random: Random) -> str:
    """UTF-8 read as Windows-1252, written as UTF-8 and read wrongly again."""
    return text.encode().decode("latin-1").encode().decode("latin-1")


def big5_as_gbk(text: str, random: Random) -> str:
    """Big5 read as GBK: valid Han characters that make no sense."""
    from opencc import OpenCC

    return str(OpenCC("s2t").convert(text)).encode("big5", errors="ignore").decode("gbk", errors="replace")


def replaced(text: str, random: Random) -> str:
    """A tenth of the characters, at least two, are replacement characters."""
    return _lost(text, random, "\ufffd", 0.1)


def question_marks(text: str, random: Random) -> str:
    """What the encoding could not write has become question marks: half of the characters beyond ASCII."""
    wide = [index for index, letter in enumerate(text) if not letter.isascii()]
    at = set(random.sample(wide, (len(wide) + 1) // 2))
    return "".join("?" if index in at else letter for index, letter in enumerate(text))


def _lost(text: str, random: Random, mark: str, share: float) -> str:
    at = set(random.sample(range(len(text)), min(len(text), max(2, round(share * len(text))))))
    return "".join(mark if index in at else letter for index, letter in enumerate(text))


KINDS = {
    spoil.__name__: spoil
    for spoil in (
        latin1, cp1252, utf8_as_gbk, gbk_as_utf8, gbk_as_latin1, twice, big5_as_gbk, replaced, question_marks,
    )
}  # fmt: skip
