"""Cutting text into pieces, and keeping the pieces of a corpus on disk."""

from seqline.tokenization.sequences import Sequences
from seqline.tokenization.tokenizer import Tokenizer, train_tokenizer

__all__ = ["Sequences", "Tokenizer", "train_tokenizer"]
