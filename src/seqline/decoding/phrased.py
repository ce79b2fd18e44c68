"""Beam search for translations that hold demanded phrases: the selection; the idea is told in phrases.py.

Legend: B sentences, K rows of each, N = B·K, V vocabulary, T positions so far, BOS counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from seqline.decoding.candidates import Candidates, best_candidates
from seqline.decoding.hypothesis import Required
from seqline.decoding.limits import NEVER
from seqline.decoding.phrases import Candidate, Progress, allocated
from seqline.decoding.selection import Selected, parted
from seqline.special import EOS, PAD


@dataclass(frozen=True)
class Phrased:
    """Sentences that demand phrases share out their places; the others choose plainly."""

    required: Sequence[Required]

    def __call__(
        self, log_probs_NV: Tensor, total_BK: Tensor, history_NT: Tensor, sentences: Sequence[int]
    ) -> Selected:
        """Choose sentence by sentence where there are phrases."""
        beam, progress = total_BK.size(1), self._progress(history_NT, sentences, total_BK.size(1))
        for row, each in progress.items():
            if not each.is_done:
                log_probs_NV[row, EOS] = NEVER
        likely = best_candidates(log_probs_NV, total_BK, 2 * beam)
        selected = parted(likely, beam)
        demanding = sorted({row // beam for row in progress})
        ended = [end for end in selected.ended if end[0] not in demanding]
        for b in demanding:
            own = {row: progress[row] for row in range(b * beam, (b + 1) * beam)}
            pairs = set(zip(likely.row_BC[b].tolist(), likely.piece_BC[b].tolist(), strict=True))
            chosen = _chosen(own, pairs, log_probs_NV, total_BK[b].tolist())
            selected.going.put([b], _going(chosen, b * beam, beam))
            ended += [(b, candidate.total, candidate.row) for candidate in chosen if candidate.piece == EOS]
        return Selected(selected.going, ended)

    def _progress(self, history_NT: Tensor, sentences: Sequence[int], beam: int) -> dict[int, Progress]:
        """Of each row of a sentence with phrases."""
        pieces = history_NT[:, 1:].tolist()
        return {
            row: Progress(self.required[sentence].phrases, tuple(pieces[row]))
            for b, sentence in enumerate(sentences)
            if self.required[sentence].phrases
            for row in range(b * beam, (b + 1) * beam)
        }


def _chosen(
    progress: dict[int, Progress], likely: set[tuple[int, int]], log_probs_NV: Tensor, totals: Sequence[float]
) -> list[Candidate]:
    """The K candidates that stay, of the likely ones, the best of each row, and what advances a row or ends it."""
    first, pairs = min(progress), set(likely)
    for row, own in progress.items():
        pairs |= {(row, piece) for piece in own.next_pieces() | {EOS, int(log_probs_NV[row].argmax())}}
    found = [
        Candidate(totals[row - first] + log_probs_NV[row, piece].item(), row, piece, progress[row].after(piece).num_met)
        for row, piece in sorted(pairs)
    ]
    num_banks = sum(map(len, progress[first].phrases)) + 1
    return allocated([candidate for candidate in found if candidate.total > NEVER], len(totals), num_banks)


def _going(chosen: Sequence[Candidate], first_row: int, beam: int) -> Candidates:
    """Those that do not end; empty places are filled with hypotheses of no probability."""
    going = [candidate for candidate in chosen if candidate.piece != EOS]
    going += [Candidate(NEVER, first_row, PAD, 0)] * (beam - len(going))
    return Candidates(
        torch.tensor([[candidate.total for candidate in going]]),
        torch.tensor([[candidate.row for candidate in going]]),
        torch.tensor([[candidate.piece for candidate in going]]),
    )
