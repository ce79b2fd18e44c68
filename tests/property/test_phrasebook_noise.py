from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqline.corpus.phrasebook import generate
from seqline.corpus.phrasebook.noise import KINDS, plan, plant
from seqline.corpus.phrasebook.sampling import Sample, Sampler, signature
from seqline.params.corpora import Generated

SEEDS = st.integers(0, 2**32)
SAMPLES = Sampler(5).train(400)


def spoil(kind: str, seed: int) -> tuple[Sample, Sample, str, str]:
    random = Random(seed)
    sample, other = random.sample(SAMPLES, 2)
    source, target = KINDS[kind](random, sample, other)
    return sample, other, source, target


@given(rows=st.integers(0, 2_000), share=st.floats(0, 1), seed=SEEDS)
def test_the_share_of_noise_is_what_was_asked_for(rows: int, share: float, seed: int) -> None:
    spoilt = plan(seed, rows, share)
    assert len(spoilt) == min(round(rows * share), max(rows - 1, 0))
    assert 0 not in spoilt
    counts = [list(spoilt.values()).count(kind) for kind in KINDS]
    assert max(counts) - min(counts) <= 1


@given(share=st.floats(0, 1), seed=SEEDS)
@settings(max_examples=30)
def test_rows_without_a_label_are_untouched_and_those_with_one_are_changed(share: float, seed: int) -> None:
    spoilt = plan(seed, len(SAMPLES), share)
    rows = plant(seed, SAMPLES, spoilt)
    assert plant(seed, SAMPLES, spoilt) == rows
    for index, (sample, (source, target, label)) in enumerate(zip(SAMPLES, rows, strict=True)):
        assert label == spoilt.get(index, "")
        assert ((source, target) == (sample.source, sample.target)) == (label == "")


@given(share=st.floats(0.05, 1), seed=SEEDS)
@settings(max_examples=30)
def test_a_duplicate_repeats_a_clean_row_that_stands_earlier(share: float, seed: int) -> None:
    earlier: set[str] = set()
    for source, _, label in plant(seed, SAMPLES, plan(seed, len(SAMPLES), share)):
        if label == "duplicated":
            assert signature(source) in earlier
        if label == "":
            earlier.add(signature(source))


@pytest.mark.parametrize("kind", KINDS)
@given(seed=SEEDS)
@settings(max_examples=40)
def test_every_kind_leaves_two_sides_on_one_line(kind: str, seed: int) -> None:
    _, _, source, target = spoil(kind, seed)
    assert source.strip()
    assert target.strip()
    assert not {"\n", "\r", "\t", "\0"} & set(source + target)


@given(seed=SEEDS)
def test_a_truncated_target_is_a_beginning_of_at_most_two_thirds(seed: int) -> None:
    sample, _, source, target = spoil("truncated", seed)
    assert source == sample.source
    assert sample.target.startswith(target)
    assert 0.25 <= len(target) / len(sample.target) <= 0.67


@given(seed=SEEDS)
def test_markup_stands_on_one_side_only(seed: int) -> None:
    sample, _, source, target = spoil("markup", seed)
    assert (source == sample.source) != (target == sample.target)
    assert {"<", "&", "{", "["} & set(source + target)


@given(seed=SEEDS)
def test_broken_encoding_never_leaves_the_target_whole(seed: int) -> None:
    sample, _, source, target = spoil("broken_encoding", seed)
    assert source == sample.source
    assert target != sample.target


@given(seed=SEEDS)
def test_a_misaligned_target_belongs_to_the_other_pair(seed: int) -> None:
    sample, other, source, target = spoil("misaligned", seed)
    assert (source, target) == (sample.source, other.target)


@given(seed=SEEDS)
def test_a_copied_target_is_its_source(seed: int) -> None:
    sample, _, source, target = spoil("copied", seed)
    assert source == target == sample.source


@given(seed=SEEDS, share=st.sampled_from([0.0, 0.15, 0.5]))
@settings(max_examples=5, deadline=None)
def test_any_seed_gives_a_corpus_of_the_size_asked_for(seed: int, share: float) -> None:
    rows = generate(
        Generated(kind="generated", name="p", pairs=900, dev_pairs=5, test_pairs=9, noise_share=share, seed=seed)
    )
    assert [len(rows[split]) for split in ("train", "dev", "test")] == [900, 5, 9]
    assert sum(bool(row.label) for row in rows["train"]) == round(900 * share)
