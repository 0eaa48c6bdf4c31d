"""The current hold and those that are finished, found while they happen."""

from __future__ import annotations

from dataclasses import dataclass

from posecheck.assess.holds import REST_S, HoldWalker, hold_states
from posecheck.assess.interval import Interval
from posecheck.landmarks.series import Side
from posecheck.live.engine.recent_window import RecentMeasures
from posecheck.stretches import Stretch

_ENOUGH_S = 1.2  # of the past tells what the newest frame means: rest is judged over half a second
_DOUBT_S = 0.35  # for so long what would end a hold may be a misplaced joint


@dataclass(frozen=True)
class Hold:
    """A hold that has not ended yet.

    Attributes
    ----------
    side : {"left", "right"} or None
        None where both sides are stretched at once.
    start_s : float
    seconds : float
        Up to the last frame in which nothing was hidden or doubtful.
    """

    side: Side | None
    start_s: float
    seconds: float

    def is_same(self, other: Hold | None) -> bool:
        """Whether `other` is this hold at another time.

        Parameters
        ----------
        other : Hold or None

        Returns
        -------
        bool
        """
        return other is not None and (self.side, self.start_s) == (other.side, other.start_s)


class HoldTracker:
    """Finds the holds of every side, by the rules of `posecheck.assess.holds`.

    Parameters
    ----------
    stretch : Stretch
    side : {"left", "right"} or None
        Only this side of a stretch that is done on each side.

    Attributes
    ----------
    finished : list of Interval
        The holds that are over.
    is_doubtful : bool
        Whether the person may just be leaving the stretch.
    """

    def __init__(self, stretch: Stretch, side: Side | None) -> None:
        self._stretch = stretch
        # Rest, and the end of rest, show only after half the time over which they are judged.
        self._delay_s = REST_S / 2 if stretch.hold.still is not None else 0.0
        self._enough_s = stretch.hold.min_s + self._delay_s
        self._walkers = {held: HoldWalker() for held in stretch.held_sides(side)}
        self._stayed_s: dict[Side | None, float] = {}
        self._n = 0
        self._shot = 0
        self._first_s = 0.0  # of the shot
        self.finished: list[Interval] = []
        self.is_doubtful = False

    @property
    def current(self) -> Hold | None:
        """The current hold, once it has lasted long enough to be one."""
        held = [
            Hold(side, start_s, walker.last_seen[1] - start_s)
            for side, walker in self._walkers.items()
            if (start_s := self._start_s(walker)) is not None
        ]
        longest = max(held, key=lambda hold: hold.seconds, default=None)
        return longest if longest and longest.seconds >= self._enough_s else None

    @property
    def has_begun(self) -> bool:
        """Whether the person is in the stretch, however short a time."""
        return any(walker.start is not None for walker in self._walkers.values())

    def update(self, recent: RecentMeasures) -> None:
        """Take the newest frame; the holds that end with it are added to `finished`.

        Parameters
        ----------
        recent : RecentMeasures
            Its last row is the newest frame.
        """
        t_s, shot = float(recent.series.t_s[-1]), int(recent.series.shot[-1])
        recent = recent.last(_ENOUGH_S)
        self.is_doubtful = False
        for side, walker in self._walkers.items():
            states = hold_states(
                recent.readings.conditions(side),
                recent.series.t_s,
                recent.series.shot,
                self._stretch.hold.still,
            )
            start_s, end_s = self._start_s(walker), walker.last_seen[1]
            stays = bool(states.stays[-1])
            if stays:
                self._stayed_s[side] = t_s
            # A joint that is misplaced for a moment does not end a hold.
            doubtful = not stays and t_s - self._stayed_s.get(side, 0.0) <= _DOUBT_S
            self.is_doubtful |= doubtful and walker.start is not None
            ended = walker.step(
                self._n,
                t_s,
                begins=bool(states.begins[-1]),
                stays=stays or doubtful,
                hidden=bool(states.hidden[-1]) or doubtful,
                cut=shot != self._shot,
            )
            if ended and start_s is not None and end_s - start_s >= self._enough_s:
                hold = Interval("hold", "hold", side, start_s, end_s, *ended)
                self.finished.append(hold)
        if shot != self._shot or not self._n:
            self._first_s = t_s
        self._n, self._shot = self._n + 1, shot

    def _start_s(self, walker: HoldWalker) -> float | None:
        """When the hold that a walker follows began."""
        if walker.start is None:
            return None
        return max(self._first_s, walker.start[1] - self._delay_s)
