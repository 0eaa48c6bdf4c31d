"""The second pose model beside the stream: it looks at a frame now and then, in its own thread.

No frame waits for it. How far the two models are apart changes slowly, so a look that comes a
tenth of a second late still tells it for the frames that follow.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from posecheck.core.geometry import Array
from posecheck.pose.second_model import SecondLookSchedule, SecondModel
from posecheck.pose.sighting import Picture


@dataclass(frozen=True, eq=False)
class SecondLook:
    """What the second model saw in one frame.

    Attributes
    ----------
    frame : int
        Number of the frame.
    points : ndarray, shape (33, 2)
        Pixels.
    """

    frame: int
    points: Array


class SecondLooks:
    """Shows frames to the second model, one at a time.

    Parameters
    ----------
    model : Path
        MoveNet Thunder's file.

    Attributes
    ----------
    done : list of SecondLook
        All looks so far.
    """

    def __init__(self, model: Path) -> None:
        self.done: list[SecondLook] = []
        self._model = SecondModel(model)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="posecheck-second")
        self._schedule = SecondLookSchedule(moving=True)
        self._under_way: tuple[int, Array, Future[Array]] | None = None

    def close(self) -> None:
        """Wait for the look under way, and free the model."""
        self._thread.shutdown(cancel_futures=True)
        self._model.close()

    def offer(self, number: int, picture: Picture, seen: Array, cleaned: Array) -> None:
        """Offer a frame; it is looked at if it is time to, and the model is free.

        Parameters
        ----------
        number : int
            Of the frame.
        picture : Picture
        seen, cleaned : ndarray, shape (33, 2)
            Pixels where the first model found the person, as it came and cleaned.
        """
        if self._under_way is not None or not np.isfinite(seen).all():
            return
        if self._schedule.is_due(picture.t_s, seen):
            odd = self._schedule.odd
            look = self._thread.submit(self._model.look, picture.rgb, seen, mirrored=odd)
            self._under_way = number, cleaned, look

    def collect(self) -> tuple[Array, Array] | None:
        """The look that is done, if one is: its points, and those of the first model, cleaned."""
        if self._under_way is None or not self._under_way[2].done():
            return None
        number, cleaned, look = self._under_way
        self._under_way = None
        self.done.append(SecondLook(number, look.result()))
        return look.result(), cleaned

    def forget(self) -> None:
        """Another shot begins: a look under way is of no use."""
        self._under_way = None

    def finish(self) -> list[SecondLook]:
        """Wait for the look under way; all looks."""
        if self._under_way is not None:
            self._under_way[2].exception()
        self.collect()
        return self.done
