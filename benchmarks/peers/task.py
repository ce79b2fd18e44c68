"""What every adapter is asked to do, as JSON: adapters run in other environments, so standard library only."""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

SOURCE, TARGET = "en", "de"


@dataclass(frozen=True)
class Shape:
    """A Transformer with tied embeddings; ``dropout`` goes to every kind that a tool knows.

    Those are the sums of embeddings and positions and the outputs of sublayers everywhere; attention weights and the
    inner layer of the feed-forward network everywhere too. Sockeye alone applies none to embeddings unless it is told.
    """

    width: int = 256
    heads: int = 4
    ffn: int = 1024
    encoder_layers: int = 3
    decoder_layers: int = 3
    dropout: float = 0.1


@dataclass(frozen=True)
class Recipe:
    """How a model is trained. ``save_every`` 0: no checkpoint but the last, which ``updates`` 0 leaves out too."""

    batch_tokens: int = 4096
    learning_rate: float = 0.001
    warmup_updates: int = 200
    updates: int = 0
    label_smoothing: float = 0.1
    save_every: int = 0
    averaged: int = 1
    seed: int = 1


@dataclass(frozen=True)
class Task:
    """A run of one tool.

    ``corpus`` holds ``train``, ``dev`` and ``test`` with the ends ``.en`` and ``.de``, pieces parted by spaces, and all
    pieces in ``pieces.txt``. Everything that the tool writes goes to ``folder``. Training ends after ``seconds``, which
    count from the update ``skipped``, or where they are 0 after ``recipe.updates``. ``own_params``: Seqline keeps the
    params of its project but for the number of updates. ``precision`` is Seqline's: ``auto`` or ``fp32``.
    """

    corpus: str
    folder: str
    shape: Shape = Shape()
    recipe: Recipe = Recipe()
    seconds: float = 0.0
    skipped: int = 10
    threads: int = 2
    beam: int = 5
    batch_sentences: int = 64
    rounds: int = 1
    own_params: bool = False
    precision: str = "auto"

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what ``save`` wrote."""
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return cls(**content | {"shape": Shape(**content["shape"]), "recipe": Recipe(**content["recipe"])})

    def save(self, path: Path) -> None:
        """Write it as JSON."""
        path.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")

    def at(self, folder: Path) -> Self:
        """The same in another folder."""
        return replace(self, folder=str(folder))

    def given(self, recipe: Recipe) -> Self:
        """The same by another recipe."""
        return replace(self, recipe=recipe)

    def measured(self, seconds: float) -> Self:
        """The same, ended by the clock."""
        return replace(self, seconds=seconds)

    def text(self, split: str, language: str) -> Path:
        """The pieces of one side of a split."""
        return Path(self.corpus) / f"{split}.{language}"

    @property
    def pieces(self) -> list[str]:
        """All pieces, in the order of the SentencePiece model, without special ones."""
        return (Path(self.corpus) / "pieces.txt").read_text(encoding="utf-8").removesuffix("\n").split("\n")

    def lines(self, split: str, language: str) -> list[str]:
        """One side of a split."""
        return self.text(split, language).read_text(encoding="utf-8").removesuffix("\n").split("\n")
