"""Batches of sentences of nearly equal length, for translation, and their results in turn."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

# Lines whose length falls in the same bucket share a cap on decoding steps, so that the cap of a line does not depend
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


def spread_over(workers: int, lengths: Sequence[int], batch_tokens: int) -> list[list[int]]:
    """As :func:`batches`, but where those are fewer than the workers, a batch for each, as even as that allows."""
    found = list(batches(lengths, batch_tokens))
    if len(found) >= min(workers, len(lengths)):
        return found
    even = -(-sum(lengths) // workers)
    while len(found := list(batches(lengths, even))) > workers:
        even += -(-even // 8)
    return found


def bucket(length: int) -> int:
    """The longest length of a length's bucket."""
    return -(-length // BUCKET_PIECES) * BUCKET_PIECES


def in_turn(
    given: Iterable[list[int]], submit: Callable[[list[int]], Sequence[Any]], ahead: int
) -> Iterator[tuple[list[int], list[Any]]]:
    """Each batch with its results, while ``ahead`` more are already submitted: reading keeps no worker waiting.

    Args:
        given: the batches.
        submit: gives something with a method ``result`` per sequence, such as ``ctranslate2.AsyncTranslationResult``.
        ahead: some for each worker; beyond four times their number CTranslate2 makes the one who submits wait.
    """
    pending: deque[tuple[list[int], Sequence[Any]]] = deque()
    for batch in given:
        pending.append((batch, submit(batch)))
        if len(pending) > ahead:
            yield _finished(*pending.popleft())
    while pending:
        yield _finished(*pending.popleft())


def _finished(batch: list[int], results: Sequence[Any]) -> tuple[list[int], list[Any]]:
    return batch, [result.result() for result in results]
