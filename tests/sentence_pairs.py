"""Pairs of sentences in a language of twenty words, whose translation is known word by word."""

import numpy as np
import polars as pl

WORDS = "red blue big small old new cat dog house book tea car sees buys likes sells finds makes one two"
ENGLISH = WORDS.split()
CHINESE = "红蓝大小旧新猫狗屋书茶车见买爱卖找做一二"


def sentences(count: int, seed: int) -> pl.DataFrame:
    """``row``, ``source`` and ``target``: four to eleven words each."""
    random = np.random.default_rng(seed)
    draws = [random.integers(0, len(ENGLISH), random.integers(4, 12)) for _ in range(count)]
    source = [" ".join(ENGLISH[index] for index in draw) + "." for draw in draws]
    target = ["".join(CHINESE[index] for index in draw) + "。" for draw in draws]
    return pl.DataFrame({"row": np.arange(count), "source": source, "target": target})
