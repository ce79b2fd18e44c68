"""TMX: variants, inline markup and what surrounds it."""

from pathlib import Path

import pytest
from reference_writers import tmx

from seqline.corpus import formats
from seqline.corpus.row import Row
from seqline.errors import CorpusError

GOLDEN = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE tmx SYSTEM "tmx14.dtd">
<tmx version="1.4">
  <header creationtool="X" segtype="sentence" srclang="en-US" adminlang="en"><note>not a text</note></header>
  <body>
    <tu tuid="1"><prop type="x">a property</prop><note>a note</note>
      <tuv xml:lang="en-US" creationdate="20240101T000000Z"><note>another</note><seg>Plain &amp; simple.</seg></tuv>
      <tuv xml:lang="zh-CN"><seg>简单。</seg></tuv></tu>
    <tu><tuv xml:lang="en-US"><seg>Press <bpt i="1">&lt;b&gt;</bpt>OK<ept i="1">&lt;/b&gt;</ept>.</seg></tuv>
        <tuv xml:lang="zh-CN"><seg>按<bpt i="1">&lt;b&gt;</bpt>确定<ept i="1">&lt;/b&gt;</ept>。</seg></tuv></tu>
    <tu><tuv xml:lang="en-US"><seg>one<ph type="lb"/>two<it pos="begin">{\\i </it> <hi type="t">three <hi>four</hi>\
</hi><ut>{\\x}</ut><ph>&lt;img alt="<sub>a picture</sub>"&gt;</ph></seg></tuv>
        <tuv xml:lang="zh-CN"><seg><![CDATA[一 <b>二</b>]]> &#x20000;</seg></tuv></tu>
    <tu><tuv xml:lang="en-US"><seg>No Chinese.</seg></tuv><tuv xml:lang="de-DE"><seg>Kein Chinesisch.</seg></tuv></tu>
    <tu><tuv xml:lang="zh-CN"><seg>没有英文。</seg></tuv></tu>
    <tu><tuv xml:lang="en-US"><seg>
        Spread
        over lines.</seg></tuv><tuv xml:lang="zh-CN"></tuv></tu>
    <tu/>
    <tu><tuv lang="EN"><seg>TMX 1.1</seg></tuv><tuv lang="zh-TW" xml:lang="zh-CN"><seg>两个</seg></tuv></tu>
  </body>
</tmx>
"""


def read(folder: Path, data: bytes | str, languages: tuple[str, str] = ("en", "zh")) -> list[Row]:
    path = folder / "memory.tmx"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return list(formats.read(path, languages))


def test_every_unit_is_one_row_with_its_number(tmp_path: Path) -> None:
    assert [(row.line, row.source, row.target) for row in read(tmp_path, GOLDEN)] == [
        (1, "Plain & simple.", "简单。"),
        (2, "Press OK.", "按确定。"),
        (3, "one two three four", "一 <b>二</b> 𠀀"),
        (4, "No Chinese.", ""),
        (5, "", "没有英文。"),
        (6, "         Spread         over lines.", ""),
        (7, "", ""),
        (8, "TMX 1.1", "两个"),
    ]


def test_the_sides_are_chosen_by_language_not_by_place(tmp_path: Path) -> None:
    assert read(tmp_path, tmx([("一", "one")], ("zh", "en"))) == [Row(1, "one", "一")]


def test_a_variant_can_be_named(tmp_path: Path) -> None:
    units = GOLDEN.replace("<tu/>", '<tu><tuv xml:lang="en"><seg>computer</seg></tuv><tuv xml:lang="zh-TW"><seg>電腦'
                           '</seg></tuv><tuv xml:lang="zh-CN"><seg>电脑</seg></tuv></tu>')  # fmt: skip
    assert read(tmp_path, units, ("en", "zh"))[6].target == "電腦"
    assert read(tmp_path, units, ("en", "zh-CN"))[6].target == "电脑"
    assert read(tmp_path, units, ("en", "zh_Hans"))[6].target == "电脑"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "us-ascii", "windows-1252"])
def test_the_encoding_that_the_file_declares_is_used(tmp_path: Path, encoding: str) -> None:
    assert read(tmp_path, tmx([("café", "咖啡 𠀀")], encoding=encoding)) == [Row(1, "café", "咖啡 𠀀")]


def test_utf16_without_a_declaration_is_known_by_its_mark(tmp_path: Path) -> None:
    text = GOLDEN.replace('<?xml version="1.0" encoding="UTF-8"?>', "")
    for encoding in ("utf-16-le", "utf-16-be"):
        assert len(read(tmp_path, ("\ufeff" + text).encode(encoding))) == 8


@pytest.mark.parametrize("encoding", ["gb18030", "shift_jis", "no-such", "rot13", "utf-7"])
def test_an_encoding_that_cannot_be_read_is_named(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(CorpusError, match=r"memory\.tmx: cannot be decoded \(.+\); convert the file to UTF-8"):
        read(tmp_path, f'<?xml version="1.0" encoding="{encoding}"?><tmx/>')


def test_elements_in_the_namespace_of_tmx_are_meant_and_others_are_not(tmp_path: Path) -> None:
    text = GOLDEN.replace(
        '<tmx version="1.4">', '<tmx version="1.4" xmlns="http://www.lisa.org/tmx14" xmlns:o="urn:o">'
    )
    text = text.replace("<tu/>", '<o:tu><tuv xml:lang="en"><seg>x</seg></tuv></o:tu><tu/>')
    text = text.replace('<tuv xml:lang="en-US">', '<tuv o:lang="fr" xml:lang="en-US">')
    assert read(tmp_path, text) == read(tmp_path, GOLDEN)


def test_a_language_that_no_unit_has_is_an_error_that_lists_the_others(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"nothing is in 'fr'; languages found: 'en-US', 'zh-CN', 'de-DE', 'EN'"):
        read(tmp_path, GOLDEN, ("en", "fr"))


def test_a_file_without_units_says_so(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"memory\.tmx: no translation unit stands in it"):
        read(tmp_path, "<tmx><body/></tmx>")
