"""The rules that a set of params switches on, in the order in which a pair is blamed."""

from seqline.cleaning import content, scripts, shape
from seqline.cleaning.language import Language
from seqline.cleaning.rule import Rule
from seqline.params.cleaning import Rules


def rules(params: Rules, source: Language, target: Language) -> list[Rule]:
    """Every rule that is switched on and that knows something about the two languages.

    What names the fault best comes first: a page of Greek is foreign before it is too long.
    """
    candidates: list[Rule | None] = [shape.empty()]
    if params.broken_encoding:
        candidates.append(content.broken_encoding())
    if params.markup_agrees:
        candidates.append(content.markup_agrees())
    if params.urls_agree:
        candidates.append(content.urls_agree())
    if params.placeholders_agree:
        candidates.append(content.placeholders_agree())
    if params.max_copy_share is not None:
        candidates.append(content.max_copy_share(params.max_copy_share))
    candidates += _language_rules(params, source, target)
    candidates += _shape_rules(params)
    if params.numbers_agree:
        candidates.append(content.numbers_agree())
    if params.question_agrees:
        candidates.append(content.question_agrees())
    if params.ends_agree:
        candidates.append(content.ends_agree())
    if params.repetition:
        candidates.append(content.repetition())
    return [rule for rule in candidates if rule is not None]


def _language_rules(params: Rules, source: Language, target: Language) -> list[Rule | None]:
    found: list[Rule | None] = []
    if params.min_script_share is not None:
        found.append(scripts.min_script_share(params.min_script_share, source, target))
    if params.foreign_language:
        found.append(scripts.foreign_language(source, target))
    if params.identified_language is not None:
        found.append(scripts.identified_language(params.identified_language, source, target))
    if params.chinese_script is not None:
        found.append(scripts.chinese_script(params.chinese_script, source, target))
    if params.chinese_variety is not None:
        found.append(scripts.chinese_variety(params.chinese_variety, source, target))
    if params.max_latin_characters is not None:
        found.append(scripts.max_latin_characters(params.max_latin_characters, source, target))
    return found


def _shape_rules(params: Rules) -> list[Rule | None]:
    found: list[Rule | None] = []
    if params.max_characters is not None:
        found.append(shape.max_characters(params.max_characters))
    if params.max_length is not None:
        found.append(shape.max_length(params.max_length))
    if params.max_word_characters is not None:
        found.append(shape.max_word_characters(params.max_word_characters))
    if params.min_alphabet_share is not None:
        found.append(shape.min_alphabet_share(params.min_alphabet_share))
    if params.max_digit_share is not None:
        found.append(shape.max_digit_share(params.max_digit_share))
    if params.max_length_ratio is not None:
        found.append(shape.max_length_ratio(params.max_length_ratio))
    return found
