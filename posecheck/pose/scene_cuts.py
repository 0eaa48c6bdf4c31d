"""Where a new shot begins: hard cuts, detected from the pictures alone."""

from __future__ import annotations

from collections import deque

import numpy as np

from posecheck.core.geometry import Array

_THUMBNAIL = (18, 32)  # height, width
_SAMPLES = 4  # per pixel of the thumbnail and direction
_CUT_DISTANCE = 0.2  # 1 - correlation of two thumbnails that follow each other
_CUT_STANDS_OUT = 3.0  # times the distances of the frames before
_CUT_CHANGES = 0.21  # of the pixels; two people who walk by change 0.20 at 12 fps
_PLACE_CHANGES = 0.35  # of the pixels, when the camera shows another place
_FLAT = 2.0  # grey levels of spread in a thumbnail that shows nothing


def make_thumbnail(image: np.ndarray) -> Array:
    """Grey levels of a small picture, less their mean, as `CutFinder` compares them.

    Parameters
    ----------
    image : ndarray, shape (height, width, 3)
        uint8, BGR.

    Returns
    -------
    ndarray, shape (576,)
    """
    n = _SAMPLES
    rows, columns = (
        np.linspace(0, side - 1, small * n).round().astype(int)
        for side, small in zip(image.shape[:2], _THUMBNAIL, strict=True)
    )
    samples = image[..., 1][rows[:, None], columns]  # green is nearly the brightness
    grey = samples.reshape(_THUMBNAIL[0], n, _THUMBNAIL[1], n).mean(axis=(1, 3)).ravel()
    return grey - grey.mean()


class CutFinder:
    """Detects hard cuts: from one frame to the next the whole picture is another one.

    Pictures are compared by their thumbnails without their mean and contrast, so that a change of
    exposure is no cut. A cut stands out from the frames before it and changes the picture in many
    places; a person who walks by, a camera that pans and a noisy picture do not do both.
    """

    def __init__(self) -> None:
        self._before: Array | None = None
        self._distances: deque[float] = deque(maxlen=3)

    def is_cut(self, thumbnail: Array) -> bool:
        """Whether the next frame starts a new shot.

        Parameters
        ----------
        thumbnail : ndarray, shape (576,)
            The frame's; every frame counts, in order of time.
        """
        before, self._before = self._before, thumbnail
        if before is None:
            return False
        distance, changed = _difference(self._before, before)
        # Right after a cut there is nothing to stand out from, and no cut is detected.
        usual = max(self._distances, default=np.inf)
        cut = distance > max(_CUT_DISTANCE, _CUT_STANDS_OUT * usual) and changed > _CUT_CHANGES
        if cut:
            self._distances.clear()
        else:
            self._distances.append(distance)
        return bool(cut)


class Place:
    """Remembers where the camera looked, to tell whether it still looks there."""

    def __init__(self) -> None:
        self._thumbnail: Array | None = None

    def remember(self, thumbnail: Array) -> None:
        """Take the picture of this thumbnail as the place to compare with.

        Parameters
        ----------
        thumbnail : ndarray
            From `make_thumbnail`.
        """
        self._thumbnail = thumbnail

    def is_left(self, thumbnail: Array) -> bool:
        """Whether the picture of this thumbnail shows another place than the one remembered.

        Parameters
        ----------
        thumbnail : ndarray
            From `make_thumbnail`.

        Returns
        -------
        bool
        """
        if self._thumbnail is None or thumbnail.std() < _FLAT:
            return False
        distance, changed = _difference(thumbnail, self._thumbnail)
        return distance > _CUT_DISTANCE and changed > _PLACE_CHANGES


def _difference(a: Array, b: Array) -> tuple[float, float]:
    """Of two thumbnails: 1 - correlation, and the share of pixels that changed."""
    spreads = float(a.std()), float(b.std())
    if min(spreads) < _FLAT:  # a blank picture correlates with nothing
        changed = np.abs(a - b) > 2 * _FLAT
        return (1.0 if max(spreads) > 2 * _FLAT else 0.0), float(changed.mean())
    a, b = a / spreads[0], b / spreads[1]
    return 1 - float(a @ b) / len(a), float((np.abs(a - b) > 0.3).mean())
