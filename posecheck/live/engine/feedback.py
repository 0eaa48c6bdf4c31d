"""What the live engine says about a frame, in the types that a window, a cell and a page show."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from posecheck.assess.cue_result import Status
from posecheck.assess.reasons import ReasonCode
from posecheck.landmarks.series import Side
from posecheck.report.style import IN_BAND

# set-up: the person, the camera or a prop is in the wrong place; ready: everything is in view, but
# the person is not in the stretch yet; hold: in the stretch; rest: between two holds of the dose;
# done: the dose is done.
Phase = Literal["set-up", "ready", "hold", "rest", "done"]

# What a message is for; it chooses the sign and the colour.
Kind = Literal["guide", "correct", "praise", "time", "done", "safety"]
# It stands beside the colour, which is never the only difference.
KIND_SIGN: dict[Kind, str] = {
    "guide": "→",
    "correct": IN_BAND[False].sign,
    "praise": IN_BAND[True].sign,
    "time": "◷",
    "done": IN_BAND[True].sign,
    "safety": "⚠",
}

# What to change before a hold can begin; `enter` where nothing is to be changed.
GuideCode = Literal["nobody", "out_of_picture", "wrong_view", "too_far", "enter"]

# What a message says, for code; its sentence is for people alone.
MessageCode = (
    GuideCode
    | Literal["correction", "corrected", "reminder", "not_judged", "paused"]
    | Literal["hold_begun", "hold_too_short", "rep_counted", "ten_seconds_left"]
    | Literal["switch_sides", "rest", "dose_done"]
)

Point = tuple[float, float]


@dataclass(frozen=True)
class Message:
    """One thing to tell the person.

    Attributes
    ----------
    kind : {"guide", "correct", "praise", "time", "done", "safety"}
    code : str
        What it says, as one of `MessageCode`.
    text : str
        The sentence on the screen.
    spoken : str
        The sentence that is said aloud.
    cue : str
        Id of the cue it is about; empty where it is about none.
    """

    kind: Kind
    code: MessageCode
    text: str
    spoken: str
    cue: str = ""


@dataclass(frozen=True)
class Mark:
    """An angle or a distance to draw where it is.

    Attributes
    ----------
    cue : str
        Id of the cue it belongs to.
    points : tuple of (x, y)
        The corners of the line, as shares of the picture's width and height.
    text : str
        The value as people read it.
    band : str
        The band that passes, in words.
    good : bool or None
        Whether the value lies in that band in this frame; None where that cannot be told, and while
        it differs from how the cue stands, so that picture and list never contradict each other.
    prolonged : bool or None
        Whether an angle is read from its first line carried on beyond the corner; None where it is
        no angle.
    """

    cue: str
    points: tuple[Point, ...]
    text: str
    band: str
    good: bool | None
    prolonged: bool | None = None


@dataclass(frozen=True)
class CueState:
    """How a cue stands in the current hold; `not_assessed` outside of holds.

    Attributes
    ----------
    id, title : str
    status : {"pass", "fail", "not_assessed", "reached", "short"}
    text : str
        The value as people read it; empty where there is none.
    reason_code : ReasonCode or None
        Why it is not assessed; None where it is, or where it is too early to say.
    """

    id: str
    title: str
    status: Status
    text: str
    reason_code: ReasonCode | None = None


@dataclass(frozen=True)
class Clock:
    """How far the person is in the dose.

    Attributes
    ----------
    held_s : float
        Seconds of the current hold; 0 outside of holds.
    target_s : float or None
        How long to hold; None where reps are asked for, or nothing.
    reps, target_reps : int
        Counted in this set, and asked for; `target_reps` is None where seconds are asked for.
    rest_left_s : float
        What is left of a rest; 0 outside of rests.
    side : {"left", "right"} or None
        The side that is stretched, or that comes next.
    set_number, sets : int
        The current or next set, from 1, and how many are asked for in all, sides counted one by
        one.
    """

    held_s: float = 0.0
    target_s: float | None = None
    reps: int = 0
    target_reps: int | None = None
    rest_left_s: float = 0.0
    side: Side | None = None
    set_number: int = 1
    sets: int = 1


@dataclass(frozen=True)
class Feedback:
    """Everything that a frame led to.

    Attributes
    ----------
    t_s : float
        Time of the frame, seconds.
    phase : {"set-up", "ready", "hold", "rest", "done"}
    message : Message or None
        What stands on the screen now. It stays for a while, so it is the same over many frames.
    say : str or None
        What to say aloud now: each message once, in the frame in which it comes up.
    points : tuple
        The 33 landmarks as shares of the picture's width and height; None where hidden.
    near_side : {"left", "right"} or None
    marks : tuple of Mark
    cues : tuple of CueState
        Alignment and depth cues, in the definition's order.
    clock : Clock
    """

    t_s: float
    phase: Phase
    message: Message | None
    say: str | None
    points: tuple[Point | None, ...]
    near_side: Side | None
    marks: tuple[Mark, ...]
    cues: tuple[CueState, ...]
    clock: Clock

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON: what the browser gets."""
        return asdict(self)
