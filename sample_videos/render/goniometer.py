"""The landmarks that a physiotherapist lays a goniometer on, found once on the skin of the model.

A rig's joint is where its bone begins; nobody can feel it, and in a bent hip it lies well behind
the place that people mark. A goniometer's fulcrum lies over the greater tubercle, the lateral
epicondyle, the greater trochanter, the knee's joint line and the malleolus (Norkin & White,
Measurement of Joint Motion: A Guide to Goniometry), as near to the joint's axis as can be felt.
Anny's bodies share one topology, so a landmark is a fixed set of vertices with fixed weights, the
same on every body.

Shoulder, elbow and hip are Anny's COCO regressor (its weights lie in the bodies' files): it was
fitted to where people mark these joints on photos, and a vertex on the skin over the trochanter or
the acromion swings about the joint as the limb moves, by more than a palpated bone does. Knee,
wrist and ankle are the middle between the bony points on both sides (`VERTICES`), found on the mean
rest mesh of the first ten bodies of bodies.toml by their place from the rig's joint. The left
vertices are the mirrored ones. How the angles compare with the rig's, and with people who mark
stills by eye: README.md and offsets.py.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from body import SIDES, Array, Body
from rig import SKIN_VOLUME, Posed, skin

Marks = Callable[[Body, Posed], dict[str, Array]]  # twelve points by name


REGRESSED = ("shoulder", "elbow", "hip")
VERTICES = {  # of the right and the left side, as many lateral as medial ones
    # Between the styloid processes, in the wrist crease.
    "wrist": (
        (3883, 3896, 3884, 3917, 3563, 3683),
        (10548, 10561, 10549, 10582, 10231, 10351),
    ),
    # Between the femoral epicondyles, at the joint line.
    "knee": (
        (4611, 4610, 4608, 6405, 4599, 4598),
        (11229, 11228, 11226, 13002, 11217, 11216),
    ),
    # Between the malleoli where they stand out most: 1.3 cm above the rig's joint, 1.2 behind.
    "ankle": (
        (6288, 4826, 6376, 6345, 6343, 6348),
        (12885, 11444, 12973, 12942, 12940, 12945),
    ),
}


def landmarks(body: Body, posed: Posed) -> dict[str, Array]:
    """The twelve landmarks of a posed body by name, world metres, each (3,)."""
    weights = _weights(body)
    rows = [np.flatnonzero(own) for own in weights.values()]
    places = skin(body, posed, np.concatenate(rows), volume=SKIN_VOLUME)
    parts = np.split(places, np.cumsum([len(own) for own in rows])[:-1])
    return {
        name: own[own != 0] @ part for (name, own), part in zip(weights.items(), parts, strict=True)
    }


@cache
def _weights(body: Body) -> dict[str, Array]:
    """How much each vertex counts for each landmark, shape (n_vertices,)."""
    found = {}
    for column, side in enumerate(("right", "left")):
        for joint, vertices in VERTICES.items():
            found[f"{side}_{joint}"] = np.zeros(len(body.vertices))
            found[f"{side}_{joint}"][list(vertices[column])] = 1 / len(vertices[column])
        for joint in REGRESSED:
            row = body.keypoint_names.index(f"{side}_{joint}")
            found[f"{side}_{joint}"] = body.keypoint_weights[row]
    return found


def landmarks_in_space(body: Body, posed: Posed) -> dict[str, Array]:
    """The landmarks for lines across the body.

    Marks on the skin of hips and shoulders go along with thighs and arms, which tilts and turns a
    line through both of a pair; pelvis and shoulders lie as the joint centres do.
    """
    centres = joint_centres(body, posed)
    trunk = {f"{side}_{joint}" for side in SIDES for joint in ("shoulder", "hip")}
    return landmarks(body, posed) | {name: centres[name] for name in trunk}


def joint_centres(body: Body, posed: Posed) -> dict[str, Array]:
    """The rig's twelve joints, to compare."""
    return posed.joints(body)
