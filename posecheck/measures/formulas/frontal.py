"""What is seen from the front, from above and from the feet: leans, tilts, spreads."""

from __future__ import annotations

import numpy as np

from posecheck.core.geometry import Array, angle_at, length, turn
from posecheck.measures.body import Body, Formula, towards

_UP = np.array([0.0, -1.0])


def _lateral_trunk(body: Body, side: str | None) -> Array:
    lean = turn(_UP, body.point("shoulder") - body.point("hip"))
    return towards(side) * lean * _facing_camera(body)


def _facing_camera(body: Body) -> Array:
    """+1 where the left side of the body is on the right of the screen, -1 from behind."""
    across = body.point("shoulder", "left")[:, 0] - body.point("shoulder", "right")[:, 0]
    return np.sign(across)


def _tilt(joint: str) -> Formula:
    def compute(body: Body, _: str | None) -> Array:
        line = body.point(joint, "left") - body.point(joint, "right")
        return np.degrees(np.arctan2(-line[:, 1], np.abs(line[:, 0])))

    return compute


def _shoulder_line(body: Body, _: str | None) -> Array:
    return _tilt("shoulder")(body, None) + _lateral_trunk(body, "left")


def _arm_abduction(body: Body, side: str | None) -> Array:
    return angle_at(
        body.point("shoulder", side) + body.point("hip") - body.point("shoulder"),
        body.point("shoulder", side),
        body.point("elbow", side),
    )


def _thigh_abduction(body: Body, side: str | None) -> Array:
    trunk_down = body.point("hip") - body.point("shoulder")
    return np.abs(turn(trunk_down, body.point("knee", side) - body.point("hip", side)))


def _thigh_separation(body: Body, _: str | None) -> Array:
    return np.abs(turn(*(body.point("knee", s) - body.point("hip", s) for s in ("left", "right"))))


def _thigh_difference(body: Body, _: str | None) -> Array:
    return _thigh_abduction(body, "left") - _thigh_abduction(body, "right")


def _across(joint: str, origin: str) -> Formula:
    """Sideways distance of a joint from another; positive towards the body's outside."""

    def compute(body: Body, side: str | None) -> Array:
        across = body.point("hip", "left") - body.point("hip", "right")
        outward = across if side == "left" else -across
        offset = body.point(joint, side) - body.point(origin, side)
        return (offset * outward).sum(axis=1) / length(across) / body.torso_px

    return compute


def _knee_past_midline(body: Body, side: str | None) -> Array:
    trunk = body.point("shoulder") - body.point("hip")
    across = np.stack([-trunk[:, 1], trunk[:, 0]], axis=1)
    own = ((body.point("hip", side) - body.point("hip")) * across).sum(axis=1)
    offset = ((body.point("knee", side) - body.point("hip")) * across).sum(axis=1)
    return -np.sign(own) * offset / length(trunk) / body.torso_px


FORMULAS: dict[str, Formula] = {
    "lateral_trunk_inclination": _lateral_trunk,
    "shoulder_tilt": _tilt("shoulder"),
    "hip_tilt": _tilt("hip"),
    "shoulder_line": _shoulder_line,
    "arm_abduction": _arm_abduction,
    "thigh_abduction": _thigh_abduction,
    "thigh_separation": _thigh_separation,
    "thigh_difference": _thigh_difference,
    "knee_foot_offset": _across("knee", "foot_index"),
    "knee_hip_offset": _across("knee", "hip"),
    "knee_past_midline": _knee_past_midline,
}
