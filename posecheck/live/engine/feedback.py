"""What the live engine says about a frame: the types that a window, a cell and a page show."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from posecheck.assess.cue_result import Status
from posecheck.landmarks.series import Side

# set-up: somebody or something is in the wrong place; ready: all can be seen, not yet in the
# stretch; hold: in the stretch; rest: between two holds of the dose; done: the dose is done.
Phase = Literal["set-up", "ready", "hold", "rest", "done"]

# What a message is about.
Kind = Literal["guide", "correct", "praise", "time", "done", "safety"]

Point = tuple[float, float]


@dataclass(frozen=True)
class Message:
    """One thing to tell the person: `text` stands on the screen, `spoken` is said aloud."""

    kind: Kind
    text: str
    spoken: str


@dataclass(frozen=True)
class Mark:
    """An angle or a distance to draw where it is.

    Attributes
    ----------
    cue : str
        Id of the cue it belongs to.
    points : tuple of (x, y)
        The corners of the line, shares of the picture's width and height.
    text : str
        The value as people read it.
    band : str
        The band that passes, in words.
    good : bool or None
        Whether the value lies in that band in this frame; None where the cue is about change.
    """

    cue: str
    points: tuple[Point, ...]
    text: str
    band: str
    good: bool | None


@dataclass(frozen=True)
class CueState:
    """How a cue stands in the hold that goes on; `not_assessed` outside of holds."""

    id: str
    title: str
    status: Status
    text: str  # the value as people read it, or empty


@dataclass(frozen=True)
class Clock:
    """Where somebody is in the dose.

    Attributes
    ----------
    held_s : float
        Seconds of the hold that goes on; 0 outside of holds.
    target_s : float or None
        How long it should be held; None where reps are asked for, or nothing.
    reps, target_reps : int
        Counted in this set, and asked for; `target_reps` is None where seconds are asked for.
    rest_left_s : float
        What is left of a rest; 0 outside of rests.
    side : {"left", "right"} or None
        The side that is stretched, or that comes next.
    set_number, sets : int
        The set that goes on or comes next (from 1), and how many are asked for in all, sides
        counted one by one.
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
    """All that a frame led to.

    Attributes
    ----------
    t_s : float
        Time of the frame, seconds.
    phase : {"set-up", "ready", "hold", "rest", "done"}
    message : Message or None
        What stands on the screen now. It stays for a while, so it is the same over many frames.
    say : str or None
        What is to be said aloud now; each message once, in the frame in which it comes up.
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
        """As plain data for JSON: what the browser gets."""
        return asdict(self)
