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


HOLES = """
import torch
from seqline.training.allocator import give_back, pages_kept

def resident_mb():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmRSS"))

with pages_kept():
    kept = [torch.ones(250_000) for _ in range(200)]  # 200 MB, of which every other one goes
    del kept[::2]
    with_holes = resident_mb()
    give_back()
    print(with_holes, resident_mb())
"""

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="says what glibc does")


def test_inside_large_arrays_come_from_memory_that_the_process_has() -> None:
    # In a process of its own, whose heap nobody else has used.
    outside, inside = said(MEASURE)
    assert inside < outside / 10


def test_holes_between_what_is_in_use_can_be_given_back() -> None:
    with_holes, without = said(HOLES)
    assert without < with_holes - 80


def said(program: str) -> tuple[int, int]:
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    first, second = map(int, run.stdout.split())
    return first, second
