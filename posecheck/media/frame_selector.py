"""Which frames of a recording are analysed.

A person who holds a stretch hardly moves. While the picture stays that of the last analysed frame,
so do the landmarks, and a few frames a second are enough; where the picture changes, frames are
analysed as often as the motion needs.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

import numpy as np

from posecheck.core.errors import UsageError
from posecheck.media.frames import FrameSelector, Grey, Unchanged

Fps = float | Literal["auto", "all"]

_MAX_FPS = 1000
STILL_FPS = 5.0  # analysed frames a second at least
_STEP_S = 0.049  # between frames that count: 12 to 20 a second, of any camera 15 at 15, 30 and 60
_CHANGE = 10  # grey levels by which a pixel has changed: more than noise and compression do
_CHANGED = 0.001  # of the pixels, when something moved
_SETTLE_S = 0.7  # after a movement, until the model's own smoothing has caught up with it
_SAME_TIME_S = 1e-6


def frame_selector(fps: Fps) -> FrameSelector | None:
    """What chooses the frames for a rate as `--fps` has it; None takes them all.

    Parameters
    ----------
    fps : float, "auto" or "all"

    Returns
    -------
    FrameSelector or None

    Raises
    ------
    UsageError
        It is no rate.
    """
    if fps == "all":
        return None
    if fps == "auto":
        return MovingFrames()
    if not isinstance(fps, int | float) or not 0 < fps <= _MAX_FPS:
        raise UsageError(
            f"{fps!r} is no frame rate", where="fps", hint="Say auto, all or a number."
        )
    return EvenFrames(fps)


class EvenFrames:
    """Takes at most so many frames a second, evenly, at times that are the clip's."""

    def __init__(self, fps: float) -> None:
        self._fps = fps
        self._next_s = -math.inf

    def __call__(self, t_s: float, thumbnail: Callable[[], Grey]) -> tuple[Unchanged, ...] | None:
        if t_s < self._next_s - _SAME_TIME_S:
            return None
        self._next_s = math.ceil(t_s * self._fps + 0.5 - _SAME_TIME_S) / self._fps
        return ()

    def rest(self) -> tuple[Unchanged, ...]:
        return ()


class MovingFrames:
    """Takes a frame when its picture differs from the last one taken, and now and then anyway.

    The times at which it takes one anyway are the clip's, wherever the reading begins.
    """

    def __init__(self) -> None:
        self._counted_at_s = -math.inf
        self._taken_at_s = 0.0
        self._slot = -1  # of the clip's time, in which it was
        self._taken: Grey | None = None
        self._moved_at_s = -math.inf
        self._since: list[tuple[float, float]] = []  # time and change of the frames passed over

    def __call__(self, t_s: float, thumbnail: Callable[[], Grey]) -> tuple[Unchanged, ...] | None:
        in_step = t_s - self._counted_at_s < _STEP_S
        if in_step and _slot(t_s, 1) == _slot(self._counted_at_s, 1):
            return None  # every second counts anew: so those who began elsewhere fall into step
        self._counted_at_s = t_s
        grey = thumbnail()
        changed = _share_changed(grey, self._taken)
        moved = changed > _CHANGED
        if moved:
            self._moved_at_s = t_s
        slot = _slot(t_s, STILL_FPS)
        if slot == self._slot and t_s - self._moved_at_s > _SETTLE_S:
            self._since.append((t_s, changed))
            return None
        unchanged = self._shares(t_s, changed if moved else None)
        self._taken_at_s, self._slot, self._taken = t_s, slot, grey
        self._since = []
        return unchanged

    def rest(self) -> tuple[Unchanged, ...]:
        return tuple(Unchanged(t_s, 0.0) for t_s, _ in self._since)

    def _shares(self, t_s: float, changed: float | None) -> tuple[Unchanged, ...]:
        """By change where something moved, for it may have begun late; else by time."""
        if changed is None:
            whole_s = t_s - self._taken_at_s
            return tuple(Unchanged(t, (t - self._taken_at_s) / whole_s) for t, _ in self._since)
        return tuple(Unchanged(t, min(change / changed, 1.0)) for t, change in self._since)


def _slot(t_s: float, rate: float) -> int:
    """The number of the piece of the clip's time, of which a second has so many."""
    return int((t_s + _SAME_TIME_S) * rate)


def _share_changed(grey: Grey, before: Grey | None) -> float:
    """Share of the pixels that changed by more than the picture's brightness as a whole did."""
    if before is None:
        return 1.0
    change = grey.astype(np.int16) - before
    change -= np.int16(np.median(change[::4, ::4]))
    return float((np.abs(change) > _CHANGE).mean())
