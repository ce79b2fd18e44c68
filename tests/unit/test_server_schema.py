"""What the OpenAPI document promises holds for whatever is sent (schemathesis)."""

from pathlib import Path

import schemathesis
from hypothesis import HealthCheck, settings
from slow_searcher import Obedient

from seqline.server.app import build
from seqline.server.limits import Limits
from seqline.server.served import Served
from seqline.types import Located

LIMITS = Limits(lines=5, line_characters=20, batch_lines=2)
SERVED = Served(lambda: Located("tiny/1", "ab" * 32, Path("tiny")), lambda _: Obedient(), threads=1, limits=LIMITS)
schema = schemathesis.openapi.from_asgi("/openapi.json", build(SERVED, LIMITS, hosts=["localhost", "testserver"]))


@schema.parametrize()
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_every_answer_is_one_that_the_document_promises(case: schemathesis.Case) -> None:
    case.call_and_validate()
