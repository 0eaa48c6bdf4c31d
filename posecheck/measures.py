"""Named angles and distances of every frame, as a table.

All are read in the image plane, where a side view is accurate, not from the world landmarks, whose
angles are 5 to 40 degrees off for lying and kneeling bodies. Angles are zero-neutral.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from posecheck.body import Body
from posecheck.camera import CameraFrames, compute_camera
from posecheck.clean import clean_landmarks
from posecheck.formulas import FORMULAS
from posecheck.landmarks import LandmarkSeries
from posecheck.measure_table import MEASURES


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
                values = FORMULAS[measure.name](body, side)
            columns[measure.column(side)] = np.where(in_view, values, np.nan)
    table = pd.DataFrame(columns, index=pd.Index(series.t_s, name="t_s"))
    table.attrs["torso_from_leg"] = body.torso_from_leg
    return table
