"""What one request, and all of them together, may ask for."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bounds of the server.

    Attributes:
        body_bytes: of one request.
        body_s: until it has arrived, in seconds.
        lines: of one request.
        line_characters: of one line.
        beam: hypotheses at each step, and translations of a line.
        translations: of one request, lines × translations of each.
        answer_s: from the body's last byte to the answer, in seconds.
        requests: that are read or translated at the same time.
        waiting_lines: of all requests, not counting those that are being translated; while so many wait, no more are
            taken.
        batch_lines: translated in one call.
        batch_characters: of these lines, each counted once for every hypothesis; a line with more is a batch by itself.
    """

    body_bytes: int = 1_000_000
    body_s: float = 10.0
    lines: int = 1000
    line_characters: int = 5000
    beam: int = 16
    translations: int = 2000
    answer_s: float = 30.0
    requests: int = 256
    waiting_lines: int = 4096
    batch_lines: int = 64
    batch_characters: int = 65_536
