"""The best continuations of all hypotheses of a sentence.

Legend: B sentences, K rows (hypotheses) of each, N = B·K, V vocabulary, C candidates of a sentence, G chunks of a row.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from seqline.decoding.limits import NEVER

_CHUNK = 64


@dataclass(frozen=True)
class Candidates:
    """Continuations of each sentence, best first, (B, C) each.

    ``total`` is the log-probability of the whole, ``row`` which of all N rows is continued, ``piece`` with what.
    """

    total_BC: Tensor
    row_BC: Tensor
    piece_BC: Tensor

    def take(self, index_BK: Tensor) -> "Candidates":
        """Some candidates of each sentence, in the order of their numbers in ``index``."""
        return Candidates(*(part.gather(1, index_BK) for part in (self.total_BC, self.row_BC, self.piece_BC)))

    def put(self, beams: Sequence[int], others: "Candidates") -> None:
        """Replace the candidates of some sentences, in place."""
        self.total_BC[beams], self.row_BC[beams], self.piece_BC[beams] = others.total_BC, others.row_BC, others.piece_BC


def best_candidates(log_probs_NV: Tensor, total_BK: Tensor, count: int) -> Candidates:
    """The ``count`` best of the K · V continuations of each sentence; where there are fewer, some of no probability.

    ``topk`` looks at numbers one by one. So it gets few of them: the best C numbers stand in chunks of 64 pieces whose
    maxima are among the best C maxima, and a maximum is taken many numbers at a time.
    """
    num_sentences, beam = total_BK.shape
    vocabulary = log_probs_NV.size(1)
    num_chunks = vocabulary // _CHUNK
    if beam * num_chunks < 4 * count:
        every_BW = (log_probs_NV.view(-1, beam, vocabulary) + total_BK[:, :, None]).flatten(1)
        every_BW = F.pad(every_BW, (0, max(0, count - every_BW.size(1))), value=NEVER)
        total_BC, index_BC = every_BW.topk(count, dim=1)
        index_BC = index_BC.clamp(max=beam * vocabulary - 1)
    else:
        index_BI = _promising(log_probs_NV, total_BK, num_chunks, count)
        added_BI = total_BK.gather(1, index_BI // vocabulary)
        total_BC, best_BC = (log_probs_NV.view(num_sentences, -1).gather(1, index_BI) + added_BI).topk(count, dim=1)
        index_BC = index_BI.gather(1, best_BC)
    first_row_B1 = torch.arange(num_sentences)[:, None] * beam
    return Candidates(total_BC, first_row_B1 + index_BC // vocabulary, index_BC % vocabulary)


def _promising(log_probs_NV: Tensor, total_BK: Tensor, num_chunks: int, count: int) -> Tensor:
    """Where, in the K · V numbers of a sentence, its best ones may stand: the best chunks, and each row's remainder."""
    beam, vocabulary = total_BK.size(1), log_probs_NV.size(1)
    whole = num_chunks * _CHUNK
    maxima_NG = log_probs_NV[:, :whole].view(-1, num_chunks, _CHUNK).amax(dim=2)
    maxima_BKG = maxima_NG.view(-1, beam, num_chunks) + total_BK[:, :, None]
    chunk_BC: Tensor = maxima_BKG.flatten(1).topk(count, dim=1, sorted=False).indices
    first_BC = chunk_BC // num_chunks * vocabulary + chunk_BC % num_chunks * _CHUNK
    index_BI: Tensor = (first_BC[:, :, None] + torch.arange(_CHUNK)).flatten(1)
    if whole == vocabulary:
        return index_BI
    remainder_I = (torch.arange(beam)[:, None] * vocabulary + torch.arange(whole, vocabulary)).flatten()
    return torch.cat((index_BI, remainder_I.expand(len(index_BI), -1)), dim=1)
