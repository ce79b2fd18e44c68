"""One door to every way of decoding."""

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from seqline.decoding.beam import search_beams
from seqline.decoding.hypothesis import Hypothesis, Required
from seqline.decoding.sampling import sample
from seqline.errors import InputError
from seqline.models.base import StepModel
from seqline.types import Search


def search(
    model: StepModel[Any],
    source_BS: Tensor,
    options: Search,
    max_lengths: Sequence[int],
    required: Sequence[Required] = (),
) -> list[list[Hypothesis]]:
    """Hypotheses of each sentence, best first: by beam search, greedy where the beam is 1, or drawn at random.

    Args:
        model: anything that can step.
        source_BS: padded source ids, each row ending in EOS.
        options: how to search.
        max_lengths: the most pieces that a sentence's hypotheses may have, EOS counted; fixed ones come on top.
        required: what each sentence's hypotheses begin with and hold; empty: nothing.

    Raises:
        InputError: two options exclude each other, or the model has not what an option needs.
    """
    if any(each.phrases for each in required):
        _refuse_with_phrases(options)
    caps = list(max_lengths)
    if required:
        caps = [cap + each.num_pieces for cap, each in zip(caps, required, strict=True)]
    return (sample if options.sampling else search_beams)(model, source_BS, options, caps, required)


def _refuse_with_phrases(options: Search) -> None:
    others = {
        "sampling": options.sampling is not None,
        "groups of a diverse beam": options.groups > 1,
        "a ban on repeated n-grams": options.no_repeat_ngram > 0,
    }
    for name, is_on in others.items():
        if is_on:
            raise InputError(f"phrases that must occur do not go together with {name}: give up one of them")
