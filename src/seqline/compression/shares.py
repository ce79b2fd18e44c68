"""How much of a model goes, and how much of that by which round."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Shares:
    """Of heads and of feed-forward units that go."""

    heads: float
    ffn: float

    def of_round(self, number: int, rounds: int) -> "Shares":
        """What is gone after round ``number`` of ``rounds``: much at first, little at last (Zhu & Gupta 2017)."""
        done = 1 - (1 - number / rounds) ** 3
        return Shares(self.heads * done, self.ffn * done)

    def beyond(self, other: "Shares") -> "Shares":
        """Of what ``other`` leaves, the shares that must go to come to these."""
        return Shares(1 - (1 - self.heads) / (1 - other.heads), 1 - (1 - self.ffn) / (1 - other.ffn))
