"""When a measure cannot be told, although MediaPipe calls its landmarks visible.

Three things foretell a measure that is far off: the augmentations of a frame disagree, a segment is
far shorter or longer than a body's proportions allow (it points at the camera, or a joint was
mistaken for another), and the camera is not square. Where one of them is beyond the limit that
`calibration.toml` holds, the measure is hidden and its cues are "not assessed".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from posecheck.core.geometry import Array, length
from posecheck.landmarks.series import Landmark, LandmarkSeries
from posecheck.measures.calibration import SEGMENTS, Calibration
from posecheck.measures.camera_view import ViewTrack
from posecheck.measures.catalogue import Measure
from posecheck.measures.hidden import Cause

SHORTEST, LONGEST = 0.65, 1.4
MAX_APART = {"deg": 15.0, "torso": 0.2}  # the two pose models: further, neither is believed
# Length against the trunk's, as MediaPipe's own world landmarks have it on the training bodies.
PROPORTIONS = {"trunk": 1.0, "thigh": 0.80, "shank": 0.79, "upper_arm": 0.53, "forearm": 0.49}
_BETWEEN = {frozenset(ends): segment for segment, ends in SEGMENTS.items()}


@dataclass(frozen=True, eq=False)
class SegmentLengths:
    """How long one side's segments are on the screen; the same for every measure of that side.

    Attributes
    ----------
    trunk_px : ndarray, shape (n_frames,)
        From `reference_px`.
    shares : dict of ndarray, shape (n_frames,)
        From `segment_shares`.
    """

    trunk_px: Array
    shares: dict[str, Array]

    @classmethod
    def of(cls, series: LandmarkSeries, side: str) -> SegmentLengths:
        """Measure one side.

        Parameters
        ----------
        series : LandmarkSeries
        side : str

        Returns
        -------
        SegmentLengths
        """
        return cls(reference_px(series, side), segment_shares(series, side))


def is_unreliable(
    measure: Measure,
    side: str,
    series: LandmarkSeries,
    camera: ViewTrack,
    calibration: Calibration,
    lengths: SegmentLengths | None = None,
) -> np.ndarray:
    """Where a measure of one side must be hidden, bool, shape (n_frames,).

    Parameters
    ----------
    measure : Measure
    side : {"left", "right"}
        For a measure without sides, the near one.
    series : LandmarkSeries
        Cleaned.
    camera : ViewTrack
    calibration : Calibration
        Holds the limits; a measure without any is only hidden for its segments' lengths.
    lengths : SegmentLengths, optional
        Of that side, where several measures are asked for.
    """
    hidden = np.zeros(len(series), bool)
    for _, where in why_unreliable(measure, side, series, camera, calibration, lengths):
        hidden |= where
    return hidden


def why_unreliable(
    measure: Measure,
    side: str,
    series: LandmarkSeries,
    camera: ViewTrack,
    calibration: Calibration,
    lengths: SegmentLengths | None = None,
    apart: Array | None = None,
) -> Iterator[tuple[Cause, np.ndarray]]:
    """The causes for which a measure is hidden, each with where; arguments of `is_unreliable`.

    Parameters
    ----------
    measure : Measure
    side : str
    series : LandmarkSeries
    camera : ViewTrack
    calibration : Calibration
    lengths : SegmentLengths, optional
        Of that side, where they are known.
    apart : ndarray, shape (n_frames,), optional
        How far the two pose models are apart on the measure, in its unit.

    Yields
    ------
    cause : Cause
    where : ndarray of bool, shape (n_frames,)
    """
    lengths = lengths or SegmentLengths.of(series, side)
    limits = calibration.limits.get(measure.name)
    with np.errstate(invalid="ignore"):
        if limits is not None:
            turned = (camera.yaw_deg > limits.max_yaw_deg) & (camera.view == "side")
            yield Cause.camera_turned, turned
            wandering = disagreement(measure, side, series, lengths) > limits.max_doubt
            yield Cause.disagreement, wandering
        if apart is not None:
            yield Cause.disagreement, apart > MAX_APART[measure.unit]
        if measure.views == ("side",):
            for segment in segments_of(measure):
                share = lengths.shares[segment]
                yield Cause.proportions, (share < SHORTEST) | (share > LONGEST)


def disagreement(
    measure: Measure, side: str, series: LandmarkSeries, lengths: SegmentLengths | None = None
) -> Array:
    """How far the augmentations of a frame disagree on a measure, in its unit, shape (n_frames,).

    The spread of the two ends of each of its lines, over the length of the line for an angle, over
    the trunk's for a distance. NaN where nothing was looked at twice.

    Parameters
    ----------
    measure : Measure
    side : str
    series : LandmarkSeries
    lengths : SegmentLengths, optional
        Of that side, where they are known.

    Returns
    -------
    ndarray
    """
    if series.spread is None:
        return np.full(len(series), np.nan)
    total = np.zeros(len(series))
    trunk = reference_px(series, side) if lengths is None else lengths.trunk_px
    for start, end in lines_of(measure, side):
        both = series.spread[:, start] + series.spread[:, end]
        line = length(series.image[:, start] - series.image[:, end])
        in_degrees = np.degrees(both / np.maximum(line, 0.1 * trunk))
        total += in_degrees if measure.unit == "deg" else both / trunk
    return total


def lines_of(measure: Measure, side: str) -> list[tuple[Landmark, Landmark]]:
    """The lines that a measure is drawn with, as pairs of landmarks.

    Parameters
    ----------
    measure : Measure
    side : str

    Returns
    -------
    list of tuple[Landmark, Landmark]
    """
    marks = [
        Landmark[name]
        for point in measure.points
        for name in (f"{side}_{point}", point)
        if name in Landmark.__members__
    ]
    return list(pairwise(marks))


def segments_of(measure: Measure) -> list[str]:
    """The segments among the lines of a measure, as far as their proportions are known.

    Parameters
    ----------
    measure : Measure

    Returns
    -------
    list of str
    """
    found = [_BETWEEN.get(frozenset(pair)) for pair in pairwise(measure.points)]
    return [segment for segment in found if segment in PROPORTIONS]


def segment_shares(series: LandmarkSeries, side: str) -> dict[str, Array]:
    """Length of each segment on the screen against what the body's proportions ask for.

    Parameters
    ----------
    series : LandmarkSeries
    side : str

    Returns
    -------
    dict[str, ndarray]
    """
    whole = reference_px(series, side)
    return {
        segment: _length_of(segment, side, series) / (share * whole)
        for segment, share in PROPORTIONS.items()
    }


def reference_px(series: LandmarkSeries, side: str) -> Array:
    """The trunk's length in pixels, frame by frame, as most of the segments of a side have it.

    A bent trunk and a limb that points at the camera look too short: the larger half is asked.

    Parameters
    ----------
    series : LandmarkSeries
    side : str

    Returns
    -------
    ndarray
    """
    asked = np.stack([_length_of(s, side, series) / share for s, share in PROPORTIONS.items()])
    largest = np.sort(np.where(np.isfinite(asked), asked, -np.inf), axis=0)[::-1]
    median = np.where(np.isfinite(largest[2]), largest[2], largest[0])
    return np.where(np.isfinite(median), np.maximum(median, 1.0), np.nan)


def _length_of(segment: str, side: str, series: LandmarkSeries) -> Array:
    start, end = SEGMENTS[segment]
    return length(series.point(f"{side}_{end}") - series.point(f"{side}_{start}"))
