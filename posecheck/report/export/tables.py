"""Tidy tables: one row a frame and landmark, one row a frame and measure; as CSV and Parquet."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path

import numpy as np
import pandas as pd

from posecheck.core.errors import UsageError
from posecheck.landmarks.series import N_LANDMARKS, SIDES, Landmark, LandmarkSeries
from posecheck.measures.catalogue import MEASURES, Measure

NAMES = tuple(mark.name for mark in Landmark)


def landmark_rows(series: LandmarkSeries) -> pd.DataFrame:
    """Every landmark of every frame, with its true time.

    Parameters
    ----------
    series : LandmarkSeries

    Returns
    -------
    DataFrame
        `frame`, `t_s`, `shot`, `landmark`, pixels `x_px` and `y_px`, metres `x_m`, `y_m` and `z_m`,
        `visibility`; NaN for what was not seen.
    """
    image, world = series.image.reshape(-1, 2), series.world.reshape(-1, 3)
    return pd.DataFrame(
        {
            "frame": np.repeat(np.arange(len(series)), N_LANDMARKS),
            "t_s": np.repeat(series.t_s, N_LANDMARKS),
            "shot": np.repeat(series.shot, N_LANDMARKS),
            "landmark": np.tile(np.array(NAMES, dtype=object), len(series)),
            "x_px": image[:, 0],
            "y_px": image[:, 1],
            "x_m": world[:, 0],
            "y_m": world[:, 1],
            "z_m": world[:, 2],
            "visibility": series.visibility.ravel(),
        }
    )


def measure_rows(measures: pd.DataFrame) -> pd.DataFrame:
    """Every measure of every frame, with its true time.

    Parameters
    ----------
    measures : DataFrame
        What `compute_measures` gave.

    Returns
    -------
    DataFrame
        `t_s`, `measure`, `side` (empty where there is but one), `value`, `unit`; NaN for what could
        not be told.
    """
    columns = measure_columns(measures)
    n_frames = len(measures)

    def each(values: list[str | None]) -> np.ndarray:
        return np.tile(np.array(values, dtype=object), n_frames)

    return pd.DataFrame(
        {
            "t_s": np.repeat(measures.index.to_numpy(float), len(columns)),
            "measure": each([measure.name for measure, _ in columns]),
            "side": each([side for _, side in columns]),
            "value": measures.to_numpy(float).ravel(),
            "unit": each([measure.unit for measure, _ in columns]),
        }
    )


def measure_columns(measures: pd.DataFrame) -> list[tuple[Measure, str | None]]:
    """The measure and the side of every column of what `compute_measures` gave.

    Parameters
    ----------
    measures : DataFrame
        From `compute_measures`.

    Returns
    -------
    list of tuple[Measure, str or None]
    """
    known: dict[Hashable, tuple[Measure, str | None]] = {
        measure.column(side): (measure, side)
        for measure in MEASURES.values()
        for side in (SIDES if measure.sided else (None,))
    }
    for column in measures:
        if column not in known:
            raise UsageError(
                "this column is no measure", where=column, hint="Give what compute_measures gave."
            )
    return [known[column] for column in measures]


def save_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV in UTF-8; NaN becomes an empty field.

    Parameters
    ----------
    table : DataFrame
    path : Path
        The file.
    """
    table.to_csv(path, index=False)


def save_parquet(table: pd.DataFrame, path: Path) -> None:
    """Write a table as Parquet; NaN becomes null.

    Parameters
    ----------
    table : DataFrame
    path : Path
        The file.
    """
    table.to_parquet(path, index=False)
