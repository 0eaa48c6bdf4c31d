"""Landmarks as netCDF, in the layout of a poses dataset of the package `movement`."""

from __future__ import annotations

from pathlib import Path

from posecheck.core.geometry import Array
from posecheck.landmarks.series import LandmarkSeries
from posecheck.report.export.motion_capture import even_rate, refuse_empty
from posecheck.report.export.tables import NAMES

# A name of the person has no business in a file that is passed on.
_INDIVIDUAL = "person"


def save_netcdf(series: LandmarkSeries, path: Path) -> None:
    """Write a series as netCDF 3, with its true times.

    `position` is in pixels of the picture, x right and y down, and `confidence` MediaPipe's
    visibility, as `movement` has them; beside them stand `world` in metres from the middle of the
    hips, x right, y down, z away from the camera, and the number of the `shot`. NaN where nothing
    was seen.

    Parameters
    ----------
    series : LandmarkSeries
        With at least one frame.
    path : Path

    Raises
    ------
    UsageError
        The series has no frame.
    """
    # An optional package, and 0.1 s to load.
    import xarray as xr  # noqa: PLC0415

    refuse_empty(series)
    places = ("keypoints", "individuals")
    dataset = xr.Dataset(
        {
            "position": (("time", "space", *places), _by_axis(series.image), {"unit": "px"}),
            "confidence": (("time", *places), series.visibility[:, :, None]),
            "world": (("time", "space_world", *places), _by_axis(series.world), {"unit": "m"}),
            "shot": ("time", series.shot),
        },
        coords={
            "time": series.t_s,
            "space": ["x", "y"],
            "space_world": ["x", "y", "z"],
            "keypoints": list(NAMES),
            "individuals": [_INDIVIDUAL],
        },
        attrs=_facts(series),
    )
    # netCDF 3 needs no library but SciPy, and every program that knows netCDF reads it.
    dataset.to_netcdf(path, engine="scipy", format="NETCDF3_64BIT")


def _by_axis(points: Array) -> Array:
    """From (n_frames, 33, n_space) to (n_frames, n_space, 33, 1)."""
    return points.swapaxes(1, 2)[..., None]


def _facts(series: LandmarkSeries) -> dict[str, str | float]:
    facts = {
        "ds_type": "poses",
        "time_unit": "seconds",
        "source_software": "posecheck",
        "source_file": series.source.path,
        "fps": even_rate(series.t_s),
        "width_px": series.source.width,
        "height_px": series.source.height,
        "model_name": series.model_name,
        "model_sha256": series.model_sha256,
    }
    return {name: value for name, value in facts.items() if value is not None}
