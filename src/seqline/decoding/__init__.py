"""Turning a model into translations: beam search, scoring, and a translator of lines."""

from seqline.decoding.hypothesis import Hypothesis
from seqline.decoding.scoring import score, score_by_steps
from seqline.decoding.translator import TorchTranslator

__all__ = ["Hypothesis", "TorchTranslator", "score", "score_by_steps"]
