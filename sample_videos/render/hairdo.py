"""Tied hair: a bun, and a tail that hangs and lies on the skin and the floor."""

from __future__ import annotations

import numpy as np
from scipy.spatial import KDTree

from surface import Floats, Ints

BUN_RADIUS = 0.045
TAIL_LENGTH, TAIL_RADIUS = 0.27, 0.021
RINGS, SIDES = 14, 12


def bun_mesh(ear: Floats) -> tuple[Floats, Ints]:
    """A ball at the back of the rest head; `ear` (3,) is the middle between the ears."""
    turn = np.linspace(-np.pi / 2, np.pi / 2, RINGS)
    radius = np.maximum(BUN_RADIUS * np.cos(turn), 1e-4)
    spine = np.stack([np.zeros(RINGS), np.zeros(RINGS), BUN_RADIUS * np.sin(turn)], axis=1)
    vertices, faces = _tube(spine, radius)
    return vertices * (1.0, 0.85, 1.0) + ear + (0.0, 0.118, 0.075), faces


def tail_mesh(
    root: Floats, out: Floats, skin: Floats, normals: Floats, floor_z: float
) -> tuple[Floats, Ints]:
    """A tail from `root` (3,), growing along `out` (3,) and then falling, in world metres."""
    step = TAIL_LENGTH / (RINGS - 1)
    tree = KDTree(skin)
    spine = [np.asarray(root, float)]
    direction = out / np.linalg.norm(out)
    for ring in range(1, RINGS):
        direction = direction + np.array([0.0, 0.0, -0.9 if ring > 1 else 0.0])
        direction /= np.linalg.norm(direction)
        place = spine[-1] + step * direction
        nearest = tree.query(place)[1]
        height = (place - skin[nearest]) @ normals[nearest]
        if height < TAIL_RADIUS:
            place = place + normals[nearest] * (TAIL_RADIUS - height)
        place[2] = max(place[2], floor_z + TAIL_RADIUS)
        direction = (place - spine[-1]) / np.linalg.norm(place - spine[-1])
        place = spine[-1] + step * direction
        spine.append(place)
    share = np.linspace(0, 1, RINGS)
    radius = TAIL_RADIUS * np.interp(share, [0, 0.06, 0.5, 0.9, 1], [0.5, 0.8, 1.1, 0.5, 0.02])
    return _tube(np.array(spine), radius)


def _tube(spine: Floats, radius: Floats) -> tuple[Floats, Ints]:
    """Rings of vertices around a line (n, 3) and the quads between them."""
    along = np.gradient(spine, axis=0)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    helper = (
        np.array([1.0, 0.0, 0.0]) if abs(along[:, 0]).max() < 0.9 else np.array([0.0, 1.0, 0.0])
    )
    first = np.cross(along, helper)
    first /= np.maximum(np.linalg.norm(first, axis=1, keepdims=True), 1e-9)
    second = np.cross(along, first)
    angle = np.linspace(0, 2 * np.pi, SIDES, endpoint=False)
    around = (
        first[:, None] * np.cos(angle)[None, :, None]
        + second[:, None] * np.sin(angle)[None, :, None]
    )
    vertices = (spine[:, None] + radius[:, None, None] * around).reshape(-1, 3)
    column = np.arange(SIDES)
    following = (column + 1) % SIDES
    quad = np.stack([column, following, following + SIDES, column + SIDES], axis=1)
    faces = np.concatenate([quad + SIDES * ring for ring in range(len(spine) - 1)])
    return vertices, faces
