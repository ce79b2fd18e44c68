"""One small message to wherever a team reads: a POST of JSON to the address in ``SEQLINE_WEBHOOK``.

A message that does not arrive is told in one line and harms nothing. The address is never shown beyond its host: with
many services it is the secret.
"""

import os
import threading
from collections.abc import Callable, Mapping
from typing import Any

VARIABLE = "SEQLINE_WEBHOOK"
_TIMEOUT_S = 5.0
_TOTAL_S = 10.0


def send(message: Mapping[str, Any], tell: Callable[[str], None]) -> bool:
    """Send a message where an address is set; it waits ten seconds at most. Returns whether it arrived."""
    address = os.environ.get(VARIABLE, "").strip()
    if not address:
        return False
    said: list[str] = []
    thread = threading.Thread(target=lambda: said.append(_post(address, message)), name="webhook", daemon=True)
    thread.start()
    thread.join(_TOTAL_S)
    fault = said[0] if said else f"no answer within {_TOTAL_S:g} s"
    if fault:
        tell(f"{VARIABLE}: the message was not delivered ({fault})")
    return not fault


def _post(address: str, message: Mapping[str, Any]) -> str:
    """What went wrong; empty: nothing. Redirects are not followed and the answer's body is not read."""
    import httpx

    try:
        url = httpx.URL(address)
        if url.scheme not in ("http", "https") or not url.host:
            return "the address must begin with http:// or https://"
        with (
            httpx.Client(timeout=_TIMEOUT_S, follow_redirects=False) as client,
            client.stream("POST", url, json=dict(message)) as answer,
        ):
            return "" if answer.is_success else f"{url.host} answers {answer.status_code}"
    except httpx.InvalidURL:
        return "the address is not a URL"
    except (httpx.HTTPError, OSError) as error:
        return f"{url.host}: {type(error).__name__}"
