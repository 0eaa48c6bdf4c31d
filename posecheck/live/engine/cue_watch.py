"""How each cue stands in the hold that goes on, judged as in a recording, without flicker."""

from __future__ import annotations

from dataclasses import replace

from posecheck.assess.cue_result import CueResult
from posecheck.assess.cues import judge_cue
from posecheck.assess.holds import parts_of, variant_of
from posecheck.assess.interval import Interval, Performed
from posecheck.live.engine.holds import Hold
from posecheck.live.engine.tail import Lately, Tail
from posecheck.stretches import Stretch
from posecheck.stretches.schema import NEED_TIME, Check, Cue, Repeats

JUDGE_EVERY_S = 0.4
_RECENT_S = 1.2  # a position is judged over so much of the past
_STILL_S = 2.0  # whether somebody keeps still is judged after so long,
_SETTLE_S = 6.0  # and whether somebody moves enough after so long, where there are no reps
_AGREE = 3  # judgements that must agree before a cue's state changes
_LAST_TIMES = 3  # holds that a cue about their times is judged by


class CueWatch:
    """Judges the cues of a stretch again and again, and lets a state change only when it lasts."""

    def __init__(self, stretch: Stretch) -> None:
        self._stretch = stretch
        self.cues = [cue for cue in stretch.cues if cue.kind != "reminder"]
        checks = [check for cue in self.cues for check in cue.check]
        # Only a stretch that moves, or must not, takes more than the last two seconds.
        self._looks_back = stretch.reps is not None or any(
            check.statistic in NEED_TIME or check.timed or check.what.remembers for check in checks
        )
        self.start_over()

    def start_over(self) -> None:
        """Forget everything: another hold has begun, or none goes on."""
        self.results: dict[str, CueResult] = {}
        self._raw: dict[str, list[CueResult]] = {cue.id: [] for cue in self.cues}
        self._judged_at_s = float("-inf")
        self.n_reps = 0

    def judge(self, tail: Tail, hold: Hold, over: list[Interval]) -> None:
        """Judge all cues, when it is time to.

        Parameters
        ----------
        tail : Tail
        hold : Hold
            That goes on.
        over : list of Interval
            The holds before it, for cues about times.
        """
        t_s = float(tail.recent.series.t_s[-1])
        if t_s - self._judged_at_s < JUDGE_EVERY_S - 1e-6:
            return
        self._judged_at_s = t_s
        lately = tail.whole if self._looks_back else tail.recent
        whole = _interval(lately, hold, max(hold.start_s, float(lately.series.t_s[0])))
        if whole.stop - whole.start < 2:
            return
        recent = _interval(lately, hold, max(hold.start_s, t_s - _RECENT_S))
        parts = parts_of(lately.readings, [whole], hold.side, lately.series)
        self.n_reps = max(self.n_reps, sum(part.kind == "rep" for part in parts))
        for cue in self.cues:
            done = self._done(cue, hold, whole, recent, parts, over)
            if done is None:
                continue
            raw = self._raw[cue.id]
            raw.append(judge_cue(cue, done, lately.readings, is_photo=False))
            del raw[:-_AGREE]
            if len(raw) == _AGREE and len({result.status for result in raw}) == 1:
                self.results[cue.id] = raw[-1]

    def _done(
        self,
        cue: Cue,
        hold: Hold,
        whole: Interval,
        recent: Interval,
        parts: list[Interval],
        over: list[Interval],
    ) -> Performed | None:
        """What a cue is judged over now; None while it is too early."""
        if any(check.measure == "hold_time" for check in cue.check):
            last = [o for o in over if o.side == (hold.side or "both")][-_LAST_TIMES:]
            # Rows of holds long past are gone; only their times count here.
            times = [replace(one, start=whole.start, stop=whole.stop) for one in last]
            return Performed(hold.side, times) if times else None
        if any(check.measure == "rep_time" for check in cue.check):
            return Performed(hold.side, [whole], parts)
        changes = [check for check in cue.check if check.statistic in NEED_TIME]
        if changes:
            return (
                None
                if self._is_early(changes, hold, parts)
                else Performed(hold.side, [whole], parts)
            )
        if any(check.during for check in cue.check):
            return Performed(hold.side, [whole], _last_of_each(parts))
        if any(check.what.remembers for check in cue.check):
            return Performed(hold.side, [whole])
        return Performed(hold.side, [recent])

    def _is_early(self, changes: list[Check], hold: Hold, parts: list[Interval]) -> bool:
        """Whether what must change has not had the time to; keeping still can be told soon."""
        if all(check.target[0] is None for check in changes):
            return hold.seconds < _STILL_S
        if isinstance(self._stretch.reps, Repeats):
            return not any(part.kind == "rep" for part in parts)
        return hold.seconds < _SETTLE_S


def _interval(lately: Lately, hold: Hold, start_s: float) -> Interval:
    n = len(lately.series)
    one = Interval(
        "hold", "hold", hold.side or "both", start_s, float(lately.series.t_s[-1]),
        lately.since(start_s), n,
    )  # fmt: skip
    return replace(one, variant=variant_of(lately.readings, one, hold.side))


def _last_of_each(parts: list[Interval]) -> list[Interval]:
    """The last phase of each name: what was wrong before may be mended now."""
    return list({part.name: part for part in parts if part.kind == "phase"}.values())
