"""The ``download.network`` block: how patient, how greedy and how trusting a download is."""

from typing import Annotated

from pydantic import Field

from seqline.params.base import Block


class Network(Block):
    """Bounds of every download. Seconds are of one file, all its attempts and waits together."""

    deadline_s: Annotated[float, Field(gt=0.0, le=604_800.0)]
    idle_timeout_s: Annotated[float, Field(gt=0.0, le=3_600.0)]
    attempts: Annotated[int, Field(ge=1, le=20)]
    backoff_s: Annotated[float, Field(ge=0.0, le=600.0)]
    max_wait_s: Annotated[float, Field(ge=0.0, le=3_600.0)]
    parallel: Annotated[int, Field(ge=1, le=32)]
    max_bytes: Annotated[int, Field(ge=1, le=10**13)]
    allow_private_addresses: bool
