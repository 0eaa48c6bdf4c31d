"""The browser's pictures: a JPEG, or the camera's own bytes where they stay on this machine."""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np

from posecheck.core.errors import UsageError
from posecheck.media.frames import BgrImage

Layout = Literal["JPEG", "I420", "NV12"]

MAX_PICTURE_BYTES = 2_000_000  # 640 x 480 have 460,800 as they are, and a tenth of that as a JPEG

_TO_BGR = {"I420": cv2.COLOR_YUV2BGR_I420, "NV12": cv2.COLOR_YUV2BGR_NV12}


def read_picture(
    data: bytes | memoryview | None, layout: Layout = "JPEG", *, width: int = 0, height: int = 0
) -> BgrImage:
    """Decode a browser's picture.

    Parameters
    ----------
    data : bytes or memoryview
    layout : {"JPEG", "I420", "NV12"}
        The latter two are planes of brightness and colour, half as wide and high, as WebCodecs
        names them.
    width, height : int
        Pixels, of what is no JPEG.

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
