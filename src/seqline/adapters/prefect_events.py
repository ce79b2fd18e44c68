"""Events that deployments wait for (``triggers`` in prefect.yaml), posted to the configured server at once."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from seqline.adapters import prefect_server
from seqline.errors import SeqlineError

DATA_CHANGED = "seqline.data.changed"
QUALITY_DROPPED = "seqline.quality.dropped"
"""Live translations look worse than what the model was trained on."""


def emit(event: str, project: str, payload: Mapping[str, Any]) -> None:
    """Post an event about a project; the server starts what waits for it.

    Raises:
        SeqlineError: there is no server, or it does not take the event.
    """
    import httpx
    from prefect.client.orchestration import get_client
    from prefect.settings import get_current_settings

    address = get_current_settings().api.url
    if not address or prefect_server.is_temporary():
        raise SeqlineError(f"{event}: no server to tell it to; set PREFECT_API_URL, see docs/operate.md")
    document = {
        "id": str(uuid4()),
        "event": event,
        "occurred": datetime.now(UTC).isoformat(),
        "resource": {"prefect.resource.id": f"seqline.project.{project}"},
        "payload": dict(payload),
    }
    try:
        with get_client(sync_client=True, httpx_settings={"timeout": 10.0}) as client:
            client.request("POST", "/events", json=[document]).raise_for_status()
    except (httpx.HTTPError, OSError) as error:
        raise SeqlineError(f"{address}: the event {event} was not taken ({error})") from None
