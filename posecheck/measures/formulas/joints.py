"""The formulas of the measures: each takes a body and a side and gives one value a frame.

What the values mean (zero, sign, views) stands in measures/catalogue.toml under the same names.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from posecheck.core.geometry import Array, angle_at, distance_to_segment, length, turn, wrap
from posecheck.measures.body import Body
from posecheck.measures.calibration import load_calibration
from posecheck.measures.formulas.rotations import head_turn, knee_drop, towards, trunk_rotation
from posecheck.pose.silhouette import N_POINTS

Formula = Callable[[Body, str | None], Array]
TRAVEL_S = 2.0  # over which a hand's way is measured: somebody goes into a stretch faster

_UP, _DOWN = np.array([0.0, -1.0]), np.array([0.0, 1.0])

# Bow of the outline of a back that is neither rounded nor arched, and how much beyond is a full
# cat or cow. In between the bow differs between bodies more than between backs.
STRAIGHT_BOW, FULL_BOW = (-0.05, -0.01), 0.06


# --- joint angles -------------------------------------------------------------------------------


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


def _shoulder_flexion(body: Body, side: str | None) -> Array:
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


# --- inclinations -------------------------------------------------------------------------------


def _trunk_inclination(body: Body, _: str | None) -> Array:
    return body.forward * turn(_UP, body.near("shoulder") - body.near("hip"))


def _hanging(upper: str, lower: str) -> Formula:
    """Inclination of a segment against straight down; positive when its lower end is forward."""

    def compute(body: Body, side: str | None) -> Array:
        return -body.forward * turn(_DOWN, body.point(lower, side) - body.point(upper, side))

    return compute


def _shoulder_line(body: Body, _: str | None) -> Array:
    return _tilt("shoulder")(body, None) + _lateral_trunk(body, "left")


def _elevation(start: Array, end: Array) -> Array:
    """Degrees of the line start-end above the horizontal, in [-90, 90]."""
    line = end - start
    return np.degrees(np.arctan2(-line[:, 1], np.abs(line[:, 0])))


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


# --- head ---------------------------------------------------------------------------------------


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
        _shoulder_flexion(body, "left"),
        _shoulder_flexion(body, "right"),
    )
    added = added + neck.arms * np.nan_to_num(np.clip(near, 60, 130) - 90)
    return np.asarray((_head_pitch(body, side) - neck.level_deg - added) / neck.share)


def rounding(bow: Array) -> tuple[Array, Array]:
    """How far a back is rounded and how far it is arched, each 0 to 1, from its outline's bow."""
    low, high = STRAIGHT_BOW
    return np.clip((bow - high) / FULL_BOW, 0, 1), np.clip((low - bow) / FULL_BOW, 0, 1)


# --- distances in torso lengths -----------------------------------------------------------------


def _height_over_floor(body: Body, point: Array) -> Array:
    """How far a point is above the lowest part of the near foot."""
    floor = np.fmax(body.near("heel")[:, 1], body.near("foot_index")[:, 1])
    return (floor - point[:, 1]) / body.torso_px


def _knee_floor_distance(body: Body, side: str | None) -> Array:
    """Over the near foot or its own, whichever is less.

    To a camera that looks down, the floor under a far knee lies higher than under the near foot.
    """
    knee = body.point("knee", side)
    own_foot = np.fmax(body.point("heel", side)[:, 1], body.point("foot_index", side)[:, 1])
    return np.fmin(_height_over_floor(body, knee), (own_foot - knee[:, 1]) / body.torso_px)


def _distance(a: str, b: str) -> Formula:
    def compute(body: Body, side: str | None) -> Array:
        return length(body.point(a, side) - body.point(b, side)) / body.torso_px

    return compute


def _apart(joint: str) -> Formula:
    def compute(body: Body, _: str | None) -> Array:
        return length(body.point(joint, "left") - body.point(joint, "right")) / body.torso_px

    return compute


def _wrist_shin_distance(body: Body, side: str | None) -> Array:
    """The nearer of the two wrists: one hand may be behind the leg."""
    knee, ankle = body.point("knee", side), body.point("ankle", side)
    wrists = (body.point("wrist", s) for s in ("left", "right"))
    nearest = [distance_to_segment(wrist, knee, ankle) for wrist in wrists]
    return np.fmin(*nearest) / body.torso_px


def _ahead(joint: str) -> Formula:
    """How far a joint is ahead of the other side's."""

    def compute(body: Body, side: str | None) -> Array:
        return body.forward * _from_the_other(body, joint, side)[:, 0] / body.torso_px

    return compute


def _knee_lift(body: Body, side: str | None) -> Array:
    return -_from_the_other(body, "knee", side)[:, 1] / body.torso_px


def _from_the_other(body: Body, joint: str, side: str | None) -> Array:
    other = "right" if side == "left" else "left"
    return body.point(joint, side) - body.point(joint, other)


def _hip_position(body: Body, side: str | None) -> Array:
    ahead = body.point("hip", side)[:, 0] - body.point("knee", side)[:, 0]
    return body.forward * ahead / body.torso_px


def _head_height(body: Body, _: str | None) -> Array:
    return (body.near("hip")[:, 1] - body.near("ear")[:, 1]) / body.torso_px


def _nose_height(body: Body, _: str | None) -> Array:
    return (body.near("ear")[:, 1] - body.point("nose")[:, 1]) / body.torso_px


def _hip_over_leg(body: Body, side: str | None) -> Array:
    knee, ankle = body.point("knee", side), body.point("ankle", side)
    leg = np.where((knee[:, :1] > ankle[:, :1]), knee - ankle, ankle - knee)
    across = np.stack([leg[:, 1], -leg[:, 0]], axis=1)  # at right angles to the leg, upwards
    offset = ((body.point("hip", side) - knee) * across).sum(axis=1)
    return offset / length(leg) / body.torso_px


def _hip_height(body: Body, side: str | None) -> Array:
    return (body.point("knee", side)[:, 1] - body.point("hip", side)[:, 1]) / body.torso_px


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


def _wrist_travel(body: Body, side: str | None) -> Array:
    """From its place two seconds before, or at the shot's beginning; one picture shows none."""
    wrist, t_s = body.point("wrist", side), body.series.t_s
    travel = np.full(len(wrist), np.nan)
    for shot in np.unique(body.series.shot):
        seen = np.flatnonzero((body.series.shot == shot) & np.isfinite(wrist).all(axis=1))
        if len(seen) > 1:
            before = seen[np.searchsorted(t_s[seen], t_s[seen] - TRAVEL_S)]
            travel[seen] = length(wrist[seen] - wrist[before])
    return travel / body.torso_px


def _ankle_to_other_wrist(body: Body, side: str | None) -> Array:
    """The nearer of the two ankles: a leg that goes over is often taken for the other one."""
    wrist = body.point("wrist", "right" if side == "left" else "left")
    distances = [length(body.point("ankle", s) - wrist) for s in ("left", "right")]
    return np.fmin(*distances) / body.torso_px


# --- seen from above, from the front, from the feet -----------------------------------------------


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


# --- back outline -------------------------------------------------------------------------------


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


FORMULAS: dict[str, Formula] = {
    "hip_flexion": _hip_flexion,
    "knee_flexion": _knee_flexion,
    "elbow_flexion": _elbow_flexion,
    "shoulder_flexion": _shoulder_flexion,
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
    "head_pitch": _head_pitch,
    "neck_flexion": _neck_flexion,
    "head_alignment": _head_alignment,
    "head_height": _head_height,
    "nose_height": _nose_height,
    "knuckle_floor_distance": lambda b, s: _height_over_floor(b, b.point("index", s)),
    "knee_floor_distance": _knee_floor_distance,
    "hip_heel_distance": _distance("hip", "heel"),
    "wrist_hip_distance": _distance("wrist", "hip"),
    "wrist_knee_distance": _distance("wrist", "knee"),
    "wrist_shin_distance": _wrist_shin_distance,
    "wrist_separation": _apart("wrist"),
    "knee_separation": _apart("knee"),
    "hip_flexion_lead": _hip_flexion_lead,
    "ankle_lead": _ahead("ankle"),
    "knee_lead": _ahead("knee"),
    "knee_lift": _knee_lift,
    "hip_position": _hip_position,
    "hip_over_leg": _hip_over_leg,
    "hip_height": _hip_height,
    "back_height": _back_height,
    "back_bow": _back_bow,
    "lateral_trunk_inclination": _lateral_trunk,
    "shoulder_tilt": _tilt("shoulder"),
    "hip_tilt": _tilt("hip"),
    "shoulder_line": _shoulder_line,
    "trunk_rotation": trunk_rotation,
    "arm_abduction": _arm_abduction,
    "thigh_abduction": _thigh_abduction,
    "thigh_separation": _thigh_separation,
    "thigh_difference": _thigh_difference,
    "knee_drop": knee_drop,
    "knee_foot_offset": _across("knee", "foot_index"),
    "knee_hip_offset": _across("knee", "hip"),
    "knee_past_midline": _knee_past_midline,
    "wrist_travel": _wrist_travel,
    "ankle_to_other_wrist": _ankle_to_other_wrist,
    "head_turn": head_turn,
}
