"""Batches in torch: of much work each core gets batches of its own, and waits for nobody."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import torch

from seqline.serving.batching import batches

MANY_ROWS = 512
"""Of sentences times beam: of fewer it does not pay to round the weights, or to give a core work of its own."""

Work = Callable[[Sequence[int]], None]
"""What is done with the sentences of a batch, given by their numbers."""


def each_batch(lengths: Sequence[int], batch_tokens: int, width: int, work: Work) -> None:
    """Call ``work`` with the sentences of each batch, of each of which ``width`` rows are computed.

    Threads that share each product wait for each other many times a step, for long where others use the cores too.
    With few rows, though, they would wait for Python's lock.
    """
    tokens, threads = batch_tokens // width, torch.get_num_threads()
    if threads == 1 or len(lengths) * width < threads * MANY_ROWS:
        for sentences in batches(lengths, tokens):
            work(sentences)
        return
    tokens = max(1, min(tokens, sum(lengths) // threads))
    with _threads_of_one_core(threads) as pool:
        parts = reversed(list(batches(lengths, tokens)))  # the longest first
        for future in [pool.submit(work, sentences) for sentences in parts]:
            future.result()


@contextmanager
def _threads_of_one_core(number: int) -> Iterator[ThreadPoolExecutor]:
    torch.set_num_threads(1)
    pool = ThreadPoolExecutor(number, initializer=lambda: torch.set_num_threads(1))
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)
        torch.set_num_threads(number)
