"""How much of one recording is read: limits that no real clip meets, so that no file runs for ever.

with time_limit(60):
    check("clip.mp4")
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path

from posecheck.core.errors import SourceError, UsageError

MAX_FRAMES = 1_000_000  # nine hours at 30 frames a second
MAX_DURATION_S = 12 * 3600.0
DEFAULT_TIME_LIMIT_S = 6 * 3600.0
_CUT_IT = "Cut the part that is to be checked out of it."


@dataclass(frozen=True)
class Deadline:
    """When the work on a recording has to be done."""

    limit_s: float = DEFAULT_TIME_LIMIT_S
    started_at_s: float = field(default_factory=time.monotonic)

    @property
    def left_s(self) -> float:
        """Seconds until then; never quite none, which FFmpeg takes for no limit."""
        return max(self.started_at_s + self.limit_s - time.monotonic(), 0.001)

    def check(self, path: Path) -> None:
        """Stop the work on `path` when its time is over.

        Parameters
        ----------
        path : Path
            The file.

        Raises
        ------
        SourceError
            It is.
        """
        if time.monotonic() - self.started_at_s > self.limit_s:
            raise SourceError(
                f"This recording takes more than the {self.limit_s:g} s allowed for it",
                where=path,
                hint=f"{_CUT_IT} Or allow more: --time-limit SECONDS.",
            )


_deadline: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


def check_time_limit(limit_s: float) -> None:
    """Refuse what is no positive number of seconds.

    Parameters
    ----------
    limit_s : float
        Seconds.

    Raises
    ------
    UsageError
        It is none; infinity is one.
    """
    if math.isnan(limit_s) or limit_s <= 0:
        raise UsageError(
            f"{limit_s:g} s is no time limit", where="--time-limit", hint="Give more than 0."
        )


@contextmanager
def time_limit(limit_s: float) -> Iterator[Deadline]:
    """Allow so many seconds for all recordings that are opened inside a `with` block.

    Parameters
    ----------
    limit_s : float
        Seconds by the clock, from now on; infinity allows any time.

    Raises
    ------
    UsageError
        It is no positive number.
    """
    check_time_limit(limit_s)
    deadline = Deadline(limit_s)
    token = _deadline.set(deadline)
    try:
        yield deadline
    finally:
        _deadline.reset(token)


def current_deadline() -> Deadline | None:
    """The one of the `with` block around; it has to be asked for in the thread of that block."""
    return _deadline.get()


def check_length(path: Path, *, n_frames: int, t_s: float) -> None:
    """Refuse a recording that goes on too long.

    Parameters
    ----------
    path : Path
        The file.
    n_frames : int
    t_s : float
        Seconds.

    Raises
    ------
    SourceError
        It has more than `MAX_FRAMES`, or lasts longer than `MAX_DURATION_S`.
    """
    if n_frames > MAX_FRAMES:
        raise SourceError(
            f"The recording has more than {MAX_FRAMES:,} frames", where=path, hint=_CUT_IT
        )
    if t_s > MAX_DURATION_S:
        raise SourceError(
            f"The recording goes on after {MAX_DURATION_S / 3600:g} hours", where=path, hint=_CUT_IT
        )
