"""What goes over the wire, as JSON and in the OpenAPI document."""

import json
from collections.abc import Sequence
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, create_model, model_validator

from seqline.server.limits import Limits
from seqline.types import Translation

Pairs = list[tuple[int, int]]


class Wanted(BaseModel):
    """Lines to be translated; :func:`wanted_within` makes the class with a server's limits."""

    model_config = ConfigDict(extra="forbid", strict=True)

    lines: list[str] = Field(description="Each is translated by itself.")
    beam: int = Field(default=4, ge=1, description="Hypotheses kept at each step; 1 is greedy.")
    nbest: int = Field(default=1, ge=1, description="Translations of each line.")
    alignment: bool = Field(default=False, description="Which words belong together, read from attention.")


class Hypothesis(BaseModel):
    """A translation."""

    text: str
    score: float = Field(description="Log-probability of a piece, on average.")
    alignment: Pairs | None = Field(
        default=None, description="Source word and target word, counted from 0; Chinese characters count as words."
    )


class Translated(Hypothesis):
    """The best translation of a line, and the next best where more than one was wanted."""

    others: list[Hypothesis] | None = Field(default=None, description="Best first.")


class Translations(BaseModel):
    """One translation a line, in the order of the lines, and the version that made all of them."""

    version: str
    translations: list[Translated]


class Problem(BaseModel):
    """Why there is no answer."""

    detail: str


class Present(BaseModel):
    """What is served."""

    version: str = Field(description="Of the registered model, NAME/NUMBER; else what the model is called.")
    content_hash: str = Field(description="SHA-256 over the names and hashes of its files.")
    seqline: str = Field(description="The version of the server.")


class Ready(BaseModel):
    """The server takes requests."""

    version: str
    waiting_lines: int


def wanted_within(limits: Limits) -> type[Wanted]:
    """The request that a server with these limits accepts."""
    line = Annotated[str, Field(max_length=limits.line_characters)]
    count = Annotated[int, Field(ge=1, le=limits.beam), BeforeValidator(_integer)]
    fields, most = Wanted.model_fields, limits.translations

    class Bounded(Wanted):
        @model_validator(mode="after")
        def within(self) -> Self:
            if (number := len(self.lines) * self.nbest) > most:
                raise ValueError(f"lines × nbest are {number}; at most {most} translations")
            return self

    return create_model(
        "Wanted",
        __base__=Bounded,
        lines=(list[line], Field(max_length=limits.lines, description=fields["lines"].description)),
        beam=(count, Field(default=4, description=fields["beam"].description)),
        nbest=(count, Field(default=1, description=f"{fields['nbest'].description} Lines × nbest: at most {most}.")),
    )


def _integer(value: Any) -> Any:
    """In JSON 5.0 is an integer."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def encoded(version: str, answer: Sequence[Sequence[Translation]], *, align: bool) -> bytes:
    """:class:`Translations` as they go out, checked by nobody. Line by line, so that other threads have their turns."""
    lines = ",".join(_json(_translated(line, align=align)) for line in answer)
    return f'{{"version":{_json(version)},"translations":[{lines}]}}'.encode()


def _translated(translations: Sequence[Translation], *, align: bool) -> dict[str, Any]:
    best, *others = (
        {"text": one.text, "score": one.score, **({"alignment": one.alignment} if align else {})}
        for one in translations
    )
    return {**best, "others": others} if others else best


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
