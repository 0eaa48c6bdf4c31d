"""Where a live session's pictures come from: a camera, or a recording that stands for one."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Protocol

from posecheck.core.errors import SourceError
from posecheck.landmarks.series import SourceFacts
from posecheck.live.desktop.webcam import Webcam
from posecheck.media.open import Frame, open_source, prefetch
from posecheck.pose.sighting import ANALYSIS_SIDE_PX

LATE_S = 0.2  # a picture that is due for longer is left out, as a camera would


class LiveSource(Protocol):
    """What gives a live session its pictures.

    Attributes
    ----------
    name : str
        What to call it.
    mirrored : bool
        Whether people expect to see it as in a mirror.
    trouble : str
        Why the pictures ended before they should have; empty where they did not.
    """

    name: str
    mirrored: bool
    trouble: str

    def frames(self) -> Generator[Frame | None]:
        """Give the pictures as they come.

        Yields
        ------
        Frame or None
            None while there is no new one.
        """

    def close(self) -> None:
        """Release it."""


class RecordingAsCamera:
    """A recording that stands for a camera.

    Parameters
    ----------
    path : str or Path
    paced : bool
        Give each picture when its time has come, and leave out those that come too late; else all
        of them, as fast as they are taken.
    now : callable
        Seconds of a clock.
    wait : callable
        Waits for some seconds.

    Raises
    ------
    SourceError
        It is no video that can be read.
    """

    mirrored = False
    trouble = ""

    def __init__(
        self,
        path: str | Path,
        *,
        paced: bool,
        now: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = str(path)
        self._opened = open_source(path)
        self._paced, self._now, self._wait = paced, now, wait
        if self._opened.facts.kind == "photo":
            self.close()
            raise SourceError(
                "A photo cannot stand for a camera", where=path, hint="posecheck check judges it."
            )

    @property
    def facts(self) -> SourceFacts:
        """What the recording says about itself."""
        return self._opened.facts

    def frames(self) -> Generator[Frame | None]:
        """Give the pictures with the recording's own times.

        Yields
        ------
        Frame or None
            None while the next one is not due.
        """
        frames = prefetch(self._opened.frames(max_side=ANALYSIS_SIDE_PX))
        return self._in_time(frames) if self._paced else frames

    def _in_time(self, frames: Generator[Frame]) -> Generator[Frame | None]:
        begun_s = self._now()
        try:
            for frame in frames:
                while (early_s := begun_s + frame.t_s - self._now()) > 0:
                    self._wait(min(early_s, 0.02))
                    yield None
                if early_s > -LATE_S:
                    yield frame
        finally:
            frames.close()

    def close(self) -> None:
        """Close the file."""
        self._opened.close()


def open_live_source(camera: str, *, paced: bool) -> LiveSource:
    """Open a camera by its number, or a recording by its path.

    Parameters
    ----------
    camera : str
        A number, or the path of a recording; `./0` is a file called 0.
    paced : bool
        As for `RecordingAsCamera`.

    Returns
    -------
    LiveSource

    Raises
    ------
    SourceError
        There is no such camera, or it is no video that can be read.
    """
    if camera.isdecimal():
        return Webcam(int(camera))
    return RecordingAsCamera(camera, paced=paced)
