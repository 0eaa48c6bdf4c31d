"""The true angles of a posed body: of its landmarks, in its own sagittal plane.

The landmarks are those of a goniometer (`goniometer.landmarks`), or the rig's joint centres.

What is not seen from the side is measured in three dimensions; see `truth_views.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from body import SIDES, Array, Body
from goniometer import Marks, joint_centres, landmarks, landmarks_in_space
from poses import Form
from rig import DEFAULTS, Pose, Posed
from truth_views import angles_in_space

_FOOT_FORWARD = np.array([0.0, -1.0, 0.0])  # at rest


def true_angles_of(
    form: Form, body: Body, posed: Posed, pose: Pose, *, of_rig: bool = False
) -> dict[str, Any]:
    """What is true of a form, as it is filmed: `true_angles`, or `truth_views.angles_in_space`."""
    marks, in_space = (joint_centres,) * 2 if of_rig else (landmarks, landmarks_in_space)
    if form.views == ("side",):
        return true_angles(body, posed, pose, marks)
    lean = true_angles(body, posed, pose, marks)["trunk_inclination"]
    return angles_in_space(body, posed, form.position, in_space) | {"trunk_inclination": lean}


def true_angles(body: Body, posed: Posed, pose: Pose, marks: Marks = landmarks) -> dict[str, Any]:
    """Zero-neutral angles in degrees, as posecheck's measures of the same names mean them.

    Returns
    -------
    dict
        `left` and `right` (dicts of measures), `trunk_inclination` (0 upright, + forward),
        `back_bend` (+ rounded), `neck` (+ chin down, of head and neck against the upper back).
    """
    values = DEFAULTS | pose
    facing = np.radians(values["yaw"])
    plane = np.array([[np.sin(facing), -np.cos(facing), 0.0], [0.0, 0.0, 1.0]])
    at = marks(body, posed)
    foot = {
        side: posed.rotations[body.bone_index[f"foot.{end}"]] @ _FOOT_FORWARD
        for side, end in SIDES.items()
    }
    sides = {side: _side(at, foot[side], side, plane) for side in SIDES}
    middle = lambda joint: np.mean([at[f"{s}_{joint}"] for s in SIDES], axis=0)  # noqa: E731
    trunk = plane @ (middle("shoulder") - middle("hip"))
    return sides | {
        "trunk_inclination": _round(_inclination(trunk)),
        "back_bend": _round(values["lumbar"] + values["thoracic"]),
        "neck": _round(values["neck"] + values["head"]),
    }


def _side(at: dict[str, Array], ahead: Array, side: str, plane: Array) -> dict[str, float]:
    names = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
    shoulder, elbow, wrist, hip, knee, ankle = (plane @ at[f"{side}_{name}"] for name in names)
    foot = plane @ ahead
    angles = {
        # Both grow when the limb swings to the front of the trunk.
        "hip_flexion": _wrap(_turn(hip - shoulder, knee - hip), -90),
        "shoulder_flexion": _wrap(_turn(hip - shoulder, elbow - shoulder), -110),
        "knee_flexion": abs(_turn(knee - hip, ankle - knee)),
        "elbow_flexion": abs(_turn(elbow - shoulder, wrist - elbow)),
        "ankle_dorsiflexion": 90 - abs(_turn(knee - ankle, foot)),
        "thigh_inclination": _hanging(knee - hip),
        "shank_inclination": _hanging(ankle - knee),
        "upper_arm_inclination": _hanging(elbow - shoulder),
        "arm_inclination": _hanging(wrist - shoulder),
        "forearm_elevation": _elevation(wrist - elbow),
        "leg_elevation": _elevation(ankle - hip),
        "body_line": 180 - _wrap(_turn(hip - shoulder, ankle - hip), -180),
    }
    return {name: _round(value) for name, value in angles.items()}


def _turn(a: Array, b: Array) -> float:
    """Degrees from a to b, counterclockwise (from forward to up is +90)."""
    return float(np.degrees(np.arctan2(a[0] * b[1] - a[1] * b[0], a @ b)))


def _inclination(up: Array) -> float:
    """Of a line that points up when it is 0; + leaning forward."""
    return float(np.degrees(np.arctan2(up[0], up[1])))


def _hanging(down: Array) -> float:
    """Of a line that points down when it is 0; + with its lower end forward."""
    return float(np.degrees(np.arctan2(down[0], -down[1])))


def _elevation(line: Array) -> float:
    return float(np.degrees(np.arctan2(line[1], abs(line[0]))))


def _wrap(degrees: float, lowest: float) -> float:
    return float((degrees - lowest) % 360 + lowest)


def _round(value: float) -> float:
    return round(float(value), 2) + 0.0
