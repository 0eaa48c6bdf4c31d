"""Lines drawn in the terminal, with braille signs: two dots by four in each character."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from posecheck.core.geometry import Array, length

# The bit of each dot, by row and column; the sign of no dot is U+2800.
_DOTS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
_EMPTY = 0x2800


def draw_lines(lines: Sequence[Array], *, columns: int = 44, rows: int = 16) -> str:
    """Draw lines as large as they fit.

    Parameters
    ----------
    lines : sequence of ndarray, shape (n, 2)
        Points with x to the right and y up, in any unit; the same for both.
    columns, rows : int
        Room, in characters.

    Returns
    -------
    str
        At most so many rows and columns.
    """
    everything = np.concatenate(list(lines))
    lowest, highest = everything.min(axis=0), everything.max(axis=0)
    room = np.array([2 * columns - 1, 4 * rows - 1])
    scale = float((room / np.maximum(highest - lowest, 1e-9)).min())
    dots = np.zeros((4 * rows, 2 * columns), bool)
    for line in lines:
        for start, end in pairwise(line):
            n = int(np.ceil(scale * length(end - start))) + 1
            steps = np.linspace(0, 1, n + 1)[:, None]
            places = scale * (start + steps * (end - start) - [lowest[0], highest[1]])
            column, row = np.rint(places * [1, -1]).astype(int).T
            dots[row, column] = True
    blocks = dots.reshape(rows, 4, columns, 2)
    signs = _EMPTY + (blocks * _DOTS[None, :, None, :]).sum(axis=(1, 3))
    text = ["".join(map(chr, row)).rstrip(chr(_EMPTY)) for row in signs]
    return "\n".join(text).rstrip("\n")
