"""What to tell somebody who stretches: from what was seen lately to a phase, a message, a clock.

One thing at a time. News come first (a set is done), then the one correction that matters most,
then, in a quiet hold, what the stretch wants remembered. How deep somebody goes is never urged.
"""

from __future__ import annotations

from collections import Counter

from posecheck.assess.cue_result import CueResult
from posecheck.core.wording import capital, sentence, small
from posecheck.landmarks.series import Side
from posecheck.live.engine.cue_watch import CueWatch
from posecheck.live.engine.dose_walk import DoseWalk, Step
from posecheck.live.engine.feedback import Clock, CueState, Kind, Message, Phase
from posecheck.live.engine.guide import guide
from posecheck.live.engine.holds import Hold, LiveHolds
from posecheck.live.engine.speaker import Speaker, Wish
from posecheck.live.engine.tail import Lately, Tail
from posecheck.measures.bands import short_units, show_value
from posecheck.stretches import Stretch
from posecheck.stretches.schema import ByHold

_GUIDE_AFTER_S = {"nobody": 1.5, "go": 0.8}
_GUIDE_AGAIN_S = 10.0
_CORRECT_AFTER_S = 0.6  # whoever is just leaving needs no correction
_CORRECT_AGAIN_S = 9.0
_TRIES = 2  # times that one correction is said before the next in line gets its turn
_LAST_S, _WORTH_S = 10.0, 20.0  # "ten seconds left", in holds that last longer than that
_BETWEEN_S = 8.0  # after a hold, before somebody is asked to go into the stretch again
_QUIET_S = 6.0  # of a good hold before a reminder


class Coach:
    """Follows one person through one stretch."""

    def __init__(self, stretch: Stretch, side: Side | None) -> None:
        self._stretch = stretch
        self._holds = LiveHolds(stretch, side)
        self._watch = CueWatch(stretch)
        self._dose = DoseWalk(stretch, side)
        self._speaker = Speaker()
        self._hold: Hold | None = None
        self._told_time_left = False
        self._corrected = ""  # the cue whose correction is wished for
        self._n_told: Counter[str] = Counter()  # corrections said in this hold, by cue
        self._t_s = 0.0
        self.phase: Phase = "set-up"
        self.say: str | None = None

    @property
    def message(self) -> Message | None:
        """What stands on the screen."""
        return self._speaker.shown

    @property
    def held(self) -> Side | None:
        """The side that is stretched, or that comes next."""
        return self._hold.side if self._hold else self._dose.next_side

    def see(self, tail: Tail) -> None:
        """Take the newest moment."""
        lately = tail.recent
        self._t_s = float(lately.series.t_s[-1])
        self._holds.step(lately)
        before, self._hold = self._hold, self._holds.now
        if before is not None and not _same(before, self._hold):
            self._leave(before)
        if self._hold is None:
            wishes = self._guidance(lately)
        else:
            if not _same(before, self._hold):
                self._enter(self._hold)
            wishes = self._coach_hold(tail, self._hold)
        self.say = self._speaker.speak(self._t_s, wishes)
        if self.say and self.message and self.message.kind == "correct":
            self._n_told[self._corrected] += 1

    def cues(self) -> tuple[CueState, ...]:
        """How the cues stand."""
        return tuple(_state(cue.id, cue.title, self._watch.results.get(cue.id))
                     for cue in self._watch.cues)  # fmt: skip

    def clock(self, t_s: float) -> Clock:
        """Where somebody is in the dose, a moment after what was seen last."""
        dose, hold = self._dose.dose, self._hold
        side = self.held
        return Clock(
            held_s=self._held_s(hold, t_s) if hold else 0.0,
            target_s=dose.seconds if dose else None,
            reps=self._dose.reps(side, self._n_reps(hold)),
            target_reps=dose.reps if dose else None,
            rest_left_s=0.0 if hold else self._dose.rest_left_s(t_s),
            side=side,
            set_number=min(self._dose.sets_met + 1, self._dose.sets),
            sets=self._dose.sets,
        )

    def _held_s(self, hold: Hold, t_s: float) -> float:
        """The clock stands still while a hold is hidden, or may just be over."""
        seen_now = hold.start_s + hold.seconds >= self._t_s
        return t_s - hold.start_s if seen_now else hold.seconds

    def _n_reps(self, hold: Hold | None) -> int:
        """Reps in a hold; a stretch in which every hold is a rep counts it as one."""
        if hold is None:
            return 0
        return 1 if isinstance(self._stretch.reps, ByHold) else self._watch.n_reps

    # --- into a hold and out of it --------------------------------------------------------------

    def _enter(self, hold: Hold) -> None:
        self.phase = "hold"
        self._watch.start_over()
        self._n_told.clear()
        self._told_time_left = False
        self._speaker.forget_news()
        dose = self._dose.dose
        if dose is not None and dose.seconds is not None:
            verb = "Hold" if self._stretch.hold.still is not None else "Keep moving"
            self._tell("time", f"{verb} for {dose.seconds:g} seconds.")

    def _leave(self, hold: Hold) -> None:
        step = self._dose.hold_over(hold, self._n_reps(hold))
        self._watch.start_over()
        if step is not None:
            self._tell_step(step)
        elif self._dose.dose is not None and self._dose.dose.seconds and not self._is_met(hold):
            self._tell("time", f"That was {hold.seconds:.0f} seconds. Again when you are ready.")

    def _is_met(self, hold: Hold) -> bool:
        dose = self._dose.dose
        return dose is None or dose.seconds is None or hold.seconds >= dose.seconds

    def _coach_hold(self, tail: Tail, hold: Hold) -> list[Wish]:
        self.phase = "hold"
        failed_before = self._failing()
        n_reps_before = self._watch.n_reps
        if not self._holds.doubtful:
            self._watch.judge(tail, hold, self._holds.over)
        self._count(n_reps_before)
        step = self._dose.hold_on(hold, self._n_reps(hold))
        if step is not None:
            self._tell_step(step)
        self._tell_time_left(hold)
        failing = self._failing()
        for result in failed_before:
            mended = self._watch.results.get(result.id)
            if self._n_told[result.id] and mended and mended.status == "pass":
                self._tell("praise", f"Good: {small(result.title)}.")
        if failing:
            return [self._correction(failing)]
        return self._reminders(hold)

    def _count(self, n_before: int) -> None:
        dose = self._dose.dose
        if self._watch.n_reps > n_before and dose is not None and dose.reps is not None:
            n = self._dose.reps(self.held, self._n_reps(self._hold))
            if n < dose.reps:
                count = Message("time", f"{n} of {dose.reps}.", f"{n}.")
                self._speaker.tell(self._t_s, count, urgent=False)

    def _tell_time_left(self, hold: Hold) -> None:
        target_s = self._dose.dose.seconds if self._dose.dose else None
        if target_s is None or target_s < _WORTH_S or self._told_time_left:
            return
        if 0 < target_s - hold.seconds <= _LAST_S:
            self._told_time_left = True
            self._tell("time", "Ten seconds left.")

    def _tell_step(self, step: Step) -> None:
        if step == "done":
            self._tell("done", "That is the whole dose. Come out slowly.")
        elif step == "switch":
            self._tell("time", f"Switch sides: now the {self._dose.next_side}.")
        elif self._dose.dose is not None and self._dose.dose.rest_s:
            self._tell("time", f"Good. Rest for {self._dose.dose.rest_s:g} seconds.")
        else:
            self._tell("time", "Good. Rest, then once more.")

    def _tell(self, kind: Kind, text: str) -> None:
        self._speaker.tell(self._t_s, Message(kind, text, text))

    # --- what could be said while something is so -----------------------------------------------

    def _guidance(self, lately: Lately) -> list[Wish]:
        if self._dose.rest_left_s(self._t_s) > 0:
            self.phase = "rest"
            return []
        if self._dose.done:
            self.phase = "done"
            return []
        if self._holds.begun:
            self.phase = "ready"
            return []
        found = guide(self._stretch, lately, self._dose.next_side)
        self.phase = found.phase
        if found.phase == "ready" and self._is_between_holds():
            return []
        after_s = _GUIDE_AFTER_S.get(found.key, 2.0)
        return [Wish(found.key, found.message, after_s=after_s, again_s=_GUIDE_AGAIN_S)]

    def _is_between_holds(self) -> bool:
        """Whether a hold is over only just: many a stretch is one short hold after the other."""
        over = self._holds.over
        return bool(over) and self._t_s - over[-1].end_s < _BETWEEN_S

    def _failing(self) -> list[CueResult]:
        return [
            result
            for cue in self._watch.cues
            if (result := self._watch.results.get(cue.id)) is not None and result.status == "fail"
        ]

    def _correction(self, failing: list[CueResult]) -> Wish:
        chosen = min(failing, key=lambda result: self._n_told[result.id] // _TRIES)
        self._corrected = chosen.id
        text = chosen.advice or f"{chosen.title}: {chosen.reason}"
        text = sentence(text)
        return Wish(
            f"cue:{chosen.id}",
            Message("correct", text, _spoken(text)),
            after_s=_CORRECT_AFTER_S,
            again_s=_CORRECT_AGAIN_S,
        )

    def _reminders(self, hold: Hold) -> list[Wish]:
        if hold.seconds < _QUIET_S:
            return []
        return [
            Wish(f"reminder:{cue.id}", Message("guide", cue.say, cue.say), again_s=float("inf"))
            for cue in self._stretch.cues
            if cue.kind == "reminder" and cue.say
        ]


def _same(one: Hold | None, other: Hold | None) -> bool:
    return (one and (one.side, one.start_s)) == (other and (other.side, other.start_s))


def _state(cue_id: str, title: str, result: CueResult | None) -> CueState:
    if result is None:
        return CueState(cue_id, title, "not_assessed", "")
    shown = "" if result.observed is None else show_value(result.observed, result.unit)
    return CueState(cue_id, title, result.status, short_units(shown))


def _spoken(advice: str) -> str:
    """What to do, without the reading that stands before the colon: it is meant for the eye."""
    _, colon, what = advice.partition(": ")
    return capital(what) if colon else advice
