"""The base types of reading, `Frame` and `Source`, and the scaling that photos and videos share."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Protocol, Self

import cv2  # noqa: F401  # before av: the other way round its windows freeze
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from posecheck.core.errors import SourceError
from posecheck.landmarks.series import SourceFacts

BgrImage = NDArray[np.uint8]
Grey = NDArray[np.uint8]  # a picture of a few thousand pixels, to be compared with others

_DARK = 56  # of 255: where nearly all of the picture is darker, the model hardly finds anybody
DARK_WORDS = "the picture is dark: film again with more light on you"


@dataclass(frozen=True)
class Unchanged:
    """A frame that was passed over: its picture was still that of the last frame given.

    Attributes
    ----------
    t_s : float
        Its time.
    share : float
        How far it was on the way from the last frame given (0) to the next one (1).
    """

    t_s: float
    share: float


class FrameSelector(Protocol):
    """Chooses, in order of time, which frames of a video are given.

    `posecheck.media.frame_selector` makes them.
    """

    def __call__(self, t_s: float, thumbnail: Callable[[], Grey]) -> tuple[Unchanged, ...] | None:
        """Those passed over since the last frame taken; None passes this one over too."""

    def rest(self) -> tuple[Unchanged, ...]:
        """Those passed over after the last frame taken."""


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of a video, or a photo.

    Attributes
    ----------
    index : int
        Place among the frames read, from 0.
    t_s : float
        True presentation time in seconds; the first frame shown is 0.
    image : numpy.ndarray, shape (height, width, 3)
        uint8, BGR, upright, possibly scaled down.
    unchanged : tuple of Unchanged
        Frames passed over since the one before.
    """

    index: int
    t_s: float
    image: BgrImage
    unchanged: tuple[Unchanged, ...] = ()


class Source:
    """A video or photo that can be read; made by `open_source`.

    Attributes
    ----------
    facts : SourceFacts
        What the file says about itself. Width and height are in pixels as a player shows them:
        upright, with square pixels, not scaled down. `fps` is the average, the true times are in
        the frames; `duration_s` is the length the file claims, `n_frames` an estimate, good enough
        for a progress bar. `rotation_deg` is the clockwise turn (0, 90, 180 or 270) that made the
        stored pictures upright; some cameras ask for mirroring after it.
    seekable : bool
        Whether reading can begin later than at the start.
    damaged : bool
        Whether anything could not be decoded so far.
    warnings : list of str
        What was wrong but did not stop the reading. Those about damage are there once
        `frames` has run to its end.
    """

    def __init__(self, facts: SourceFacts, *, seekable: bool = False) -> None:
        self.facts = facts
        self.seekable = seekable
        self.damaged = False
        self.warnings: list[str] = []
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Refuse further reading. A running `frames` frees its file when it ends or is closed."""
        self._closed = True

    def frames(
        self,
        max_side: int | None = None,
        *,
        selector: FrameSelector | None = None,
        start_s: float = 0.0,
    ) -> Generator[Frame]:
        """Read the frames in order of time.

        Parameters
        ----------
        max_side : int, optional
            Longest side of the frames given, in pixels. Frames are scaled down, never up.
        selector : FrameSelector, optional
            Which frames to give; all by default.
        start_s : float
            The time to begin at, where the source is `seekable`; times stay those of the whole.

        Yields
        ------
        Frame
            Upright frames; all have one size.
        """
        raise NotImplementedError

    def _check_readable(self, max_side: int | None) -> None:
        if self._closed:
            raise SourceError(
                "The source was closed",
                where=self.facts.path,
                hint="Read the frames inside the `with` block.",
            )
        if max_side is not None and max_side < 1:
            raise SourceError(
                f"max_side must be at least 1 pixel, not {max_side}", where=self.facts.path
            )


def fitted(width: int, height: int, max_side: int | None) -> tuple[int, int]:
    """Scale a size down, never up.

    Parameters
    ----------
    width, height : int
        Pixels.
    max_side : int or None
        Longest side allowed; None allows any.

    Returns
    -------
    tuple of int
        Width and height, at least 1 each.
    """
    longest = max(width, height)
    if max_side is None or longest <= max_side:
        return width, height
    scale = max_side / longest
    return max(1, round(width * scale)), max(1, round(height * scale))


def to_bgr(picture: VideoFrame, width: int, height: int) -> BgrImage:
    """Convert and scale in one go.

    Parameters
    ----------
    picture : av.video.frame.VideoFrame
        Of any pixel format.
    width, height : int
        Size wanted, in pixels.

    Returns
    -------
    numpy.ndarray, shape (height, width, 3)
        uint8, BGR, contiguous and writeable.
    """
    # One thread: for small pictures FFmpeg's scaler threads cost ten times what they win, and
    # the pose model needs the cores.
    converted = picture.reformat(
        width=width, height=height, format="bgr24", interpolation="AREA", threads=1
    )
    return np.require(converted.to_ndarray(), np.uint8, ["C", "W"])


def is_dark(image: BgrImage) -> bool:
    """Whether there is hardly a bright spot in a picture.

    Parameters
    ----------
    image : ndarray, shape (height, width, 3)
        uint8, BGR.

    Returns
    -------
    bool
    """
    rows, columns = (max(1, side // 48) for side in image.shape[:2])
    return bool(np.percentile(image[::rows, ::columns, 1], 95) < _DARK)  # green: most of the light
