"""Questions to a catalogue: a small JSON document, with the same patience and the same guard as a file."""

import json
import tempfile
import threading
from pathlib import Path
from typing import Any

from seqline.errors import CorpusError
from seqline.fetching import transfer
from seqline.params.network import Network

_MAX_BYTES = 16_000_000


def ask(url: str, policy: Network) -> Any:
    """The JSON document behind a URL.

    Raises:
        CorpusError: it is not JSON.
        InputError, FetchError: see :func:`seqline.fetching.transfer.fetch`.
    """
    bounded = policy.model_copy(update={"max_bytes": min(policy.max_bytes, _MAX_BYTES)})
    with tempfile.TemporaryDirectory(prefix="seqline-") as folder:
        part = transfer.fetch(
            url, Path(folder) / "answer", bounded, expected=None, watch=lambda come, total: None, stop=threading.Event()
        )
        try:
            return json.loads(part.path.read_bytes())
        except ValueError:
            raise CorpusError(f"{url}: the answer is not JSON; it begins with {part.first_bytes(60)!r}") from None
