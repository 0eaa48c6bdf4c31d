"""A pose in words becomes a posed skeleton and a posed skin.

A pose is a dict of named parameters, in degrees (metres for the moves x, y, z); what is missing has
its default. Joint angles are zero-neutral: standing with the arms at the sides is zero everywhere.
The world is z up; a person with yaw 0 faces -y, with yaw 90 (the default) +x. Then come `pitch`,
`roll` (+ leans to the left) and `turn`, about the body's own long axis: what rolls the pelvis of
somebody who lies, where yaw and roll are the same.

`turn`, `twist`, `side_bend`, `head_turn` and `head_tilt` are positive to the body's left. A twist
turns the chest on the pelvis, so a pelvis turned by 60 with a twist of -60 leaves the chest flat.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from body import JOINT_BONES, SIDES, Array, Body

Pose = dict[str, float]

TRUNK_PARAMETERS = (
    "yaw", "pitch", "roll", "turn", "x", "y", "z",
    "lumbar", "thoracic", "neck", "head", "twist", "side_bend", "head_turn", "head_tilt",
)  # fmt: skip
LIMB_PARAMETERS = (
    "shoulder_flexion", "shoulder_abduction", "shoulder_rotation", "elbow_flexion", "pronation",
    "wrist_extension", "finger_curl", "hip_flexion", "hip_abduction", "hip_rotation",
    "knee_flexion", "plantarflexion", "toe_extension",
)  # fmt: skip
DEFAULTS: Pose = dict.fromkeys(TRUNK_PARAMETERS, 0.0) | {
    f"{side}_{name}": 0.0 for side in SIDES for name in LIMB_PARAMETERS
}
DEFAULTS["yaw"] = 90.0
for _side in SIDES:
    DEFAULTS |= {f"{_side}_shoulder_abduction": 8.0, f"{_side}_finger_curl": 15.0}
    DEFAULTS[f"{_side}_hip_abduction"] = 3.0

SKIN_VOLUME = 0.5  # of a person in a picture: half-way between the two kinds of skinning

_DOWN = np.array([0.0, 0.0, -1.0])

# The spine bends over several bones: which share of the bend each one takes.
_LUMBAR = {"spine05": 0.3, "spine04": 0.4, "spine03": 0.3}
_THORACIC = {"spine02": 0.5, "spine01": 0.5}
_NECK = ("neck01", "neck02", "neck03")


def about_x(degrees: float) -> Array:
    """Rotation about x, shape (3, 3)."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[1, 0, 0], [0, c, -s], [0, s, c]])


def about_y(degrees: float) -> Array:
    """Rotation about y, shape (3, 3)."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])


def about_z(degrees: float) -> Array:
    """Rotation about z, shape (3, 3)."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])


@dataclass(frozen=True, eq=False)
class Posed:
    """A posed skeleton: `rotations` (n_bones, 3, 3) from rest to world, `heads` (n_bones, 3)."""

    rotations: Array
    heads: Array

    def joint(self, body: Body, name: str) -> Array:
        """World position of `left_hip`, `right_wrist`, ... , shape (3,)."""
        side, joint = name.split("_", 1)
        return self.heads[body.bone_index[f"{JOINT_BONES[joint]}.{SIDES[side]}"]]

    def joints(self, body: Body) -> dict[str, Array]:
        """All twelve joints by name."""
        names = [f"{side}_{joint}" for side in SIDES for joint in JOINT_BONES]
        return {name: self.joint(body, name) for name in names}


def pose_body(body: Body, pose: Pose) -> Posed:
    """Forward kinematics.

    Raises
    ------
    KeyError
        The pose names a parameter that does not exist.
    """
    unknown = pose.keys() - DEFAULTS.keys()
    if unknown:
        raise KeyError(f"unknown pose parameters: {', '.join(sorted(unknown))}")
    values = DEFAULTS | pose
    turned = _rotations(body, values)
    n_bones = len(body.bones)
    rotations, heads = np.zeros((n_bones, 3, 3)), np.zeros((n_bones, 3))
    for row, bone in enumerate(body.bones):
        parent = body.parents[row]
        if parent < 0:
            rotations[row], heads[row] = turned["root"], body.heads[row]
            continue
        rotations[row] = turned.get(bone, rotations[parent])
        heads[row] = heads[parent] + rotations[parent] @ (body.heads[row] - body.heads[parent])
    return Posed(rotations, heads + np.array([values["x"], values["y"], values["z"]]))


def skin(body: Body, posed: Posed, rows: Array | None = None, *, volume: float = 0.0) -> Array:
    """The posed mesh, shape (n_rows, 3).

    Parameters
    ----------
    rows : ndarray of int, optional
        Only these vertices.
    volume : float
        0 is linear skinning, which loses volume in bent joints; 1 is dual-quaternion skinning,
        which bulges; the clips use half of each.
    """
    rows = np.arange(len(body.vertices)) if rows is None else rows
    moves = posed.heads - np.einsum("bij,bj->bi", posed.rotations, body.heads)
    weights, rest = body.weights[rows], body.vertices[rows]
    blended = (weights @ posed.rotations.reshape(-1, 9)).reshape(-1, 3, 3)
    linear = np.einsum("vij,vj->vi", blended, rest) + weights @ moves
    if not volume:
        return linear
    return (1 - volume) * linear + volume * _dual_quaternion_skin(body, posed, rows, moves)


def _dual_quaternion_skin(body: Body, posed: Posed, rows: Array, moves: Array) -> Array:
    """Kavan et al. 2008, Geometric skinning with approximate dual quaternion blending."""
    turns = Rotation.from_matrix(posed.rotations).as_quat()  # x, y, z, w
    shifts = 0.5 * _quaternion_product(np.c_[moves, np.zeros(len(moves))], turns)
    # All on the hemisphere of the vertex's main bone: q and -q are the same turn.
    same = np.sign(turns[body.main_bone[rows]] @ turns.T)
    signed = body.weights[rows] * np.where(same == 0, 1, same)
    blended = signed @ np.c_[turns, shifts]
    norm = np.linalg.norm(blended[:, :4], axis=1, keepdims=True)
    turn, shift = blended[:, :4] / norm, blended[:, 4:] / norm
    move = 2 * _quaternion_product(shift, turn * np.array([-1, -1, -1, 1]))[:, :3]
    return Rotation.from_quat(turn).apply(body.vertices[rows]) + move


def _quaternion_product(a: Array, b: Array) -> Array:
    ax, ay, az, aw = a.T
    bx, by, bz, bw = b.T
    return np.stack(
        [
            aw * bx + ax * bw + ay * bz - az * by,
            aw * by - ax * bz + ay * bw + az * bx,
            aw * bz + ax * by - ay * bx + az * bw,
            aw * bw - ax * bx - ay * by - az * bz,
        ],
        axis=1,
    )


# --- the skeleton -------------------------------------------------------------------------------


def _rotations(body: Body, values: Pose) -> dict[str, Array]:
    """World rotation of every bone that moves for itself; the others follow their parents."""
    fallen = about_z(values["yaw"]) @ about_x(values["pitch"]) @ about_y(values["roll"])
    root = fallen @ about_z(values["turn"])
    turned = {"root": root}
    chest = root
    bends = {bone: share * values["lumbar"] for bone, share in _LUMBAR.items()} | {
        bone: share * values["thoracic"] for bone, share in _THORACIC.items()
    }
    for bone, bend in bends.items():
        sideways = about_z(values["twist"] / 5) @ about_y(values["side_bend"] / 5)
        turned[bone] = chest = chest @ sideways @ about_x(bend)
    neck = chest
    # The head turns half on the neck's bones and half on the topmost vertebrae.
    sideways = about_z(values["head_turn"] / 6) @ about_y(values["head_tilt"] / 4)
    for bone in _NECK:
        turned[bone] = neck = neck @ sideways @ about_x(values["neck"] / 3)
    on_top = about_z(values["head_turn"] / 2) @ about_y(values["head_tilt"] / 4)
    turned["head"] = neck @ on_top @ about_x(values["head"])
    straight = _straight_limbs(body)
    for side, end in SIDES.items():
        limb = {name: values[f"{side}_{name}"] for name in LIMB_PARAMETERS}
        outward = 1 if side == "left" else -1
        turned |= _arm(chest, limb, outward, end, straight)
        turned |= _leg(root, limb, outward, end, straight)
    return turned


def _arm(
    chest: Array, limb: dict[str, float], outward: int, end: str, straight: dict[str, Array]
) -> dict[str, Array]:
    swing = about_x(-limb["shoulder_flexion"]) @ about_y(-outward * limb["shoulder_abduction"])
    turn = outward * limb["shoulder_rotation"]
    upper, at_shoulder = chest @ swing @ about_z(turn), chest @ swing @ about_z(0.4 * turn)
    # The shoulder blade lifts with the arm and goes forward with it (scapulohumeral rhythm).
    elevation = np.degrees(np.arccos(np.clip(-(swing @ _DOWN)[2], -1, 1)))
    lift = 28 * np.clip((elevation - 30) / 150, 0, 1)
    forward = 12 * np.sin(np.radians(min(limb["shoulder_flexion"], 120)))
    blade = [
        chest @ about_y(-outward * lift * share) @ about_z(-outward * forward * share)
        for share in (0.6, 1.0)
    ]
    lower = upper @ about_x(-limb["elbow_flexion"])
    rolled = outward * limb["pronation"]
    turned = {
        f"clavicle.{end}": blade[0],
        f"shoulder01.{end}": blade[1],
        f"upperarm01.{end}": at_shoulder @ straight["upperarm" + end],
        f"upperarm02.{end}": upper @ straight["upperarm" + end],
        f"lowerarm01.{end}": lower @ about_z(0.3 * rolled) @ straight["forearm" + end],
        f"lowerarm02.{end}": lower @ about_z(0.8 * rolled) @ straight["forearm" + end],
    }
    hand = lower @ about_z(rolled)
    bend = limb["wrist_extension"]
    turned[f"wrist.{end}"] = hand @ about_y(outward * bend) @ straight["hand" + end]
    for finger in range(2, 6):
        for phalanx in range(1, 4):
            curled = about_y(outward * (bend + phalanx * limb["finger_curl"]))
            turned[f"finger{finger}-{phalanx}.{end}"] = hand @ curled @ straight["hand" + end]
    return turned


def _leg(
    root: Array, limb: dict[str, float], outward: int, end: str, straight: dict[str, Array]
) -> dict[str, Array]:
    swing = about_x(-limb["hip_flexion"]) @ about_y(-outward * limb["hip_abduction"])
    thigh = root @ swing @ about_z(outward * limb["hip_rotation"])
    shank = thigh @ about_x(limb["knee_flexion"])
    foot = shank @ about_x(limb["plantarflexion"])
    turned = {
        # The buttock follows a little.
        f"pelvis.{end}": root @ about_x(-0.12 * limb["hip_flexion"]),
        f"upperleg01.{end}": thigh @ straight["thigh" + end],
        f"upperleg02.{end}": thigh @ straight["thigh" + end],
        f"lowerleg01.{end}": shank @ straight["shank" + end],
        f"lowerleg02.{end}": shank @ straight["shank" + end],
        f"foot.{end}": foot,
    }
    toes = foot @ about_x(-limb["toe_extension"])
    return turned | {f"toe{toe}-1.{end}": toes for toe in range(1, 6)}


_STRAIGHT: dict[str, dict[str, Array]] = {}


def _straight_limbs(body: Body) -> dict[str, Array]:
    """Rotations that bring the limbs of the A-pose straight down, thumbs forward."""
    if body.name not in _STRAIGHT:
        _STRAIGHT[body.name] = {
            part + end: turn for end in SIDES.values() for part, turn in _limb(body, end).items()
        }
    return _STRAIGHT[body.name]


def _limb(body: Body, end: str) -> dict[str, Array]:
    at = lambda bone: body.head(f"{bone}.{end}")  # noqa: E731
    middle_finger = body.tails[body.bone_index[f"finger3-1.{end}"]]
    hand = _onto(middle_finger - at("wrist"), _DOWN)
    across_palm = hand @ (at("finger2-1") - at("finger5-1"))
    twist = -np.degrees(np.arctan2(across_palm[0], -across_palm[1]))
    return {
        "upperarm": _onto(at("lowerarm01") - at("upperarm01"), _DOWN),
        "forearm": about_z(0.6 * twist) @ _onto(at("wrist") - at("lowerarm01"), _DOWN),
        "hand": about_z(twist) @ hand,
        "thigh": _onto(at("lowerleg01") - at("upperleg01"), _DOWN),
        "shank": _onto(at("foot") - at("lowerleg01"), _DOWN),
    }


def _onto(a: Array, b: Array) -> Array:
    """The shortest turn from direction a onto direction b (Rodrigues)."""
    a, b = a / np.linalg.norm(a), b / np.linalg.norm(b)
    axis = np.cross(a, b)
    cross = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    return np.eye(3) + cross + cross @ cross / (1 + a @ b)
