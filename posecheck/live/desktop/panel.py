"""The words around the live picture: what to do now, the clock, the cues, and how to stop."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from posecheck.live.engine.feedback import (
    KIND_SIGN,
    Clock,
    CueState,
    Feedback,
    Kind,
    Message,
    Phase,
)
from posecheck.report.canvas import BONE, NEAR_BONE, label, paste, wrap
from posecheck.report.style import BAD, GOOD, IN_BAND, SOFT, STATUS, Colour
from posecheck.stretches import Stretch

STOP = "Stop if it hurts: Esc"

_KIND_COLOUR: dict[Kind, Colour] = {
    "guide": BONE,
    "correct": BAD.frame,
    "praise": GOOD.frame,
    "time": NEAR_BONE,
    "done": GOOD.frame,
    "safety": BAD.frame,
}

# Letters of a 1280 x 720 window: a caption is read from two metres, the list from nearby.
_CAPTION = (72, 60, 50, 42, 34, 26, 20)
_BIG = (150, 120, 100, 80)
_MIDDLE = 36
_LIST_WIDE, _LIST_NARROW, _WIDE_PX = 28, 24, 450

KEYS = (
    ("Space", "pause, and go on"),
    ("M", "voice off, and on again"),
    ("F", "full screen, and back"),
    ("S or Esc", "stop, and see the report"),
    ("H", "show or hide this"),
)
_LEGEND: tuple[tuple[str, Colour], ...] = (
    (f"{IN_BAND[True].sign} in the band that passes", GOOD.frame),
    (f"{IN_BAND[False].sign} outside of it: change this", BAD.frame),
    (f"{STATUS['not_assessed'].sign} cannot be judged now", SOFT.frame),
    ("thick blue lines: the side towards the camera", NEAR_BONE),
)


def phase_word(phase: Phase, stretch: Stretch) -> str:
    """Name the phase in a word: a hold of a stretch that moves is a flow.

    Parameters
    ----------
    phase : Phase
    stretch : Stretch

    Returns
    -------
    str
    """
    if phase == "hold":
        return "hold" if stretch.hold.still is not None else "flow"
    return phase


def draw_caption(canvas: np.ndarray, message: Message | None) -> None:
    """Write the message across `canvas`, as large as it fits.

    Parameters
    ----------
    canvas : ndarray, shape (height, width, 3)
        uint8, BGR; drawn on in place.
    message : Message or None
    """
    if message is None:
        return
    text = f"{KIND_SIGN[message.kind]} {message.text}"
    height, width = canvas.shape[:2]
    for size in _CAPTION:
        lines = wrap(text, size, width)
        plates = [label(line, size, _KIND_COLOUR[message.kind]) for line in lines]
        if sum(plate.shape[0] for plate in plates) <= height:
            break
    y = max(0, (height - sum(plate.shape[0] for plate in plates)) // 2)
    for plate in plates:
        paste(canvas, plate, 0, y)
        y += plate.shape[0]


def draw_side_panel(canvas: np.ndarray, feedback: Feedback, stretch: Stretch) -> None:
    """Write name, phase, clock and cues below one another.

    Parameters
    ----------
    canvas : ndarray, shape (height, width, 3)
        uint8, BGR; drawn on in place.
    feedback : Feedback
    stretch : Stretch
    """
    clock = feedback.clock
    small = _LIST_WIDE if canvas.shape[1] >= _WIDE_PX else _LIST_NARROW
    name = f"{stretch.name}: {phase_word(feedback.phase, stretch)}"
    y = _write(canvas, name, small, NEAR_BONE, 4)
    big, meaning = _clock_words(feedback.phase, clock)
    y = _write(canvas, meaning, _MIDDLE, BONE, _write_big(canvas, big, y))
    if feedback.phase == "hold" and clock.target_s:
        y = _draw_bar(canvas, clock.held_s / clock.target_s, y)
    y = _write(canvas, _place_in_dose(clock), _MIDDLE, BONE, y)
    # What is wrong comes first, in case the rest finds no room.
    for cue in sorted(feedback.cues, key=lambda cue: cue.status != "fail"):
        y = _write(canvas, _cue_line(cue), small, STATUS[cue.status].tone.frame, y)


def _clock_words(phase: Phase, clock: Clock) -> tuple[str, str]:
    """What stands large, and what it means."""
    if phase == "rest":
        return f"{np.ceil(clock.rest_left_s):.0f} s", "of rest left"
    if phase == "done":
        return IN_BAND[True].sign, ""
    if clock.target_reps is not None:
        return f"{clock.reps}", f"of {clock.target_reps} reps"
    if phase != "hold":
        return "", ""
    # Whole seconds that have passed: a clock that runs ahead would end a hold too early.
    return f"{int(clock.held_s)} s", f"of {clock.target_s:.0f} s" if clock.target_s else ""


def _place_in_dose(clock: Clock) -> str:
    parts = [f"{clock.side} side"] if clock.side else []
    parts += [f"set {clock.set_number} of {clock.sets}"] if clock.sets > 1 else []
    return ", ".join(parts)


def _cue_line(cue: CueState) -> str:
    return f"{STATUS[cue.status].sign} {cue.title}  {cue.text}"


def _draw_bar(canvas: np.ndarray, share: float, y: int) -> int:
    width, height = canvas.shape[1], 16
    filled = round(width * min(1.0, share))
    canvas[y : y + height] = SOFT.frame
    canvas[y : y + height, :filled] = NEAR_BONE
    return y + height + 8


def _write(canvas: np.ndarray, text: str, size: int, colour: Colour, y: int) -> int:
    """Write a text from `y` on, wrapped, if it fits; give the height where the next one begins."""
    plates = [label(line, size, colour) for line in wrap(text, size, canvas.shape[1])]
    if not text or y + sum(plate.shape[0] for plate in plates) > canvas.shape[0]:
        return y
    for plate in plates:
        paste(canvas, plate, 0, y)
        y += plate.shape[0]
    return y


def _write_big(canvas: np.ndarray, text: str, y: int) -> int:
    """Write digits as large as the width allows, without the room that other letters need."""
    if not text:
        return y
    width = canvas.shape[1]
    size = next((size for size in _BIG if len(wrap(text, size, width)) == 1), _BIG[-1])
    plate = label(text, size, BONE)
    paste(canvas, plate[round(0.2 * size) : round(1.15 * size)], 0, y)
    return y + round(0.95 * size)


def draw_footer(canvas: np.ndarray, notes: Sequence[str]) -> None:
    """Write how to stop, always, and short remarks beside it.

    Parameters
    ----------
    canvas : ndarray, shape (height, width, 3)
        uint8, BGR; drawn on in place.
    notes : sequence of str
    """
    stop = label(STOP, 32, BAD.frame)
    paste(canvas, stop, 0, 0)
    rest = label(" · ".join((*notes, "H: keys")), 26, BONE)
    paste(canvas, rest, max(stop.shape[1], canvas.shape[1] - rest.shape[1]), 4)


def draw_help(canvas: np.ndarray) -> None:
    """Write over the picture what the keys do and what the signs mean.

    Parameters
    ----------
    canvas : ndarray, shape (height, width, 3)
        uint8, BGR; drawn on in place.
    """
    canvas[:] = canvas // 4
    y = 10
    for key, does in KEYS:
        y = _write(canvas, f"{key}: {does}", 34, BONE, y)
    y += 20
    for text, colour in _LEGEND:
        y = _write(canvas, text, 34, colour, y)
