"""Cutting text into pieces, and keeping the pieces of a corpus on disk."""

from seqline.tokenization.sequences import Sequences, Spool
from seqline.tokenization.tokenizer import Tokenizer, train_tokenizer

__all__ = ["Sequences", "Spool", "Tokenizer", "train_tokenizer"]
