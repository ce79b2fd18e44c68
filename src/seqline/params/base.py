"""What every block of params.yaml has in common: no unknown key, no silent conversion, nothing changes later."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


class Block(BaseModel):
    """A strict, frozen block of parameters; NaN and infinities are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


Count = Annotated[int, Field(ge=1)]
NonNegative = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
ModelName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(_[A-Z][a-z]{3})?$")]
Split = Literal["train", "dev", "test"]
Part = Literal["train", "dev", "test", "monolingual"]
"""What a corpus is for: pairs of a split, or sentences of the source language alone."""
Sum = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


def _written_out(value: Any) -> Any:
    return value.isoformat() if type(value) is date else value


Day = Annotated[str, BeforeValidator(_written_out), Field(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
"""A day such as 2026-11-23, which YAML reads as a date where it stands without quotes."""
