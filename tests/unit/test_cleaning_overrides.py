"""Rules and normalisation that are otherwise for one corpus."""

import pytest
from cleaned_frames import cleaned, frame
from raw_corpora import local, params

LONG = [("We have a very long list of things to buy today, my friend.", "好。", "train")]
PAIRS = [(f"There are {number} cats here.", f"这里有{number}只猫。", "train") for number in (3, 4, 5, 6, 7, 8)]


def test_a_corpus_keeps_what_its_own_threshold_allows() -> None:
    rules = {"rules": {"max_length_ratio": 50.0}}
    clean = params([local()], corpora={"tiny": rules}, split={"dev_pairs": 0, "test_pairs": 0}).clean
    ours, others = (cleaned(frame(LONG + PAIRS, name), clean)[1]["rule"].to_list() for name in ("tiny", "web"))
    assert (ours, others) == ([], ["max_length_ratio"])


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ({"rules": {"max_lenght": 3}}, r"corpora\.tiny\.rules\.max_lenght: Extra inputs are not permitted"),
        ({"rules": {"max_length": 0}}, r"corpora\.tiny\.rules\.max_length: Input should be greater than or equal to 1"),
        ({"normalise": {"unicode_nfc": 3}}, r"corpora\.tiny\.normalise\.unicode_nfc: Input should be a valid boolean"),
    ],
)
def test_a_slip_in_an_override_is_told_with_its_key(override: dict[str, dict[str, object]], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        params([local()], corpora={"tiny": override})


def test_an_override_for_no_such_corpus_is_an_error_that_names_it() -> None:
    with pytest.raises(ValueError, match=r"clean\.corpora: no such corpus: web"):
        params([local()], corpora={"web": {"rules": {"max_length": 3}}})
