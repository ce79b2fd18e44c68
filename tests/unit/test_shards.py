from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest

from seqline.compression import shards as cutting
from seqline.compression.shards import Shard, translate
from seqline.errors import StageError
from seqline.types import Translation


class Upper:
    """Translates into capitals; counts the sentences."""

    def __init__(self) -> None:
        self.num_lines = 0

    def translate(self, lines: Sequence[str], *, beam: int = 4, nbest: int = 1) -> list[list[Translation]]:
        self.num_lines += len(lines)
        return [[Translation(line.upper(), -0.1)] for line in lines]


@pytest.fixture
def shards(tmp_path: Path) -> list[Shard]:
    """Four shards of three pairs, of which none is made."""
    rows = pl.DataFrame({"id": range(12), "source": [f"s{row}" for row in range(12)], "target": ["S1"] * 12}).lazy()
    return [Shard(tmp_path / f"{begin}.parquet", rows.slice(begin, 3), 3) for begin in range(0, 12, 3)]


def test_every_shard_comes_in_turn_and_is_written_by_then(shards: list[Shard]) -> None:
    for shard, done in zip(shards, translate(shards, Upper(), beam=1, nbest=1), strict=True):
        assert done is shard
        assert shard.is_whole()
    assert pl.read_parquet(shards[2].path)["target"].to_list() == ["S6", "S7", "S8"]


def test_what_is_not_there_is_not_whole(shards: list[Shard]) -> None:
    assert not any(shard.is_whole() for shard in shards)


@pytest.mark.parametrize("damage", ["cut short", "rows missing", "other rows", "no columns of ours"])
def test_a_shard_that_cannot_be_what_it_should_is_not_whole(shards: list[Shard], damage: str) -> None:
    list(translate(shards, Upper(), beam=1, nbest=1))
    path = shards[0].path
    made = pl.read_parquet(path)
    if damage == "cut short":
        path.write_bytes(path.read_bytes()[:-100])
    elif damage == "rows missing":
        made.head(2).write_parquet(path)
    elif damage == "other rows":
        path.write_bytes(shards[1].path.read_bytes())
    else:
        made.select("id").write_parquet(path)
    assert [shard.is_whole() for shard in shards] == [False, True, True, True]


def test_a_kill_keeps_what_is_translated(shards: list[Shard]) -> None:
    class Killed(Upper):
        def translate(self, lines: Sequence[str], *, beam: int = 4, nbest: int = 1) -> list[list[Translation]]:
            if self.num_lines == 6:
                raise KeyboardInterrupt
            return super().translate(lines, beam=beam, nbest=nbest)

    with pytest.raises(KeyboardInterrupt):
        list(translate(shards, Killed(), beam=1, nbest=1))
    assert [shard.is_whole() for shard in shards] == [True, True, False, False]


def test_a_kill_within_a_shard_keeps_the_parts_that_are_translated(
    shards: list[Shard], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(Upper):
        def translate(self, lines: Sequence[str], *, beam: int = 4, nbest: int = 1) -> list[list[Translation]]:
            if self.num_lines == 2:
                raise KeyboardInterrupt
            return super().translate(lines, beam=beam, nbest=nbest)

    monkeypatch.setattr(cutting, "PART_PAIRS", 1)
    with pytest.raises(KeyboardInterrupt):
        list(translate(shards, Killed(), beam=1, nbest=1))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.0000.part", "0.0001.part"]
    again = Upper()
    list(translate(shards, again, beam=1, nbest=1))
    assert again.num_lines == 10
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.parquet", "3.parquet", "6.parquet", "9.parquet"]
    assert all(shard.is_whole() for shard in shards)


def test_a_part_cut_short_is_translated_again(shards: list[Shard]) -> None:
    (part,) = shards[0].parts()
    part.path.write_bytes(b"PAR1")
    list(translate(shards, Upper(), beam=1, nbest=1))
    assert pl.read_parquet(shards[0].path)["target"].to_list() == ["S0", "S1", "S2"]


def test_parts_are_of_like_length_and_the_shard_in_the_order_of_its_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = ["long and longer", "b", "longer", "a", "b"]
    rows = pl.DataFrame({"id": [3, 5, 7, 9, 11], "source": sources, "target": [""] * 5}).lazy()
    shard = Shard(tmp_path / "0.parquet", rows, 5)
    monkeypatch.setattr(cutting, "PART_PAIRS", 3)
    assert [part.pairs.collect()["id"].to_list() for part in shard.parts()] == [[9, 5, 11], [7, 3]]
    list(translate([shard], Upper(), beam=1, nbest=1))
    made = pl.read_parquet(shard.path)
    assert made["id"].to_list() == [3, 5, 7, 9, 11]
    assert made["target"].to_list() == [source.upper() for source in sources]


def test_what_cannot_be_written_is_told(shards: list[Shard], monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise StageError("the disk is full")

    monkeypatch.setattr("seqline.compression.shards.write_bytes", full)
    teacher = Upper()
    with pytest.raises(StageError, match="disk is full"):
        list(translate(shards, teacher, beam=1, nbest=1))
    assert teacher.num_lines <= 6
