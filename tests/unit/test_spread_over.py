from hypothesis import given
from hypothesis import strategies as st

from seqline.serving.batching import BUCKET_PIECES, batches, spread_over

LENGTHS = st.lists(st.integers(1, 3 * BUCKET_PIECES), max_size=80)


@given(LENGTHS, st.integers(1, 6), st.integers(1, 600))
def test_every_line_is_in_one_batch_and_no_batch_is_larger_than_it_may_be(
    lengths: list[int], workers: int, batch_tokens: int
) -> None:
    found = spread_over(workers, lengths, batch_tokens)
    assert sorted(index for batch in found for index in batch) == list(range(len(lengths)))
    for batch in found:
        assert len(batch) == 1 or len(batch) * max(lengths[index] for index in batch) <= batch_tokens


@given(LENGTHS, st.integers(1, 6))
def test_there_are_more_batches_than_need_be_only_for_workers(lengths: list[int], workers: int) -> None:
    fewest = len(list(batches(lengths, 512)))
    assert fewest <= len(spread_over(workers, lengths, 512)) <= max(fewest, workers)


def test_lines_that_fit_one_batch_are_shared_out() -> None:
    assert spread_over(2, [8] * 32, 512) == [list(range(16)), list(range(16, 32))]
    assert spread_over(1, [8] * 32, 512) == [list(range(32))]


def test_one_line_is_one_batch_however_many_could_take_it() -> None:
    assert spread_over(4, [8], 512) == [[0]]
