"""The poses between two key poses, with hands, knees and feet where they belong.

Joints follow minimum-jerk curves, each a little later than the one before it, as people start a
movement from the trunk and end it with the hands. Contacts that both ends share are solved again on
the way, and what rests at the same place at both ends does not slide.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from body import SIDES, Array, Body
from breathing import SWAY, ease, time_of
from contacts import Align, Constraint, Residual, Touch, place, solve
from poses import MAT_HEIGHT, Form, Keep
from rig import DEFAULTS, Pose, pose_body, skin

# Share of a movement that a joint starts late. The right side trails: nobody is symmetric.
_LATEST = 0.15
_LATE = {
    "thoracic": 0.04, "neck": 0.08, "head": 0.10, "knee_flexion": 0.02, "plantarflexion": 0.06,
    "toe_extension": 0.08, "shoulder_flexion": 0.02, "elbow_flexion": 0.05, "pronation": 0.07,
    "wrist_extension": 0.09, "finger_curl": 0.11,
}  # fmt: skip
_RIGHT_LATER = 0.015

_STIFF = 0.3  # how readily a pose gives way on the way, against when its form is fitted
_SAME_PLACE_M = 0.02
_SUNK_M = 0.004

# Which joint stays where it is when a part of the skin rests on the floor.
_JOINT_OF_PART = {
    "palm": "wrist", "palm_heel": "wrist", "fingertips": "wrist", "elbow": "elbow",
    "forearm": "elbow", "knee": "knee", "toes": "ankle", "foot": "ankle", "heel": "ankle",
    "buttocks": "hip",
}  # fmt: skip
_FREE_FOR_JOINT = {
    "wrist": {"shoulder_flexion": 10, "shoulder_abduction": 4, "elbow_flexion": 8},
    "elbow": {"shoulder_flexion": 10, "shoulder_abduction": 4, "shoulder_rotation": 4},
    "knee": {"hip_flexion": 10, "hip_abduction": 3},
    "ankle": {"hip_flexion": 10, "knee_flexion": 8, "hip_abduction": 3},
}
_MAY_SINK = ("left_foot", "right_foot", "left_knee", "right_knee", "left_palm", "right_palm",
             "left_elbow", "right_elbow")  # fmt: skip


@dataclass(frozen=True)
class Kept:
    """A contact that misses as much as it is told to, so that nothing jumps at the ends."""

    constraint: Constraint
    miss: Array

    def residual(self, body: Body) -> Residual:
        """Function of the posed body."""
        inner = self.constraint.residual(body)
        return lambda body, posed, pose: inner(body, posed, pose) - self.miss


@dataclass(frozen=True, eq=False)
class KeyPose:
    """A form on a body, somewhere in the room; faces +x."""

    form: Form
    pose: Pose

    def contacts(self, body: Body) -> list[Constraint]:
        """The form's constraints on this body."""
        return [c.on(body) if isinstance(c, Keep) else c for c in self.form.constraints]

    def misses(self, body: Body, constraint: Constraint) -> Array:
        """How much the key pose misses a constraint, in units of its tolerance."""
        return constraint.residual(body)(body, pose_body(body, self.pose), self.pose)

    def joint(self, body: Body, name: str) -> Array:
        """Where a joint is, (3,)."""
        return place(body, pose_body(body, self.pose), name)


def moved_to(body: Body, key: KeyPose, beside: KeyPose, joints: list[str]) -> KeyPose:
    """The key pose with some joints where another one has them on the floor."""
    if not joints:
        return key
    contacts = key.contacts(body)
    kept = [Kept(contact, key.misses(body, contact)) for contact in contacts]
    shift = np.mean([beside.joint(body, j) - key.joint(body, j) for j in joints], axis=0)
    start = key.pose | {axis: key.pose.get(axis, 0.0) + shift[k] for k, axis in enumerate("xy")}
    anchors = [
        Align(joint, None, axis, float(beside.joint(body, joint)[k]), 0.002)
        for joint in joints
        for k, axis in enumerate("xy")
    ]
    free = key.form.adjust | _free(joints) | {"x": 1.0}
    return KeyPose(key.form, solve(body, start, free, [*kept, *anchors])[0])


def between(body: Body, start: KeyPose, end: KeyPose, share: float, breath: float) -> Pose:
    """The pose at a share (0..1) of the way, with the lungs as full as `breath` (-1..1) says."""
    pose = blend(start.pose, end.pose, time_of(share))
    pose = {name: value + SWAY.get(name, 0.0) * breath for name, value in pose.items()}
    others = {_what(contact) for contact in end.contacts(body)}
    shared: list[Constraint] = [c for c in start.contacts(body) if _what(c) in others]
    resting = [j for j in _resting(shared) if _stays(body, j, start, end)]
    shared += [Align(joint, None, axis, 0.0, 0.004) for joint in resting for axis in "xy"]
    kept: list = [
        Kept(c, (1 - share) * start.misses(body, c) + share * end.misses(body, c)) for c in shared
    ]
    free = start.form.adjust | end.form.adjust | _free(resting)
    free = {name: _STIFF * value for name, value in free.items()} | {"z": 0.1}
    if resting or "x" in free:
        free["x"] = 0.1
    solved = solve(body, pose, free, kept)[0]
    floors = {part: _floor_of(body, part, start, end) for part in _MAY_SINK}
    sunk = [part for part in floors if _low(body, part, solved) < floors[part] - _SUNK_M]
    if not sunk:
        return solved
    above = [Touch(part, floors[part], only_above=True) for part in sunk]
    return solve(body, solved, free | _free_to_lift(sunk), kept + above)[0]


def blend(start: Pose, end: Pose, time: float) -> Pose:
    """Every parameter on its own minimum-jerk curve; `time` goes from 0 to 1."""
    pose = {}
    for name in sorted(start.keys() | end.keys()):
        one, other = start.get(name, DEFAULTS[name]), end.get(name, DEFAULTS[name])
        side, _, joint = name.partition("_")
        late = _LATE.get(joint if side in SIDES else name, 0.0)
        late += _RIGHT_LATER if side == "right" else 0.0
        pose[name] = one + ease((time - late) / (1 - _LATEST)) * (other - one)
    return pose


def both_sides(joints: tuple[str, ...]) -> list[str]:
    """`knee` means both knees."""
    return [
        full
        for name in joints
        for full in ([name] if name.split("_")[0] in SIDES else [f"{s}_{name}" for s in SIDES])
    ]


def _what(constraint: Constraint) -> tuple:
    """What a constraint is about, however far and however strictly: the misses tell that."""
    how_far = {"value", "offset", "degrees", "within", "vary"}
    about = (getattr(constraint, f.name) for f in fields(constraint) if f.name not in how_far)
    return type(constraint).__name__, *about


def _stays(body: Body, joint: str, start: KeyPose, end: KeyPose) -> bool:
    apart = start.joint(body, joint) - end.joint(body, joint)
    return bool(np.linalg.norm(apart[:2]) < _SAME_PLACE_M)


def _low(body: Body, part: str, pose: Pose) -> float:
    posed = pose_body(body, pose)
    return float(skin(body, posed, body.parts[part][::4])[:, 2].min())


def _floor_of(body: Body, part: str, start: KeyPose, end: KeyPose) -> float:
    """How low a part may be: the mat, or a little in it, as it is at an end."""
    return min(MAT_HEIGHT, _low(body, part, start.pose), _low(body, part, end.pose))


def _resting(constraints: list[Constraint]) -> list[str]:
    """Joints of the parts that rest on the floor."""
    joints = []
    for constraint in constraints:
        if not isinstance(constraint, Touch) or constraint.axis != "z":
            continue
        side, _, part = constraint.part.partition("_")
        if side in SIDES and part in _JOINT_OF_PART:
            joints.append(f"{side}_{_JOINT_OF_PART[part]}")
        elif constraint.part in _JOINT_OF_PART:
            joints.append(_JOINT_OF_PART[constraint.part])
    return sorted(set(joints))


def _free(joints: list[str]) -> dict[str, float]:
    """Parameters that may give way so that these joints stay where they are."""
    free: dict[str, float] = {}
    for joint in joints:
        side, _, name = joint.partition("_")
        if side in SIDES:
            free |= {f"{side}_{p}": float(v) for p, v in _FREE_FOR_JOINT.get(name, {}).items()}
    return free


def _free_to_lift(parts: list[str]) -> dict[str, float]:
    """Parameters that may give way so that these parts stay out of the floor."""
    free: dict[str, float] = {}
    for part in parts:
        side, _, name = part.partition("_")
        free |= _free([f"{side}_{_JOINT_OF_PART[name]}"])
        if name == "foot":
            free[f"{side}_plantarflexion"] = 8.0
    return free
