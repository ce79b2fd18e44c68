"""How each tool is set for the best translations within minutes; Seqline's own params are in ``seqline_quality.yaml``.

``small`` is the best known small model of Multi30k (Wu et al. 2021: 4 + 4 layers of width 128, dropout 0.3, learning
rate 0.005, mean of the last 10 checkpoints); ``wide`` is the shape of ``training_peers.py``, whose dropout of 0.1 suits
the few epochs that fit into 15 minutes. The warm-up is a share of the updates that fit into the time; after it the rate
falls as the tool can: with the inverse square root in JoeyNMT and OpenNMT-py, to nothing along a line in Sockeye and
transformers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from peers.task import Recipe, Shape

_CHECKPOINTS = 40
_MIN_INTERVAL = 25
"""Updates between checkpoints: JoeyNMT and Sockeye cannot but validate for each."""


@dataclass(frozen=True)
class Setting:
    """A shape and a recipe for so many updates; ``learning_rates`` of tools that need another one."""

    shape: Shape
    learning_rate: float
    learning_rates: Mapping[str, float] = field(default_factory=dict)
    warmup_share: float = 0.15
    averaged: int = 10

    def recipe(self, tool: str, updates: int) -> Recipe:
        """For a tool that has time for so many updates; 0 to measure how many."""
        every = max(_MIN_INTERVAL, updates // _CHECKPOINTS)
        return Recipe(
            learning_rate=self.learning_rates.get(tool, self.learning_rate),
            warmup_updates=max(100, round(self.warmup_share * updates)),
            updates=updates,
            save_every=every if updates >= every else 0,
            averaged=min(self.averaged, max(1, updates // every)),
        )


SETTINGS = {
    "small": Setting(
        Shape(width=128, heads=4, ffn=256, encoder_layers=4, decoder_layers=4, dropout=0.3),
        learning_rate=0.005,
        learning_rates={"marian": 0.002},  # post-norm
    ),
    "wide": Setting(Shape(), learning_rate=0.002, learning_rates={"marian": 0.001}),
}
