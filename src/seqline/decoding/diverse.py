"""Diverse beam search (Vijayakumar et al. 2018): the beam is parted into groups that are made to differ.

Legend: S sentences, B beams (one per sentence and group), K rows of each, N = B·K, V vocabulary, C candidates of each.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from seqline.decoding.candidates import Candidates, best_candidates
from seqline.decoding.selection import Selected, parted
from seqline.special import EOS


@dataclass(frozen=True)
class Diverse:
    """Groups choose one after the other; each earlier choice of a piece at this position costs it ``strength``.

    That is their Hamming diversity. The beams of a sentence stand in the order of its groups. What is chosen keeps its
    true log-probability.
    """

    strength: float

    def __call__(
        self, log_probs_NV: Tensor, total_BK: Tensor, history_NT: Tensor, sentences: Sequence[int]
    ) -> Selected:
        """Choose group by group."""
        beam = total_BK.size(1)
        taken_SV = log_probs_NV.new_zeros(max(sentences) + 1, log_probs_NV.size(1))
        going = Candidates(total_BK.clone(), *(total_BK.new_zeros(total_BK.shape, dtype=torch.long) for _ in range(2)))
        ended = []
        for beams in _groups(sentences):
            owner_B = torch.tensor([sentences[b] for b in beams])
            rows_BK = torch.tensor(beams)[:, None] * beam + torch.arange(beam)
            cost_BV = self.strength * taken_SV[owner_B]
            chosen = parted(_candidates(log_probs_NV, total_BK[beams], rows_BK, cost_BV), beam)
            going.put(beams, chosen.going)
            ended += [(beams[number], total, row) for number, total, row in chosen.ended]
            where = (owner_B[:, None].expand(-1, beam), chosen.going.piece_BC)
            taken_SV.index_put_(where, torch.ones(()), accumulate=True)
            for number, _, _ in chosen.ended:
                taken_SV[owner_B[number], EOS] += 1
        return Selected(going, ended)


def _candidates(log_probs_NV: Tensor, total_BK: Tensor, rows_BK: Tensor, cost_BV: Tensor) -> Candidates:
    """Of some beams: in the order of their totals less what they cost, but with their totals."""
    beam = total_BK.size(1)
    reduced_NV = (log_probs_NV[rows_BK] - cost_BV[:, None]).flatten(0, 1)
    found = best_candidates(reduced_NV, total_BK, 2 * beam)
    row_BC = rows_BK.flatten()[found.row_BC]
    return Candidates(found.total_BC + cost_BV.gather(1, found.piece_BC), row_BC, found.piece_BC)


def _groups(sentences: Sequence[int]) -> list[list[int]]:
    """The first beam of every sentence, then every second one, and so on."""
    groups: list[list[int]] = []
    seen: dict[int, int] = {}
    for b, sentence in enumerate(sentences):
        number = seen[sentence] = seen.get(sentence, -1) + 1
        if number == len(groups):
            groups.append([])
        groups[number].append(b)
    return groups
