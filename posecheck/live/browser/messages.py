"""What comes from a browser, checked as it comes in: messages, and the camera's pictures."""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from posecheck.core.errors import UsageError
from posecheck.landmarks.series import Side
from posecheck.media.frames import BgrImage

Layout = Literal["JPEG", "I420", "NV12"]

MAX_PICTURE_BYTES = 2_000_000  # 640 x 480 have 460,800 as they are, and a tenth of that as a JPEG

_TO_BGR = {"I420": cv2.COLOR_YUV2BGR_I420, "NV12": cv2.COLOR_YUV2BGR_NV12}

_Pain = Field(None, ge=0, le=10, strict=True)


class ClientMessage(BaseModel):
    """One message; `live.browser.session` says what each kind means, and what comes with it."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    kind: Literal["hello", "start", "frame", "alive", "pause", "stop", "pain", "save"]
    view: str = Field("", max_length=64)
    n: int = 0
    t_s: float = 0.0
    layout: Layout = "JPEG"
    width: int = Field(0, ge=0, le=10_000)
    height: int = Field(0, ge=0, le=10_000)
    side: Side | None = None
    before: int | None = _Pain
    after: int | None = _Pain
    person: str = "me"


def read_message(message: object) -> ClientMessage:
    """Check what came from a client.

    Parameters
    ----------
    message : object
        Plain data, as it came.

    Returns
    -------
    ClientMessage

    Raises
    ------
    UsageError
        No client of this version sends such a message.
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


def read_picture(
    data: bytes | memoryview | None, layout: Layout = "JPEG", *, width: int = 0, height: int = 0
) -> BgrImage:
    """Decode a browser's picture: a JPEG, or the camera's own bytes where both are on one machine.

    Parameters
    ----------
    data : bytes or memoryview or None
    layout : {"JPEG", "I420", "NV12"}
        The latter two are a plane of brightness and planes of colour of half its width and height,
        as WebCodecs names them.
    width, height : int
        Pixels; 0 for a JPEG, which says them itself.

    Returns
    -------
    numpy.ndarray, shape (height, width, 3)
        uint8, BGR.

    Raises
    ------
    UsageError
        It is no picture, or one that no client of ours sends.
    """
    if data is None or not 0 < len(data) <= MAX_PICTURE_BYTES:
        raise UsageError("a frame came without a picture, or with one that is far too large")
    values = np.frombuffer(data, np.uint8)
    if layout == "JPEG":
        image = cv2.imdecode(values, cv2.IMREAD_COLOR)
    elif width % 2 or height % 2 or width * height * 3 // 2 != len(values) or not width:
        image = None
    else:
        image = cv2.cvtColor(values.reshape(height * 3 // 2, width), _TO_BGR[layout])
    if image is None:
        raise UsageError("the camera's picture cannot be read", hint="Press Start to try again.")
    return np.asarray(image, np.uint8)
