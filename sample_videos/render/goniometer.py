"""The landmarks that a physiotherapist lays a goniometer on, found once on the skin of the model.

A rig's joint is where its bone begins; nobody can feel it, and in a bent hip it lies well behind
the place that people mark. What is palpated are bony points under the skin: the acromion, the
epicondyles of the elbow, the styloid processes at the wrist crease, the greater trochanter, the
knee's joint line at the femoral epicondyles, the malleoli (Norkin & White, Measurement of Joint
Motion: A Guide to Goniometry). Anny's bodies share one topology, so a landmark is a fixed set of
vertices, the same on every body.

How they were found: on the mean rest mesh of the first ten bodies of bodies.toml, by their place
from the rig's joint along the limb and towards its front (`Mark.where`), the outermost vertices
there. Of the places within two centimetres of the anatomical one, those were taken whose angles
are nearest to those of people who mark stills by eye. Left vertices are the mirrored ones. How the
angles compare with the rig's and the COCO regressor's: README.md and offsets.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from body import SIDES, Array, Body
from rig import SKIN_VOLUME, Posed, skin

Marks = Callable[[Body, Posed], dict[str, Array]]  # twelve points by name


@dataclass(frozen=True)
class Mark:
    """One landmark of both sides.

    Attributes
    ----------
    right, left : tuple of int
        Vertices whose mean it is; of an inner landmark as many lateral as medial ones.
    where : str
        In words, from the rig's joint.
    depth_along : str or None
        It is felt on the surface only, so that across the body it lies too far out: it is taken
        to the depth of the rig's joint along the left-right axis of this bone.
    """

    right: tuple[int, ...]
    left: tuple[int, ...]
    where: str
    depth_along: str | None = None


MARKS = {
    "shoulder": Mark(
        (1604, 1603),
        (8276, 8275),
        "acromion, its lateral edge: 4.5 cm above the head of the humerus's centre, 1 cm behind",
        depth_along="spine01",
    ),
    "elbow": Mark(
        (3406, 3405, 3389, 3428, 3401, 3418),
        (10074, 10073, 10057, 10096, 10069, 10086),
        "middle between the epicondyles: 1 cm below the joint, 1.5 cm to the front, half-way "
        "through the elbow's depth",
    ),
    "wrist": Mark(
        (3883, 3896, 3884, 3917, 3563, 3683),
        (10548, 10561, 10549, 10582, 10231, 10351),
        "middle between the styloid processes, in the wrist crease",
    ),
    "hip": Mark(
        (4296, 4302),
        (10926, 10932),
        "greater trochanter, where it stands out most: 2 cm below its tip, which is as high as "
        "the head of the femur, 2 cm to the front, half-way through the thigh",
        depth_along="root",
    ),
    "knee": Mark(
        (4610, 4620, 4611, 4601, 6404, 6405, 4598, 4617),
        (11228, 11238, 11229, 11219, 13001, 13002, 11216, 11235),
        "middle between the femoral epicondyles at the joint line, 1.2 cm to the front",
    ),
    "ankle": Mark(
        (6440, 4826, 6373, 6343, 6346, 6342),
        (13036, 11444, 12970, 12940, 12943, 12939),
        "middle between the malleoli",
    ),
}

_LEFTWARDS = np.array([1.0, 0.0, 0.0])  # at rest


def landmarks(body: Body, posed: Posed) -> dict[str, Array]:
    """The twelve landmarks of a posed body by name, world metres, each (3,)."""
    names = [(side, joint) for side in SIDES for joint in MARKS]
    rows = [np.array(getattr(MARKS[joint], side)) for side, joint in names]
    places = skin(body, posed, np.concatenate(rows), volume=SKIN_VOLUME)
    ends = np.cumsum([len(own) for own in rows])
    found = {}
    for (side, joint), own in zip(names, np.split(places, ends[:-1]), strict=True):
        place, bone = own.mean(axis=0), MARKS[joint].depth_along
        if bone is not None:
            across = posed.rotations[body.bone_index[bone]] @ _LEFTWARDS
            place = place + across @ (posed.joint(body, f"{side}_{joint}") - place) * across
        found[f"{side}_{joint}"] = place
    return found


def landmarks_in_space(body: Body, posed: Posed) -> dict[str, Array]:
    """The landmarks for lines across the body.

    Trochanters turn with the thighs and acromia lift with the arms, which tilts and turns a line
    through both of a pair; pelvis and shoulders lie as the joint centres do.
    """
    centres = joint_centres(body, posed)
    trunk = {f"{side}_{joint}" for side in SIDES for joint in ("shoulder", "hip")}
    return landmarks(body, posed) | {name: centres[name] for name in trunk}


def joint_centres(body: Body, posed: Posed) -> dict[str, Array]:
    """The rig's twelve joints, to compare."""
    return posed.joints(body)
