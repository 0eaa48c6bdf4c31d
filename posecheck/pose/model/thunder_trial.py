"""One picture whose answer is known: what a converted MoveNet Thunder must say before it is kept.

The picture is a drawn figure that stands and faces us. The answer is the one that TensorFlow.js
gives, which runs the same weights and shares no code with the conversion.
"""

from __future__ import annotations

import numpy as np

from posecheck.core.geometry import Array

_SIDE_PX = 256
_TOLERANCE = 0.004  # one pixel; and as much of a score

_SKIN, _HAIR, _SHIRT, _TROUSERS, _SHOE = (
    (205, 150, 120), (60, 40, 30), (40, 70, 160), (50, 50, 60), (30, 30, 30),
)  # fmt: skip
# Strokes of a round pen on the figure's left: from x, y to x, y with a radius. The x counts from
# the middle, and the right is the mirror image.
_STROKES = (
    (12, 132, 15, 178, 10, _TROUSERS),
    (15, 178, 16, 222, 7, _TROUSERS),
    (16, 226, 22, 229, 5, _SHOE),
    (24, 76, 36, 106, 6, _SKIN),
    (36, 106, 42, 134, 5, _SKIN),
    (42, 136, 43, 142, 5, _SKIN),
    (14, 78, 9, 130, 13, _SHIRT),
    (0, 76, 0, 130, 12, _SHIRT),
    (0, 58, 0, 66, 7, _SKIN),
    (0, 40, 0, 48, 13, _HAIR),
    (0, 45, 0, 52, 11, _SKIN),
    (5, 45, 5, 45, 1.6, _HAIR),
)

# x, y and score of the 17 points, in the order of COCO.
_ANSWER = np.array(
    [
        [0.4986, 0.1967, 0.5142],
        [0.5183, 0.1791, 0.8310],
        [0.4842, 0.1798, 0.7784],
        [0.5438, 0.1949, 0.8039],
        [0.4574, 0.1985, 0.7985],
        [0.5904, 0.2845, 0.8247],
        [0.4110, 0.2845, 0.8117],
        [0.6403, 0.4130, 0.7998],
        [0.3643, 0.4030, 0.8040],
        [0.6649, 0.5133, 0.7815],
        [0.3380, 0.5111, 0.6472],
        [0.5531, 0.5213, 0.8036],
        [0.4471, 0.5238, 0.8467],
        [0.5666, 0.7093, 0.7909],
        [0.4341, 0.7131, 0.7761],
        [0.5589, 0.8565, 0.8771],
        [0.4380, 0.8620, 0.7190],
    ]
)  # fmt: skip


def picture() -> np.ndarray:
    """The picture, RGB, 256 pixels square."""
    drawn = np.full((_SIDE_PX, _SIDE_PX, 3), 200, np.uint8)
    drawn[220:] = 130  # the floor
    y, x = np.mgrid[:_SIDE_PX, :_SIDE_PX].astype(float)
    middle = _SIDE_PX / 2
    for x_0, y_0, x_1, y_1, radius, colour in _STROKES:
        for side in (-1, 1):
            start = np.array([middle + side * x_0, y_0])
            along = np.array([side * (x_1 - x_0), y_1 - y_0], float)
            length = max(float(along @ along), 1.0)
            away = x - start[0], y - start[1]
            part = np.clip((away[0] * along[0] + away[1] * along[1]) / length, 0, 1)
            off = (away[0] - part * along[0]) ** 2 + (away[1] - part * along[1]) ** 2
            drawn[off <= radius**2] = colour
    return drawn


def is_right(points: Array) -> bool:
    """Whether points found in `picture` are the known ones.

    Parameters
    ----------
    points : ndarray, (17, 3)
        x, y and score, in 0 to 1.

    Returns
    -------
    bool
    """
    return points.shape == _ANSWER.shape and bool(np.all(np.abs(points - _ANSWER) <= _TOLERANCE))
