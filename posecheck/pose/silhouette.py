"""The outline of the trunk, measured from the shoulder-hip line to the edge of the body mask.

33 landmarks cannot show a rounded or an arched back: the line between shoulder and hip stays where
it is. The silhouette shows it. What is measured here is the outline of body and clothes, not the
spine: it follows a change of the same person's back, and is no absolute measure of its curve.
"""

from __future__ import annotations

import numpy as np

from posecheck.core.geometry import Array, length

N_POINTS = 21
_INSIDE = 0.5  # mask value from which a pixel counts as body
_REACH = 0.9  # how far to look, in lengths of the shoulder-hip line
_N_STEPS = 128


def measure_outline(mask: np.ndarray, shoulder: Array, hip: Array) -> Array:
    """Distance from the shoulder-hip line to the edge of the body, on both of its sides.

    Parameters
    ----------
    mask : ndarray, shape (height, width)
        How likely each pixel is body, in [0, 1].
    shoulder, hip : ndarray, shape (2,)
        The two ends of the line, in pixels of the mask.

    Returns
    -------
    ndarray, shape (2, N_POINTS)
        Pixels, at even steps from shoulder to hip. Row 0 is the left-hand side of a walk from
        shoulder to hip on the screen, row 1 the right-hand side. NaN where the mask is cut off
        by the edge of the image.
    """
    line = hip - shoulder
    span = float(length(line))
    if not np.isfinite(span) or span < 2:
        return np.full((2, N_POINTS), np.nan)
    left_hand = np.array([line[1], -line[0]]) / span
    feet = shoulder + np.linspace(0, 1, N_POINTS)[:, None] * line
    steps = np.linspace(0, _REACH * span, _N_STEPS)
    return np.stack([_edge(mask, feet, normal, steps) for normal in (left_hand, -left_hand)])


def _edge(mask: np.ndarray, feet: Array, normal: Array, steps: Array) -> Array:
    """Walk from each foot point along the normal; return how far the body goes on."""
    path = feet[:, None, :] + steps[None, :, None] * normal  # (points, steps, xy)
    column, row = np.rint(path[..., 0]).astype(int), np.rint(path[..., 1]).astype(int)
    height, width = mask.shape
    inside_image = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    body = np.zeros(inside_image.shape, bool)
    body[inside_image] = mask[row[inside_image], column[inside_image]] > _INSIDE
    outside = ~body
    first_outside = np.where(outside.any(axis=1), outside.argmax(axis=1), len(steps) - 1)
    edge = steps[first_outside]
    # A walk that ends at the border of the image, or that never ends, has not found an edge.
    at_border = ~np.take_along_axis(inside_image, first_outside[:, None], axis=1)[:, 0]
    return np.where(at_border | ~outside.any(axis=1), np.nan, edge)
