"""Distances in torso lengths L, in the image plane; most are seen from the side."""

from __future__ import annotations

import numpy as np

from posecheck.core.geometry import Array, distance_to_segment, length
from posecheck.measures.body import Body, Formula

TRAVEL_S = 2.0  # over which a hand's way is measured: a person goes into a stretch faster


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


def _hip_over_leg(body: Body, side: str | None) -> Array:
    knee, ankle = body.point("knee", side), body.point("ankle", side)
    leg = np.where((knee[:, :1] > ankle[:, :1]), knee - ankle, ankle - knee)
    across = np.stack([leg[:, 1], -leg[:, 0]], axis=1)  # at right angles to the leg, upwards
    offset = ((body.point("hip", side) - knee) * across).sum(axis=1)
    return offset / length(leg) / body.torso_px


def _hip_height(body: Body, side: str | None) -> Array:
    return (body.point("knee", side)[:, 1] - body.point("hip", side)[:, 1]) / body.torso_px


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


def _head_height(body: Body, _: str | None) -> Array:
    return (body.near("hip")[:, 1] - body.near("ear")[:, 1]) / body.torso_px


def _nose_height(body: Body, _: str | None) -> Array:
    return (body.near("ear")[:, 1] - body.point("nose")[:, 1]) / body.torso_px


FORMULAS: dict[str, Formula] = {
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
    "ankle_lead": _ahead("ankle"),
    "knee_lead": _ahead("knee"),
    "knee_lift": _knee_lift,
    "hip_position": _hip_position,
    "hip_over_leg": _hip_over_leg,
    "hip_height": _hip_height,
    "wrist_travel": _wrist_travel,
    "ankle_to_other_wrist": _ankle_to_other_wrist,
}
