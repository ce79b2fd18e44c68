"""Distinct sentence pairs, with dev and test held out by composition.

A *composition* is a template together with the ordered tuple of its main fillers: the content words that the
template combines (verb and object, noun and adjective, place and place, …). Subject, time and number are main only
where a template says so; otherwise they vary freely within one composition. A hash of seed and composition gives
every composition to exactly one split, so no template–filler combination of dev or test occurs in train. A held-out
pair is used only if its template, all its English words and all its Chinese characters do occur in train: the test
asks for new combinations, never for unknown words.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from random import Random
from typing import Final

from seqline.corpus.phrasebook.draw import Draw
from seqline.corpus.phrasebook.templates import TEMPLATES, Template
from seqline.errors import CorpusError
from seqline.params.corpora import Split

#: Shares of the compositions that are held out; more than the pairs need, so that rare templates are met too.
_HELD_OUT: Final[tuple[tuple[float, Split], ...]] = ((0.04, "dev"), (0.12, "test"))
_DECK: Final = tuple(template for template in TEMPLATES for _ in range(template.weight))
# So many draws in a row without a single new pair mean that the grammar has nothing left to say.
_PATIENCE: Final = 5_000
_WORD: Final = re.compile(r"[A-Za-z]+|\d+|[^\sA-Za-z\d]")


@dataclass(frozen=True, slots=True)
class Sample:
    """A sentence pair and what it is made of."""

    source: str
    target: str
    template: str
    composition: tuple[str, ...]


def split_of(seed: int, template: str, composition: tuple[str, ...]) -> Split:
    """The split that owns a composition under this seed."""
    text = "\t".join((str(seed), template, *composition))
    point = int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") / 2**64
    return next((split for share, split in _HELD_OUT if point < share), "train")


def signature(text: str) -> str:
    """What makes two sentences the same whatever their case, punctuation and white space."""
    return "".join(_WORD.findall(text)).casefold().rstrip(".?!。？！")


def words(sample: Sample) -> set[str]:
    """The words that a pair needs: English ones in lower case, Chinese ones character by character."""
    return {word.lower() for word in _WORD.findall(sample.source)} | set(sample.target)


class Sampler:
    """Draws distinct pairs for one seed; each belongs to the split of its composition."""

    def __init__(self, seed: int):
        self._seed = seed
        self._stream = self._draw()
        self._waiting: dict[Split, list[Sample]] = {"train": [], "dev": [], "test": []}

    def train(self, count: int) -> list[Sample]:
        """Pairs for training. Raises CorpusError where the grammar has no more."""
        return list(islice(self._of("train"), count))

    def held_out(self, split: Split, count: int, train: Iterable[Sample]) -> list[Sample]:
        """Pairs of a held-out split whose words and templates all occur in ``train``.

        Raises CorpusError where ``train`` is too small to know so many.
        """
        templates: set[str] = set()
        known: set[str] = set()
        for sample in train:
            templates.add(sample.template)
            known |= words(sample)
        kept: list[Sample] = []
        for tried, sample in enumerate(self._of(split)):
            if len(kept) == count or tried > _PATIENCE + 10 * count:
                break
            if sample.template in templates and words(sample) <= known:
                kept.append(sample)
        if len(kept) < count:
            raise CorpusError(
                f"the words of the clean training pairs make only {len(kept)} of {count} {split} pairs: "
                f"raise `pairs` or lower `{split}_pairs` in download.corpora"
            )
        return kept

    def _of(self, split: Split) -> Iterator[Sample]:
        """The pairs of one split; those of the others wait until they are asked for."""
        while True:
            while self._waiting[split]:
                yield self._waiting[split].pop(0)
            sample = next(self._stream)
            self._waiting[split_of(self._seed, sample.template, sample.composition)].append(sample)

    def _draw(self) -> Iterator[Sample]:
        random = Random(f"phrasebook {self._seed}")
        sources: set[str] = set()
        vain = 0
        while vain < _PATIENCE:
            sample = build(random.choice(_DECK), random)
            key = signature(sample.source)
            vain = vain + 1 if key in sources else 0
            if not vain:
                sources.add(key)
                yield sample
        raise CorpusError(f"the phrasebook has only {len(sources)} distinct pairs: ask for fewer in download.corpora")


def build(template: Template, random: Random) -> Sample:
    """One sentence pair from a template."""
    draw = Draw(random)
    phrase = template.build(draw)
    return Sample(phrase.en, phrase.zh, template.name, draw.composition)
