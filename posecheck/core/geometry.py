"""Plane geometry on arrays of points, in pure numpy.

Points are pixels with x to the right and y **down**, as in an image; the last axis holds (x, y).
Angles are degrees. NaN in, NaN out: nothing here guesses.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

# Results are 64 bits; landmarks of long recordings may be kept in 32.
Array = NDArray[np.floating[Any]]


def angle_at(a: ArrayLike, vertex: ArrayLike, b: ArrayLike) -> Array:
    """Unsigned angle between the lines vertex-a and vertex-b.

    Parameters
    ----------
    a, vertex, b : array_like, shape (..., 2)
        Points in pixels.

    Returns
    -------
    ndarray, shape (...)
        Degrees in [0, 180]; NaN where a line has no length.
    """
    return np.abs(turn(np.subtract(a, vertex), np.subtract(b, vertex)))


def turn(start: ArrayLike, end: ArrayLike) -> Array:
    """Signed angle that turns the direction `start` into `end`, as seen on the screen.

    Parameters
    ----------
    start, end : array_like, shape (..., 2)
        Directions in pixels, y down.

    Returns
    -------
    ndarray, shape (...)
        Degrees in (-180, 180], positive clockwise on the screen; NaN where a direction has no
        length.
    """
    start, end = np.asarray(start, float), np.asarray(end, float)
    cross = start[..., 0] * end[..., 1] - start[..., 1] * end[..., 0]
    dot = (start * end).sum(-1)
    no_direction = (length(start) == 0) | (length(end) == 0)
    return np.where(no_direction, np.nan, np.degrees(np.arctan2(cross, dot)))


def wrap(angle: ArrayLike, *, lowest: float) -> Array:
    """Bring degrees into [lowest, lowest + 360).

    Parameters
    ----------
    angle : array_like
        Degrees.
    lowest : float
        Degrees.

    Returns
    -------
    ndarray
    """
    return np.asarray((np.asarray(angle, float) - lowest) % 360 + lowest)


def length(vector: ArrayLike) -> Array:
    """Euclidean length along the last axis.

    Parameters
    ----------
    vector : array_like, shape (..., n)

    Returns
    -------
    ndarray
    """
    return np.asarray(np.linalg.norm(np.asarray(vector, float), axis=-1))


def unit(vector: Array) -> Array:
    """Vectors along the last axis with length 1; NaN where one has no length.

    Parameters
    ----------
    vector : array_like, shape (..., n)

    Returns
    -------
    ndarray
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(vector / length(vector)[..., None])


def at_right_angles(vector: Array, axis: Array) -> Array:
    """What of vectors is at right angles to an axis, with length 1.

    Parameters
    ----------
    vector, axis : ndarray, shape (..., n)
        The axis has length 1.
    """
    return unit(vector - (vector * axis).sum(axis=-1, keepdims=True) * axis)


def midpoint(a: ArrayLike, b: ArrayLike) -> Array:
    """Point half way between two points, shape as the inputs.

    Parameters
    ----------
    a : array_like, shape (..., n)
    b : array_like, shape (..., n)

    Returns
    -------
    ndarray
    """
    return (np.asarray(a, float) + np.asarray(b, float)) / 2


def nan_median(values: Array) -> Array:
    """Median of what is known along the first axis; NaN where nothing is.

    Parameters
    ----------
    values : ndarray, shape (n, ...)

    Returns
    -------
    ndarray
    """
    ordered = np.sort(values, axis=0)  # NaN last
    n_known = np.isfinite(values).sum(axis=0)
    middle = [np.maximum(n_known - 1, 0) // 2, n_known // 2 * (n_known > 0)]
    return np.take_along_axis(ordered, np.stack(middle), axis=0).mean(axis=0)


def distance_to_segment(point: ArrayLike, a: ArrayLike, b: ArrayLike) -> Array:
    """Shortest distance from `point` to the segment a-b, in the unit of the points.

    Parameters
    ----------
    point, a, b : array_like, shape (..., 2)
        In any unit.

    Returns
    -------
    ndarray, shape (...)
    """
    point, a, b = (np.asarray(p, float) for p in (point, a, b))
    line = b - a
    squared = (line**2).sum(-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        along = np.where(squared > 0, ((point - a) * line).sum(-1) / squared, 0.0)
    nearest = a + np.clip(along, 0, 1)[..., None] * line
    return length(point - nearest)
