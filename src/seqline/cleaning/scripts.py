"""Rules about languages: the right letters, the right words, the right variety of Chinese."""

import polars as pl

from seqline.cleaning import text
from seqline.cleaning.chinese import CANTONESE, Variety
from seqline.cleaning.identification import foreign_probability, identified, shares_its_script
from seqline.cleaning.language import Language, foreign_words
from seqline.cleaning.profile import SIDES
from seqline.cleaning.rule import Rule
from seqline.cleaning.signs import either_holds, holds


def min_script_share(bound: float, source: Language, target: Language) -> Rule | None:
    """Enough letters of each side belong to its language: ``Привет`` as Chinese goes, ``使用 TensorFlow 库`` stays.

    On a side of fewer than ten letters Latin ones are welcome: ``OK`` and ``Django`` are good Chinese.
    """
    shares = [_script_share(side, known) for side, known in zip(SIDES, (source, target), strict=True) if known.scripts]
    return Rule("min_script_share", pl.min_horizontal(shares), "at least", bound) if shares else None


def foreign_language(source: Language, target: Language) -> Rule | None:
    """No side speaks another language: ``Wo ist der Bahnhof?`` as English and ``これは本です`` as Chinese go.

    The value is the number of words that only other languages use, or that hold letters this one lacks, minus those
    that speak for it; in Chinese, the number of kana and hangul.
    """
    signs = [_foreign_signs(pl.col(side), known) for side, known in (("source", source), ("target", target))]
    found = [sign for sign in signs if sign is not None]
    doubt = either_holds("other_script", "strange_letter", "foreign")
    return Rule("foreign_language", pl.max_horizontal(found), "at most", 0, doubt) if found else None


def identified_language(bound: float, source: Language, target: Language) -> Rule | None:
    """No side is in another language for certain: ``Añadir al carrito`` as English goes, ``Monte Carlo dropout`` stays.

    The value is the probability of another language. It is asked for where :func:`foreign_language` has little to go
    by, in lines without one common word of their language; silent under ten letters.
    """
    sides = [(side, known) for side, known in (("source", source), ("target", target)) if shares_its_script(known)]
    found = {side: foreign_probability(pl.col(side), known) for side, known in sides}
    if not found:
        return None
    worst = pl.max_horizontal(found.values())
    named = pl.concat_str(
        [pl.when(share == worst).then(identified(pl.col(side))) for side, share in found.items()],
        separator=" ",
        ignore_nulls=True,
    )
    doubts = [~holds(side, "familiar") & (text.figure(side, "letters") >= text.SHORT) for side in found]
    return Rule("identified_language", worst, "at most", bound, pl.any_horizontal(doubts), evidence=named)


def chinese_script(variety: Variety, source: Language, target: Language) -> Rule | None:
    """No character that only the other variety writes: ``這裡`` as simplified goes; ``你好`` belongs to both."""
    other: Variety = "traditional" if variety == "simplified" else "simplified"
    counts = [text.figure(side, other) for side in _chinese(source, target)]
    return Rule("chinese_script", pl.sum_horizontal(counts), "at most", 0) if counts else None


def chinese_variety(bound: int, source: Language, target: Language) -> Rule | None:
    """Few signs of written Cantonese: ``佢哋喺屋企`` goes; ``唔，我想想`` and ``猫咪`` are standard and stay."""
    counts = [pl.col(side).str.count_matches(CANTONESE) for side in _chinese(source, target)]
    doubt = either_holds("cantonese", "cantonese_this")
    return Rule("chinese_variety", pl.sum_horizontal(counts), "at most", bound, doubt) if counts else None


def max_latin_characters(bound: int, source: Language, target: Language) -> Rule | None:
    """Few Latin letters in Chinese text: for corpora in which names are expected to be translated."""
    counts = [text.figure(side, "latin") for side in _chinese(source, target)]
    return Rule("max_latin_characters", pl.sum_horizontal(counts), "at most", bound) if counts else None


def _chinese(source: Language, target: Language) -> list[str]:
    return [side for side, known in zip(SIDES, (source, target), strict=True) if known.base == "zh"]


def _script_share(side: str, language: Language) -> pl.Expr:
    lenient = (text.figure(side, "letters") < text.SHORT) & (text.figure(side, "strange") == 0)
    return pl.when(lenient).then(1.0).otherwise(text.own_script_share(side, language))


def _foreign_signs(side: pl.Expr, language: Language) -> pl.Expr | None:
    if language.other_scripts:
        return side.str.count_matches(f"[{language.other_scripts}]").cast(pl.Int64)
    if not language.strange_letters:
        return None
    own, foreign = _any_case(language.function_words), _any_case(foreign_words(language))
    # Lower-case words only: names keep the letters of their language.
    strange = rf"\p{{Ll}}*[{language.strange_letters}]\p{{L}}*"
    against, speaking = (
        side.str.count_matches(rf"\b{words}\b").cast(pl.Int64) for words in (rf"(?:{foreign}|{strange})", own)
    )
    return pl.when(against > 0).then(against - speaking).otherwise(0)


def _any_case(words: frozenset[str]) -> str:
    """Words in lower case, with a capital, and in capitals: five times as fast as a pattern that ignores case."""
    forms = {form for word in words for form in (word, word.capitalize(), word.upper())}
    return f"(?:{'|'.join(sorted(forms))})"
