"""How each cue stands in the current hold, judged as in a recording, without flicker."""

from __future__ import annotations

from dataclasses import replace

from posecheck.assess.cue_result import CueResult
from posecheck.assess.cues import judge_cue
from posecheck.assess.holds import reps_and_phases, variant_of
from posecheck.assess.interval import Interval, Performed
from posecheck.live.engine.hold_tracker import Hold
from posecheck.live.engine.recent_window import RecentMeasures, RecentWindow
from posecheck.stretches import Stretch
from posecheck.stretches.schema import NEED_TIME, Check, Cue, Repeats

JUDGE_EVERY_S = 0.4
_POSITION_S = 1.2  # a position is judged over so much of the past
_STILL_S = 2.0  # whether the person keeps still is judged after so long,
_SETTLE_S = 6.0  # and whether the person moves enough after so long, where there are no reps
_N_AGREEING = 3  # judgements that must agree before a cue's state changes
_N_LAST_HOLDS = 3  # a cue about the times of holds is judged by the last so many


class CueTracker:
    """Judges the cues of a stretch again and again; a state changes only when the change lasts.

    Parameters
    ----------
    stretch : Stretch

    Attributes
    ----------
    cues : list of Cue
        The cues that are judged: all but the reminders.
    results : dict of str to CueResult
        How the cues stand, by id; a cue that has not been judged yet is missing.
    n_reps : int
        Reps counted in this hold.
    """

    def __init__(self, stretch: Stretch) -> None:
        self._stretch = stretch
        self.cues = [cue for cue in stretch.cues if cue.kind != "reminder"]
        checks = [check for cue in self.cues for check in cue.check]
        # Only a stretch that moves, or must not, takes more than the last two seconds.
        self._needs_past = stretch.reps is not None or any(
            check.statistic in NEED_TIME or check.timed or check.what.remembers for check in checks
        )
        self.reset()

    def reset(self) -> None:
        """Forget everything, because another hold has begun or the last one has ended."""
        self.results: dict[str, CueResult] = {}
        self._last_results: dict[str, list[CueResult]] = {cue.id: [] for cue in self.cues}
        self._judged_at_s = float("-inf")
        self.n_reps = 0

    def update(self, window: RecentWindow, hold: Hold, finished: list[Interval]) -> None:
        """Judge all cues, at most every `JUDGE_EVERY_S` seconds.

        Parameters
        ----------
        window : RecentWindow
        hold : Hold
            The current hold.
        finished : list of Interval
            The holds before it, for cues about times.
        """
        t_s = float(window.recent.series.t_s[-1])
        if t_s - self._judged_at_s < JUDGE_EVERY_S - 1e-6:
            return
        self._judged_at_s = t_s
        recent = window.whole if self._needs_past else window.recent
        seen = _interval(recent, hold, max(hold.start_s, float(recent.series.t_s[0])))
        if seen.stop - seen.start < 2:
            return
        position = _interval(recent, hold, max(hold.start_s, t_s - _POSITION_S))
        reps, phases = reps_and_phases(recent.readings, [seen], hold.side)
        whole = Performed(hold.side, [seen], reps, phases)
        self.n_reps = max(self.n_reps, len(reps))
        for cue in self.cues:
            performed = self._performed(cue, hold, whole, position, finished)
            if performed is None:
                continue
            last = self._last_results[cue.id]
            last.append(judge_cue(cue, performed, recent.readings, is_photo=False))
            del last[:-_N_AGREEING]
            if len(last) == _N_AGREEING and len({result.status for result in last}) == 1:
                self.results[cue.id] = last[-1]

    def _performed(
        self,
        cue: Cue,
        hold: Hold,
        whole: Performed,
        position: Interval,
        finished: list[Interval],
    ) -> Performed | None:
        """What a cue is judged over now; None while it is too early to judge it."""
        if any(check.measure == "hold_time" for check in cue.check):
            same_side = [one for one in finished if one.side == hold.side]
            # Rows of holds long past are gone; only their times count here.
            (seen,) = whole.holds
            times = [
                replace(one, start=seen.start, stop=seen.stop) for one in same_side[-_N_LAST_HOLDS:]
            ]
            return Performed(hold.side, times) if times else None
        if any(check.measure == "rep_time" for check in cue.check):
            return whole
        changes = [check for check in cue.check if check.statistic in NEED_TIME]
        if changes:
            return None if self._is_early(changes, hold, whole) else whole
        if any(check.during for check in cue.check):
            # The last phase of each name: what was wrong before may be corrected now.
            last_of_each = {phase.name: phase for phase in whole.phases}
            return replace(whole, reps=[], phases=list(last_of_each.values()))
        if any(check.what.remembers for check in cue.check):
            return replace(whole, reps=[], phases=[])
        return Performed(hold.side, [position])

    def _is_early(self, changes: list[Check], hold: Hold, whole: Performed) -> bool:
        """Whether what must change has not had the time to; keeping still can be told soon."""
        if all(check.target[0] is None for check in changes):
            return hold.seconds < _STILL_S
        if isinstance(self._stretch.reps, Repeats):
            return not whole.reps
        return hold.seconds < _SETTLE_S


def _interval(recent: RecentMeasures, hold: Hold, start_s: float) -> Interval:
    """The current hold from a time until now, in rows of `recent`."""
    interval = Interval(
        "hold",
        "hold",
        hold.side,
        start_s,
        float(recent.series.t_s[-1]),
        recent.since(start_s),
        len(recent.series),
    )
    return replace(interval, variant=variant_of(recent.readings, interval, hold.side))
