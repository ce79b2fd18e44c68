"""Beam search over any model that can step; with a beam of one it is greedy search.

Legend: B sentences still open, K beam, N = B·K rows, V vocabulary, T positions so far.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from seqline.models.base import AnyMemory, StepModel
from seqline.special import BOS, EOS, PAD, UNK

_NEVER = float("-inf")


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """Target ids without BOS and EOS, and the log-probability divided by length^α, EOS counted."""

    ids: tuple[int, ...]
    score: float


@dataclass
class _Sentence:
    """The finished hypotheses of one sentence."""

    index: int
    max_length: int
    finished: list[Hypothesis] = field(default_factory=list)


@torch.inference_mode()
def beam_search(
    model: StepModel[AnyMemory],
    source_BS: Tensor,
    *,
    beam: int,
    max_lengths: Sequence[int],
    nbest: int = 1,
    length_penalty: float = 1.0,
) -> list[list[Hypothesis]]:
    """The ``nbest`` best hypotheses of each sentence, best first.

    A sentence is closed when ``beam`` hypotheses have ended, or after its own entry of ``max_lengths``; only where none
    has ended by then is the best unfinished one returned. Scores are log P / length^α (Wu et al. 2016 with their α as
    ``length_penalty``, without their offset).
    """
    num_sentences = source_BS.size(0)
    state = model.start(model.encode(source_BS))
    state = state.select(torch.arange(num_sentences).repeat_interleave(beam))
    open_sentences = [_Sentence(i, cap) for i, cap in enumerate(max_lengths)]
    results: list[list[Hypothesis]] = [[] for _ in range(num_sentences)]
    total_BK = torch.full((num_sentences, beam), _NEVER)
    total_BK[:, 0] = 0.0  # all rows of a sentence start equal: only the first may branch
    history_NT = torch.full((num_sentences * beam, 1), BOS)

    for length in range(1, max(max_lengths) + 1):
        log_probs_NV, state = model.step(state, history_NT[:, -1])
        total_BC, row_BC, piece_BC = _candidates(log_probs_NV, total_BK)
        _collect(open_sentences, total_BC, row_BC, piece_BC, history_NT, beam, length**length_penalty)
        total_BK, row_BK, piece_BK = _continue(total_BC, row_BC, piece_BC, beam)
        going = [b for b, s in enumerate(open_sentences) if len(s.finished) < beam and length < s.max_length]
        for b in set(range(len(open_sentences))).difference(going):
            cut = (*history_NT[row_BK[b, 0], 1:].tolist(), piece_BK[b, 0].item())
            unfinished = Hypothesis(cut, total_BK[b, 0].item() / length**length_penalty)
            results[open_sentences[b].index] = _best(open_sentences[b].finished or [unfinished], nbest)
        if not going:
            break
        keep_B = torch.tensor(going)
        rows_N = row_BK[keep_B].flatten()
        history_NT = torch.cat((history_NT[rows_N], piece_BK[keep_B].view(-1, 1)), dim=1)
        total_BK, open_sentences = total_BK[keep_B], [open_sentences[b] for b in going]
        state = state.select(rows_N)
    return results


def _candidates(log_probs_NV: Tensor, total_BK: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The 2K best continuations of each sentence: totals, rows they come from, pieces. (B, 2K) each.

    Twice the beam is enough: at most K of them can be EOS.
    """
    num_sentences, beam = total_BK.shape
    vocabulary = log_probs_NV.size(1)
    log_probs_NV[:, [PAD, UNK, BOS]] = _NEVER
    total_BW = (log_probs_NV.view(num_sentences, beam, vocabulary) + total_BK[:, :, None]).flatten(1)
    total_BC, index_BC = total_BW.topk(2 * beam, dim=1)
    first_row_B1 = torch.arange(num_sentences)[:, None] * beam
    return total_BC, first_row_B1 + index_BC // vocabulary, index_BC % vocabulary


def _collect(
    sentences: list[_Sentence],
    total_BC: Tensor,
    row_BC: Tensor,
    piece_BC: Tensor,
    history_NT: Tensor,
    beam: int,
    divisor: float,
) -> None:
    """Keep the candidates among the K best that have ended."""
    ended_BK = (piece_BC[:, :beam] == EOS) & total_BC[:, :beam].isfinite()
    for b, k in ended_BK.nonzero().tolist():
        ids = tuple(history_NT[row_BC[b, k], 1:].tolist())
        sentences[b].finished.append(Hypothesis(ids, total_BC[b, k].item() / divisor))


def _continue(total_BC: Tensor, row_BC: Tensor, piece_BC: Tensor, beam: int) -> tuple[Tensor, Tensor, Tensor]:
    """The K best candidates that go on, (B, K) each."""
    total_BC = total_BC.masked_fill(piece_BC == EOS, _NEVER)
    total_BK, index_BK = total_BC.topk(beam, dim=1)
    return total_BK, row_BC.gather(1, index_BK), piece_BC.gather(1, index_BK)


def _best(hypotheses: list[Hypothesis], nbest: int) -> list[Hypothesis]:
    return sorted(hypotheses, key=lambda hypothesis: -hypothesis.score)[:nbest]
