"""What to tell the person: from what was seen lately to a phase, a message and a clock.

One thing at a time. Events come first (a set is done), then the one correction that matters most,
then, in a quiet hold, the stretch's reminders. How deep the person goes is never urged.
"""

from __future__ import annotations

from collections import Counter

from posecheck.assess.cue_result import CueResult
from posecheck.core.wording import sentence, small
from posecheck.landmarks.series import Side
from posecheck.live.engine.cue_tracker import CueTracker
from posecheck.live.engine.dose_tracker import DoseTracker, NextStep
from posecheck.live.engine.feedback import (
    Clock,
    CueState,
    GuideCode,
    Kind,
    Message,
    MessageCode,
    Phase,
)
from posecheck.live.engine.guide import explain_not_judged, find_guidance
from posecheck.live.engine.hold_tracker import Hold, HoldTracker
from posecheck.live.engine.recent_window import RecentMeasures, RecentWindow
from posecheck.live.engine.speaker import Prompt, Speaker
from posecheck.measures.bands import short_units, show_value
from posecheck.stretches import Stretch
from posecheck.stretches.schema import ByHold, Cue

_GUIDE_AFTER_S: dict[GuideCode, float] = {
    "nobody": 1.5,
    "out_of_picture": 2.0,
    "wrong_view": 2.0,
    "too_far": 2.0,
    "enter": 0.8,
}
_GUIDE_AGAIN_S = 10.0
_CORRECT_AFTER_S = 0.6  # a person who is just leaving needs no correction
_CORRECT_AGAIN_S = 9.0
_N_TRIES = 2  # times that one correction is said before the next in line gets its turn
_LAST_S, _LONG_S = 10.0, 20.0  # "ten seconds left", in holds that last longer than that
_BETWEEN_S = 8.0  # after a hold, before the person is asked into the stretch again
_QUIET_S = 6.0  # of a good hold before a reminder
_NOT_JUDGED_AFTER_S = 3.0  # a joint may be hidden for a moment


class Coach:
    """Follows one person through one stretch.

    Parameters
    ----------
    stretch : Stretch
    side : {"left", "right"} or None
        Only this side of a stretch that is done on each side.

    Attributes
    ----------
    phase : {"set-up", "ready", "hold", "rest", "done"}
    spoken : str or None
        The sentence to say aloud now.
    """

    def __init__(self, stretch: Stretch, side: Side | None) -> None:
        self._stretch = stretch
        self._hold_tracker = HoldTracker(stretch, side)
        self._cue_tracker = CueTracker(stretch)
        self._dose_tracker = DoseTracker(stretch, side)
        self._speaker = Speaker()
        self._hold: Hold | None = None
        self._told_time_left = False
        self._n_told: Counter[str] = Counter()  # corrections said in this hold, by cue
        self._t_s = 0.0
        self.phase: Phase = "set-up"
        self.spoken: str | None = None

    @property
    def message(self) -> Message | None:
        """What stands on the screen."""
        return self._speaker.message

    @property
    def held_side(self) -> Side | None:
        """The side that is stretched, or that comes next."""
        return self._hold.side if self._hold else self._dose_tracker.next_side

    @property
    def results(self) -> dict[str, CueResult]:
        """How the cues stand in the current hold, by id; without those not judged yet."""
        return self._cue_tracker.results

    def update(self, window: RecentWindow) -> None:
        """Take the newest frame.

        Parameters
        ----------
        window : RecentWindow
            Its last row is the newest frame.
        """
        recent = window.recent
        self._t_s = float(recent.series.t_s[-1])
        self._hold_tracker.update(recent)
        before, self._hold = self._hold, self._hold_tracker.current
        if before is not None and not before.is_same(self._hold):
            self._leave(before)
        if self._hold is None:
            prompts = self._guide(recent)
        else:
            if not self._hold.is_same(before):
                self._enter()
            prompts = self._coach_hold(window, self._hold)
        self.spoken = self._speaker.speak(self._t_s, prompts)
        if self.spoken and self.message and self.message.code == "correction":
            self._n_told[self.message.cue] += 1

    def cue_states(self) -> tuple[CueState, ...]:
        """How the cues stand, in the definition's order."""
        return tuple(
            _cue_state(cue, self._cue_tracker.results.get(cue.id)) for cue in self._cue_tracker.cues
        )

    def clock(self, t_s: float) -> Clock:
        """How far the person is in the dose.

        Parameters
        ----------
        t_s : float
            Now: the time of the last update, or a moment later.

        Returns
        -------
        Clock
        """
        tracker, hold = self._dose_tracker, self._hold
        dose, side = tracker.dose, self.held_side
        return Clock(
            held_s=self._held_s(hold, t_s) if hold else 0.0,
            target_s=dose.seconds if dose else None,
            reps=tracker.n_reps(side, self._n_reps(hold)),
            target_reps=dose.reps if dose else None,
            rest_left_s=0.0 if hold else tracker.rest_left_s(t_s),
            side=side,
            set_number=min(tracker.n_sets_met + 1, tracker.n_sets),
            sets=tracker.n_sets,
        )

    def _held_s(self, hold: Hold, t_s: float) -> float:
        """Seconds of a hold; they stand still while it is hidden, or may just be over."""
        is_seen = hold.start_s + hold.seconds >= self._t_s
        return t_s - hold.start_s if is_seen else hold.seconds

    def _n_reps(self, hold: Hold | None) -> int:
        """Reps in a hold; a stretch in which every hold is a rep counts it as one."""
        if hold is None:
            return 0
        return 1 if isinstance(self._stretch.reps, ByHold) else self._cue_tracker.n_reps

    # --- into a hold, through it and out of it --------------------------------------------------

    def _enter(self) -> None:
        self._cue_tracker.reset()
        self._n_told.clear()
        self._told_time_left = False
        self._speaker.forget_events()
        dose = self._dose_tracker.dose
        if dose is not None and dose.seconds is not None:
            verb = "Hold" if self._stretch.hold.still is not None else "Keep moving"
            self._tell("time", "hold_begun", f"{verb} for {dose.seconds:g} seconds.")

    def _leave(self, hold: Hold) -> None:
        step = self._dose_tracker.end_hold(hold, self._n_reps(hold))
        self._cue_tracker.reset()
        dose = self._dose_tracker.dose
        if step is not None:
            self._tell_step(step)
        elif dose is not None and dose.seconds and hold.seconds < dose.seconds:
            text = f"That was {hold.seconds:.0f} seconds. Again when you are ready."
            self._tell("time", "hold_too_short", text)

    def _coach_hold(self, window: RecentWindow, hold: Hold) -> list[Prompt]:
        self.phase = "hold"
        failed_before = self._failed()
        n_reps_before = self._cue_tracker.n_reps
        if not self._hold_tracker.is_doubtful:
            self._cue_tracker.update(window, hold, self._hold_tracker.finished)
        if self._cue_tracker.n_reps > n_reps_before:
            self._tell_count(hold)
        step = self._dose_tracker.update(hold, self._n_reps(hold))
        if step is not None:
            self._tell_step(step)
        self._tell_time_left(hold)
        for cue in failed_before:
            if self._n_told[cue.id] and self._cue_tracker.results[cue.id].status == "pass":
                self._tell("praise", "corrected", f"Good: {small(cue.title)}.", cue.id)
        failed = self._failed()
        if failed:
            return [self._correction(failed)]
        if hold.seconds < _QUIET_S:
            return []
        return self._reminders() + self._not_judged()

    def _failed(self) -> list[Cue]:
        results = self._cue_tracker.results
        return [
            cue
            for cue in self._cue_tracker.cues
            if cue.id in results and results[cue.id].status == "fail"
        ]

    def _correction(self, failed: list[Cue]) -> Prompt:
        """The correction that has been said least often."""
        cue = min(failed, key=lambda cue: self._n_told[cue.id] // _N_TRIES)
        result = self._cue_tracker.results[cue.id]
        assert result.observed is not None and result.missed_end is not None  # it failed
        # What was read is for the eye only.
        instruction = cue.advice.instruction(result.missed_end)
        spoken = instruction.format(observed=show_value(result.observed, result.unit))
        message = Message(
            "correct", "correction", sentence(result.change), sentence(spoken), cue.id
        )
        return Prompt(message, after_s=_CORRECT_AFTER_S, again_s=_CORRECT_AGAIN_S)

    def _reminders(self) -> list[Prompt]:
        return [
            Prompt(Message("guide", "reminder", cue.say, cue.say, cue.id), again_s=float("inf"))
            for cue in self._stretch.cues
            if cue.kind == "reminder" and cue.say
        ]

    def _not_judged(self) -> list[Prompt]:
        messages = map(explain_not_judged, self._cue_tracker.results.values())
        return [
            Prompt(message, after_s=_NOT_JUDGED_AFTER_S, again_s=float("inf"))
            for message in messages
            if message is not None
        ]

    # --- between the holds ----------------------------------------------------------------------

    def _guide(self, recent: RecentMeasures) -> list[Prompt]:
        if self._dose_tracker.rest_left_s(self._t_s) > 0:
            self.phase = "rest"
            return []
        if self._dose_tracker.is_done:
            self.phase = "done"
            return []
        if self._hold_tracker.has_begun:
            self.phase = "ready"
            return []
        found = find_guidance(self._stretch, recent, self._dose_tracker.next_side)
        self.phase = found.phase
        if found.code == "enter" and self._is_between_holds():
            return []
        return [Prompt(found.message, _GUIDE_AFTER_S[found.code], _GUIDE_AGAIN_S)]

    def _is_between_holds(self) -> bool:
        """Whether a hold has only just ended: many a stretch is one short hold after the other."""
        finished = self._hold_tracker.finished
        return bool(finished) and self._t_s - finished[-1].end_s < _BETWEEN_S

    # --- events ---------------------------------------------------------------------------------

    def _tell(self, kind: Kind, code: MessageCode, text: str, cue: str = "") -> None:
        self._speaker.tell(self._t_s, Message(kind, code, text, text, cue))

    def _tell_count(self, hold: Hold) -> None:
        dose = self._dose_tracker.dose
        if dose is None or dose.reps is None:
            return
        n = self._dose_tracker.n_reps(hold.side, self._n_reps(hold))
        if n < dose.reps:
            count = Message("time", "rep_counted", f"{n} of {dose.reps}.", f"{n}.")
            self._speaker.tell(self._t_s, count, urgent=False)

    def _tell_time_left(self, hold: Hold) -> None:
        target_s = self._dose_tracker.dose.seconds if self._dose_tracker.dose else None
        if target_s is None or target_s < _LONG_S or self._told_time_left:
            return
        if 0 < target_s - hold.seconds <= _LAST_S:
            self._told_time_left = True
            self._tell("time", "ten_seconds_left", "Ten seconds left.")

    def _tell_step(self, step: NextStep) -> None:
        dose = self._dose_tracker.dose
        if step == "done":
            self._tell("done", "dose_done", "That is the whole dose. Come out slowly.")
        elif step == "switch":
            side = self._dose_tracker.next_side
            self._tell("time", "switch_sides", f"Switch sides: now the {side}.")
        elif dose is not None and dose.rest_s:
            self._tell("time", "rest", f"Good. Rest for {dose.rest_s:g} seconds.")
        else:
            self._tell("time", "rest", "Good. Rest, then once more.")


def _cue_state(cue: Cue, result: CueResult | None) -> CueState:
    if result is None:
        return CueState(cue.id, cue.title, "not_assessed", "")
    text = "" if result.observed is None else short_units(show_value(result.observed, result.unit))
    return CueState(cue.id, cue.title, result.status, text, result.reason_code)
