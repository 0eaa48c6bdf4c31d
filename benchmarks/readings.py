"""Every measure of every still, plain and by posecheck, beside its true value."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.stills import Still
from posecheck.landmarks.series import N_LANDMARKS, SIDES, Landmark, LandmarkSeries
from posecheck.measures.body import Body
from posecheck.measures.camera_view import compute_view_track
from posecheck.measures.catalogue import MEASURES
from posecheck.measures.clean import clean_landmarks
from posecheck.measures.formulas import FORMULAS
from posecheck.measures.measured import measure
from posecheck.measures.reliability import disagreement

# Measures whose true value follows from the rendered joints, the nose and the ears alone.
KNOWN = (
    *("hip_flexion", "knee_flexion", "shoulder_flexion", "elbow_flexion", "ankle_dorsiflexion"),
    *("trunk_inclination", "trunk_elevation", "thigh_inclination", "shank_inclination"),
    *("upper_arm_inclination", "arm_inclination", "forearm_elevation", "leg_elevation"),
    *("body_line", "head_height", "wrist_hip_distance", "wrist_knee_distance"),
    *("wrist_shin_distance", "hip_position", "hip_over_leg", "hip_height", "thigh_line"),
    "head_alignment",
)
# These need the tips of hands and feet, too, which the true joints have beside the twelve.
OF_HANDS_AND_HEELS = ("hip_heel_distance", "knuckle_floor_distance", "knee_floor_distance")
_YAW_EDGES = (0, 5, 15, 25, 45)
YAW_BINS = ("0", "10", "20", "30")


def as_one(stills: list[Still]) -> LandmarkSeries:
    """All stills as one series, each a shot of its own: they are measured in one go."""
    first = stills[0].series

    def stacked(name: str) -> np.ndarray:
        return np.concatenate([getattr(still.series, name) for still in stills])

    return replace(
        first,
        t_s=np.arange(len(stills), dtype=float),
        shot=np.arange(len(stills)),
        image=stacked("image"),
        world=stacked("world"),
        visibility=stacked("visibility"),
        outline=stacked("outline"),
        spread=stacked("spread"),
        second=stacked("second"),
    )


def read(stills: list[Still], *, one_model: bool = False) -> pd.DataFrame:
    """One row a still, measure and side; `one_model` leaves the second model out.

    Returns
    -------
    DataFrame
        Columns: `name body split stretch form position yaw_deg yaw measure unit side near in_view
        truth plain posecheck doubt apart torso_px yaw_read side_view`; what was read is NaN where
        nobody was found or the measure was hidden.
    """
    groups = by_size(stills).values()
    return pd.concat([_read_alike(group, one_model) for group in groups], ignore_index=True)


def by_size(stills: list[Still]) -> dict[tuple[int, int], list[Still]]:
    """Stills of one size can be put into one series."""
    groups: dict[tuple[int, int], list[Still]] = {}
    for still in stills:
        size = (still.series.source.width, still.series.source.height)
        groups.setdefault(size, []).append(still)
    return groups


def _read_alike(stills: list[Still], one_model: bool) -> pd.DataFrame:
    series = as_one(stills)
    if one_model:
        series = replace(series, second=None)
    camera = compute_view_track(series)
    measured = measure(series, clean_landmarks(series), track=camera)
    assert measured.models is not None
    plain_points = np.stack([still.plain for still in stills])
    plain = Body.of(replace(series, image=plain_points), camera)
    true = truth(stills)
    labels = pd.DataFrame([_labels(still) for still in stills])
    tables = []
    for name in KNOWN:
        what = MEASURES[name]
        for side in SIDES:
            near = (labels["near_side"] == side).to_numpy()
            keep = near if not what.sided else np.ones(len(stills), bool)
            column = what.column(own := side if what.sided else None)
            table = labels.assign(
                measure=name,
                unit=what.unit,
                side=side,
                near=near,
                in_view=[still.in_view(what.points, side) for still in stills],
                truth=true[column].to_numpy(),
                plain=FORMULAS[name](plain, own),
                posecheck=measured.table[column].to_numpy(),
                doubt=disagreement(what, side, series),
                apart=measured.models.apart[column],
                torso_px=measured.torso_px,
                yaw_read=camera.yaw_deg,
                side_view=camera.view == "side",
            )
            tables.append(table[keep])
    return pd.concat(tables, ignore_index=True)


def truth(stills: list[Still]) -> pd.DataFrame:
    """The true value of each measure that joints make: the formulas on the true ones, square on."""
    image = np.full((len(stills), N_LANDMARKS, 2), np.nan)
    for row, still in enumerate(stills):
        forward = 1 if still.near == "right" else -1
        for name, (x, _, z) in still.facts["landmarks_m"].items():
            image[row, Landmark[name]] = (1000 * x, -1000 * z)
        for side in SIDES:  # the sidecar has the foot only as an angle
            shank = image[row, Landmark[f"{side}_ankle"]] - image[row, Landmark[f"{side}_knee"]]
            down = np.degrees(np.arctan2(forward * shank[0], shank[1]))
            slope = np.radians(down + 90 + still.facts["truth"][side]["ankle_dorsiflexion"])
            foot = 200 * np.array([forward * np.sin(slope), np.cos(slope)])
            image[row, Landmark[f"{side}_heel"]] = image[row, Landmark[f"{side}_ankle"]]
            image[row, Landmark[f"{side}_foot_index"]] = (
                image[row, Landmark[f"{side}_ankle"]] + foot
            )
    series = replace(as_one(stills), image=image)
    series = replace(series, source=replace(series.source, kind="video"))
    camera = replace(
        compute_view_track(series),
        near_side=np.array([still.near for still in stills]),
        view=np.full(len(stills), "side", dtype="<U8"),
    )
    body = Body.of(series, camera)
    whole = Body.of(replace(series, image=_with_tips(image, stills)), camera)
    columns = {}
    for name in (*KNOWN, *OF_HANDS_AND_HEELS):
        points = body if name in KNOWN else whole
        for own in SIDES if MEASURES[name].sided else (None,):
            columns[MEASURES[name].column(own)] = FORMULAS[name](points, own)
    # The neck is known from the pose; only on all fours does the back's outline show beside it.
    columns["head_alignment"] = np.array(
        [
            still.facts["truth"]["neck"] if still.facts["stretch"].endswith("cat-cow") else np.nan
            for still in stills
        ]
    )
    return pd.DataFrame(columns)


def _with_tips(image: np.ndarray, stills: list[Still]) -> np.ndarray:
    """The true joints with the true heels, toes and knuckles; NaN where they are not known."""
    points = image.copy()
    for row, still in enumerate(stills):
        for name in (f"{side}_{tip}" for side in SIDES for tip in ("heel", "foot_index", "index")):
            x, _, z = still.facts["landmarks_m"].get(name, (np.nan, np.nan, np.nan))
            points[row, Landmark[name]] = (1000 * x, -1000 * z)
    return points


def _labels(still: Still) -> dict[str, Any]:
    facts = still.facts
    keys = ("name", "body", "split", "stretch", "form", "position")
    named = {key: facts[key] for key in keys}
    bins = YAW_BINS[int(np.searchsorted(_YAW_EDGES, still.yaw_deg, side="right")) - 1]
    return named | {"near_side": still.near, "yaw_deg": still.yaw_deg, "yaw": bins}


def difference(table: pd.DataFrame, method: str) -> pd.Series:
    """Read minus true; degrees go the short way round the circle."""
    off = table[method] - table["truth"]
    return off.where(table["unit"] != "deg", (off + 180) % 360 - 180)


def shown(table: pd.DataFrame) -> pd.DataFrame:
    """What posecheck shows of what is in view and known, with its error."""
    known = table[table["in_view"]].assign(error=difference(table, "posecheck"))
    return known.dropna(subset=["error"])
