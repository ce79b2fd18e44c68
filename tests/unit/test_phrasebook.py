import re
import time
from collections import Counter, defaultdict
from random import Random

import pytest

from seqline.corpus.phrasebook import generate
from seqline.corpus.phrasebook.noise import KINDS
from seqline.corpus.phrasebook.sampling import Sampler, build, signature, words
from seqline.corpus.phrasebook.templates import TEMPLATES
from seqline.corpus.row import Row
from seqline.errors import CorpusError
from seqline.params.corpora import Generated, Split

_SENTENCE = re.compile(r"[A-Z][A-Za-zé'0-9 ,-]*[.?!]")
_CHINESE = re.compile(r"[\u4e00-\u9fff0-9，]+[。？！]")


def corpus(**changes: object) -> Generated:
    values: dict[str, object] = {
        "kind": "generated", "name": "phrasebook", "pairs": 24_000, "dev_pairs": 500, "test_pairs": 1_000,
        "noise_share": 0.15, "seed": 1,
    }  # fmt: skip
    return Generated.model_validate(values | changes)


@pytest.fixture(scope="module")
def splits() -> dict[Split, list[Row]]:
    return generate(corpus())


@pytest.fixture(scope="module")
def many() -> list[tuple[str, str, str]]:
    random = Random(7)
    samples = [build(template, random) for template in TEMPLATES for _ in range(300)]
    return [(sample.template, sample.source, sample.target) for sample in samples]


def test_default_size_has_more_than_twenty_thousand_distinct_clean_pairs(splits: dict[Split, list[Row]]) -> None:
    clean = [row for row in splits["train"] if not row.label]
    assert len(splits["train"]) == 24_000
    assert len({(row.source, row.target) for row in clean}) == len(clean) == 20_400
    assert (len(splits["dev"]), len(splits["test"])) == (500, 1_000)


def test_pairs_are_distinct_whatever_their_case_and_punctuation_across_all_splits() -> None:
    rows = [row for rows in generate(corpus(noise_share=0.0)).values() for row in rows]
    assert len({signature(row.source) for row in rows}) == len(rows) == 25_500


def test_the_same_seed_gives_the_same_rows_and_another_seed_others(splits: dict[Split, list[Row]]) -> None:
    assert generate(corpus()) == splits
    assert generate(corpus(seed=2)) != splits


def test_lines_count_from_one_in_every_split(splits: dict[Split, list[Row]]) -> None:
    for rows in splits.values():
        assert [row.line for row in rows] == list(range(1, len(rows) + 1))


def test_twenty_four_thousand_pairs_take_seconds() -> None:
    start = time.process_time()
    generate(corpus())
    assert time.process_time() - start < 10


def test_no_composition_of_dev_or_test_occurs_in_train() -> None:
    sampler = Sampler(1)
    train = sampler.train(20_000)
    shown = {(sample.template, sample.composition) for sample in train}
    for split in ("dev", "test"):
        held = sampler.held_out(split, 500, train)
        assert not shown & {(sample.template, sample.composition) for sample in held}


def test_every_word_and_every_template_of_the_test_occurs_in_clean_train(splits: dict[Split, list[Row]]) -> None:
    def spelt(row: Row) -> set[str]:
        return set(re.findall(r"[a-z]+|\d+", row.source.lower())) | set(row.target)

    known = set().union(*(spelt(row) for row in splits["train"] if not row.label))
    for split in ("dev", "test"):
        assert set().union(*(spelt(row) for row in splits[split])) <= known


def test_held_out_pairs_use_only_templates_and_words_that_train_shows() -> None:
    sampler = Sampler(3)
    train = sampler.train(3_000)
    known = set().union(*map(words, train))
    for sample in sampler.held_out("test", 200, train):
        assert words(sample) <= known
        assert sample.template in {shown.template for shown in train}


def test_nearly_every_template_is_tested() -> None:
    sampler = Sampler(1)
    train = sampler.train(20_000)
    tested = {sample.template for sample in sampler.held_out("test", 1_000, train)}
    assert len(tested) > 0.9 * len(TEMPLATES)


def test_every_template_names_at_least_two_main_fillers() -> None:
    random = Random(1)
    for template in TEMPLATES:
        assert all(len(build(template, random).composition) >= 2 for _ in range(20)), template.name


def test_the_same_english_has_only_one_chinese(many: list[tuple[str, str, str]]) -> None:
    chinese = defaultdict(set)
    for _, source, target in many:
        chinese[signature(source)].add(target)
    assert {source: targets for source, targets in chinese.items() if len(targets) > 1} == {}


def test_the_same_chinese_has_few_englishes(splits: dict[Split, list[Row]]) -> None:
    assert max(Counter(row.target for row in splits["train"] if not row.label).values()) <= 4


def test_sentences_are_spelt_as_sentences(many: list[tuple[str, str, str]]) -> None:
    for template, source, target in many:
        assert _SENTENCE.fullmatch(source), (template, source)
        assert _CHINESE.fullmatch(target), (template, target)
        assert "  " not in source, (template, source)


def test_a_and_an_agree_with_what_follows(many: list[tuple[str, str, str]]) -> None:
    for _, source, _ in many:
        assert not re.search(r"\b[Aa] [aeio]", source), source
        assert not re.search(r"\b[Aa]n [bcdfgjklmnpqrstvwxyz]", source), source


def test_the_first_person_never_takes_a_third_person_verb(many: list[tuple[str, str, str]]) -> None:
    for _, source, _ in many:
        assert not re.search(r"\bI (is|are|has|does|wants|likes|thinks|speaks|goes)\b", source), source
        assert not re.search(r"\b(He|She) (am|are|have|do|want|like|think|speak|go)\b", source), source


def test_asking_for_more_than_the_words_of_train_allow_says_what_to_do() -> None:
    with pytest.raises(CorpusError, match="raise `pairs` or lower `dev_pairs`"):
        generate(corpus(pairs=5, dev_pairs=500, noise_share=0.0))


def test_noise_is_planted_evenly_in_train_alone(splits: dict[Split, list[Row]]) -> None:
    labels = Counter(row.label for row in splits["train"])
    clean = labels.pop("")
    assert clean == 20_400
    assert set(labels) == set(KINDS)
    assert max(labels.values()) - min(labels.values()) <= 1
    assert not any(row.label for split in ("dev", "test") for row in splits[split])
