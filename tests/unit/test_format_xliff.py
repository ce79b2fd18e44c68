"""XLIFF 1.2 and 2: units, segments, states and inline markup."""

from pathlib import Path

import pytest

from seqline.corpus import formats
from seqline.errors import CorpusError

VERSION_1 = """<?xml version="1.0"?>
<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2" xmlns:sdl="http://sdl.com/FileTypes/SdlXliff/1.0">
 <file source-language="en-US" target-language="zh-CN" original="a"><header><note>n</note></header><body>
  <group id="g"><trans-unit id="1"><source>Press <g id="1">OK<x id="2"/></g>.</source>
    <target state="final">按<g id="1">确定</g>。</target><note>n</note>
    <alt-trans><source>other</source><target>别的</target></alt-trans></trans-unit></group>
  <trans-unit id="2"><source>one<x ctype="lb"/>two <bpt id="1">{b}</bpt>three<ept id="1">{/b}</ept> \
<ph id="3">code<sub>sub</sub></ph><mrk mtype="term">four</mrk></source><target>一二三四</target></trans-unit>
  <trans-unit id="3"><source>new</source><target state="new">new</target></trans-unit>
  <trans-unit id="4"><source>waiting</source><target state="needs-translation">waiting</target></trans-unit>
  <trans-unit id="5"><source>no target</source></trans-unit>
  <trans-unit id="6"><source>First. Second.</source>
    <seg-source><g id="9"><mrk mtype="seg" mid="1">First.</mrk> <mrk mtype="seg" mid="2">Second.</mrk></g></seg-source>
    <target><mrk mtype="seg" mid="2">第二。</mrk><mrk mtype="seg" mid="1">第一。</mrk></target>
    <sdl:seg-defs><sdl:seg id="1"/></sdl:seg-defs></trans-unit>
  <trans-unit id="7"><source>One. Two.</source>
    <seg-source><mrk mtype="seg" mid="1">One.</mrk><mrk mtype="seg" mid="2">Two.</mrk></seg-source>
    <target><mrk mtype="seg" mid="1">一。</mrk><mrk mtype="seg" mid="3">三。</mrk></target></trans-unit>
  <trans-unit id="8"><source>Whole. Target.</source>
    <seg-source><mrk mtype="seg" mid="1">Whole.</mrk><mrk mtype="seg" mid="2">Target.</mrk></seg-source>
    <target>整个。</target></trans-unit>
 </body></file>
 <file source-language="zh" target-language="en"><body>
  <trans-unit id="1"><source>反过来</source><target>the other way round</target></trans-unit></body></file>
 <file source-language="en" target-language="fr"><body>
  <trans-unit id="1"><source>French</source><target>français</target></trans-unit></body></file>
 <file source-language="en"><body>
  <trans-unit id="1"><source>no target language</source><target>没有语言</target></trans-unit></body></file>
</xliff>
"""

VERSION_2 = """<?xml version="1.0"?>
<xliff version="2.1" srcLang="en" trgLang="zh" xmlns="urn:oasis:names:tc:xliff:document:2.0"
       xmlns:mtc="urn:oasis:names:tc:xliff:matches:2.0">
 <file id="f"><group id="g"><unit id="1">
   <mtc:matches><mtc:match><source>no</source><target>不</target></mtc:match></mtc:matches><notes><note>n</note></notes>
   <originalData><data id="d1">&lt;b></data></originalData>
   <segment id="s1" state="translated"><source>Press <pc id="1" dataRefStart="d1">OK<ph id="2"/></pc>.</source>
     <target>按<pc id="1">确定</pc>。</target></segment>
   <ignorable><source> </source><target></target></ignorable>
   <segment id="s2"><source>one<ph id="1" type="fmt" subType="xlf:lb"/><sc id="2"/>two<ec startRef="2"/> \
<mrk id="m" type="term">three</mrk><sm id="4"/><em startRef="4"/><cp hex="0007"/></source>
     <target>一二三</target></segment>
   </unit></group>
  <unit id="2"><segment state="initial"><source>waiting</source><target>waiting</target></segment></unit>
  <unit id="3"><segment><source>no target</source></segment></unit>
  <unit id="4"><segment><source>bad <cp hex="D800"/><cp hex="zz"/></source><target>坏</target></segment></unit>
 </file>
</xliff>
"""


def read(folder: Path, text: str, languages: tuple[str, str] = ("en", "zh")) -> list[tuple[int, str, str]]:
    path = folder / "memory.xliff"
    path.write_text(text, encoding="utf-8")
    return [(row.line, row.source, row.target) for row in formats.read(path, languages)]


def test_every_segment_of_version_1_is_one_row(tmp_path: Path) -> None:
    assert read(tmp_path, VERSION_1) == [
        (1, "Press OK.", "按确定。"),
        (2, "one two three four", "一二三四"),
        (3, "new", ""),
        (4, "waiting", ""),
        (5, "no target", ""),
        (6, "First.", "第一。"),
        (7, "Second.", "第二。"),
        (8, "One.", "一。"),
        (9, "Two.", ""),
        (10, "", "三。"),
        (11, "Whole. Target.", "整个。"),
        (12, "the other way round", "反过来"),
        (13, "French", ""),
        (14, "no target language", "没有语言"),
    ]


def test_every_segment_of_version_2_is_one_row(tmp_path: Path) -> None:
    assert read(tmp_path, VERSION_2) == [
        (1, "Press OK.", "按确定。"),
        (2, "one two three\x07", "一二三"),
        (3, "waiting", ""),
        (4, "no target", ""),
        (5, "bad \ufffd\ufffd", "坏"),
    ]


@pytest.mark.parametrize("text", [VERSION_1, VERSION_2])
def test_source_and_target_turn_with_the_languages(tmp_path: Path, text: str) -> None:
    turned = [(line, source, target) for line, target, source in read(tmp_path, text, ("zh", "en"))]
    assert turned == read(tmp_path, text)


def test_a_prefix_changes_nothing(tmp_path: Path) -> None:
    namespace = "urn:oasis:names:tc:xliff:document:1.2"
    text = (
        f'<x:xliff version="1.2" xmlns:x="{namespace}"><x:file source-language="en" target-language="zh"><x:body>'
        "<x:trans-unit><x:source>one</x:source><x:target>一</x:target></x:trans-unit></x:body></x:file></x:xliff>"
    )
    assert read(tmp_path, text) == [(1, "one", "一")]


def test_another_language_is_an_error_that_lists_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="nothing is in 'de'; languages found: 'en', 'zh'"):
        read(tmp_path, VERSION_2, ("en", "de"))
