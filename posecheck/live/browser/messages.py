"""The messages of a client, checked as they come in, and what a client is told at first."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from posecheck.core.errors import UsageError
from posecheck.core.safety import BEFORE_FIRST_SESSION, WHAT_THIS_IS, WHILE_STRETCHING
from posecheck.landmarks.series import SKELETON, Landmark, Side
from posecheck.live.browser.pictures import Layout
from posecheck.stretches import Stretch

Pain = Field(None, ge=0, le=10, strict=True)


class ClientMessage(BaseModel):
    """One message; `live.browser.session` says which kind means what, and what goes with it."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    kind: Literal["hello", "start", "frame", "alive", "pause", "stop", "pain", "save"]
    view: str = Field("", max_length=64)
    n: int = 0
    t_s: float = 0.0
    layout: Layout = "JPEG"
    width: int = Field(0, ge=0, le=10_000)
    height: int = Field(0, ge=0, le=10_000)
    side: Side | None = None
    before: int | None = Pain
    after: int | None = Pain
    person: str = "me"


def read_message(message: object) -> ClientMessage:
    """Check what came from a client.

    Raises
    ------
    UsageError
        No client of this version sends such a thing.
    """
    try:
        return ClientMessage.model_validate(message)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise UsageError(
            "the page sent something that this version of posecheck does not know",
            where=where,
            hint="Reload the page, or run the cell again.",
        ) from error


def setup_message(stretch: Stretch, side: Side | None) -> dict[str, Any]:
    """What a client shows before the start, and needs for drawing."""
    return {
        "kind": "setup",
        "stretch": {
            "name": stretch.name,
            "how": " ".join(stretch.how.split()),
            "film": " ".join(stretch.film.split()),
            "dose": [dose.amount for dose in stretch.doses],
            "each_side": stretch.sides == "each",
        },
        "side": side,
        "safety": [BEFORE_FIRST_SESSION, WHILE_STRETCHING, *stretch.safety, WHAT_THIS_IS],
        "bones": [[int(start), int(end), _side(start, end)] for start, end in SKELETON],
    }


def _side(start: Landmark, end: Landmark) -> str | None:
    sides = {mark.name.split("_")[0] for mark in (start, end)}
    return sides.pop() if len(sides) == 1 else None
