"""The true angles of a body that is not seen from the side, in three dimensions.

All come from landmarks (`goniometer.landmarks_in_space`, or the rig's joint centres), and the
head's turn from the head's bone. In what follows, `hips` and `shoulders` are the lines from the
right joint to the left one, `trunk` the line from the middle of the hips to the middle of the
shoulders, and L its length when the same body stands.

lateral_trunk_inclination
    Of the trunk against the vertical, in the upright plane that holds the hips' direction seen from
    above (the pelvis's frontal plane); + leaning to the body's left.
shoulder_tilt, hip_tilt
    Of shoulders and hips against the horizontal; + left one higher.
trunk_rotation
    From the hips to the shoulders about the trunk; + shoulders turned to the left.
head_turn
    Of the face about the trunk, from straight ahead of the shoulders; + to the body's left.
arm_abduction
    From the trunk, downwards, to the upper arm, in the plane of trunk and shoulders: 0 along the
    trunk, 90 a T, 180 overhead.
thigh_abduction
    From the trunk, downwards, to the thigh, in the plane of trunk and hips; 90 straight sideways.
thigh_separation, thigh_difference
    Both thigh abductions together (above 180 with the knees ahead of the hips); left less right.
knee_drop
    Of the line from the hips' middle to the knees' middle against the vertical, in the upright
    plane across the body: 0 knees up, 90 at the hips' level. No sign.
knee_past_midline
    How far a knee is over the trunk line onto the other side, along the floor, in L.
knee_foot_offset, knee_hip_offset
    How far a knee is to the body's outside of its foot's toes and of its hip, along the hips' line
    seen from above, in L.
knee_separation, ankle_to_other_wrist
    Distances in L.
elbow_flexion, knee_flexion
    In the plane of the limb itself.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from body import SIDES, Array, Body
from goniometer import Marks, landmarks_in_space
from rig import Posed, pose_body

LENGTHS = (
    *("torso_m", "knee_separation", "knee_past_midline", "ankle_to_other_wrist"),
    *("knee_foot_offset", "knee_hip_offset"),
)

_UP = np.array([0.0, 0.0, 1.0])
_OTHER = {"left": "right", "right": "left"}

# Which of them mean something: nobody who lies has a lateral lean, and nobody who sits a knee drop.
_ALWAYS = ("shoulder_tilt", "trunk_rotation", "head_turn", "knee_separation")
_LYING = (*_ALWAYS, "knee_drop")
_OF_TRUNK = {
    "seated": (*_ALWAYS, "lateral_trunk_inclination", "hip_tilt"),
    "supine": _LYING,
    "prone": _LYING,
    "kneeling": (
        *(*_ALWAYS, "thigh_separation", "thigh_difference"),
        *("lateral_trunk_inclination", "hip_tilt"),
    ),
}
_ARMS = ("arm_abduction", "elbow_flexion", "knee_flexion")
_OF_SIDE = {
    "seated": _ARMS,
    "supine": (*_ARMS, "knee_past_midline"),
    "prone": (*_ARMS, "knee_past_midline", "ankle_to_other_wrist"),
    "kneeling": (*_ARMS, "thigh_abduction", "knee_foot_offset", "knee_hip_offset"),
}


def angles_in_space(
    body: Body, posed: Posed, position: str, marks: Marks = landmarks_in_space
) -> dict[str, Any]:
    """What the module's docstring defines, as far as it means something in this position.

    Returns
    -------
    dict
        `left` and `right` (dicts of measures), measures of the trunk, and `torso_m` (L).
    """
    lines = _Lines(body, posed, marks)
    sides = {side: lines.of_side(side) for side in SIDES}
    trunk = lines.of_trunk() | {
        "thigh_separation": sides["left"]["thigh_abduction"] + sides["right"]["thigh_abduction"],
        "thigh_difference": sides["left"]["thigh_abduction"] - sides["right"]["thigh_abduction"],
    }
    return {
        side: {name: _round(values[name]) for name in _OF_SIDE[position]}
        for side, values in sides.items()
    } | {
        **{name: _round(trunk[name]) for name in _OF_TRUNK[position]},
        "torso_m": round(lines.torso, 4),
    }


class _Lines:
    """The lines of a posed body that the measures have in common."""

    def __init__(self, body: Body, posed: Posed, marks: Marks) -> None:
        self.at = marks(body, posed)
        self.toes = {
            side: posed.heads[body.bone_index[f"toe2-1.{end}"]] for side, end in SIDES.items()
        }
        self.face = posed.rotations[body.bone_index["head"]] @ np.array([0.0, -1.0, 0.0])
        self.torso = _standing_torso(body, marks)
        self.hips = self.at["left_hip"] - self.at["right_hip"]
        self.shoulders = self.at["left_shoulder"] - self.at["right_shoulder"]
        self.trunk = _unit(self.middle("shoulder") - self.middle("hip"))
        # Across the body along the floor, to its left.
        across = np.cross(_UP, self.trunk)
        self.across = _unit(across * np.sign(across @ self.shoulders))

    def middle(self, joint: str) -> Array:
        return (self.at[f"left_{joint}"] + self.at[f"right_{joint}"]) / 2

    def of_trunk(self) -> dict[str, float]:
        ahead = self.middle("knee") - self.middle("hip")
        pelvis_left = _unit(self.hips * (1, 1, 0))
        left = _across(self.shoulders, self.trunk)
        return {
            "lateral_trunk_inclination": _angle(self.trunk @ pelvis_left, self.trunk @ _UP),
            "shoulder_tilt": _elevation(self.shoulders),
            "hip_tilt": _elevation(self.hips),
            "trunk_rotation": _turn_about(self.trunk, self.hips, self.shoulders),
            "head_turn": _turn_about(self.trunk, np.cross(left, self.trunk), self.face),
            "knee_drop": abs(_angle(ahead @ self.across, ahead @ _UP)),
            "knee_separation": self.apart("left_knee", "right_knee"),
        }

    def of_side(self, side: str) -> dict[str, float]:
        outward = 1 if side == "left" else -1
        knee = self.at[f"{side}_knee"]
        past = -outward * self.across @ (knee - self.middle("hip"))
        beside = outward * _unit(self.hips * (1, 1, 0))
        return {
            "arm_abduction": self.abduction(side, "shoulder", "elbow", outward * self.shoulders),
            "thigh_abduction": self.abduction(side, "hip", "knee", outward * self.hips),
            "elbow_flexion": self.flexion(side, "shoulder", "elbow", "wrist"),
            "knee_flexion": self.flexion(side, "hip", "knee", "ankle"),
            "knee_past_midline": past / self.torso,
            "knee_foot_offset": beside @ (knee - self.toes[side]) / self.torso,
            "knee_hip_offset": beside @ (knee - self.at[f"{side}_hip"]) / self.torso,
            "ankle_to_other_wrist": self.apart(f"{side}_ankle", f"{_OTHER[side]}_wrist"),
        }

    def abduction(self, side: str, start: str, end: str, outward: Array) -> float:
        limb = self.at[f"{side}_{end}"] - self.at[f"{side}_{start}"]
        return abs(_angle(limb @ _across(outward, self.trunk), -limb @ self.trunk))

    def flexion(self, side: str, *joints: str) -> float:
        start, bend, end = (self.at[f"{side}_{joint}"] for joint in joints)
        straight = np.clip(_unit(bend - start) @ _unit(end - bend), -1, 1)
        return float(np.degrees(np.arccos(straight)))

    def apart(self, a: str, b: str) -> float:
        return float(np.linalg.norm(self.at[a] - self.at[b])) / self.torso


@lru_cache(maxsize=64)
def _standing_torso(body: Body, marks: Marks) -> float:
    at = marks(body, pose_body(body, {}))
    line = at["left_shoulder"] + at["right_shoulder"] - at["left_hip"] - at["right_hip"]
    return float(np.linalg.norm(line)) / 2


def _unit(line: Array) -> Array:
    return line / np.linalg.norm(line)


def _across(line: Array, trunk: Array) -> Array:
    """The part of a line that is square to the trunk, as a unit vector."""
    return _unit(line - (line @ trunk) * trunk)


def _turn_about(axis: Array, start: Array, end: Array) -> float:
    """Degrees from one direction to another about an axis, counterclockwise seen from its end."""
    start, end = _across(start, axis), _across(end, axis)
    return _angle(np.cross(start, end) @ axis, start @ end)


def _elevation(line: Array) -> float:
    return _angle(line[2], np.hypot(line[0], line[1]))


def _angle(opposite: float, adjacent: float) -> float:
    return float(np.degrees(np.arctan2(opposite, adjacent)))


def _round(value: float) -> float:
    return round(float(value), 3) + 0.0
