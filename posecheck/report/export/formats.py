"""Which file a suffix means, and what has to be there to write it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pandas as pd

from posecheck.core.errors import UsageError
from posecheck.core.files import atomic_write
from posecheck.landmarks.parquet import save_landmarks
from posecheck.landmarks.series import LandmarkSeries
from posecheck.report.export.json import save_landmark_json, save_measure_json
from posecheck.report.export.motion_capture import save_c3d, save_trc
from posecheck.report.export.netcdf import save_netcdf
from posecheck.report.export.tables import landmark_rows, measure_rows, save_csv, save_parquet


@dataclass(frozen=True)
class LandmarkFormat:
    """One kind of file for landmarks.

    Attributes
    ----------
    name : str
        What people call it, as in `--format`.
    suffix : str
        Of its files, with the dot.
    write : callable
        Writes a series to a path.
    package : str
        Which optional package it needs; empty when none.
    """

    name: str
    suffix: str
    write: Callable[[LandmarkSeries, Path], object]
    package: str = ""

    def check(self) -> None:
        """Refuse when the package is not installed."""
        if self.package and find_spec(self.package) is None:
            raise UsageError(
                f"{self.suffix} files need the package {self.package}, which is not installed",
                hint="pip install 'posecheck[export]'",
            )


def _save_landmark_csv(series: LandmarkSeries, path: Path) -> None:
    save_csv(landmark_rows(series), path)


LANDMARK_FORMATS = (
    LandmarkFormat("csv", ".csv", _save_landmark_csv),
    LandmarkFormat("parquet", ".parquet", save_landmarks),
    LandmarkFormat("json", ".json", save_landmark_json),
    LandmarkFormat("trc", ".trc", save_trc),
    LandmarkFormat("c3d", ".c3d", save_c3d, package="ezc3d"),
    LandmarkFormat("netcdf", ".nc", save_netcdf, package="xarray"),
)

_MEASURE_SUFFIXES = (".csv", ".parquet", ".json")


def landmark_format(path: str | Path) -> LandmarkFormat:
    """The format of a file for landmarks, by its suffix; nothing is written yet.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    LandmarkFormat

    Raises
    ------
    UsageError
        When no format has this suffix, or its package is not installed.
    """
    suffixes = [known.suffix for known in LANDMARK_FORMATS]
    chosen = LANDMARK_FORMATS[suffixes.index(_known_suffix(path, suffixes, "landmarks"))]
    chosen.check()
    return chosen


def check_measure_path(path: str | Path) -> None:
    """Refuse a file for measures whose suffix means nothing; nothing is written yet.

    Parameters
    ----------
    path : str or Path
        The file.
    """
    _known_suffix(path, _MEASURE_SUFFIXES, "measures")


def export_landmarks(series: LandmarkSeries, path: str | Path) -> Path:
    """Write landmarks for other programs, in the format that the suffix says.

    Parameters
    ----------
    series : LandmarkSeries
        Raw or cleaned. TRC and C3D cannot tell visibility, so a raw series is cleaned for them.
    path : str or Path
        Ends in `.csv`, `.parquet`, `.json`, `.trc`, `.c3d` or `.nc`; the folder must exist. Only
        the owner may read the new file. `load_landmarks` reads `.parquet` back.

    Returns
    -------
    Path

    Raises
    ------
    UsageError
        When the suffix is another one, a package is not installed, or the format cannot hold so
        many or so few frames.
    SourceError, LandmarkFileError
        When the file cannot be written; LandmarkFileError for `.parquet`.
    """
    path, chosen = Path(path), landmark_format(path)
    if chosen.write is save_landmarks:  # writes whole files by itself
        return save_landmarks(series, path)
    with atomic_write(path) as part:
        chosen.write(series, part)
    return path


def export_measures(measures: pd.DataFrame, path: str | Path) -> Path:
    """Write angles and distances for other programs, in the format that the suffix says.

    Parameters
    ----------
    measures : DataFrame
        What `compute_measures` gave, or a report's `measures`.
    path : str or Path
        Ends in `.csv`, `.parquet` or `.json`; the folder must exist. Only the owner may read the
        new file.

    Returns
    -------
    Path

    Raises
    ------
    UsageError
        When the suffix is another one.
    SourceError
        When the file cannot be written.
    """
    path = Path(path)
    suffix = _known_suffix(path, _MEASURE_SUFFIXES, "measures")
    with atomic_write(path) as part:
        if suffix == ".json":
            save_measure_json(measures, part)
        elif suffix == ".parquet":
            save_parquet(measure_rows(measures), part)
        else:
            save_csv(measure_rows(measures), part)
    return path


def _known_suffix(path: str | Path, known: tuple[str, ...] | list[str], what: str) -> str:
    suffix = Path(path).suffix.lower()
    if suffix not in known:
        raise UsageError(
            f"{suffix or 'a name without a suffix'} tells no format for {what}",
            where=path,
            hint=f"End the name in {', '.join(known[:-1])} or {known[-1]}.",
        )
    return suffix
