"""Motion capture: world landmarks as markers at a fixed rate, in TRC and C3D files.

TRC is the text file of marker positions that OpenSim reads, C3D the binary file of motion capture.
Both have a fixed rate and no visibility, so landmarks are cleaned first if they are not clean yet
(what can hardly be seen is hidden, never guessed), turned upright, and resampled on an even grid.

The origin is the middle of the hips **in every frame**: MediaPipe does not tell where the body is
in the room. Walking, rising and sinking do not show, nor does the floor.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from posecheck.core.errors import SourceError, UsageError
from posecheck.core.geometry import Array
from posecheck.landmarks.series import LandmarkSeries
from posecheck.measures.clean import MAX_GAP_S, clean_landmarks
from posecheck.report.export.tables import NAMES

_UNIT = "mm"
# A camera that was held upright is taken for the vertical: x right in the picture, y up, z towards
# the camera, which is half a turn about x away from MediaPipe's x right, y down, z away.
_UPRIGHT = np.array([1.0, -1.0, -1.0])
_MM_PER_M = 1000.0

_PHOTO_HZ = 30.0  # one picture has no rate, but programs want one
_MAX_HZ = 240.0  # phones film no faster; times that lie closer are a fault of the recording

# Steps that differ by less are alike; this share of the steps is nearly all.
_ALIKE, _NEARLY_ALL = 0.01, 0.9

# fmt: off
_TRC_FACTS = (
    "DataRate", "CameraRate", "NumFrames", "NumMarkers", "Units",
    "OrigDataRate", "OrigDataStartFrame", "OrigNumFrames",
)
# fmt: on

_C3D_MAX_FRAMES = (
    65_535  # the header counts frames in two bytes; what is beyond would be lost silently
)
_C3D_HIDDEN = -1.0  # the residual of a point that is not there
_C3D_SEEN = 0.0  # the residual of a point that was computed, not triangulated
_C3D_BYTES_A_POINT = 16


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
        """The world landmarks of a series at an even rate; it is cleaned if it is not yet.

        Parameters
        ----------
        series : LandmarkSeries

        Returns
        -------
        Markers
        """
        refuse_empty(series)
        cleaned = clean_landmarks(series)
        rate_hz = even_rate(series.t_s) or series.source.fps or _PHOTO_HZ
        n_samples = round((series.t_s[-1] - series.t_s[0]) * rate_hz) + 1
        t_s = series.t_s[0] + np.arange(n_samples) / rate_hz
        return cls(rate_hz, t_s, _at(t_s, cleaned, 1 / rate_hz) * _UPRIGHT * _MM_PER_M)


def refuse_empty(series: LandmarkSeries) -> None:
    """Refuse a recording without frames: formats with a fixed shape cannot hold it.

    Parameters
    ----------
    series : LandmarkSeries

    Raises
    ------
    UsageError
    """
    if not len(series):
        raise UsageError(
            "there is no frame to write", where=series.source.path, hint="Write .csv or .json."
        )


def even_rate(t_s: Array) -> float | None:
    """The frame rate of the usual step between frames.

    Where nearly all steps are alike it is theirs, so that a dropped frame changes nothing;
    otherwise it is the mean without pauses.

    Parameters
    ----------
    t_s : ndarray, shape (n_frames,)
        Rising times in seconds.

    Returns
    -------
    float or None
        Frames a second, to six digits; None for a single frame.
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


def save_trc(series: LandmarkSeries, path: Path) -> None:
    """Write the world landmarks as TRC, in millimetres with y up, at an even rate.

    A hidden marker is written as NaN, which OpenSim leaves out: blank fields, the other custom, are
    lost to readers that split at any white space, and markers then change places without a word.

    Parameters
    ----------
    series : LandmarkSeries
        With at least one frame; cleaned first if it is not yet.
    path : Path
    """
    markers = Markers.of(series)
    n_samples = len(markers.t_s)
    rate = f"{markers.rate_hz:.6g}"
    # The name on the first line would be wrong as soon as the file is renamed; nothing uses it.
    lines = [
        ("PathFileType", "4", "(X/Y/Z)", "posecheck.trc"),
        _TRC_FACTS,
        (rate, rate, str(n_samples), str(len(NAMES)), _UNIT, rate, "1", str(n_samples)),
        ("Frame#", "Time", *(cell for name in NAMES for cell in (name, "", ""))),
        ("", "", *(f"{axis}{k}" for k in range(1, len(NAMES) + 1) for axis in "XYZ")),
        (),
    ]
    table = pd.DataFrame(markers.position_mm.reshape(n_samples, -1))
    table.insert(0, "frame", np.arange(1, n_samples + 1))
    table.insert(1, "time", [f"{t:.6f}" for t in markers.t_s])
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines("\t".join(line) + "\n" for line in lines)
        table.to_csv(
            file,
            sep="\t",
            header=False,
            index=False,
            na_rep="NaN",
            float_format="%.3f",
            lineterminator="\n",
        )


def save_c3d(series: LandmarkSeries, path: Path) -> None:
    """Write the world landmarks as C3D, in millimetres with y up, at an even rate.

    A hidden point has the residual -1.

    Parameters
    ----------
    series : LandmarkSeries
        With at least one frame; cleaned first if it is not yet.
    path : Path

    Raises
    ------
    UsageError
        The series has no frame, or more of them than the format counts.
    SourceError
        The disk is full.
    """
    # An optional package, which may be missing where no C3D file is written.
    import ezc3d  # noqa: PLC0415

    markers = Markers.of(series)
    n_samples = len(markers.t_s)
    if n_samples > _C3D_MAX_FRAMES:
        raise UsageError(
            f"C3D holds at most {_C3D_MAX_FRAMES} frames, not {n_samples}",
            where=series.source.path,
            hint="Write .trc, or cut the recording.",
        )
    points = np.moveaxis(markers.position_mm, 0, 2)  # (33, 3, n_samples)
    hidden = np.isnan(points).any(axis=1)
    file = ezc3d.c3d()
    about = file["parameters"]["POINT"]
    about["RATE"]["value"] = [markers.rate_hz]
    about["LABELS"]["value"] = list(NAMES)
    about["UNITS"]["value"] = [_UNIT]
    # Which axes a program should draw to the right and upwards.
    file.add_parameter("POINT", "X_SCREEN", ["+X"])
    file.add_parameter("POINT", "Y_SCREEN", ["+Y"])
    file.add_parameter("MANUFACTURER", "SOFTWARE", ["posecheck"])
    file["data"]["points"] = np.moveaxis(points, 1, 0)
    file["data"]["meta_points"]["residuals"] = np.where(hidden, _C3D_HIDDEN, _C3D_SEEN)[None]
    file.write(str(path))
    # ezc3d says nothing when the disk is full.
    if path.stat().st_size < hidden.size * _C3D_BYTES_A_POINT:
        raise SourceError(
            "the file was not written whole", where=path.parent, hint="Make room on the disk."
        )
