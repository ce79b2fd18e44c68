"""PO and MO: headers, plurals, contexts, fuzzy and obsolete messages."""

from pathlib import Path

import polib
import pytest
from raw_corpora import COMPRESSIONS
from reference_writers import catalogue

from seqline.corpus import formats
from seqline.errors import CorpusError

HEADER = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Language: {language}\\n"
"Plural-Forms: {plural}\\n"
"""

GOLDEN = """# A translator's comment
#, fuzzy
msgid ""
msgstr ""
"Project-Id-Version: x\\n"
"Language: zh_CN\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

#. extracted
#: file.c:12
#, c-format
msgid "Open %s\\n"
msgstr "打开 %s\\n"

#: file.c:13
msgctxt "menu"
msgid "Open"
msgstr "打开"

#| msgid "old"
#, fuzzy, c-format
msgid "Close"
msgstr "开"
msgid "no blank line before"
msgstr ""

msgid ""
"Several "
"\\"lines\\"\\t\\\\n"
msgstr "几"
"行"
msgid "%d file"
msgid_plural "%d files"
msgstr[0] "%d 个文件"

#, fuzzy
msgid "one"
msgid_plural "many"
msgstr[0] "一"

#, fuzzy
#~ msgid "gone and doubtful"
#~ msgstr "疑"

#~| msgid "before"
#~ msgid "gone"
#~ msgstr ""
#~ "走了"

#, fuzzy
#~ msgid "gone and doubtful too"
#~ msgstr "疑"
msgid "after the obsolete ones"
msgstr "其后"
#~ msgid "gone at the end"
#~ msgstr "终"
"""


def read(folder: Path, text: str, languages: tuple[str, str] = ("en", "zh")) -> list[tuple[int, str, str]]:
    path = folder / "messages.po"
    path.write_text(text, encoding="utf-8", newline="")
    return [(row.line, row.source, row.target) for row in formats.read(path, languages)]


def header(language: str = "zh_CN", plural: str = "nplurals=1; plural=0;") -> str:
    return HEADER.format(language=language, plural=plural)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_message_is_a_row_and_a_plural_is_two(tmp_path: Path, end: str) -> None:
    assert read(tmp_path, GOLDEN.replace("\n", end)) == [
        (1, "Open %s ", "打开 %s "),
        (2, "Open", "打开"),
        (3, "Close", ""),
        (4, "no blank line before", ""),
        (5, 'Several "lines"\t\\n', "几行"),
        (6, "%d file", "%d 个文件"),
        (6, "%d files", "%d 个文件"),
        (7, "one", ""),
        (7, "many", ""),
        (8, "after the obsolete ones", "其后"),
    ]


def test_a_file_of_obsolete_messages_only_holds_none(tmp_path: Path) -> None:
    assert read(tmp_path, '#~ msgid "one"\n#~ msgstr "一"\n') == []


@pytest.mark.parametrize("wrap", [10, 78])
def test_what_polib_marks_obsolete_or_fuzzy_is_no_pair(tmp_path: Path, wrap: int) -> None:
    source = catalogue([("one", "一")])
    source.wrapwidth = wrap
    source.append(polib.POEntry(msgid="words that are long enough to be wrapped", msgstr="疑", flags=["fuzzy"]))
    source.append(polib.POEntry(msgid="words of old that were wrapped, too", msgstr="旧的", obsolete=True))
    source.append(polib.POEntry(msgid="two", msgstr="二"))
    assert read(tmp_path, str(source)) == [
        (1, "one", "一"),
        (2, "words that are long enough to be wrapped", ""),
        (3, "two", "二"),
    ]


PLURALS = {
    "nplurals=2; plural=(n != 1);": ("f0", "f1"),
    "nplurals=2; plural=n>1;": ("f0", "f1"),
    "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);":
        ("f0", "f2"),
    "nplurals=4; plural=(n%100==1 ? 1 : n%100==2 ? 2 : n%100==3 || n%100==4 ? 3 : 0);": ("f1", "f0"),
    "nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5;": ("f1", "f3"),
    "": ("f0", "f5"), "nplurals=2; plural=import os;": ("f0", "f5"), "nplurals=2; plural=n/0;": ("f0", "f5"),
    "nplurals=2; plural=99;": ("f5", "f5"), f"nplurals=2; plural={'(' * 500}n;": ("f0", "f5"),
}  # fmt: skip


@pytest.mark.parametrize("plural", PLURALS)
def test_the_form_for_one_goes_with_msgid_and_that_for_many_with_its_plural(tmp_path: Path, plural: str) -> None:
    forms = "".join(f'msgstr[{number}] "f{number}"\n' for number in range(6))
    rows = read(tmp_path, header(plural=plural) + '\nmsgid "%d file"\nmsgid_plural "%d files"\n' + forms)
    assert tuple(target for _, _, target in rows) == PLURALS[plural]


def test_the_translations_may_be_the_source_side(tmp_path: Path) -> None:
    text = header("zh_CN") + '\nmsgid "one"\nmsgstr "一"\n'
    assert read(tmp_path, text, ("zh", "en")) == [(1, "一", "one")]
    assert read(tmp_path, text.replace("zh_CN", ""), ("zh", "en")) == [(1, "one", "一")]


def test_another_language_in_the_header_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"translations are in 'fr'; expected 'zh'; if that is meant, name"):
        read(tmp_path, header("fr") + '\nmsgid "one"\nmsgstr "un"\n')


def test_a_message_with_a_context_and_no_text_is_no_header(tmp_path: Path) -> None:
    assert read(tmp_path, 'msgctxt "x"\nmsgid ""\nmsgstr "Language: fr\\n"\n') == [(1, "", "Language: fr ")]


DAMAGED = {
    'msgid "a"\nmsgstr "你好吗\n': "line 2 is no PO",
    'msgid "a"\nmsgstr 你好\n': "line 2 is no PO",
    'msgid "a"\nmsgstr "a"b"\n': "line 2 is no PO",
    'msgid "a"\nmsgstr "a\\"\n': "line 2 is no PO",
    "msgid one\n": "line 1 is no PO",
    "<html>\n": "line 1 is no PO",
    '"text"\n': "line 1 stands out of order",
    'msgstr "a"\n': "line 1 stands out of order",
    'msgid "a"\nmsgid "b"\n': "line 2 stands out of order",
    'msgid "a"\nmsgstr "b"\nmsgstr "c"\n': "line 3 stands out of order",
    'msgid "a"\nmsgstr "b"\n\nmsgid "c"\n': "ends at line 4 within a message that has no msgstr",
}


@pytest.mark.parametrize("text", DAMAGED)
def test_what_is_no_whole_message_is_an_error_with_its_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(CorpusError, match=rf"messages\.po: .*{DAMAGED[text]}"):
        read(tmp_path, text)


def test_other_encodings_are_named(tmp_path: Path) -> None:
    (tmp_path / "messages.po").write_bytes('msgid "a"\nmsgstr "你好"\n'.encode("gb2312"))
    with pytest.raises(CorpusError, match="line 2 is not UTF-8"):
        list(formats.read(tmp_path / "messages.po", ("en", "zh")))


def compiled(folder: Path, how: str = "plain") -> Path:
    source = catalogue([("one", "一"), ("two", "二")])
    source.append(polib.POEntry(msgctxt="menu", msgid="Open", msgstr="打开"))
    source.append(polib.POEntry(msgid="%d file", msgid_plural="%d files", msgstr_plural={0: "%d 个文件"}))
    source.append(polib.POEntry(msgid="doubtful", msgstr="疑", flags=["fuzzy"]))
    source.save_as_mofile(str(folder / "messages.mo"))
    if how != "plain":
        data = (folder / "messages.mo").read_bytes()
        (folder / "messages.mo").write_bytes(COMPRESSIONS[how](data))
    return folder / "messages.mo"


@pytest.mark.parametrize("how", ["plain", *COMPRESSIONS])
def test_compiled_messages_are_read_without_their_contexts(tmp_path: Path, how: str) -> None:
    rows = [(row.source, row.target) for row in formats.read(compiled(tmp_path, how), ("en", "zh"))]
    assert sorted(rows) == [("%d file", "%d 个文件"), ("%d files", "%d 个文件"), ("Open", "打开"), ("one", "一"),
                            ("two", "二")]  # fmt: skip


def test_compiled_messages_of_the_other_byte_order_are_read_alike(tmp_path: Path) -> None:
    path = compiled(tmp_path)
    little = list(formats.read(path, ("en", "zh")))
    data = path.read_bytes()
    end_of_tables = 28 + 16 * int.from_bytes(data[8:12], "little")
    words = [data[at : at + 4][::-1] for at in range(0, end_of_tables, 4)]
    path.write_bytes(b"".join(words) + data[end_of_tables:])
    assert list(formats.read(path, ("en", "zh"))) == little
