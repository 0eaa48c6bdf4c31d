"""How chest, knees and head are turned about the trunk, read in the world: a picture lacks depth.

Turns are positive towards the side that they are asked for.
"""

from __future__ import annotations

import numpy as np

from posecheck.core.geometry import Array, at_right_angles, midpoint, unit
from posecheck.measures.body import Body, Formula, towards


def knee_drop(body: Body, side: str | None) -> Array:
    """Of both knees about the trunk, against the chest: 0 up, 90 on the floor.

    Parameters
    ----------
    body : Body
    side : str or None

    Returns
    -------
    ndarray
    """
    trunk, left = _trunk(body), _line(body, "shoulder")
    front = np.cross(left, trunk)
    knees = at_right_angles(_middle(body, "knee") - _middle(body, "hip"), trunk)
    drop = np.degrees(np.arctan2((knees * left).sum(axis=1), (knees * front).sum(axis=1)))
    return towards(side) * drop


def head_turn(body: Body, side: str | None) -> Array:
    """From the shoulder line to the line of the ears around the trunk.

    Parameters
    ----------
    body : Body
    side : str or None

    Returns
    -------
    ndarray
    """
    return towards(side) * _turned(body, "shoulder", "ear")


def trunk_rotation(body: Body, side: str | None) -> Array:
    """From the hip line to the shoulder line around the trunk.

    Parameters
    ----------
    body : Body
    side : str or None

    Returns
    -------
    ndarray
    """
    return towards(side) * _turned(body, "hip", "shoulder")


def _turned(body: Body, below: str, above: str) -> Array:
    """Degrees from one line between left and right to another, positive to the body's left."""
    a, b = _line(body, below), _line(body, above)
    sine = (np.cross(a, b) * _trunk(body)).sum(axis=1)
    return np.degrees(np.arctan2(sine, (a * b).sum(axis=1)))


def _line(body: Body, joint: str) -> Array:
    """From the right joint to the left one, at right angles to the trunk, of length 1."""
    world = body.series.world_point
    return at_right_angles(world(f"left_{joint}") - world(f"right_{joint}"), _trunk(body))


def _trunk(body: Body) -> Array:
    return unit(_middle(body, "shoulder") - _middle(body, "hip"))


def _middle(body: Body, joint: str) -> Array:
    world = body.series.world_point
    return midpoint(world(f"left_{joint}"), world(f"right_{joint}"))


FORMULAS: dict[str, Formula] = {
    "trunk_rotation": trunk_rotation,
    "knee_drop": knee_drop,
    "head_turn": head_turn,
}
