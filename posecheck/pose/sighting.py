"""What goes into a pose detector and what comes out: pictures, and sightings of people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np

from posecheck.core.geometry import Array
from posecheck.landmarks.series import N_LANDMARKS
from posecheck.media.frames import Frame
from posecheck.pose.scene_cuts import CutFinder, make_thumbnail
from posecheck.pose.silhouette import N_POINTS

# Large enough for the model's 256 x 256 crop around a body that fills a quarter of the picture.
ANALYSIS_SIDE_PX = 960


@dataclass(frozen=True, eq=False)
class Picture:
    """A frame made ready for a detector.

    Attributes
    ----------
    frame : Frame
        Its image is BGR and stays as it was filmed.
    rgb : ndarray, shape (height, width, 3)
        uint8, what the detector sees: possibly masked or augmented.
    thumbnail : ndarray
        As `make_thumbnail` makes it.
    starts_shot : bool
        Whether a new shot begins here.
    """

    frame: Frame
    rgb: np.ndarray
    thumbnail: Array
    starts_shot: bool

    @property
    def t_s(self) -> float:
        """Seconds since the first frame."""
        return self.frame.t_s

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        height, width = self.frame.image.shape[:2]
        return width, height


class Preparer:
    """Makes pictures of frames, which come one after the other: it tells where a shot begins."""

    def __init__(self) -> None:
        self._cuts = CutFinder()

    def __call__(self, frame: Frame) -> Picture:
        """Make the picture of the next frame."""
        thumbnail = make_thumbnail(frame.image)
        rgb = cv2.cvtColor(frame.image, cv2.COLOR_BGR2RGB)
        return Picture(frame, rgb, thumbnail, self._cuts.is_cut(thumbnail))


@dataclass(frozen=True, eq=False)
class Sighting:
    """What one frame showed of one person; NaN where nobody was.

    Attributes
    ----------
    t_s : float
        Seconds since the first frame.
    shot : int
        Number of the shot; a detector does not know it and says 0.
    image : ndarray, shape (33, 2)
        Pixels of the analysed frame.
    world : ndarray, shape (33, 3)
        Metres, from the middle of the hips.
    visibility : ndarray, shape (33,)
        In [0, 1].
    outline : ndarray, shape (2, N_POINTS), optional
        Pixels of the analysed frame, as `measure_outline` makes it.
    spread : ndarray, shape (33,), optional
        Pixels by which the augmentations of the frame disagree.
    second : ndarray, shape (33, 2), optional
        Pixels where the second model found the landmarks; NaN for those that it does not have.
    """

    t_s: float
    shot: int
    image: Array
    world: Array
    visibility: Array
    outline: Array | None = None
    spread: Array | None = None
    second: Array | None = None

    @classmethod
    def of_nobody(cls, t_s: float, *, outline: bool) -> Self:
        """A frame without the person; `outline` says whether the others have one.

        Parameters
        ----------
        t_s : float
            Seconds.
        outline : bool

        Returns
        -------
        Self
        """
        nothing = np.full((N_LANDMARKS, 3), np.nan, np.float32)
        no_outline = np.full((2, N_POINTS), np.nan, np.float32) if outline else None
        return cls(
            *(t_s, 0, nothing[:, :2], nothing, nothing[:, 0], no_outline, nothing[:, 0]),
            second=nothing[:, :2],
        )
