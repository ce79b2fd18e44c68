"""Translations drawn at random from a model, piece by piece.

Legend: B sentences, K samples of each, N = B·K, V vocabulary, S source length, T positions.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from seqline.decoding.hypothesis import Hypothesis, Required
from seqline.decoding.walk import Walk
from seqline.models.base import StepModel
from seqline.special import EOS
from seqline.types import Sampling, Search


@torch.inference_mode()
def sample(
    model: StepModel[Any],
    source_BS: Tensor,
    options: Search,
    max_lengths: Sequence[int],
    required: Sequence[Required] = (),
) -> list[list[Hypothesis]]:
    """``options.nbest`` samples of each sentence, the most probable first; two of them may be equal.

    Scores are the model's, whatever temperature and truncation the sample was drawn with. The random numbers belong to
    seed, source and number of the sample, so a sentence gets the same ones whatever else is in its batch.
    """
    sampling, num_rows = options.sampling or Sampling(), options.nbest
    uniform_BKT = _uniform(
        source_BS.tolist(), num_rows, 1 if sampling.seed is None else sampling.seed, max(max_lengths)
    )
    going = list(range(len(max_lengths)))
    walk = Walk(model, source_BS, options, required, going, num_rows)
    total_BK = torch.zeros(len(going), num_rows)
    found: list[dict[int, Hypothesis]] = [{} for _ in going]
    while going:
        log_probs_NV = walk.log_probs()
        piece_N = drawn(log_probs_NV, uniform_BKT[going, :, walk.length - 1].flatten(), sampling)
        total_BK = total_BK + log_probs_NV.gather(1, piece_N[:, None]).view(-1, num_rows)
        piece_BK = piece_N.view(-1, num_rows)
        for b, sentence in enumerate(going):
            _finish(found[sentence], b, walk, total_BK, piece_BK, cut=walk.length >= max_lengths[sentence])
        kept = [b for b, sentence in enumerate(going) if len(found[sentence]) < num_rows]
        going, total_BK = [going[b] for b in kept], total_BK[kept]
        if going:
            walk.go_on(torch.arange(len(piece_N)).view(-1, num_rows)[kept], piece_BK[kept], kept)
    return [sorted(samples.values(), key=lambda hypothesis: -hypothesis.score) for samples in found]


def drawn(log_probs_NV: Tensor, uniform_N: Tensor, sampling: Sampling) -> Tensor:
    """One piece per row, (N,), by inversion: where the cumulative probability passes a number of [0, 1)."""
    pieces_NC = None
    scaled_NC = log_probs_NV.double() / sampling.temperature
    if sampling.top_k or sampling.top_p < 1:
        count = min(sampling.top_k or scaled_NC.size(1), scaled_NC.size(1))
        scaled_NC, pieces_NC = scaled_NC.topk(count, dim=1)
    probability_NC = scaled_NC.softmax(dim=1)
    if sampling.top_p < 1:
        before_NC = probability_NC.cumsum(dim=1) - probability_NC
        probability_NC = probability_NC.masked_fill(before_NC >= sampling.top_p, 0.0)
    cumulative_NC = probability_NC.cumsum(dim=1)
    where_N1 = torch.searchsorted(cumulative_NC, uniform_N[:, None] * cumulative_NC[:, -1:], right=True)
    where_N1 = where_N1.clamp_max(cumulative_NC.size(1) - 1)
    return (where_N1 if pieces_NC is None else pieces_NC.gather(1, where_N1))[:, 0]


def _finish(
    samples: dict[int, Hypothesis], b: int, walk: Walk, total_BK: Tensor, piece_BK: Tensor, *, cut: bool
) -> None:
    """Keep the samples of a sentence that end now, under their numbers."""
    for k, (total, piece) in enumerate(zip(total_BK[b].tolist(), piece_BK[b].tolist(), strict=True)):
        if k not in samples and (piece == EOS or cut):
            samples[k] = walk.hypothesis(b * walk.num_rows + k, total, piece)


def _uniform(rows: Sequence[Sequence[int]], num_samples: int, seed: int, length: int) -> Tensor:
    """Numbers of [0, 1) for each sentence, sample and position, (B, K, T)."""
    numbers = []
    for row in rows:
        for number in range(num_samples):
            text = f"{seed} {number} {row[: row.index(EOS) + 1]}"
            own = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little", signed=True)
            generator = torch.Generator().manual_seed(own)
            numbers.append(torch.rand(length, generator=generator, dtype=torch.float64))
    return torch.stack(numbers).view(len(rows), num_samples, length)
