"""World landmarks as the markers of a motion capture, for TRC and C3D.

Those formats know a fixed rate and no visibility, so landmarks are cleaned here if they are not yet
(what can hardly be seen is hidden, never guessed), turned upright, and read on an even grid.

The origin is the middle of the hips **in every frame**: MediaPipe does not tell where the body is
in the room. Walking, rising and sinking do not show, nor does the floor.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from posecheck.core.errors import UsageError
from posecheck.core.geometry import Array
from posecheck.landmarks.series import LandmarkSeries
from posecheck.measures.clean import MAX_GAP_S, clean_landmarks

UNIT = "mm"
# A camera that was held upright is taken for the vertical: x right in the picture, y up, z towards
# the camera, which is half a turn about x away from MediaPipe's x right, y down, z away.
_UPRIGHT = np.array([1.0, -1.0, -1.0])
_MM_PER_M = 1000.0

_PHOTO_HZ = 30.0  # one picture has no rate, but programs want one
_MAX_HZ = 240.0  # phones film no faster; times that lie closer are a fault of the recording

_ALIKE, _NEARLY_ALL = 0.01, 0.9


@dataclass(frozen=True, eq=False)
class Markers:
    """Markers at a fixed rate.

    Attributes
    ----------
    rate_hz : float
    t_s : ndarray, shape (n_samples,)
        Seconds, from the time of the first frame.
    position_mm : ndarray, shape (n_samples, 33, 3)
        Right-handed: x right in the picture, y up, z towards the camera. NaN where hidden.
    """

    rate_hz: float
    t_s: Array
    position_mm: Array

    @classmethod
    def of(cls, series: LandmarkSeries) -> Markers:
        """The world landmarks of a series at an even rate; it is cleaned if it is not yet."""
        refuse_empty(series)
        cleaned = clean_landmarks(series)
        rate_hz = even_rate(series.t_s) or series.source.fps or _PHOTO_HZ
        n_samples = round((series.t_s[-1] - series.t_s[0]) * rate_hz) + 1
        t_s = series.t_s[0] + np.arange(n_samples) / rate_hz
        return cls(rate_hz, t_s, _at(t_s, cleaned, 1 / rate_hz) * _UPRIGHT * _MM_PER_M)


def refuse_empty(series: LandmarkSeries) -> None:
    """Formats with a fixed shape cannot hold a recording without frames."""
    if not len(series):
        raise UsageError(
            "there is no frame to write", where=series.source.path, hint="Write .csv or .json."
        )


def even_rate(t_s: Array) -> float | None:
    """Frames a second, to six digits; None for a single frame.

    That of the usual step where nearly all steps are alike, so that a frame that was dropped
    changes nothing; otherwise the mean, without pauses.
    """
    if len(t_s) < 2:
        return None
    steps = np.diff(t_s)
    step = float(np.median(steps))
    if np.mean(np.abs(steps - step) <= _ALIKE * step) < _NEARLY_ALL:
        step = float(steps[steps <= max(MAX_GAP_S, 2 * step)].mean())
    return float(f"{min(1 / step, _MAX_HZ):.6g}")


def _at(t_s: Array, series: LandmarkSeries, step_s: float) -> Array:
    """World landmarks at other times, shape (n_samples, 33, 3).

    Straight lines between two frames that saw the landmark, in one shot and with no long gap
    between them; otherwise the nearest frame, if it is nearer than half a step. So what is hidden
    stays so.
    """
    last = len(series) - 1
    after = np.searchsorted(series.t_s, t_s).clip(min(1, last), last)
    before = np.maximum(after - 1, 0)
    gap_s = series.t_s[after] - series.t_s[before]
    share = ((t_s - series.t_s[before]) / np.where(gap_s > 0, gap_s, 1)).clip(0, 1)
    nearest = np.where(share < 0.5, before, after)
    # A hair more than half, for a time that lies in the middle.
    too_far = np.abs(series.t_s[nearest] - t_s) > 0.501 * step_s
    points = np.where(too_far[:, None, None], np.nan, series.world[nearest])
    share = share[:, None, None]
    between = (1 - share) * series.world[before] + share * series.world[after]
    joined = (series.shot[before] == series.shot[after]) & (gap_s <= max(MAX_GAP_S, 2 * step_s))
    return np.where(joined[:, None, None] & np.isfinite(between), between, points)
