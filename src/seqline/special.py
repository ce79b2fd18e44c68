"""Ids of the pieces that are not text; every tokenizer and every model of this project agrees on them."""

PAD, UNK, BOS, EOS = 0, 1, 2, 3
