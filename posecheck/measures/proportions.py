"""How long the segments of a body are on the screen, against what its proportions ask for."""

from __future__ import annotations

import numpy as np

from posecheck.core.geometry import Array, length
from posecheck.landmarks.series import LandmarkSeries
from posecheck.measures.calibration import SEGMENTS

# Length against the trunk's, as MediaPipe's own world landmarks have it on the training bodies.
PROPORTIONS = {"trunk": 1.0, "thigh": 0.80, "shank": 0.79, "upper_arm": 0.53, "forearm": 0.49}


def segment_shares(series: LandmarkSeries, side: str) -> dict[str, Array]:
    """Length of each segment on the screen against what the body's proportions ask for."""
    whole = reference_px(series, side)
    return {
        segment: _length_of(segment, side, series) / (share * whole)
        for segment, share in PROPORTIONS.items()
    }


def reference_px(series: LandmarkSeries, side: str) -> Array:
    """The trunk's length in pixels, frame by frame, as most of the segments of a side have it.

    A bent trunk and a limb that points at the camera look too short: the larger half is asked.
    """
    asked = np.stack([_length_of(s, side, series) / share for s, share in PROPORTIONS.items()])
    largest = np.sort(np.where(np.isfinite(asked), asked, -np.inf), axis=0)[::-1]
    median = np.where(np.isfinite(largest[2]), largest[2], largest[0])
    return np.where(np.isfinite(median), np.maximum(median, 1.0), np.nan)


def _length_of(segment: str, side: str, series: LandmarkSeries) -> Array:
    start, end = SEGMENTS[segment]
    return length(series.point(f"{side}_{end}") - series.point(f"{side}_{start}"))
