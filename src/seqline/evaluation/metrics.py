"""BLEU, chrF2 and TER by sacreBLEU, each with the signature that makes the figure comparable.

sacreBLEU pairs hypotheses with references by ``zip``: one line too few and it truncates without a word, and can print
100.0. Here unequal counts are an error, and so is an empty set.

>>> bleu(["我喜欢茶。"], ["我喜欢茶。"], "zh")
Score(value=100.0..., signature='nrefs:1|case:mixed|eff:no|tok:zh|smooth:exp|version:...')
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF
from sacrebleu.metrics.ter import TER

from seqline.errors import InputError, MismatchError

_CHINESE = {"zh", "cmn", "yue", "wuu", "lzh"}
# Written without spaces, or (Korean, Japanese) tokenised by sacreBLEU only with a MeCab dictionary installed.
_BY_CHARACTER = {"ja", "jpn", "ko", "kor", "th", "tha", "lo", "lao", "km", "khm", "my", "mya", "bo", "bod"}
_SPLIT_BY_TERCOM = _CHINESE | {"ja", "jpn"}


@dataclass(frozen=True)
class Score:
    """A figure in percent and sacreBLEU's signature of how it was computed. TER: lower is better."""

    value: float
    signature: str


def tokenizer(language: str) -> str:
    """The name of sacreBLEU's tokenizer for a target language such as ``zh``, ``de`` or ``zh_Hant``."""
    base = language.split("_")[0]
    if base in _CHINESE:
        return "zh"
    return "char" if base in _BY_CHARACTER else "13a"


def bleu_metric(language: str) -> BLEU:
    """BLEU (Papineni et al. 2002), cased, exponential smoothing, the language's tokenizer."""
    return BLEU(tokenize=tokenizer(language), force=True)


def chrf_metric() -> CHRF:
    """chrF2 (Popović 2015): character 6-grams, no words, recall counts twice."""
    return CHRF(char_order=6, word_order=0, beta=2)


def ter_metric(language: str) -> TER:
    """TER (Snover et al. 2006). Chinese and Japanese are split into characters, which needs Tercom's normalisation."""
    asian = language.split("_")[0] in _SPLIT_BY_TERCOM
    return TER(normalized=asian, asian_support=asian)


def bleu(hypotheses: Sequence[str], references: Sequence[str], language: str) -> Score:
    """Corpus BLEU of hypotheses against one reference each.

    Raises:
        MismatchError: the counts differ.
        InputError: there is nothing to score.
    """
    return _score(bleu_metric(language), hypotheses, references)


def chrf(hypotheses: Sequence[str], references: Sequence[str]) -> Score:
    """Corpus chrF2; independent of any tokenizer, so of the language. Raises as :func:`bleu`."""
    return _score(chrf_metric(), hypotheses, references)


def ter(hypotheses: Sequence[str], references: Sequence[str], language: str) -> Score:
    """Corpus translation edit rate, lower is better. Raises as :func:`bleu`."""
    return _score(ter_metric(language), hypotheses, references)


def check_counts(hypotheses: Sequence[str], references: Sequence[str]) -> None:
    """Refuse to score what is not aligned, or nothing at all.

    Raises:
        MismatchError: the counts differ.
        InputError: there is nothing to score.
    """
    if len(hypotheses) != len(references):
        raise MismatchError(
            f"{len(hypotheses)} hypotheses but {len(references)} references: "
            "they must be one to one; check that both files have the same lines"
        )
    if not hypotheses:
        raise InputError("nothing to score: there are no hypotheses and no references")


def _score(metric: BLEU | CHRF | TER, hypotheses: Sequence[str], references: Sequence[str]) -> Score:
    check_counts(hypotheses, references)
    result = metric.corpus_score(list(hypotheses), [list(references)])
    return Score(float(result.score), str(metric.get_signature()))  # the signature is known only after scoring
