"""Getting somebody into the picture and into the stretch: what to change before a hold begins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from posecheck.assess.reasons import missing_condition
from posecheck.core.wording import capital, small
from posecheck.landmarks.series import Landmark, Side
from posecheck.live.engine.feedback import Message, Phase
from posecheck.live.engine.tail import Lately
from posecheck.measures.bands import short_units
from posecheck.measures.camera_view import SMALL, summarise_view
from posecheck.stretches import Stretch

_WINDOW_S = 1.5  # of the past that the camera is judged by
_PARTS = {
    "your head": ("nose",),
    "your hands": ("left_wrist", "right_wrist"),
    "your feet": ("left_ankle", "right_ankle", "left_foot_index", "right_foot_index"),
}


@dataclass(frozen=True)
class Guidance:
    """What stands between somebody and the hold: `key` names it, so that it is said once."""

    phase: Phase
    key: str
    message: Message


def guide(stretch: Stretch, lately: Lately, side: Side | None) -> Guidance:
    """Tell the first thing to change; or, where all is well, to go into the stretch.

    Parameters
    ----------
    stretch : Stretch
    lately : Lately
    side : {"left", "right"} or None
        The side that comes next, where one does.
    """
    recent = lately.last(_WINDOW_S)
    if recent.series.seen.mean() < 0.3:
        return _set_up("nobody", "I can't see you: step into the picture, all of you.")
    camera = summarise_view(
        recent.camera, recent.series.seen, wanted=stretch.views, position=stretch.position
    )
    outside = _outside(recent)
    if outside:
        return _set_up("outside", f"Step back: I can't see {outside}.")
    if not camera.ok:
        return _set_up("view", _turn_words(stretch, side))
    if SMALL in camera.advice:
        return _set_up("small", "Come closer, or bring the camera nearer.")
    return _go(stretch, recent, side)


def _set_up(key: str, text: str) -> Guidance:
    return Guidance("set-up", key, Message("guide", text, text))


def _outside(lately: Lately) -> str:
    """The part of the body that is outside the picture, in words; empty where none is."""
    if lately.camera.whole_body.mean() >= 0.5:
        return ""
    size = np.array([lately.raw.source.width, lately.raw.source.height])
    missing = []
    for words, names in _PARTS.items():
        # MediaPipe guesses where a joint is that lies outside the picture.
        points = lately.raw.image[:, [Landmark[name] for name in names]]
        with np.errstate(invalid="ignore"):
            inside = ((points >= 0) & (points <= size)).all(axis=(1, 2))
        if inside.mean() < 0.5:
            missing.append(words)
    return " and ".join(missing) if len(missing) in {1, 2} else "all of you"


def _turn_words(stretch: Stretch, side: Side | None) -> str:
    wanted = stretch.views[0]
    if wanted == "side":
        which = f"your {side} side" if side else "one side"
        return f"Turn side-on: {which} to the camera."
    return {
        "front": "Turn to face the camera.",
        "above": "This one is judged from above: put the camera high, looking down on you.",
        "end-on": "Put the camera beyond your feet, looking along your body.",
    }[wanted]


def _go(stretch: Stretch, recent: Lately, side: Side | None) -> Guidance:
    words = f"Ready. Go into {small(stretch.name)}"
    words += f", {side} side." if side else "."
    missing = short_units(missing_condition(recent.readings, recent.series.seen, side))
    text = f"{words} {capital(missing)}." if missing else words
    return Guidance("ready", "go", Message("guide", text, words))
