"""The allocator while a model is trained."""

import platform
import resource

import pytest
import torch

from seqline.training.allocator import pages_kept


def _faults(num_arrays: int) -> int:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(num_arrays):
        torch.ones(12_000_000)  # 48 MB: above what glibc ever keeps
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="says what glibc does")
def test_inside_large_arrays_come_from_memory_that_the_process_has() -> None:
    outside = _faults(4)
    with pages_kept():
        _faults(1)
        inside = _faults(4)
    assert inside < outside / 10
