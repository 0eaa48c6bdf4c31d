"""The hold that goes on, and those that are over, told as they happen."""

from __future__ import annotations

from dataclasses import dataclass

from posecheck.assess.interval import REST_S, HoldWalker, Interval, hold_states
from posecheck.landmarks.series import Side
from posecheck.live.engine.tail import Lately
from posecheck.stretches import Stretch

_ENOUGH_S = 1.2  # of the past tells what the newest frame means: rest is judged over half a second

_DOUBT_S = 0.35  # for so long what would end a hold may be a mistaken joint


@dataclass(frozen=True)
class Hold:
    """A hold that goes on; `side` is None where both sides are done at once.

    `seconds` are those up to the last moment in which nothing was hidden or doubtful.
    """

    side: Side | None
    start_s: float
    seconds: float


class LiveHolds:
    """Follows the holds of every side by the rules of `posecheck.assess.interval`."""

    def __init__(self, stretch: Stretch, side: Side | None) -> None:
        self._stretch = stretch
        # Rest, and the end of rest, show only after half the time over which they are judged.
        self._late_s = REST_S / 2 if stretch.hold.still is not None else 0.0
        self._enough_s = stretch.hold.min_s + self._late_s
        self._walkers = {held: HoldWalker() for held in stretch.held_sides(side)}
        self._stayed_s: dict[Side | None, float] = {}
        self._n = 0
        self._t_s = 0.0
        self._shot = 0
        self._first_s = 0.0  # of the shot
        self.over: list[Interval] = []
        self.doubtful = False  # whether somebody may just be leaving

    @property
    def now(self) -> Hold | None:
        """The hold that goes on, once it has lasted long enough to be one."""
        held = [
            Hold(side, start_s, walker.last_seen[1] - start_s)
            for side, walker in self._walkers.items()
            if (start_s := self._start_s(walker)) is not None
        ]
        longest = max(held, key=lambda hold: hold.seconds, default=None)
        return longest if longest and longest.seconds >= self._enough_s else None

    def _start_s(self, walker: HoldWalker) -> float | None:
        """When a spell began."""
        if walker.start is None:
            return None
        return max(self._first_s, walker.start[1] - self._late_s)

    @property
    def begun(self) -> bool:
        """Whether somebody is in the stretch, if only just."""
        return any(walker.start is not None for walker in self._walkers.values())

    def step(self, lately: Lately) -> None:
        """Take the newest moment; the holds that it ends are `over`."""
        series = lately.series
        t_s, shot = float(series.t_s[-1]), int(series.shot[-1])
        recent = lately.last(_ENOUGH_S)
        self.doubtful = False
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
            # A joint that is mistaken for a moment does not end a hold.
            doubtful = not stays and t_s - self._stayed_s.get(side, 0.0) <= _DOUBT_S
            self.doubtful |= doubtful and walker.start is not None
            over = walker.step(
                self._n,
                t_s,
                begins=bool(states.begins[-1]),
                stays=stays or doubtful,
                hidden=bool(states.hidden[-1]) or doubtful,
                cut=shot != self._shot,
            )
            if over and start_s is not None and end_s - start_s >= self._enough_s:
                self.over.append(Interval("hold", "hold", side or "both", start_s, end_s, *over))
        if shot != self._shot or not self._n:
            self._first_s = t_s
        self._n, self._t_s, self._shot = self._n + 1, t_s, shot
