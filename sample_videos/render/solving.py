"""Posing the people of the stills, in a process of its own while Blender renders the last one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from body import SIDES, Body
from goniometer import joint_centres, landmarks
from poses import Form, fit, load_forms
from rig import SKIN_VOLUME, Pose, Posed, pose_body, skin
from truth import true_angles_of
from variation import Shot
from views import placed

GOOD_FIT = 3.0  # the largest miss of a contact, in units of its tolerance
FACE_POINTS = ("nose", "left_ear", "right_ear")
_TIP_VERTICES = 8


@dataclass(frozen=True, eq=False)
class Solved:
    """A shot's person, posed.

    Attributes
    ----------
    vertices : (n_vertices, 3) array
        The whole mesh, world metres.
    landmarks : dict of str to (3,) array
        A goniometer's twelve, nose and ears, heels, toes and knuckles of the index fingers.
    points : dict of str to (3,) array
        The same with the rig's twelve joints.
    truth, rig_truth : dict
        Of landmarks and points, see `truth.true_angles_of`.
    props : dict
        Things in the room that the stretch needs, for this near side.
    miss : float
        The largest miss of a contact, in units of its tolerance.
    """

    pose: Pose
    posed: Posed
    vertices: np.ndarray
    landmarks: dict[str, np.ndarray]
    points: dict[str, np.ndarray]
    truth: dict[str, Any]
    rig_truth: dict[str, Any]
    position: str
    fault: str | None
    props: dict[str, Any]
    miss: float


@lru_cache(maxsize=16)
def body_named(name: str) -> Body:
    """Each body is read once."""
    return Body.load(name)


@lru_cache(maxsize=64)
def forms_of(stretch: str) -> dict[str, Form]:
    """Each pose file is read once."""
    return load_forms(stretch)


def solve_shot(shot: Shot) -> Solved:
    """Everything about a shot that needs no Blender."""
    body = body_named(shot.body)
    form = forms_of(shot.stretch)[shot.form]
    pose, miss = fit_as_people_do(form, body, shot)
    pose = placed(pose, shot.view.name, form.position, shot.near_side)
    person = in_pose(shot.body, form, pose, miss)
    return replace(person, props=turned(person.props)) if shot.near_side == "left" else person


def in_pose(name: str, form: Form, pose: Pose, miss: float) -> Solved:
    """A body in a pose that is known, and what is true of it."""
    body = body_named(name)
    posed = pose_body(body, pose)
    vertices = skin(body, posed, volume=SKIN_VOLUME)
    face = body.keypoints(vertices)
    ends = {point: face[point] for point in FACE_POINTS} | tips(body, posed, vertices)
    return Solved(
        pose=pose,
        posed=posed,
        vertices=vertices,
        landmarks=landmarks(body, posed) | ends,
        points=joint_centres(body, posed) | ends,
        truth=true_angles_of(form, body, posed, pose),
        rig_truth=true_angles_of(form, body, posed, pose, of_rig=True),
        position=form.position,
        fault=form.fault,
        props=dict(form.props),
        miss=miss,
    )


def tips(body: Body, posed: Posed, vertices: np.ndarray) -> dict[str, np.ndarray]:
    """The ends of hands and feet that a pose model marks, each (3,).

    The heel is where it is farthest back and `foot_index` where the toes are farthest ahead, of
    the foot at rest; `index` is the knuckle.
    """
    points = {}
    for side, end in SIDES.items():
        for name, part, ahead in (("heel", "heel", 1), ("foot_index", "toes", -1)):
            rows = body.parts[f"{side}_{part}"]
            outermost = rows[np.argsort(ahead * body.vertices[rows, 1])[-_TIP_VERTICES:]]
            points[f"{side}_{name}"] = vertices[outermost].mean(axis=0)
        points[f"{side}_index"] = posed.heads[body.bone_index[f"finger2-1.{end}"]]
    return points


def fit_as_people_do(form: Form, body: Body, shot: Shot) -> tuple[Pose, float]:
    """Fit with the shot's variation; with less of it where the body cannot do that."""
    for spread in (shot.pose_spread, shot.pose_spread / 2, 0.0):
        rng = np.random.default_rng(shot.pose_seed)
        pose, miss = fit(form, body, rng=rng, spread=spread)
        if miss <= GOOD_FIT:
            break
    return pose, miss


def turned(props: dict[str, Any]) -> dict[str, Any]:
    """Props for a person turned round: their places along x are mirrored."""
    mirrored = {name: -value if name.endswith("_x") else value for name, value in props.items()}
    return mirrored | {"wall_side": -1} if "wall_x" in props else mirrored
