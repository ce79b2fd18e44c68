"""Seqline: from raw parallel text to a small, fast, registered translation model, and kept fresh."""
