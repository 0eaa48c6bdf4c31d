"""HDR recordings as the pictures a pose model knows: their light levels as a usual screen has them.

Phones code HDR video by one of two curves, PQ or HLG. Shown as if it were a usual recording, PQ is
grey and flat, so a body hardly stands out from the room. The colours keep their wide gamut: a
little pale, which neither the model nor the comparison of clothes minds.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from av.video.frame import VideoFrame

from posecheck.core.geometry import Array
from posecheck.media.frames import BgrImage

_PQ, _HLG = 16, 18  # as ITU-T H.273 numbers the curves
_WHITE_NITS = 203.0  # of a white sheet of paper in HDR, as ITU-R BT.2408 has it
_PEAK_NITS = 1000.0  # what is brighter is white


def tone_mapped(image: BgrImage, picture: VideoFrame) -> BgrImage:
    """Turn light levels into those of a usual recording.

    Parameters
    ----------
    image : numpy.ndarray, shape (height, width, 3)
        The picture as converted, 8 bits.
    picture : av.video.frame.VideoFrame
        As decoded: it names its curve.

    Returns
    -------
    numpy.ndarray, shape (height, width, 3)
        The same image when its curve is no HDR curve.
    """
    if picture.color_trc not in (_PQ, _HLG):
        return image
    return np.asarray(cv2.LUT(image, _table(int(picture.color_trc))), np.uint8)


@cache
def _table(curve: int) -> np.ndarray:
    """Which grey level becomes which."""
    signal = np.arange(256) / 255
    nits = _pq_nits(signal) if curve == _PQ else _hlg_nits(signal)
    # Reinhard's curve: what is darker than paper hardly changes, lamps keep their shape.
    light, peak = nits / _WHITE_NITS, _PEAK_NITS / _WHITE_NITS
    shown = np.clip(light * (1 + light / peak**2) / (1 + light), 0, 1)
    grey = np.where(shown <= 0.0031308, 12.92 * shown, 1.055 * shown ** (1 / 2.4) - 0.055)
    return np.round(255 * grey).astype(np.uint8)


def _pq_nits(signal: Array) -> Array:
    """The curve of SMPTE ST 2084."""
    root = signal ** (1 / 78.84375)
    linear = np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)
    return np.asarray(10_000 * linear ** (1 / 0.1593017578125))


def _hlg_nits(signal: Array) -> Array:
    """The curve of ARIB STD-B67, on a screen of `_PEAK_NITS`."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12)
    return np.asarray(_PEAK_NITS * scene**1.2)
