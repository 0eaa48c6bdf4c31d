"""A browser's pictures."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posecheck.core.errors import UsageError
from posecheck.live.browser.messages import read_picture
from posecheck.media.open import open_source
from tests.fixtures.paths import SAMPLES

CLIP = SAMPLES / "childs-pose-arms-short.mp4"
LAYOUTS = ["JPEG", "I420", "NV12"]


def jpeg(image: np.ndarray) -> bytes:
    return cv2.imencode(".jpg", image)[1].tobytes()


@pytest.mark.parametrize("layout", ["I420", "NV12"])
def test_a_camera_s_own_bytes_show_what_its_jpeg_shows(layout: Any) -> None:
    with open_source(CLIP) as source:
        image = next(source.frames()).image
    planes = cv2.cvtColor(image, cv2.COLOR_BGR2YUV_I420)
    height, width = image.shape[:2]
    if layout == "NV12":  # the same, with both colours in turn
        colours = planes[height:].reshape(2, -1).T.reshape(-1, width)
        planes = np.vstack([planes[:height], colours])
    data = planes.tobytes()
    raw = read_picture(data, layout, width=width, height=height).astype(int)
    assert np.abs(raw - image).mean() < 4
    assert np.abs(raw - read_picture(jpeg(image))).mean() < 4


@settings(max_examples=60)
@given(st.binary(max_size=200), st.integers(0, 20), st.integers(0, 20), st.sampled_from(LAYOUTS))
def test_bytes_that_are_no_picture(data: bytes, width: int, height: int, layout: Any) -> None:
    try:
        image = read_picture(data, layout, width=width, height=height)
    except UsageError:
        return
    assert image.shape == (height, width, 3)
    assert len(data) == width * height * 3 // 2
