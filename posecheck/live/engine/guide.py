"""Getting the person into the picture and into the stretch: what to change before a hold begins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from posecheck.assess.cue_result import CueResult
from posecheck.assess.not_found import missing_condition
from posecheck.assess.reasons import HiddenMeasure, OtherPosition, Reason, ReasonCode
from posecheck.core.wording import capital, sentence, small
from posecheck.landmarks.series import Landmark, Side
from posecheck.live.engine.feedback import GuideCode, Message, Phase
from posecheck.live.engine.recent_window import RecentMeasures
from posecheck.measures.bands import short_units
from posecheck.measures.camera_view import SMALL_BODY, View, summarise_view
from posecheck.stretches import Stretch

_SECONDS = 1.5  # of the past that the camera is judged by
_MIN_SEEN = 0.3  # share of the frames in which the person must be found
_MIN_INSIDE = 0.5  # share of the frames in which a part of the body must be in the picture
_PARTS = {
    "your head": ("nose",),
    "your hands": ("left_wrist", "right_wrist"),
    "your feet": ("left_ankle", "right_ankle", "left_foot_index", "right_foot_index"),
}
_TURN: dict[View, str] = {
    "front": "Turn to face the camera.",
    "above": "This one is judged from above: put the camera high, looking down on you.",
    "end-on": "Put the camera beyond your feet, looking along your body.",
}

# Why a cue is not assessed, where the person can change it: by the camera, clothes, light or pose.
_MENDED_BY_FILMING = {
    ReasonCode.wrong_view,
    ReasonCode.out_of_picture,
    ReasonCode.low_visibility,
    ReasonCode.jump,
    ReasonCode.impossible,
    ReasonCode.camera_turned,
    ReasonCode.disagreement,
    ReasonCode.proportions,
    ReasonCode.no_outline,
    ReasonCode.near_limit,
    ReasonCode.half_shown,
}


@dataclass(frozen=True)
class Guidance:
    """The first thing that keeps the person from the hold.

    Attributes
    ----------
    phase : {"set-up", "ready"}
    code : str
        What it is, as one of `GuideCode`.
    message : Message
        The sentence about it.
    """

    phase: Phase
    code: GuideCode
    message: Message


def find_guidance(stretch: Stretch, recent: RecentMeasures, side: Side | None) -> Guidance:
    """Find the first thing to change; where there is none, ask the person into the stretch.

    Parameters
    ----------
    stretch : Stretch
    recent : RecentMeasures
    side : {"left", "right"} or None
        The side that comes next, where that matters.

    Returns
    -------
    Guidance
    """
    recent = recent.last(_SECONDS)
    seen = recent.series.seen
    if seen.mean() < _MIN_SEEN:
        return _set_up("nobody", "I can't see you: step into the picture, all of you.")
    camera = summarise_view(recent.track, seen, wanted=stretch.views, position=stretch.position)
    if recent.track.whole_body.mean() < _MIN_INSIDE:
        return _set_up("out_of_picture", f"Step back: I can't see {_what_is_outside(recent)}.")
    if not camera.ok:
        return _set_up("wrong_view", _turn_words(stretch, side))
    known = seen & (recent.track.view != "unknown")
    if camera.whole_body and np.median(recent.track.size[known]) < SMALL_BODY:
        return _set_up("too_far", "Come closer, or bring the camera nearer.")
    return _enter(stretch, recent, side)


def _missing_words(why: Reason) -> str:
    """What keeps the person from being in the stretch now, without how often it did before."""
    if isinstance(why, OtherPosition):
        return why.condition
    return why.what if isinstance(why, HiddenMeasure) else why.text


def explain_not_judged(result: CueResult) -> Message | None:
    """Tell what to change so that a cue can be judged.

    Parameters
    ----------
    result : CueResult
        How the cue stands.

    Returns
    -------
    Message or None
        None where it was judged, or where the person cannot change the reason.
    """
    if result.reason_code not in _MENDED_BY_FILMING:
        return None
    text = sentence(f"{result.title} cannot be judged: {small(result.advice)}")
    return Message("guide", "not_judged", text, text, result.id)


def _set_up(code: GuideCode, text: str) -> Guidance:
    return Guidance("set-up", code, Message("guide", code, text, text))


def _enter(stretch: Stretch, recent: RecentMeasures, side: Side | None) -> Guidance:
    words = f"Ready. Go into {small(stretch.name)}"
    words += f", {side} side." if side else "."
    why = missing_condition(recent.readings, recent.series.seen, side)
    if why is None:
        return Guidance("ready", "enter", Message("guide", "enter", words, words))
    missing = short_units(_missing_words(why))
    text = f"{words} {capital(missing)}."
    return Guidance("ready", "enter", Message("guide", "enter", text, words))


def _what_is_outside(recent: RecentMeasures) -> str:
    """The part of the body that is outside the picture, in words."""
    size = np.array([recent.raw.source.width, recent.raw.source.height])
    outside = []
    for words, names in _PARTS.items():
        # MediaPipe guesses where a joint is that lies outside the picture.
        points = recent.raw.image[:, [Landmark[name] for name in names]]
        with np.errstate(invalid="ignore"):
            inside = ((points >= 0) & (points <= size)).all(axis=(1, 2))
        if inside.mean() < _MIN_INSIDE:
            outside.append(words)
    return " and ".join(outside) if len(outside) in {1, 2} else "all of you"


def _turn_words(stretch: Stretch, side: Side | None) -> str:
    wanted = stretch.views[0]
    if wanted == "side":
        which = f"your {side} side" if side else "one side"
        return f"Turn side-on: {which} to the camera."
    return _TURN[wanted]
