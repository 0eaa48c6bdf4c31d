"""Joint angles and inclinations of segments, in the image plane of a view from the side.

Zero, sign and views stand in measures/catalogue.toml under the same names. Hip and shoulder are
read against the near side's trunk line: the far shoulder is hidden behind it.
"""

from __future__ import annotations

import numpy as np

from posecheck.core.geometry import Array, angle_at, turn, wrap
from posecheck.measures.body import Body, Formula

_UP, _DOWN = np.array([0.0, -1.0]), np.array([0.0, 1.0])


def _hip_flexion(body: Body, side: str | None) -> Array:
    # The trunk is always the near one: the far shoulder is hidden behind it.
    trunk = body.near("hip") - body.near("shoulder")
    thigh = body.point("knee", side) - body.point("hip", side)
    return wrap(-body.forward * turn(trunk, thigh), lowest=-90)


def _hip_flexion_lead(body: Body, side: str | None) -> Array:
    other = "right" if side == "left" else "left"
    return _hip_flexion(body, side) - _hip_flexion(body, other)


def _knee_flexion(body: Body, side: str | None) -> Array:
    return 180 - angle_at(
        body.point("hip", side), body.point("knee", side), body.point("ankle", side)
    )


def _elbow_flexion(body: Body, side: str | None) -> Array:
    return 180 - angle_at(
        body.point("shoulder", side), body.point("elbow", side), body.point("wrist", side)
    )


def shoulder_flexion(body: Body, side: str | None) -> Array:
    """Between the near side's trunk and an upper arm; 0 beside the trunk, 180 overhead.

    Parameters
    ----------
    body : Body
    side : {"left", "right"}

    Returns
    -------
    ndarray, shape (n_frames,)
        Degrees.
    """
    trunk = body.near("hip") - body.near("shoulder")
    arm = body.point("elbow", side) - body.point("shoulder", side)
    return wrap(-body.forward * turn(trunk, arm), lowest=-110)


def _ankle_dorsiflexion(body: Body, side: str | None) -> Array:
    shank = body.point("knee", side) - body.point("ankle", side)
    foot = body.point("foot_index", side) - body.point("heel", side)
    return 90 - np.abs(turn(shank, foot))


def _body_line(body: Body, side: str | None) -> Array:
    trunk = body.near("hip") - body.near("shoulder")
    leg = body.point("ankle", side) - body.point("hip", side)
    return 180 + wrap(body.forward * turn(trunk, leg), lowest=-180)


def _trunk_inclination(body: Body, _: str | None) -> Array:
    return body.forward * turn(_UP, body.near("shoulder") - body.near("hip"))


def _hanging(upper: str, lower: str) -> Formula:
    """Inclination of a segment against straight down; positive when its lower end is forward."""

    def compute(body: Body, side: str | None) -> Array:
        return -body.forward * turn(_DOWN, body.point(lower, side) - body.point(upper, side))

    return compute


def _elevation(start: Array, end: Array) -> Array:
    """Degrees of the line start-end above the horizontal, in [-90, 90]."""
    line = end - start
    return np.degrees(np.arctan2(-line[:, 1], np.abs(line[:, 0])))


FORMULAS: dict[str, Formula] = {
    "hip_flexion": _hip_flexion,
    "knee_flexion": _knee_flexion,
    "elbow_flexion": _elbow_flexion,
    "shoulder_flexion": shoulder_flexion,
    "ankle_dorsiflexion": _ankle_dorsiflexion,
    "body_line": _body_line,
    "thigh_line": lambda b, s: 180 - _hip_flexion(b, s),
    "trunk_inclination": _trunk_inclination,
    "trunk_elevation": lambda b, _: _elevation(b.near("hip"), b.near("shoulder")),
    "thigh_inclination": _hanging("hip", "knee"),
    "shank_inclination": _hanging("knee", "ankle"),
    "upper_arm_inclination": _hanging("shoulder", "elbow"),
    "arm_inclination": _hanging("shoulder", "wrist"),
    "forearm_elevation": lambda b, s: _elevation(b.point("elbow", s), b.point("wrist", s)),
    "leg_elevation": lambda b, s: _elevation(b.point("hip", s), b.point("ankle", s)),
    "hip_flexion_lead": _hip_flexion_lead,
}
