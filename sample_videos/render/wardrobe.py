"""Clothes and hair as fields over the rest skin: where they are and how far from the skin.

A garment covers the skin where its `field` is positive; the field is about the distance to the hem
in metres, so that the hem can be cut smoothly between the vertices. `drape.py` lays it on a pose.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from body import N_SKIN, Body
from choices import Clothes, Look
from surface import Floats

FAR = 0.30  # a field is cut off here: deep inside, or far outside
SHALLOW, DEEP = 0.045, 0.14  # how far one sees under a hem that is close, or wide
SLEEVE_END = {"tank": 0.0, "tee": 0.5, "long": 1.85}  # 1 is the elbow, 2 the wrist
LEG_END = {"shorts": 0.6, "leggings": 1.85, "trousers": 1.93}  # 1 is the knee, 2 the ankle


@dataclass(frozen=True)
class Garment:
    """One piece of clothing, or the hair, on one body.

    Attributes
    ----------
    name : str
    field : ndarray, shape (N_SKIN,)
        Positive where the garment covers the skin; about metres from the hem.
    gap : ndarray, shape (N_SKIN,)
        Least distance of the cloth from the skin, metres.
    ease : ndarray, shape (N_SKIN,)
        How much further from the skin the cloth was cut (radius, metres); 0 is fitted.
    held : ndarray of bool, shape (N_SKIN,)
        Where a waistband or collar holds the cloth to the skin.
    hidden_depth : ndarray, shape (N_SKIN,)
        Skin with a greater `field` cannot be seen under the hem, and is left out so that it never
        shows through the cloth.
    smoothing : int
        How far the cloth bridges creases (number of smoothing steps).
    """

    name: str
    field: Floats
    gap: Floats
    ease: Floats
    held: np.ndarray
    hidden_depth: Floats
    smoothing: int

    @property
    def is_loose(self) -> bool:
        """Whether the cloth is wide enough to hang."""
        return bool(self.ease.max() > 0)


def top_of(body: Body, clothes: Clothes) -> Garment:
    """The shirt."""
    marks = _Landmarks(body)
    loose = clothes.fit == "loose"
    z = marks.skin[:, 2]
    below_waist = 0.17 if loose else 0.10
    torso = np.minimum(z - (marks.waist_z - below_waist), marks.neck[2] - 0.01 - z)
    sleeve_end = SLEEVE_END[clothes.top] + (0.12 if loose and clothes.top == "tee" else 0.0)
    # What hardly belongs to the arm is torso: inside whatever the sleeve, without a jump.
    torso_bonus = 0.15 * (1 - _ramp(marks.arm, 0.02, 0.4))
    sleeve = (sleeve_end - marks.along_arm) * marks.upper_arm_length + torso_bonus
    sleeve = np.where(marks.arm > 0.01, sleeve, 1.0)
    field = np.minimum(np.minimum(torso, -_neckline(marks)), sleeve)
    field = _bounded(np.where(marks.head > 0.3, -0.1, field))

    # Close to the skin at the collar, where a gap would show as a dark slit; further out below.
    at_collar = np.where(z > marks.chest_z, 0.004 if loose else 0.0015, 0.0055)
    gap = at_collar + (0.010 - at_collar) * np.clip((field - 0.008) / 0.05, 0, 1)
    ease = np.zeros(N_SKIN)
    if loose:
        down_torso = _ramp(marks.neck[2] - z, 0.06, 0.32)
        ease = np.where(
            marks.arm > 0.5, 0.026 * _ramp(marks.along_arm, 0.0, 0.5), 0.035 * down_torso
        )
    held = (np.abs(field) < 0.03) & (z > marks.neck[2] - 0.15) & (marks.arm < 0.3)
    hidden_depth = np.where(z > marks.chest_z, SHALLOW, DEEP if loose else SHALLOW)
    return Garment("top", field, gap, ease, held, hidden_depth, smoothing=14)


def bottom_of(body: Body, clothes: Clothes) -> Garment:
    """Leggings, shorts or trousers."""
    marks = _Landmarks(body)
    z = marks.skin[:, 2]
    waistband = marks.waist_z - 0.02
    legs = (LEG_END[clothes.bottom] - marks.along_leg) * marks.thigh_length
    field = np.minimum(waistband - z, legs)
    field = _bounded(np.where((marks.arm > 0.3) | (marks.along_leg > 2.2), -0.1, field))
    ease = np.zeros(N_SKIN)
    if clothes.bottom == "trousers" or (clothes.fit == "loose" and clothes.bottom == "shorts"):
        below = _ramp(waistband - z, 0.05, 0.25)
        ease = below * np.interp(
            marks.along_leg, [0.0, 0.5, 1.0, 1.3, 2.0], [0.014, 0.026, 0.034, 0.034, 0.044]
        )
    held = (np.abs(waistband - z) < 0.035) & (marks.arm < 0.3)
    gap = np.full(N_SKIN, 0.006 if ease.max() > 0 else 0.004)
    wide_hem = clothes.bottom == "shorts" and ease.max() > 0
    hidden_depth = np.full(N_SKIN, DEEP if wide_hem else SHALLOW)
    hidden_depth[z > marks.waist_z - 0.2] = SHALLOW
    return Garment("bottom", field, gap, ease, held, hidden_depth, smoothing=8)


def hair_of(body: Body, look: Look) -> Garment | None:
    """The hair that lies on the scalp; bun and tail are the stage's. None: none, or painted."""
    if look.hair_style in ("bald", "buzz"):
        return None
    field = scalp_field(body, balding=look.hair_style == "balding")
    thickness = {"short": 0.011, "balding": 0.006, "bun": 0.009, "ponytail": 0.009}[look.hair_style]
    gap = 0.002 + (thickness - 0.002) * _ramp(field, 0.0, 0.025)
    none = np.zeros(N_SKIN)
    return Garment("hair", field, gap, none, none > 0, none + SHALLOW, smoothing=10)


def scalp_field(body: Body, *, balding: bool = False) -> Floats:
    """Positive where hair grows, shape (N_SKIN,); about metres from the hairline."""
    marks = _Landmarks(body)
    points = body.keypoints(body.vertices)
    eye = (points["left_eye"] + points["right_eye"]) / 2
    ear = (points["left_ear"] + points["right_ear"]) / 2
    x, y, z = marks.skin.T
    backward = np.clip((y - eye[1]) / (ear[1] - eye[1]), -1, 3)  # 0 at the eyes, 1 at the ears
    # Height of the hairline above the eyes, from the forehead past the temple to the nape.
    line = np.interp(
        backward,
        [-0.5, 0.0, 0.35, 0.8, 1.0, 1.25, 1.6, 2.5],
        [0.075, 0.072, 0.055, 0.02, 0.005, -0.02, -0.06, -0.075],
    )
    field = z - (eye[2] + line)
    from_ear = np.minimum(
        np.linalg.norm(marks.skin - points["left_ear"], axis=1),
        np.linalg.norm(marks.skin - points["right_ear"], axis=1),
    )
    beside = np.abs(x) > np.abs(points["left_ear"][0]) - 0.012
    field = np.where(beside, np.minimum(field, from_ear - 0.038), field)
    if balding:
        crown = eye + np.array([0.0, 0.06, 0.10])
        bare = 0.088 - np.linalg.norm((marks.skin - crown) * (1.25, 0.95, 1.0), axis=1)
        field = np.minimum(field, -bare)
    field = np.where(marks.head > 0.6, field, -0.05)
    return np.clip(field, -0.05, 0.05)


class _Landmarks:
    """Measures of a rest body that the garments are cut by."""

    def __init__(self, body: Body) -> None:
        self.skin = body.vertices[:N_SKIN]
        self.neck = body.head("neck01")
        self.waist_z = body.head("spine04")[2]
        self.chest_z = body.head("spine02")[2]
        self.arm = _share(body, ("upperarm", "lowerarm", "wrist", "finger", "metac"))
        self.head = _head_share(body)
        self.upper_arm_length = np.linalg.norm(
            body.head("lowerarm01.L") - body.head("upperarm01.L")
        )
        self.thigh_length = np.linalg.norm(body.head("lowerleg01.L") - body.head("upperleg01.L"))
        self.along_arm = _along_limb(body, ("upperarm01", "lowerarm01", "wrist"))
        self.along_leg = _along_limb(body, ("upperleg01", "lowerleg01", "foot"))
        self.neck_radius = self._half_neck(_share(body, ("neck",)))

    def _half_neck(self, neck: Floats) -> float:
        """Half the neck's breadth 3 cm above its root, metres."""
        level = np.abs(self.skin[:, 2] - self.neck[2] - 0.03) < 0.012
        behind = self.skin[:, 1] > self.neck[1] - 0.03
        return float(np.abs(self.skin[level & behind & (neck > 0.6), 0]).max())


def _neckline(marks: _Landmarks) -> Floats:
    """Positive in the opening for the neck: round, and lower in front."""
    x, y, z = marks.skin.T
    before = y < marks.neck[1]
    radius = marks.neck_radius + 0.037
    ring = radius - np.hypot(x, np.where(before, 0.8, 1.4) * (y - marks.neck[1]))
    ring = np.minimum(ring, z - marks.neck[2] + np.where(before, 0.05, 0.035))
    scoop = radius + 0.017 - np.hypot(x / 0.9, z - marks.neck[2] - 0.03)
    scoop = np.where(y < marks.neck[1] + 0.02, scoop, 0.5 * ring)
    return np.where(z > marks.neck[2] - 0.15, np.maximum(ring, scoop), -1.0)


def _share(body: Body, starts: tuple[str, ...]) -> Floats:
    columns = [row for row, bone in enumerate(body.bones) if bone.startswith(starts)]
    return body.weights[:N_SKIN, columns].sum(axis=1).astype(float)


def _head_share(body: Body) -> Floats:
    """How much head and upper neck move each vertex."""
    head = body.bone_index["head"]
    face = {head}
    for row, parent in enumerate(body.parents):
        if int(parent) in face:
            face.add(row)
    names = tuple(body.bones[row] for row in sorted(face))
    return _share(body, (*names, "neck02", "neck03"))


def _along_limb(body: Body, joints: tuple[str, str, str]) -> Floats:
    """0 at the first joint, 1 at the second, 2 at the third; by the skin vertex's own side."""
    skin = body.vertices[:N_SKIN]
    along = np.empty(N_SKIN)
    for end, own in (("L", skin[:, 0] > 0), ("R", skin[:, 0] <= 0)):
        first, second, third = (body.head(f"{joint}.{end}") for joint in joints)
        upper = (skin - first) @ (second - first) / np.sum((second - first) ** 2)
        lower = 1 + (skin - second) @ (third - second) / np.sum((third - second) ** 2)
        along[own] = np.where(upper < 1, upper, np.maximum(lower, 1))[own]
    return along


def _ramp(value: Floats, low: float, high: float) -> Floats:
    """0 below `low`, 1 above `high`, smooth between."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def _bounded(field: Floats) -> Floats:
    return np.clip(field, -0.06, FAR)
