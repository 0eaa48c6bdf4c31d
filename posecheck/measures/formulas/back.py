"""The outline of the back, and the neck, which is read against it.

What is measured is the outline of the trunk, not the spine: clothing hides the lumbar curve.
"""

from __future__ import annotations

import numpy as np

from posecheck.core.geometry import Array, turn, wrap
from posecheck.measures.body import Body, Formula
from posecheck.measures.calibration import load_calibration
from posecheck.measures.formulas.joints import shoulder_flexion
from posecheck.pose.silhouette import N_POINTS

# Bow of the outline of a back that is neither rounded nor arched, and how much beyond is a full
# cat or cow. In between the bow differs between bodies more than between backs.
STRAIGHT_BOW, FULL_BOW = (-0.05, -0.01), 0.06


def _back(body: Body) -> Array:
    """Heights of the back's outline over the shoulder-hip line in L, (n_frames, N_POINTS)."""
    if body.series.outline is None:
        return np.full((len(body.series), N_POINTS), np.nan)
    behind_row = np.where(body.camera.near_side == "right", 1, 0)
    heights = np.take_along_axis(body.series.outline, behind_row[:, None, None], axis=1)[:, 0]
    return np.asarray(heights / body.torso_px[:, None])


def _back_height(body: Body, _: str | None) -> Array:
    return _back(body)[:, 2:-2].mean(axis=1)


def _back_bow(body: Body, _: str | None) -> Array:
    back = _back(body)
    ends = (back[:, 1:4].mean(axis=1) + back[:, -4:-1].mean(axis=1)) / 2
    return np.asarray(back[:, 5:-5].mean(axis=1) - ends)


def rounding(bow: Array) -> tuple[Array, Array]:
    """How far a back is rounded and how far it is arched, each 0 to 1, from its outline's bow.

    Parameters
    ----------
    bow : ndarray, shape (n_frames,)
        Torso lengths.

    Returns
    -------
    tuple[ndarray, ndarray]
    """
    low, high = STRAIGHT_BOW
    return np.clip((bow - high) / FULL_BOW, 0, 1), np.clip((low - bow) / FULL_BOW, 0, 1)


def _trunk_up(body: Body) -> Array:
    return body.near("shoulder") - body.near("hip")


def _head_pitch(body: Body, _: str | None) -> Array:
    face = body.point("nose") - body.near("ear")
    return wrap(body.forward * turn(_trunk_up(body), face) - 90, lowest=-180)


def _neck_flexion(body: Body, _: str | None) -> Array:
    return body.forward * turn(_trunk_up(body), body.near("ear") - body.near("shoulder"))


def _head_alignment(body: Body, side: str | None) -> Array:
    """Neck bend: head pitch less what the back adds, which turns the upper back with it.

    The bow of the outline tells how far the back is rounded or arched. The numbers are calibrated
    on rendered bodies.
    """
    neck = load_calibration().neck
    rounded, arched = rounding(_back_bow(body, side))
    added = neck.rounded_deg * rounded - neck.arched_deg * arched
    near = np.where(
        body.camera.near_side == "left",
        shoulder_flexion(body, "left"),
        shoulder_flexion(body, "right"),
    )
    added = added + neck.arms * np.nan_to_num(np.clip(near, 60, 130) - 90)
    return np.asarray((_head_pitch(body, side) - neck.level_deg - added) / neck.share)


FORMULAS: dict[str, Formula] = {
    "head_pitch": _head_pitch,
    "neck_flexion": _neck_flexion,
    "head_alignment": _head_alignment,
    "back_height": _back_height,
    "back_bow": _back_bow,
}
