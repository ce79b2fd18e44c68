"""The tokenize stage where a corpus has more lines than a tokenizer learns from."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqline.files import sha256, staged
from seqline.tokenization.subset import Subset
from seqline.workspace import Workspace

LIMIT = 300
PROCESS = f"""
import sys
from pathlib import Path
sys.path[:0] = [{str(Path(__file__).parents[1])!r}]
from raw_corpora import params
from seqline.stages import tokenize
from seqline.stages.job import Job
from seqline.tokenization import tokenizer
from seqline.workspace import Workspace
tokenize.MAX_TRAINING_LINES = tokenizer.MAX_TRAINING_LINES = {LIMIT}
tokenize._CHUNK = 128
whole = params()
project = whole.project.model_copy(update={{"seed": int(sys.argv[2]), "threads": 1}})
joint = sys.argv[3] == "joint"
block = whole.tokenize.model_copy(update={{"joint": joint, "source_vocabulary": 400, "target_vocabulary": 400}})
tokenize.run(Job(whole.model_copy(update={{"project": project, "tokenize": block}}), Workspace(Path(sys.argv[1]))))
"""


def clean_corpus(work: Workspace) -> None:
    """Two thousand lines of words that hardly repeat, so that every sample gives other pieces."""
    random = np.random.default_rng(1)
    words = ["".join(random.choice(list("aeiounstrlm"), 5)) for _ in range(3000)]
    with staged(work.clean) as folder:
        for split, count in (("train", 2000), ("dev", 20)):
            texts = [" ".join(random.choice(words, 4)) for _ in range(count)]
            columns = {"id": range(count), "source": texts, "target": [text[::-1] for text in texts]}
            pl.DataFrame(columns).write_parquet(folder / f"{split}.parquet", row_group_size=300)


def tokenizers(root: Path, seed: int, how: str) -> list[str]:
    """The sums of both models as another process trains them."""
    subprocess.run([sys.executable, "-c", PROCESS, str(root), str(seed), how], check=True, timeout=120)
    return [sha256(Workspace(root).tokenized / name) for name in ("source.model", "target.model")]


@pytest.mark.parametrize("how", ["joint", "apart"])
def test_a_corpus_beyond_the_limit_gives_the_same_tokenizers_in_every_process(tmp_path: Path, how: str) -> None:
    clean_corpus(Workspace(tmp_path))
    first = tokenizers(tmp_path, 1, how)
    assert tokenizers(tmp_path, 1, how) == first
    if how == "apart":
        other = tokenizers(tmp_path, 2, how)
        assert not set(first) & set(other), "another seed draws other lines"


@settings(deadline=None)
@given(sizes=st.lists(st.integers(1, 50), max_size=20), wanted=st.integers(0, 400), seed=st.integers(0, 10))
def test_a_subset_has_the_size_that_is_wanted_and_rows_in_order(sizes: list[int], wanted: int, seed: int) -> None:
    subset = Subset(sum(sizes), wanted, seed)
    parts = [subset.rows(size).tolist() for size in sizes]
    assert sum(map(len, parts)) == min(wanted, sum(sizes))
    for size, part in zip(sizes, parts, strict=True):
        assert part == sorted(set(part) & set(range(size)))


def test_every_row_is_as_likely_as_any_other_to_be_in_a_subset() -> None:
    counts = np.zeros(12)
    for seed in range(3000):
        subset, begin = Subset(12, 4, seed), 0
        for size in (1, 4, 7):
            counts[begin + subset.rows(size)] += 1
            begin += size
    assert counts.sum() == 3000 * 4
    assert abs(counts - 1000).max() < 4 * (3000 * (1 / 3) * (2 / 3)) ** 0.5
