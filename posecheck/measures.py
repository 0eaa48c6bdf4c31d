"""Named angles and distances, each with its zero, sign, unit, view, error and source.

All are read in the image plane, where a side view is accurate, not from the world landmarks, whose
angles are 5 to 40 degrees off for lying and kneeling bodies. Angles are zero-neutral.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Any, Literal

import numpy as np
import pandas as pd

from posecheck.body import Body
from posecheck.camera import CameraFrames, compute_camera
from posecheck.clean import clean_landmarks
from posecheck.formulas import FORMULAS, Formula
from posecheck.landmarks import LandmarkSeries

Unit = Literal["deg", "torso", "s"]


@dataclass(frozen=True, eq=False)
class Measure:
    """One thing that can be measured.

    Attributes
    ----------
    name : str
        Without the side: `hip_flexion` gives the columns `left_hip_flexion`, `right_hip_flexion`.
    label : str
        As people read it.
    unit : {"deg", "torso", "s"}
        `torso` is in torso lengths L.
    sided : bool
        Whether there is one for each side.
    zero, sign : str
        Where zero is, and what a positive value means.
    views : tuple of str
        Views it can be read from; in other views it is NaN.
    points : tuple of str
        Landmarks it is read from, in the order they are drawn.
    sem : float
        Standard error of measurement in `unit`: published floors until the own error is measured.
    source : str
    compute : callable
        (body, side) to an array of shape (n_frames,).
    outline : bool
        Whether it needs the outline of the back.
    prolonged : bool
        Whether the angle lies between the second line and the first one carried on, as it does
        where a straight joint is zero.
    """

    name: str
    label: str
    unit: Unit
    sided: bool
    zero: str
    sign: str
    views: tuple[str, ...]
    points: tuple[str, ...]
    sem: float
    source: str
    compute: Formula
    outline: bool = False
    prolonged: bool = False

    def column(self, side: str | None) -> str:
        """Name of the measure's column for one side."""
        return f"{side}_{self.name}" if self.sided else self.name


def compute_measures(series: LandmarkSeries, *, camera: CameraFrames | None = None) -> pd.DataFrame:
    """Compute every measure for every frame.

    Parameters
    ----------
    series : LandmarkSeries
        Cleaned first if it is not yet.
    camera : CameraFrames, optional
        From the raw series; computed from `series` when it is not given.

    Returns
    -------
    DataFrame
        Indexed by `t_s`; one column a measure and side, degrees or torso lengths. NaN where
        something was hidden or the view does not show it. `attrs` holds `torso_from_leg`.
    """
    camera = camera or compute_camera(series)
    body = Body.of(clean_landmarks(series), camera)
    columns = {}
    for measure in MEASURES.values():
        in_view = np.isin(camera.view, measure.views)
        for side in ("left", "right") if measure.sided else (None,):
            with np.errstate(divide="ignore", invalid="ignore"):  # a line without length
                values = measure.compute(body, side)
            columns[measure.column(side)] = np.where(in_view, values, np.nan)
    table = pd.DataFrame(columns, index=pd.Index(series.t_s, name="t_s"))
    table.attrs["torso_from_leg"] = body.torso_from_leg
    return table


def _read_table() -> dict[str, Measure]:
    """Join the descriptions in measures.toml with their formulas."""
    text = resources.files("posecheck").joinpath("measures.toml").read_text(encoding="utf-8")
    described = tomllib.loads(text)
    return {
        name: Measure(name=name, compute=FORMULAS[name], **_tuples(described[name]))
        for name in described
    }


def _tuples(row: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}


MEASURES = _read_table()
