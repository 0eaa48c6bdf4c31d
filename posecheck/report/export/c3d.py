"""Landmarks as C3D, the binary file of motion capture."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from posecheck.core.errors import SourceError, UsageError
from posecheck.landmarks.series import LandmarkSeries
from posecheck.report.export.markers import UNIT, Markers
from posecheck.report.export.tables import NAMES

_MAX_FRAMES = 65_535  # the header counts frames in two bytes; what is beyond would be lost silently
_HIDDEN = -1.0  # the residual of a point that is not there
_SEEN = 0.0  # the residual of a point that was computed, not triangulated
_BYTES_A_POINT = 16


def save_c3d(series: LandmarkSeries, path: Path) -> None:
    """Write the world landmarks as C3D, in millimetres with y up, at an even rate.

    A hidden point has the residual -1.
    """
    import ezc3d

    markers = Markers.of(series)
    n_samples = len(markers.t_s)
    if n_samples > _MAX_FRAMES:
        raise UsageError(
            f"C3D holds at most {_MAX_FRAMES} frames, not {n_samples}",
            where=series.source.path,
            hint="Write .trc, or cut the recording.",
        )
    points = np.moveaxis(markers.position_mm, 0, 2)  # (33, 3, n_samples)
    hidden = np.isnan(points).any(axis=1)
    file = ezc3d.c3d()
    about = file["parameters"]["POINT"]
    about["RATE"]["value"] = [markers.rate_hz]
    about["LABELS"]["value"] = list(NAMES)
    about["UNITS"]["value"] = [UNIT]
    # Which axes a program should draw to the right and upwards.
    file.add_parameter("POINT", "X_SCREEN", ["+X"])
    file.add_parameter("POINT", "Y_SCREEN", ["+Y"])
    file.add_parameter("MANUFACTURER", "SOFTWARE", ["posecheck"])
    file["data"]["points"] = np.moveaxis(points, 1, 0)
    file["data"]["meta_points"]["residuals"] = np.where(hidden, _HIDDEN, _SEEN)[None]
    file.write(str(path))
    # ezc3d says nothing when the disk is full.
    if path.stat().st_size < hidden.size * _BYTES_A_POINT:
        raise SourceError(
            "the file was not written whole", where=path.parent, hint="Make room on the disk."
        )
