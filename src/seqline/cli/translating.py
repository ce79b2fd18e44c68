"""``seqline translate``: a filter, stdin to stdout."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BufferedReader
from typing import BinaryIO, cast

from seqline.cli.asking import Asked, read_terms, sampling_of
from seqline.cli.errors import say
from seqline.cli.opening import Beam, Models, Threads, open_models, workspace
from seqline.cli.search_options import (
    Alignment,
    CoveragePenalty,
    Diversity,
    Groups,
    LengthPenalty,
    MinLength,
    Nbest,
    NoRepeatNgram,
    Phrases,
    Prefix,
    Sample,
    Scores,
    Seed,
    Temperature,
    Terms,
    TopK,
    TopP,
)
from seqline.types import Search, Searcher, Translation

_READ_BYTES = 1 << 15
_MAX_WARNINGS = 10


def translate(
    model: Models = None,
    beam: Beam = 4,
    nbest: Nbest = 1,
    threads: Threads = 0,
    scores: Scores = False,
    alignment: Alignment = False,
    length_penalty: LengthPenalty = 1.0,
    coverage_penalty: CoveragePenalty = 0.0,
    groups: Groups = 1,
    diversity: Diversity = 0.5,
    min_length: MinLength = 0,
    no_repeat_ngram: NoRepeatNgram = 0,
    sample: Sample = False,
    temperature: Temperature = None,
    top_k: TopK = None,
    top_p: TopP = None,
    seed: Seed = None,
    prefix: Prefix = "",
    constraint: Phrases = None,
    terms: Terms = None,
) -> None:
    """Translate stdin to stdout: one line in, one line out, in order, whatever the lines hold.

    Lines are answered as they come, so it works at the end of a pipe. Only a line feed ends a line. Several torch
    models (--model A --model B) translate together. A deployed model has no groups, seed, constraints and terms.

    Example: [bold]echo "I like tea." | seqline translate --model quantized[/bold]
    """
    search = Search(
        beam=beam,
        nbest=nbest,
        length_penalty=length_penalty,
        coverage_penalty=coverage_penalty,
        groups=groups,
        diversity=diversity,
        min_length=min_length,
        no_repeat_ngram=no_repeat_ngram,
        sampling=sampling_of(sample, temperature, top_k, top_p, seed),
    )
    asked = Asked(
        search,
        prefix,
        tuple(constraint or ()),
        read_terms(terms) if terms else (),
        scores,
        alignment,
    )
    translator = open_models(model or (), workspace(), threads)
    pump(cast(BufferedReader, sys.stdin.buffer), sys.stdout.buffer, translator, asked)


def pump(source: BufferedReader, sink: BinaryIO, translator: Searcher, asked: Asked) -> None:
    """Translate every line of ``source`` into ``sink``, flushing after each chunk that could be read."""
    reader, number = _Reader(), 0
    for lines in reader.chunks(source):
        for translations in translator.search(lines, asked.search, asked.demands(lines), align=asked.align):
            number += 1
            sink.write(_rows(number, translations, asked))
        sink.flush()
    reader.summarise()


@dataclass
class _Reader:
    """Decodes lines, and tells of those that are not UTF-8."""

    number: int = 0
    damaged: list[int] = field(default_factory=list)

    def chunks(self, source: BufferedReader) -> Iterator[list[str]]:
        """The complete lines of each read; a last line without a line feed counts too."""
        begun: list[bytes] = []  # parts of a line whose end has not come; joined once, so a huge line stays linear
        # read1 returns what is there and does not wait for more: a line is answered when it comes.
        while data := source.read1(_READ_BYTES):
            *lines, rest = data.split(b"\n")
            if lines:
                lines[0] = b"".join([*begun, lines[0]])
                begun.clear()
                yield [self._decode(line) for line in lines]
            begun.append(rest)
        if last := b"".join(begun):
            yield [self._decode(last)]

    def summarise(self) -> None:
        """Tell how many damaged lines were not named one by one."""
        if len(self.damaged) > _MAX_WARNINGS:
            say(f"{len(self.damaged) - _MAX_WARNINGS} more lines were not UTF-8, the last is {self.damaged[-1]}")

    def _decode(self, line: bytes) -> str:
        self.number += 1
        try:
            return line.decode("utf-8")
        except UnicodeDecodeError as error:
            self.damaged.append(self.number)
            if len(self.damaged) <= _MAX_WARNINGS:
                say(f"line {self.number}: not UTF-8 at byte {error.start + 1}; what is bad is read as U+FFFD")
            return line.decode("utf-8", errors="replace")


def _rows(number: int, translations: list[Translation], asked: Asked) -> bytes:
    if asked.search.nbest == 1:
        return _row([], translations[0] if translations else Translation("", 0.0), asked)
    return b"".join(_row([str(number)], translation, asked) for translation in translations)


def _row(cells: list[str], translation: Translation, asked: Asked) -> bytes:
    if asked.scores or asked.search.nbest > 1:
        cells = [*cells, f"{translation.score:.4f}"]
    cells = [*cells, translation.text]
    return _line("\t".join([*cells, translation.pharaoh] if asked.align else cells))


def _line(text: str) -> bytes:
    # A model may write a line feed as a byte piece; it must not become a second line.
    return text.replace("\n", " ").encode("utf-8", errors="replace") + b"\n"
