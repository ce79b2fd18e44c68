"""How much of a model goes, what of it matters, and the model without the rest: Transformers and recurrent ones."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from typing import Literal

from seqline.compression.coefficients import zero_smallest
from seqline.compression.gates import learnt_gates
from seqline.compression.hidden_units import magnitude_of_units, taylor_of_units, width_without, with_width
from seqline.compression.importance import Importances, magnitude, taylor
from seqline.compression.pruning import prune
from seqline.errors import InputError
from seqline.models.config import TransformerConfig
from seqline.models.recurrent import RecurrentEncoderDecoder
from seqline.models.transformer import Transformer
from seqline.progress import track
from seqline.training.batching import Batch

Prunable = Transformer | RecurrentEncoderDecoder


@dataclass(frozen=True)
class Shares:
    """Of heads and feed-forward units of a Transformer, or of hidden units of a recurrent model, that go.

    ``coefficients``: of the weights that then are left, those that become zero.
    """

    heads: float = 0.0
    ffn: float = 0.0
    hidden: float = 0.0
    coefficients: float = 0.0

    def of_round(self, number: int, rounds: int) -> "Shares":
        """What is gone after round ``number`` of ``rounds``: much at first, little at last (Zhu & Gupta 2017)."""
        done = 1 - (1 - number / rounds) ** 3
        return Shares(*(share * done for share in astuple(self)))

    def at_least(self, share: float) -> "Shares":
        """No part less than ``share``."""
        return Shares(max(self.heads, share), max(self.ffn, share), max(self.hidden, share), self.coefficients)


def gone(whole: Prunable, smaller: Prunable, wanted: Shares) -> Shares:
    """What has gone of ``whole``: not what was ``wanted``, since of four heads no tenth can go."""
    if isinstance(whole, Transformer):
        assert isinstance(smaller, Transformer)
        (heads, units), (heads_left, units_left) = _num_parts(whole.config), _num_parts(smaller.config)
        return replace(wanted, heads=1 - heads_left / heads, ffn=1 - units_left / units, hidden=0.0)
    return replace(wanted, heads=0.0, ffn=0.0, hidden=1 - smaller.config.width / whole.config.width)


def _num_parts(config: TransformerConfig) -> tuple[int, int]:
    """Heads of all attention blocks, of which a decoder layer has two, and feed-forward units."""
    heads = config.encoder_heads * len(config.encoder_ffn) + 2 * config.decoder_heads * len(config.decoder_ffn)
    return heads, sum(config.encoder_ffn + config.decoder_ffn)


def judge(model: Prunable, batches: Sequence[Batch], by: Literal["taylor", "magnitude", "gates"]) -> Importances:
    """How important each head and unit is.

    Raises:
        InputError: hidden units of a recurrent model have no gates to learn.
    """
    seen = track(batches, "judge heads and units", len(batches), "batch")
    match model, by:
        case Transformer(), "taylor":
            return taylor(model, seen)
        case Transformer(), "gates":
            return learnt_gates(model, batches)
        case Transformer(), _:
            return magnitude(model)
        case _, "taylor":
            return taylor_of_units(model, seen)
        case _, "magnitude":
            return magnitude_of_units(model)
    raise InputError("prune.importance: a recurrent student has no gates to learn; say taylor or magnitude")


def without(model: Prunable, importances: Importances, shares: Shares, whole: Prunable) -> Prunable:
    """A new model without the least important parts; ``shares`` are of ``whole``, of which the model is a rest."""
    smaller: Prunable
    if isinstance(model, Transformer):
        assert isinstance(whole, Transformer)
        smaller = prune(model, importances, heads_share=shares.heads, ffn_share=shares.ffn, whole=whole)
    else:
        smaller = with_width(model, importances, width_without(whole.config.width, shares.hidden))
    zero_smallest(smaller, shares.coefficients)
    return smaller
