"""What the machine's own fp32 matrix products allow: the products of one batch, timed into buffers that are reused.

Counted, with their two products backward each (gradients of the input and of the weight):

- encoder, per layer: Q, K and V as one product, output, both products of the feed-forward network, over source tokens;
- decoder, per layer: the same over target tokens; Q and output of the cross attention over target tokens, its K and V
  as one product over source tokens;
- attention scores and weighted sums of all three kinds, as batched products over sentences × heads of mean length;
- the output layer over target tokens.

Nothing else counts: no embedding, norm, activation, softmax, dropout, loss, optimiser or padding. Each product is timed
whole and in chunks of 512 rows, for a chunk that stays in cache can be faster; the faster one counts.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import mean

import torch

from peers.task import SOURCE, TARGET, Task

_CHUNK = 512
_REPEATS = 3


@dataclass(frozen=True)
class Product:
    """``batch`` times (rows, inner) · (inner, columns), ``count`` times a forward pass."""

    rows: int
    inner: int
    columns: int
    count: int
    batch: int = 0

    @property
    def flop(self) -> int:
        """Of the forward product and both backward."""
        return 3 * 2 * max(self.batch, 1) * self.rows * self.inner * self.columns * self.count


def tokens_per_s(task: Task) -> dict[str, float]:
    """Target tokens per second if a training step were these products only, and what that means in GFLOP/s."""
    torch.set_num_threads(task.threads)
    lengths = {
        language: mean(line.count(" ") + 2 for line in task.lines("train", language)) for language in (SOURCE, TARGET)
    }
    source, target = round(lengths[SOURCE]), round(lengths[TARGET])
    sentences = task.recipe.batch_tokens // target
    listed = list(products(task, sentences, source, target))
    seconds = sum(product.count * _seconds(product) for product in listed)
    flop, tokens = sum(product.flop for product in listed), sentences * target
    return {
        "tokens_per_s": tokens / seconds,
        "seconds_per_batch": seconds,
        "tokens_per_batch": tokens,
        "source_tokens_per_batch": sentences * source,
        "mflop_per_token": flop / tokens / 1e6,
        "gflop_per_s": flop / seconds / 1e9,
    }


def products(task: Task, sentences: int, source: int, target: int) -> Iterator[Product]:
    """Those of one batch of sentences with so many source and target tokens each."""
    shape = task.shape
    width, ffn, heads = shape.width, shape.ffn, shape.heads
    num_source, num_target = sentences * source, sentences * target
    for rows, layers in ((num_source, shape.encoder_layers), (num_target, shape.decoder_layers)):
        yield Product(rows, width, 3 * width, layers)
        yield Product(rows, width, width, layers)
        yield Product(rows, width, ffn, layers)
        yield Product(rows, ffn, width, layers)
    yield Product(num_target, width, width, 2 * shape.decoder_layers)
    yield Product(num_source, width, 2 * width, shape.decoder_layers)
    encoder, decoder = shape.encoder_layers, shape.decoder_layers
    for queries, keys, layers in ((source, source, encoder), (target, target, decoder), (target, source, decoder)):
        yield Product(queries, width // heads, keys, layers, sentences * heads)
        yield Product(queries, keys, width // heads, layers, sentences * heads)
    yield Product(num_target, width, len(task.pieces) + 4, 1)


def _seconds(product: Product) -> float:
    m, k, n = product.rows, product.inner, product.columns
    return sum(_one(product.batch, *shape) for shape in ((m, k, n), (m, n, k), (k, m, n)))


def _one(batch: int, m: int, k: int, n: int) -> float:
    if batch:
        left, right, out = torch.randn(batch, m, k), torch.randn(batch, k, n), torch.empty(batch, m, n)
        return _best(lambda: torch.bmm(left, right, out=out))
    a, b, c = torch.randn(m, k), torch.randn(k, n), torch.empty(m, n)

    def chunked() -> None:
        for begin in range(0, m, _CHUNK):
            torch.mm(a[begin : begin + _CHUNK], b, out=c[begin : begin + _CHUNK])

    return min(_best(lambda: torch.mm(a, b, out=c)), _best(chunked))


def _best(product: Callable[[], object]) -> float:
    product()
    seconds = []
    for _ in range(_REPEATS):
        begin = time.perf_counter()
        product()
        seconds.append(time.perf_counter() - begin)
    return min(seconds)
