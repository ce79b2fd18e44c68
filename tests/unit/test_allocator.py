"""The allocator while a model is trained."""

import platform
import subprocess
import sys

import pytest

MEASURE = """
import resource
import torch
from seqline.training.allocator import pages_kept

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(4):
        torch.ones(12_000_000)  # 48 MB: above what glibc ever keeps
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

outside = faults()
with pages_kept():
    faults()
    inside = faults()
print(outside, inside)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="says what glibc does")
def test_inside_large_arrays_come_from_memory_that_the_process_has() -> None:
    """In a process of its own: the heap of a long one has holes, which large arrays fill one after the other."""
    run = subprocess.run([sys.executable, "-c", MEASURE], capture_output=True, text=True, check=True)
    outside, inside = map(int, run.stdout.split())
    assert inside < outside / 10
