"""How far the person is in the dose: which set of which side is next, and when to rest."""

from __future__ import annotations

from typing import Literal

from posecheck.assess.dose import NEARLY
from posecheck.landmarks.series import Side, other_side
from posecheck.live.engine.hold_tracker import Hold
from posecheck.stretches import Stretch
from posecheck.stretches.schema import Dose

# What comes after a set that is done.
NextStep = Literal["switch", "rest", "done"]


class DoseTracker:
    """Compares what is done with the first dose of a stretch.

    A stretch that is done on each side may begin with either; then the other one comes.

    Parameters
    ----------
    stretch : Stretch
    side : {"left", "right"} or None
        Only this side of a stretch that is done on each side.

    Attributes
    ----------
    dose : Dose or None
        The dose asked for.
    next_side : {"left", "right"} or None
        The side that comes next, where that matters.
    """

    def __init__(self, stretch: Stretch, side: Side | None) -> None:
        self._each_side = stretch.sides == "each" and side is None
        self.dose: Dose | None = stretch.doses[0] if stretch.doses else None
        self.next_side: Side | None = side
        self._n_met: dict[Side | None, int] = {}
        self._n_reps_finished: dict[Side | None, int] = {}
        self._counted: Hold | None = None  # the hold whose set is met already
        self._rest_until_s: float | None = None

    @property
    def n_sets(self) -> int:
        """How many sets are asked for in all, sides counted one by one."""
        return (self.dose.sets if self.dose else 1) * (2 if self._each_side else 1)

    @property
    def n_sets_met(self) -> int:
        """How many of them are done."""
        wanted = self.dose.sets if self.dose else 1
        return sum(min(n, wanted) for n in self._n_met.values())

    @property
    def is_done(self) -> bool:
        """Whether the whole dose is done; never without a dose."""
        return self.dose is not None and self.n_sets_met >= self.n_sets

    def n_reps(self, side: Side | None, n_now: int) -> int:
        """Count the reps of this set.

        Parameters
        ----------
        side : {"left", "right"} or None
        n_now : int
            Reps of the current hold; those of finished holds are added.

        Returns
        -------
        int
        """
        total = self._n_reps_finished.get(side, 0) + n_now
        asked = self.dose.reps if self.dose else None
        return total - self._n_met.get(side, 0) * asked if asked else total

    def update(self, hold: Hold, n_reps: int) -> NextStep | None:
        """Take the current hold as it is now.

        Parameters
        ----------
        hold : Hold
        n_reps : int
            Counted in it so far; where every hold is a rep, it counts as 1.

        Returns
        -------
        {"switch", "rest", "done"} or None
            What comes next, when the hold has just completed its set.
        """
        self._rest_until_s = None
        if self.dose is None or self._is_counted(hold):
            return None
        if self.dose.reps is not None:
            complete = self.n_reps(hold.side, n_reps) >= self.dose.reps
        else:
            complete = hold.seconds >= (self.dose.seconds or 0.0)
        return self._complete_set(hold) if complete else None

    def end_hold(self, hold: Hold, n_reps: int) -> NextStep | None:
        """Take a hold that has ended; a time that was nearly reached completes its set too.

        Parameters
        ----------
        hold : Hold
        n_reps : int
            Counted in it.

        Returns
        -------
        {"switch", "rest", "done"} or None
            As from `update`.
        """
        self._n_reps_finished[hold.side] = self._n_reps_finished.get(hold.side, 0) + n_reps
        if self.dose is None or self.dose.seconds is None or self._is_counted(hold):
            return None
        return self._complete_set(hold) if hold.seconds >= NEARLY * self.dose.seconds else None

    def rest_left_s(self, t_s: float) -> float:
        """Seconds of rest that are left at a time.

        Parameters
        ----------
        t_s : float
            Seconds.

        Returns
        -------
        float
        """
        return 0.0 if self._rest_until_s is None else max(0.0, self._rest_until_s - t_s)

    def _is_counted(self, hold: Hold) -> bool:
        counts_reps = self.dose is not None and self.dose.reps is not None
        return hold.is_same(self._counted) and not counts_reps

    def _complete_set(self, hold: Hold) -> NextStep:
        self._counted = hold
        self._n_met[hold.side] = self._n_met.get(hold.side, 0) + 1
        if self.is_done:
            return "done"
        if self._each_side and hold.side is not None:
            self.next_side = self._side_after(hold.side)
            if self.next_side != hold.side:
                return "switch"
        if self.dose is not None and self.dose.rest_s:
            self._rest_until_s = hold.start_s + hold.seconds + self.dose.rest_s
        return "rest"

    def _side_after(self, side: Side) -> Side:
        """The side with fewer sets done comes next."""
        other = other_side(side)
        return other if self._n_met.get(other, 0) < self._n_met[side] else side
