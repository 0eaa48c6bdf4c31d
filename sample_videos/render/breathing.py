"""Breathing: when somebody breathes, and how belly, chest and back rise with it."""

from __future__ import annotations

from functools import cache

import numpy as np

from body import N_SKIN, Array, Body
from poses import MAT_HEIGHT
from rig import Pose
from surface import vertex_normals

PERIOD_S = 4.0
_IN_S, _OUT_S = 1.6, 1.9  # the rest of the period is the pause after breathing out
_BELLY_M, _CHEST_M, _BACK_M = 0.011, 0.006, 0.004  # how far the skin moves either way

# Degrees that free joints give with a full breath in; contacts are solved again afterwards.
SWAY: Pose = {
    "lumbar": -0.4,
    "thoracic": -0.8,
    "neck": 0.6,
    "left_shoulder_flexion": 0.6,
    "right_shoulder_flexion": 0.5,
    "left_elbow_flexion": 0.5,
    "right_elbow_flexion": 0.6,
    "left_plantarflexion": 0.5,
    "right_plantarflexion": 0.7,
}


def ease(share: float) -> float:
    """Minimum-jerk easing: 0..1 -> 0..1, at rest at both ends (Flash and Hogan 1985)."""
    share = min(max(share, 0.0), 1.0)
    return share**3 * (10 - 15 * share + 6 * share**2)


def time_of(share: float) -> float:
    """When a minimum-jerk movement has come so far, 0..1: the inverse of `ease`."""
    if not 0 < share < 1:
        return share
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if ease(middle) < share else (low, middle)
    return (low + high) / 2


def breath_at(t_s: float) -> float:
    """How full the lungs are, from -1 (out) to 1 (in)."""
    phase = t_s % PERIOD_S
    if phase < _IN_S:
        return 2 * ease(phase / _IN_S) - 1
    return 1 - 2 * ease((phase - _IN_S) / _OUT_S)


def breathe(body: Body, vertices: Array, breath: float) -> Array:
    """A posed mesh (n, 3) with the trunk as full as `breath` (-1..1) says."""
    skin = vertices[:N_SKIN]
    normals = vertex_normals(skin, body.faces[(body.faces < N_SKIN).all(axis=1)])
    front, back = _reach(body)
    # What lies on the floor cannot swell into it, and the back only shows where it is uncovered.
    clear = np.clip((skin[:, 2] - MAT_HEIGHT) / 0.04, 0, 1)
    reach = front * clear + back * np.clip(normals[:, 2], 0, 1)
    breathing = vertices.copy()
    breathing[:N_SKIN] += normals * (reach * breath)[:, None]
    return breathing


@cache
def _reach(body: Body) -> tuple[Array, Array]:
    """Metres that each vertex of the skin moves outwards, in front and at the back, each (n,)."""
    x, y, z = body.vertices[:N_SKIN].T
    arms = [
        row
        for row, bone in enumerate(body.bones)
        if bone.startswith(("upperarm", "lowerarm", "wrist", "finger", "metacarpal"))
    ]
    trunk = 1 - np.clip(3 * body.weights[:N_SKIN][:, arms].sum(axis=1), 0, 1)
    trunk *= np.exp(-((x / 0.16) ** 4))
    ahead = np.clip((body.head("spine03")[1] - 0.02 - y) / 0.06, 0, 1)

    def around(bone: str, metres: float) -> Array:
        return np.exp(-(((z - body.head(bone)[2]) / metres) ** 2))

    belly = _BELLY_M * around("spine04", 0.10)
    chest = _CHEST_M * around("spine02", 0.10)
    back = _BACK_M * around("spine03", 0.14)
    return trunk * ahead * np.maximum(belly, chest), trunk * (1 - ahead) * back
