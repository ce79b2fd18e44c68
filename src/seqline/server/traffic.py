"""What is kept of each request: how long, in which language, how sure the model was. Never its text."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

from seqline.server.exchange import Exchange
from seqline.server.journal import Journal


class Traffic:
    """Tells a journal of every line that was translated; see :func:`seqline.feedback.drift`.

    ``count_pieces`` is :meth:`seqline.server.served.Deployed.count_pieces`.
    """

    def __init__(self, journal: Journal, count_pieces: Callable[[Sequence[str]], list[tuple[int, int]]]) -> None:
        self._journal, self._count_pieces = journal, count_pieces

    def __call__(self, exchange: Exchange) -> None:
        """Note an exchange."""
        self._journal.add(lambda: self._records(exchange))

    def close(self) -> None:
        """Write what waits."""
        self._journal.close()

    def _records(self, exchange: Exchange) -> Iterator[dict[str, Any]]:
        lines, milliseconds = exchange.lines, round(1000 * exchange.seconds, 2)
        for line, (pieces, spelt), found in zip(lines, self._count_pieces(lines), exchange.answer, strict=True):
            yield {
                "version": exchange.located.version,
                "content": exchange.located.content_hash,
                "beam": exchange.options.rows,
                "language": _language(line),
                "characters": len(line),
                "pieces": pieces,
                "spelt": spelt,
                "score": round(found[0].score, 4),
                "target_characters": len(found[0].text),
                "ms": milliseconds,
            }


def _language(line: str) -> str:
    """The likeliest, as ISO 639; ``zxx``: none."""
    return str(_identifier().classify(line)[0]) if line.strip() else "zxx"


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE)
