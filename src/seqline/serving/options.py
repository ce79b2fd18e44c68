"""A search in the words of CTranslate2."""

from typing import Any

from seqline.errors import InputError
from seqline.types import Search

NOT_HERE = "CTranslate2 has no option for {}: give a torch model, such as --model teacher"


def ctranslate2_options(search: Search) -> dict[str, Any]:
    """A search as keyword arguments of ``ctranslate2.Translator.translate_batch``.

    Raises:
        InputError: CTranslate2 has no such option.
    """
    if search.groups > 1:
        raise InputError(NOT_HERE.format("a diverse beam"))
    options: dict[str, Any] = {
        "beam_size": search.beam,
        "num_hypotheses": search.nbest,
        "length_penalty": search.length_penalty,
        "coverage_penalty": search.coverage_penalty,
        "no_repeat_ngram_size": search.no_repeat_ngram,
        "min_decoding_length": max(1, search.min_length),
    }
    if search.sampling is None:
        return options
    drawn = search.sampling
    if drawn.seed is not None:
        raise InputError(NOT_HERE.format("a seed that several threads keep to"))
    sampled = {"sampling_topk": drawn.top_k, "sampling_topp": drawn.top_p, "sampling_temperature": drawn.temperature}
    return {**options, "beam_size": 1, **sampled}
