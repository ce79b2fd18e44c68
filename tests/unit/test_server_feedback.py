"""What a server notes of its requests, and what it has a challenger translate."""

from pathlib import Path

import pytest

from seqline.errors import MissingError
from seqline.server import journal
from seqline.server.batcher import Options
from seqline.server.exchange import Exchange
from seqline.server.journal import Journal
from seqline.server.shadow import Shadow
from seqline.server.traffic import Traffic
from seqline.serving.bundle import Bundle
from seqline.types import Located

LINES = ["the cat sat on the mat", "", "Ich möchte heute Abend bitte früh nach Hause gehen."]
OPTIONS = Options(beam=2, nbest=1, align=False)


def exchange(bundle: Path, lines: list[str] = LINES) -> Exchange:
    answer = Bundle.open(bundle).translate(lines, beam=2)
    return Exchange(Located("tiny/1", "ab", bundle), lines, OPTIONS, answer, 0.012)


def test_of_each_line_is_noted_what_drift_needs_and_no_text(tiny_bundle: Path, tmp_path: Path) -> None:
    bundle = Bundle.open(tiny_bundle)
    traffic = Traffic(Journal(tmp_path, keep_days=1), bundle.count_pieces)
    told = exchange(tiny_bundle)
    traffic(told)
    traffic.close()
    found = list(journal.read(tmp_path, 1))
    assert [one["characters"] for one in found] == [len(line) for line in LINES]
    assert [one["score"] for one in found] == [round(best[0].score, 4) for best in told.answer]
    assert [(one["pieces"], one["spelt"]) for one in found] == bundle.count_pieces(LINES)
    assert [one["language"] for one in found][1:] == ["zxx", "de"]
    assert {(one["version"], one["content"], one["beam"], one["ms"]) for one in found} == {("tiny/1", "ab", 2, 12.0)}
    assert not any(line in str(found) for line in LINES if line)


def test_characters_outside_the_vocabulary_count_as_spelt(tiny_bundle: Path) -> None:
    (known, unknown) = Bundle.open(tiny_bundle).count_pieces(["the cat", "the ☃"])
    assert known[1] == 0
    assert unknown[1] == len("☃".encode())


@pytest.fixture
def challenger(other_bundle: Path) -> Located:
    return Located("tiny/2", "cd", other_bundle)


def test_a_challenger_translates_what_comes_and_both_are_kept(
    tiny_bundle: Path, challenger: Located, tmp_path: Path
) -> None:
    shadow = Shadow(lambda: challenger, Bundle.open, Journal(tmp_path, keep_days=1), share=1.0)
    told = exchange(tiny_bundle, [f"the cat {n}" for n in range(150)])
    shadow(told)
    shadow.close()
    found = list(journal.read(tmp_path, 1))
    expected = [best[0].text for best in Bundle.open(challenger.folder).translate(told.lines, beam=2)]
    assert [one["challenger"]["text"] for one in found] == expected
    assert [one["champion"]["text"] for one in found] == [best[0].text for best in told.answer]
    assert [one["source"] for one in found] == told.lines
    assert {(one["champion"]["version"], one["challenger"]["version"]) for one in found} == {("tiny/1", "tiny/2")}


def test_a_share_of_the_requests_is_drawn(tiny_bundle: Path, challenger: Located, tmp_path: Path) -> None:
    shadow = Shadow(lambda: challenger, Bundle.open, Journal(tmp_path, keep_days=1), share=0.25)
    told = exchange(tiny_bundle, ["the cat"])
    for _ in range(80):
        shadow(told)
    shadow.close()
    assert 8 <= sum(1 for _ in journal.read(tmp_path, 1)) + shadow.num_skipped <= 32


def test_without_a_challenger_it_waits_for_one_and_the_champion_is_not_compared_with_itself(
    tiny_bundle: Path, challenger: Located, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told, there = exchange(tiny_bundle, ["the cat"]), list[Located]()

    def locate() -> Located:
        if not there:
            raise MissingError("nothing of that name")
        return there[-1]

    shadow = Shadow(locate, Bundle.open, Journal(tmp_path, keep_days=1), share=1.0)
    shadow(told)
    shadow.refresh()
    assert shadow.located is None
    assert capsys.readouterr().err == "seqline: no challenger: nothing of that name\n"
    there.append(told.located)
    shadow.refresh()
    shadow(told)
    there.append(challenger)
    shadow.refresh()
    shadow(told)
    shadow.close()
    assert [one["challenger"]["version"] for one in journal.read(tmp_path, 1)] == ["tiny/2"]
