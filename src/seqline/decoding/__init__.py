"""Turning a model into translations: beam search, scoring, and a translator of lines."""

from seqline.decoding.beam import beam_search
from seqline.decoding.hypothesis import Hypothesis
from seqline.decoding.scoring import score, score_by_steps
from seqline.decoding.translator import TorchTranslator

__all__ = ["Hypothesis", "TorchTranslator", "beam_search", "score", "score_by_steps"]
