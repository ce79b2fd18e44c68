"""Which pieces a hypothesis may go on with: everything that a search forbids or forces.

Legend: N rows (hypotheses), V vocabulary, T positions so far, BOS counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from seqline.decoding.hypothesis import Required
from seqline.special import EOS

NEVER = float("-inf")


@dataclass(frozen=True)
class Limits:
    """The limits of a search. ``required`` is per sentence, or empty."""

    min_length: int = 0
    no_repeat_ngram: int = 0
    required: Sequence[Required] = ()

    def apply(self, log_probs_NV: Tensor, history_NT: Tensor, sentence_N: Sequence[int]) -> None:
        """Give ``-inf`` to what may not come next, in place; ``sentence_N`` says whose hypothesis a row is.

        PAD, UNK and BOS never come. What a prefix forces comes in spite of every other limit.
        """
        log_probs_NV[:, :EOS] = NEVER
        forced = self._forced(history_NT.size(1) - 1, sentence_N)
        kept = log_probs_NV[list(forced), list(forced.values())] if forced else None
        if history_NT.size(1) <= self.min_length:
            log_probs_NV[:, EOS] = NEVER
        if self.no_repeat_ngram:
            _forbid_repetition(log_probs_NV, history_NT[:, 1:].tolist(), self.no_repeat_ngram)
        if kept is not None:
            log_probs_NV[list(forced)] = NEVER
            log_probs_NV[list(forced), list(forced.values())] = kept

    def _forced(self, position: int, sentence_N: Sequence[int]) -> dict[int, int]:
        """The piece that a row must go on with, for rows that are still within their prefix."""
        if not self.required:
            return {}
        prefixes = ((row, self.required[sentence].prefix) for row, sentence in enumerate(sentence_N))
        return {row: prefix[position] for row, prefix in prefixes if position < len(prefix)}


def _forbid_repetition(log_probs_NV: Tensor, rows: Sequence[list[int]], n: int) -> None:
    """Forbid what would end a run of n pieces that stands in the row already (Paulus et al. 2018)."""
    for number, pieces in enumerate(rows):
        beginning = pieces[len(pieces) - n + 1 :]
        if len(beginning) == n - 1:
            ends = [pieces[end] for end in range(n - 1, len(pieces)) if pieces[end - n + 1 : end] == beginning]
            log_probs_NV[number, torch.tensor(ends, dtype=torch.long)] = NEVER
