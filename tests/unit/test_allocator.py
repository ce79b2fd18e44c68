"""The allocator while a model is trained."""

import platform
import subprocess
import sys

import pytest

MEASURE = """
import resource
import torch
from seqline.training.allocator import pages_kept

def faults(num_arrays):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(num_arrays):
        torch.ones(12_000_000)  # 48 MB: above what glibc ever keeps
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

outside = faults(4)
with pages_kept():
    faults(40)  # small objects come to lie between them until there is room beside: about ten
    inside = faults(4)
print(outside, inside)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="says what glibc does")
def test_inside_large_arrays_come_from_memory_that_the_process_has() -> None:
    # In a process of its own, whose heap nobody else has used.
    run = subprocess.run([sys.executable, "-c", MEASURE], capture_output=True, text=True, check=True)
    outside, inside = map(int, run.stdout.split())
    assert inside < outside / 10
