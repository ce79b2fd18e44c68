"""What a user of the peers does with raw text: one joint SentencePiece model, and both sides cut by it."""

import gzip
from pathlib import Path

import sentencepiece

from peers.task import SOURCE, TARGET

SPLITS = {"train": "train", "dev": "val", "test": "test_2016_flickr"}


def lines(data: Path, split: str, language: str) -> list[str]:
    """One side of a split of Multi30k."""
    with gzip.open(data / f"{SPLITS[split]}.{language}.gz", "rt", encoding="utf-8", newline="\n") as stream:
        return [line.removesuffix("\n").strip() for line in stream]


def encode(data: Path, folder: Path, num_pieces: int, threads: int) -> None:
    """The corpus of a :class:`peers.task.Task`, by SentencePiece alone."""
    folder.mkdir(parents=True)
    sides = {(split, language): lines(data, split, language) for split in SPLITS for language in (SOURCE, TARGET)}
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(sides["train", SOURCE] + sides["train", TARGET]),
        model_prefix=str(folder / "joint"),
        vocab_size=num_pieces,
        character_coverage=1.0,
        num_threads=threads,
        minloglevel=2,
    )
    model = sentencepiece.SentencePieceProcessor(model_file=str(folder / "joint.model"))
    specials = {model.unk_id(), model.bos_id(), model.eos_id()}
    _write(folder / "pieces.txt", [model.id_to_piece(i) for i in range(model.get_piece_size()) if i not in specials])
    for (split, language), side in sides.items():
        _write(folder / f"{split}.{language}", [" ".join(pieces) for pieces in model.encode(side, out_type=str)])


def decode(corpus: Path, hypotheses: list[str]) -> list[str]:
    """Lines of pieces as sentences."""
    model = sentencepiece.SentencePieceProcessor(model_file=str(corpus / "joint.model"))
    return [str(model.decode_pieces(line.split(" "))) for line in hypotheses]


def _write(path: Path, rows: list[str]) -> None:
    path.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
