"""``seqline translate``: a filter, stdin to stdout."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BufferedReader
from typing import Annotated, BinaryIO, cast

import typer

from seqline.cli.errors import say
from seqline.cli.opening import Beam, Model, Threads, open_model, workspace
from seqline.errors import InputError
from seqline.types import Translation, Translator

_READ_BYTES = 1 << 15
_MAX_WARNINGS = 10


def translate(
    model: Model = "",
    beam: Beam = 4,
    nbest: Annotated[
        int, typer.Option(help="Translations a line. Above 1, each is printed as line number, score, text.", min=1)
    ] = 1,
    threads: Threads = 0,
) -> None:
    """Translate stdin to stdout: one line in, one line out, in order, whatever the lines hold.

    Lines are answered as they come, so it works at the end of a pipe. Only a line feed ends a line.

    Example: [bold]echo "I like tea." | seqline translate --model quantized[/bold]
    """
    if nbest > beam:
        raise InputError(f"--nbest {nbest} is more than --beam {beam}: a beam holds no more hypotheses than its size")
    translator = open_model(model, workspace(), threads)
    pump(cast(BufferedReader, sys.stdin.buffer), sys.stdout.buffer, translator, beam, nbest)


def pump(source: BufferedReader, sink: BinaryIO, translator: Translator, beam: int, nbest: int) -> None:
    """Translate every line of ``source`` into ``sink``, flushing after each chunk that could be read."""
    reader, number = _Reader(), 0
    for lines in reader.chunks(source):
        for translations in translator.translate(lines, beam=beam, nbest=nbest):
            number += 1
            sink.write(_rows(number, translations, nbest))
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


def _rows(number: int, translations: list[Translation], nbest: int) -> bytes:
    if nbest == 1:
        return _line(translations[0].text if translations else "")
    return b"".join(_line(f"{number}\t{best.score:.4f}\t{best.text}") for best in translations)


def _line(text: str) -> bytes:
    # A model may write a line feed as a byte piece; it must not become a second line.
    return text.replace("\n", " ").encode("utf-8", errors="replace") + b"\n"
