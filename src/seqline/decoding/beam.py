"""Beam search over any model that can step.

A *beam* is K hypotheses of a sentence that compete; a sentence has one beam, or one per group in a diverse search.

Legend: B beams, K rows of each, N = B·K, V vocabulary, S source length.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from seqline.decoding.diverse import Diverse
from seqline.decoding.hypothesis import Hypothesis, Required, best
from seqline.decoding.limits import NEVER
from seqline.decoding.phrased import Phrased
from seqline.decoding.selection import Plain, Selected, Selector
from seqline.decoding.walk import Walk
from seqline.models.base import StepModel
from seqline.types import Search

_GROWTH = 1.2


@dataclass
class _Beam:
    """A beam's finished hypotheses, and whether it goes on."""

    sentence: int
    max_length: int
    finished: list[Hypothesis] = field(default_factory=list)
    is_open: bool = True


@torch.inference_mode()
def search_beams(
    model: StepModel[Any],
    source_BS: Tensor,
    options: Search,
    max_lengths: Sequence[int],
    required: Sequence[Required] = (),
) -> list[list[Hypothesis]]:
    """The ``nbest`` best hypotheses of each sentence, best first; ``required`` is per sentence, or empty.

    A beam is closed when K hypotheses have ended, when ``nbest`` have and what goes on will hardly overtake them, or
    after its sentence's entry of ``max_lengths``; only where none has ended by then is the best unfinished one
    returned.
    """
    beams = [_Beam(s, cap) for s, cap in enumerate(max_lengths) for _ in range(options.groups)]
    num_rows, select = options.beam // options.groups, _selector(options, required)
    first_rows = 1 if isinstance(select, Plain) else num_rows
    walk, going = Walk(model, source_BS, options, required, [b.sentence for b in beams], first_rows), list(beams)
    total_BK = torch.full((len(beams), first_rows), NEVER)
    total_BK[:, 0] = 0.0  # all rows of a beam start equal: only the first may branch
    while going:
        selected = select(walk.log_probs(), total_BK, walk.history_NT, walk.sentences)
        _finish(going, selected, walk, num_rows)
        kept = [b for b, beam in enumerate(going) if beam.is_open]
        total_BK = selected.going.total_BC[kept]
        going = [going[b] for b in kept]
        if going:
            walk.go_on(selected.going.row_BC[kept], selected.going.piece_BC[kept], kept)
    found = [[h for beam in beams if beam.sentence == s for h in beam.finished] for s in range(len(max_lengths))]
    return [best(hypotheses, options.nbest) for hypotheses in found]


def _selector(options: Search, required: Sequence[Required]) -> Selector:
    if any(each.phrases for each in required):
        return Phrased(required)
    return Diverse(options.diversity) if options.groups > 1 else Plain(options.beam)


def _finish(beams: Sequence[_Beam], selected: Selected, walk: Walk, num_rows: int) -> None:
    """Keep what has ended, and close the beams that are done or at their cap, or that cannot go on."""
    for b, total, row in selected.ended:
        beams[b].finished.append(walk.hypothesis(row, total))
    going = selected.going
    best_totals = going.total_BC.amax(dim=1).tolist()  # with phrases the first is the most advanced, not the best
    for b, (beam, best_total) in enumerate(zip(beams, best_totals, strict=True)):
        is_full = len(beam.finished) >= num_rows
        if is_full or walk.length >= beam.max_length or best_total == NEVER or _is_decided(beam, best_total, walk):
            beam.is_open = False
            if not beam.finished:
                row, piece = int(going.row_BC[b, 0]), int(going.piece_BC[b, 0])
                beam.finished.append(walk.hypothesis(row, going.total_BC[b, 0].item(), piece))


def _is_decided(beam: _Beam, total: float, walk: Walk) -> bool:
    """Whether the best hypothesis that goes on could grow by a fifth at no cost and would still not be one of the best.

    Without a length penalty that is exact, because log-probabilities only fall.
    """
    options = walk.options
    if len(beam.finished) < options.nbest or options.groups > 1 or options.coverage_penalty:
        return False
    scores = sorted((hypothesis.score for hypothesis in beam.finished), reverse=True)
    attainable = total / float((_GROWTH * walk.length) ** options.length_penalty)
    return attainable < scores[options.nbest - 1]
