"""Plants labelled noise, so that the precision and recall of cleaning can be measured.

Every kind is what crawled corpora are really full of. A spoilt row keeps its line; its label says what was done.
"""

from collections.abc import Callable, Sequence
from random import Random
from typing import Final

from seqline.corpus.phrasebook.foreign import SENTENCES
from seqline.corpus.phrasebook.sampling import Sample, signature

Spoil = Callable[[Random, Sample, Sample], tuple[str, str]]
_TAGS: Final = ("b", "i", "p", "span", "strong", "td", "li")
_RESIDUES: Final = (
    "<br/>", "<br />", "&lt;br&gt;", "&lt;/p&gt;", "{{name}}", "{{0}}", "{%s}", "[[link]]", "<img src=\"1.png\">",
    "<!-- end -->",
)  # fmt: skip


def misaligned(random: Random, sample: Sample, other: Sample) -> tuple[str, str]:
    """The translation of another sentence."""
    return sample.source, other.target


def duplicated(random: Random, sample: Sample, other: Sample) -> tuple[str, str]:
    """An earlier pair again, exactly or but for case, white space and punctuation."""
    source, target = other.source, other.target
    alterations: tuple[tuple[str, str], ...] = (
        (source, target), (source, target), (source.lower(), target), (source.upper(), target),
        (source[:-1], target[:-1]), (source.replace(" ", "  "), target), (f" {source}", f"{target} "),
        (f"{source[:-1]} {source[-1]}", target), (f"{source[:-1]}!", f"{target[:-1]}！"),
    )  # fmt: skip
    return random.choice(alterations)


def wrong_language(random: Random, sample: Sample, other: Sample) -> tuple[str, str]:
    """One side in a language that the corpus does not promise, or English where Chinese should stand."""
    foreign = random.choice(SENTENCES)
    choice = random.randrange(5)
    if choice < 2:
        return sample.source, foreign
    if choice < 4:
        return foreign, sample.target
    return (other.target, sample.target) if random.random() < 0.5 else (sample.source, other.source)


def markup(random: Random, sample: Sample, other: Sample) -> tuple[str, str]:
    """Tags, escaped tags or template holes on one side only."""
    at_source = random.random() < 0.5
    text = sample.source if at_source else sample.target
    spoilt = _with_residue(random, text)
    return (spoilt, sample.target) if at_source else (sample.source, spoilt)


def broken_encoding(random: Random, sample: Sample, other: Sample) -> tuple[str, str]:
    """The Chinese side read in the wrong encoding, or with characters lost on the way."""
    target = sample.target
    choice = random.randrange(5)
    if choice == 0:
        return sample.source, target.encode().decode("latin-1")
    if choice == 1:
        return sample.source, target.encode().decode("cp1252", errors="replace")
    if choice == 2:
        return sample.source, target.encode("gb18030").decode("utf-8", errors="replace")
    lost = "\ufffd" if choice == 3 else "?"
    return sample.source, _with_losses(random, target, lost)


def truncated(random: Random, sample: Sample, other: Sample) -> tuple[str, str]:
    """A target of which only the first 30 to 60 per cent remain."""
    kept = max(1, round(len(sample.target) * random.uniform(0.3, 0.6)))
    return sample.source, sample.target[:kept]


def copied(random: Random, sample: Sample, other: Sample) -> tuple[str, str]:
    """The source again instead of a translation."""
    return sample.source, sample.source


KINDS: Final[dict[str, Spoil]] = {
    spoil.__name__: spoil
    for spoil in (misaligned, duplicated, wrong_language, markup, broken_encoding, truncated, copied)
}


def plan(seed: int, rows: int, share: float) -> dict[int, str]:
    """Which rows (from 0) to spoil, and how; the kinds come evenly. The first row always stays clean."""
    random = Random(f"noise {seed}")
    count = min(round(rows * share), max(rows - 1, 0))
    chosen = random.sample(range(1, rows), count) if count else []
    kinds = list(KINDS)
    return {row: kinds[index % len(kinds)] for index, row in enumerate(chosen)}


def plant(seed: int, samples: Sequence[Sample], spoilt: dict[int, str]) -> list[tuple[str, str, str]]:
    """The rows as (source, target, label): those of ``spoilt`` damaged, the others as they were."""
    random = Random(f"spoil {seed}")
    rows = []
    clean: list[Sample] = []
    for index, sample in enumerate(samples):
        kind = spoilt.get(index, "")
        if not kind:
            clean.append(sample)
            rows.append((sample.source, sample.target, ""))
            continue
        rows.append((*KINDS[kind](random, sample, _another(random, clean, sample)), kind))
    return rows


def _another(random: Random, clean: Sequence[Sample], sample: Sample) -> Sample:
    """An earlier clean pair, with another target where there is one."""
    for _ in range(20):
        other = random.choice(clean)
        if signature(other.target) != signature(sample.target):
            break
    return other


def _with_residue(random: Random, text: str) -> str:
    if random.random() < 0.5:
        tag = random.choice(_TAGS)
        opening, closing = (f"<{tag}>", f"</{tag}>") if random.random() < 0.7 else (f"&lt;{tag}&gt;", f"&lt;/{tag}&gt;")
        return f"{opening}{text}{closing}"
    at = random.choice([0, len(text), *(index for index, letter in enumerate(text) if letter in " ，")])
    return text[:at] + random.choice(_RESIDUES) + text[at:]


def _with_losses(random: Random, text: str, lost: str) -> str:
    at = set(random.sample(range(len(text)), max(2, len(text) // 3)))
    return "".join(lost if index in at else letter for index, letter in enumerate(text))
