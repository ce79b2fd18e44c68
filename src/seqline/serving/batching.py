"""Batches of sentences of nearly equal length, for translation."""

from collections.abc import Iterator, Sequence

# Lines whose length falls in the same bucket share a cap on decoding steps, so that a translation does not depend
# on the other lines of its batch.
BUCKET_PIECES = 16


def batches(lengths: Sequence[int], batch_tokens: int) -> Iterator[list[int]]:
    """Indices of sequences, shortest first, in batches of one length bucket and at most ``batch_tokens`` pieces.

    Padding counts: a batch holds (number of sequences) × (longest) pieces. A sequence that is longer than
    ``batch_tokens`` makes a batch of its own.
    """
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda index: lengths[index]):
        length = lengths[index]
        full = (len(batch) + 1) * length > batch_tokens
        if batch and (full or bucket(length) != bucket(lengths[batch[-1]])):
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def bucket(length: int) -> int:
    """The longest length of a length's bucket."""
    return -(-length // BUCKET_PIECES) * BUCKET_PIECES
