"""Colours of skin, lips, brows and eyes, vertex by vertex."""

from __future__ import annotations

import numpy as np

from body import N_SKIN, Body
from choices import HAIR_COLOURS, SKIN_TONES, Look
from surface import Floats
from wardrobe import scalp_field

# The two eyeballs follow the skin in the mesh.
EYES = ((14598, 14670), (14670, 14742))
EYE_WHITE = (0.75, 0.74, 0.72)
IRIS = (0.05, 0.028, 0.014)
PUPIL = (0.005, 0.005, 0.005)
IRIS_RADIUS, PUPIL_RADIUS = 0.0062, 0.0026


def vertex_colours(body: Body, look: Look) -> Floats:
    """Linear RGB of every vertex, shape (n_vertices, 3)."""
    tone, lips = (np.array(colour) for colour in SKIN_TONES[look.skin])
    hair = np.array(HAIR_COLOURS[look.hair])
    points = body.keypoints(body.vertices)
    skin = body.vertices[:N_SKIN]
    colours = np.tile(tone, (len(body.vertices), 1))
    on_skin = colours[:N_SKIN]

    _blend(on_skin, lips, 0.25 * np.exp(-((_distance(skin, points["nose"]) / 0.02) ** 2)))
    face = skin[:, 1] < points["nose"][1] + 0.03
    mouth = (body.head("oris05") + body.head("oris01")) / 2
    in_lips = np.hypot(skin[:, 0] / 0.026, (skin[:, 2] - mouth[2]) / 0.011) < 1
    _blend(on_skin, lips, (in_lips & face).astype(float))
    for eye in ("left_eye", "right_eye"):
        aside = np.abs(skin[:, 0] - points[eye][0])
        arch = points[eye][2] + 0.021 - 0.6 * aside**2
        brow = (aside < 0.026) & (np.abs(skin[:, 2] - arch) < 0.0032) & face
        _blend(on_skin, 0.55 * hair + 0.27 * tone, brow.astype(float))
    if look.hair_style in ("buzz", "short"):
        # Cropped hair is a shade on the scalp; under short hair it hides the hairline's edge.
        _blend(on_skin, hair, 0.75 * np.clip(scalp_field(body) / 0.012, 0, 1))
    if look.hair_style == "balding":
        _blend(on_skin, hair, 0.6 * np.clip(scalp_field(body, balding=True) / 0.012, 0, 1))
    for first, last in EYES:
        colours[first:last] = _eyeball(body.vertices[first:last])
    return colours


def _eyeball(eye: Floats) -> Floats:
    front = eye[np.argmin(eye[:, 1])]
    middle_y = (eye[:, 1].min() + eye[:, 1].max()) / 2
    from_axis = np.hypot(eye[:, 0] - front[0], eye[:, 2] - front[2])
    colours = np.tile(np.array(EYE_WHITE), (len(eye), 1))
    ahead = eye[:, 1] < middle_y
    colours[ahead & (from_axis < IRIS_RADIUS)] = IRIS
    colours[ahead & (from_axis < PUPIL_RADIUS)] = PUPIL
    return colours


def _blend(colours: Floats, other: Floats, share: Floats) -> None:
    """Mix a colour in, in place."""
    colours += share[:, None] * (other - colours)


def _distance(points: Floats, to: Floats) -> Floats:
    return np.linalg.norm(points - to, axis=1)
