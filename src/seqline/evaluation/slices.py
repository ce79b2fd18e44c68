"""Where a model is good and where it fails: scores on parts of a test set, and rates of known failures.

A *part* is chosen by source and reference alone, so two systems are compared on the same sentences. A *failure* is a
property of the hypothesis: how often it is empty, copied from the source, repeats itself, writes ASCII punctuation.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from seqline.evaluation.sufficient import scores, statistics

Slices = dict[str, dict[str, float]]
Parts = dict[str, np.ndarray[tuple[int], np.dtype[np.bool_]]]

_LENGTHS = ((1, 3), (4, 8), (9, 16), (17, 32), (33, None))
_SHORT_WORDS = 5  # greetings, headings, buttons: where the first bucket alone may hold too few to tell
_IDEOGRAPH = (
    r"\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_WORD = re.compile(rf"[{_IDEOGRAPH}]|[^\s{_IDEOGRAPH}]+")
_ASCII_MARK = re.compile(rf"(?<=[{_IDEOGRAPH}])[,.?!:;()]")
_ASCII_MARK_LANGUAGES = {"zh", "cmn", "yue", "wuu", "lzh", "ja", "jpn"}
_NGRAM = 4
_COPIED_SHARE = 0.75


def slices(sources: Sequence[str], references: Sequence[str], hypotheses: Sequence[str], language: str) -> Slices:
    """Figures per slice, for a target language. Every slice has ``count`` and ``share`` (of all sentences).

    Parts (``length 1-3`` … ``length 33+`` words of the source, ``short``, ``numbers``) that occur also have
    ``bleu`` and ``chrf`` in percent. Failures (``empty``, ``copied``, ``repeated``, for Chinese and Japanese
    ``ascii punctuation``) have nothing else; fewer is better.

    Raises:
        MismatchError: the counts differ.
        InputError: there is nothing to score.
    """
    bleu_NK = statistics(hypotheses, references, language, "bleu")
    chrf_NK = statistics(hypotheses, references, language, "chrf")
    result: Slices = {}
    for name, belongs in parts(sources).items():
        if belongs.any():
            result[name] = {
                **_count(belongs),
                "bleu": _rounded(scores(bleu_NK[belongs].sum(axis=0, keepdims=True), "bleu")[0]),
                "chrf": _rounded(scores(chrf_NK[belongs].sum(axis=0, keepdims=True), "chrf")[0]),
            }
    triples = list(zip(sources, references, hypotheses, strict=True))
    for name, failed in failures(language).items():
        result[name] = _count(np.array([failed(*triple) for triple in triples]))
    return result


def parts(sources: Sequence[str], corpora: Sequence[str] = ()) -> Parts:
    """Which sentences belong to which part; parts may overlap. Where they stem from several corpora, each is one.

    ``short`` are sources of at most five words, ``numbers`` those with a digit.
    """
    lengths = np.array([num_words(source) for source in sources])
    buckets = {
        f"length {low}+" if high is None else f"length {low}-{high}": (lengths >= low) & (lengths <= (high or np.inf))
        for low, high in _LENGTHS
    }
    short, numbers = lengths <= _SHORT_WORDS, np.array([any(c.isdigit() for c in source) for source in sources])
    return {**buckets, "short": short, "numbers": numbers, **_by_corpus(corpora)}


def _by_corpus(corpora: Sequence[str]) -> Parts:
    names = dict.fromkeys(corpora)
    return {f"corpus {name}": np.array([one == name for one in corpora]) for name in names} if len(names) > 1 else {}


def num_words(text: str) -> int:
    """Words of a text: runs between white space, but every Chinese character or kana counts as one."""
    return len(_WORD.findall(text))


def is_empty(source: str, reference: str, hypothesis: str) -> bool:
    """Nothing was written where something was expected."""
    return not hypothesis.strip() and bool(reference.strip())


def is_copied(source: str, reference: str, hypothesis: str) -> bool:
    """Three quarters of the hypothesis's words stand in the source, and the reference's do not: left untranslated."""
    return _copied_share(source, hypothesis) >= _COPIED_SHARE > _copied_share(source, reference)


def is_repeated(source: str, reference: str, hypothesis: str) -> bool:
    """Some 4-gram stands at least two times more often than any does in the reference.

    The *top n-gram count* of Raunak et al. 2021 ("The Curious Case of Hallucinations in Neural Machine Translation"),
    against the reference instead of the source, whose words are of another language.
    """
    return _top_ngram_count(hypothesis) >= max(1, _top_ngram_count(reference)) + 2


def has_ascii_punctuation(source: str, reference: str, hypothesis: str) -> bool:
    """An ASCII mark follows a Chinese character or kana, where full-width marks belong."""
    return _ASCII_MARK.search(hypothesis) is not None


Failure = Callable[[str, str, str], bool]


def failures(language: str) -> dict[str, Failure]:
    """By name, whether a hypothesis (after source and reference) shows it."""
    found: dict[str, Failure] = {"empty": is_empty, "copied": is_copied, "repeated": is_repeated}
    if language.split("_")[0] in _ASCII_MARK_LANGUAGES:
        found["ascii punctuation"] = has_ascii_punctuation
    return found


def _copied_share(source: str, text: str) -> float:
    words = [word for word in _WORD.findall(text.casefold()) if any(c.isalpha() for c in word)]
    known = set(_WORD.findall(source.casefold()))
    return sum(word in known for word in words) / len(words) if words else 0.0


def _top_ngram_count(text: str) -> int:
    words = _WORD.findall(text)
    ngrams = Counter(tuple(words[begin : begin + _NGRAM]) for begin in range(len(words) - _NGRAM + 1))
    return max(ngrams.values(), default=0)


def _count(true_N: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> dict[str, float]:
    count = int(np.count_nonzero(true_N))
    return {"count": count, "share": round(count / len(true_N), 4)}


def _rounded(value: float) -> float:
    return round(float(value), 3)
