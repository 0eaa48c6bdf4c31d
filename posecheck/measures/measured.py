"""Named angles and distances of every frame, as a table.

All are read in the image plane, where a side view is accurate, not from the world landmarks, whose
angles are 5 to 40 degrees off for lying and kneeling bodies. Angles are zero-neutral.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import pandas as pd

from posecheck.landmarks.series import SIDES, LandmarkSeries, Side
from posecheck.measures.body import Body, Torso
from posecheck.measures.calibration import Calibration, load_calibration
from posecheck.measures.camera_view import ViewTrack, compute_view_track
from posecheck.measures.catalogue import MEASURES, Measure
from posecheck.measures.clean import clean_landmarks
from posecheck.measures.correction import correct_landmarks
from posecheck.measures.formulas import FORMULAS
from posecheck.measures.reliability import SegmentLengths, is_unreliable


def compute_measures(
    series: LandmarkSeries,
    *,
    camera: ViewTrack | None = None,
    correct: bool = True,
    only: Collection[str] | None = None,
    torso: Torso | None = None,
) -> pd.DataFrame:
    """Compute every measure for every frame.

    Parameters
    ----------
    series : LandmarkSeries
        Cleaned first if it is not yet.
    camera : ViewTrack, optional
        From the raw series; computed from `series` when it is not given.
    correct : bool
        Turn the segments by what was learned about their errors (`measures.correction`); False
        reads the landmarks as they are.
    only : collection of str, optional
        Names of the measures to compute, where time is short; every measure by default.
    torso : Torso, optional
        Where more of the body is known than this series shows.

    Returns
    -------
    DataFrame
        Indexed by `t_s`; one column a measure and side, degrees or torso lengths. NaN where
        something was hidden, cannot be told, or the view does not show it. `attrs` holds
        `torso_from_leg`.
    """
    calibration = load_calibration()
    camera = camera or compute_view_track(series)
    cleaned = clean_landmarks(series)
    used = correct_landmarks(cleaned, camera, calibration.correction) if correct else cleaned
    # The proportions that a torso is guessed by are those of the landmarks as the model gives them.
    body = replace(Body.of(cleaned, camera, torso), series=used)
    limbs = {side: SegmentLengths.of(cleaned, side) for side in SIDES}
    asked = list(MEASURES.values() if only is None else map(MEASURES.__getitem__, only))
    # The table's own memory: half an hour has 40 MB.
    rows = np.empty((sum(2 if measure.sided else 1 for measure in asked), len(series)))
    names: list[str] = []
    for measure in asked:
        in_view = np.isin(camera.view, measure.views)
        for side in SIDES if measure.sided else (None,):
            with np.errstate(divide="ignore", invalid="ignore"):  # a line without length
                values = FORMULAS[measure.name](body, side)
            hidden = _cannot_tell(measure, side, cleaned, camera, calibration, limbs)
            if measure.possible:
                with np.errstate(invalid="ignore"):
                    low, high = measure.possible
                    hidden |= (values < low) | (values > high)
            rows[len(names)] = np.where(in_view & ~hidden, values, np.nan)
            names.append(measure.column(side))
    index = pd.Index(series.t_s, name="t_s")
    table = pd.DataFrame(rows.T, index=index, columns=names, copy=False)
    table.attrs["torso_from_leg"] = body.torso_from_leg
    return table


def _cannot_tell(
    measure: Measure,
    side: Side | None,
    series: LandmarkSeries,
    camera: ViewTrack,
    calibration: Calibration,
    limbs: dict[Side, SegmentLengths],
) -> np.ndarray:
    if side is not None:
        return is_unreliable(measure, side, series, camera, calibration, limbs[side])
    left, right = (is_unreliable(measure, s, series, camera, calibration, limbs[s]) for s in SIDES)
    return np.where(camera.near_side == "left", left, right)
