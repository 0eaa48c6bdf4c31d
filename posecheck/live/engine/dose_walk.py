"""Walking through a dose: which set of which side is on, when it is done, and when to rest."""

from __future__ import annotations

from typing import Literal

from posecheck.assess.dose import NEARLY
from posecheck.landmarks.series import Side, other_side
from posecheck.live.engine.holds import Hold
from posecheck.stretches import Stretch
from posecheck.stretches.schema import Dose

Step = Literal["switch", "rest", "done"]


class DoseWalk:
    """Follows what is done against the first dose of a stretch.

    A stretch that is done on each side may begin with either; then the other one comes.
    """

    def __init__(self, stretch: Stretch, side: Side | None) -> None:
        self._each = stretch.sides == "each" and side is None
        self.dose: Dose | None = stretch.doses[0] if stretch.doses else None
        self.next_side: Side | None = side
        self._met: dict[Side | None, int] = {}
        self._reps_over: dict[Side | None, int] = {}
        self._counted: Hold | None = None  # whose set is met already
        self.rest_until_s: float | None = None

    @property
    def sets(self) -> int:
        """How many sets there are in all, sides counted one by one."""
        return (self.dose.sets if self.dose else 1) * (2 if self._each else 1)

    @property
    def sets_met(self) -> int:
        """How many of them are done."""
        wanted = self.dose.sets if self.dose else 1
        return sum(min(n, wanted) for n in self._met.values())

    @property
    def done(self) -> bool:
        """Whether the whole dose is done; never without a dose."""
        return self.dose is not None and self.sets_met >= self.sets

    def reps(self, side: Side | None, now: int) -> int:
        """Reps of this set: those of the holds that are over, and of the one that goes on."""
        total = self._reps_over.get(side, 0) + now
        asked = self.dose.reps if self.dose else None
        return total - self._met.get(side, 0) * asked if asked else total

    def hold_on(self, hold: Hold, n_reps: int) -> Step | None:
        """A hold goes on; return what comes next when it has just filled its set.

        Parameters
        ----------
        hold : Hold
        n_reps : int
            Counted in it so far; a stretch in which every hold is a rep counts this one as 1.
        """
        self.rest_until_s = None
        if self.dose is None or self._is_counted(hold):
            return None
        if self.dose.reps is not None:
            filled = self.reps(hold.side, n_reps) >= self.dose.reps
        else:
            filled = hold.seconds >= (self.dose.seconds or 0.0)
        return self._fill(hold) if filled else None

    def hold_over(self, hold: Hold, n_reps: int) -> Step | None:
        """A hold is over; a time that was nearly reached fills its set too."""
        self._reps_over[hold.side] = self._reps_over.get(hold.side, 0) + n_reps
        if self.dose is None or self.dose.seconds is None or self._is_counted(hold):
            return None
        return self._fill(hold) if hold.seconds >= NEARLY * self.dose.seconds else None

    def rest_left_s(self, t_s: float) -> float:
        """Seconds of rest that are left."""
        return max(0.0, self.rest_until_s - t_s) if self.rest_until_s is not None else 0.0

    def _is_counted(self, hold: Hold) -> bool:
        before = self._counted
        same = before is not None and (before.side, before.start_s) == (hold.side, hold.start_s)
        return same and (self.dose is None or self.dose.reps is None)

    def _fill(self, hold: Hold) -> Step:
        self._counted = hold
        self._met[hold.side] = self._met.get(hold.side, 0) + 1
        if self.done:
            return "done"
        if self._each and hold.side is not None:
            self.next_side = self._wanted_side(hold.side)
            if self.next_side != hold.side:
                return "switch"
        if self.dose is not None and self.dose.rest_s:
            self.rest_until_s = hold.start_s + hold.seconds + self.dose.rest_s
        return "rest"

    def _wanted_side(self, side: Side) -> Side:
        """The side with fewer sets done comes next."""
        other = other_side(side)
        return other if self._met.get(other, 0) < self._met[side] else side
