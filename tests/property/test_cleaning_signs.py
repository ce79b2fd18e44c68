"""A rule is silent only about pairs that pass it."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from raw_corpora import params

from seqline.cleaning.language import language
from seqline.cleaning.profile import profiled
from seqline.cleaning.rules import rules

RULES = params().clean.rules
SILENT_BY_DEFINITION = {"min_alphabet_share", "max_digit_share", "max_copy_share", "numbers_agree", "repetition"}
SOME = (
    "<b> </b> <!-- {{x}} {%x%} [[x]] https://a.b www.a.b www.é.b %s %(x)d %-3d {0} $HOME ${x} ctrl+c Ctrl - "
    "锟斤拷 烫烫烫 ???? ? ？ Ã© â€™ \ufffd 佢哋 唔知 呢度 睇到 かな 한 j'ai n'est où der Der DER nächste the The is IS "
    "İs ſ \u212a 12 3,600 ٣ Añadir carrito al 你好 世界 \x00 😀 e\u0301"
)
PIECES = st.lists(st.sampled_from(SOME.split()), max_size=6)
SIDES = st.one_of(PIECES.map(" ".join), PIECES.map("".join), st.text(max_size=9))


@pytest.mark.parametrize("codes", [("en", "zh"), ("de", "en"), ("ja", "ru")])
@given(st.lists(st.tuples(SIDES, SIDES), min_size=1, max_size=8))
@settings(max_examples=80, deadline=None)
def test_pairs_that_a_rule_does_not_look_at_pass_it(codes: tuple[str, str], pairs: list[tuple[str, str]]) -> None:
    languages = (language(codes[0]), language(codes[1]))
    asked = rules(RULES, *languages)
    frame = profiled(pl.DataFrame(pairs, schema=["source", "target"], orient="row"), languages, asked)
    for rule in asked:
        if rule.name not in SILENT_BY_DEFINITION:
            silent = frame.filter(~rule.applies).select(value=rule.value.cast(pl.Float64))["value"]
            assert rule.keep == "at most" or silent.is_empty()
            assert silent.max() is None or silent.max() <= rule.bound, rule.name
