"""What a browser gets at first: script, style sheet, and what it shows before the start."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from posecheck.core.wording import BEFORE_FIRST_SESSION, WHAT_THIS_IS, WHILE_STRETCHING
from posecheck.landmarks.series import SKELETON, Landmark, Side
from posecheck.live.engine.feedback import KIND_SIGN
from posecheck.report import style as looks
from posecheck.stretches import Stretch

_STATIC = Path(__file__).parent / "static"
# They share one scope, because a cell takes one module and no imports; the last one exports.
_PARTS = (
    "words.js",
    "elements.js",
    "drawing.js",
    "camera.js",
    "pictures.js",
    "voice.js",
    "stage.js",
    "ending.js",
    "coach.js",
    "socket.js",
    "widget.js",
)


def script() -> str:
    """Return the module, the same for a cell and a page.

    It exports `Coach`, `socketTransport` and, by default, what anywidget renders.
    """
    return "\n".join([f"const LOOKS = {json.dumps(_looks())};", *map(_read, _PARTS)])


def style() -> str:
    """Return the style sheet, after the colours that it shares with everything else."""
    colours = {
        "good": looks.GOOD.on_dark,
        "bad": looks.BAD.on_dark,
        "attention": looks.VERMILION,
        "near": looks.NEAR_BONE,
        "focus": looks.BLUE,
    }
    variables = " ".join(f"--{name}: {colour};" for name, colour in colours.items())
    return f".posecheck-coach {{ {variables} }}\n\n{_read('widget.css')}"


def _looks() -> dict[str, Any]:
    """Signs, words and colours for the script, which has none of its own."""
    return {
        "status": {
            status: {"sign": look.sign, "word": look.word} for status, look in looks.STATUS.items()
        },
        "mark": {
            json.dumps(good): {"sign": look.sign, "colour": look.tone.on_frame}
            for good, look in looks.IN_BAND.items()
        },
        "message": KIND_SIGN,
        "frame": {"ink": looks.INK, "bone": looks.BONE, "near_bone": looks.NEAR_BONE},
    }


def page_html() -> str:
    """The page around the coach, where it has a page of its own."""
    return _read("page.html")


def page_script() -> str:
    """Return what a page of its own runs: it imports the module as `./widget.js`."""
    return _read("page.js")


def setup_message(stretch: Stretch, side: Side | None) -> dict[str, Any]:
    """Make the message with what a client shows before the start, and needs for drawing.

    Parameters
    ----------
    stretch : Stretch
    side : {"left", "right"} or None
        The side that is chosen at first.

    Returns
    -------
    dict
        Plain data for JSON.
    """
    return {
        "kind": "setup",
        "stretch": {
            "name": stretch.name,
            "how": " ".join(stretch.how.split()),
            "film": " ".join(stretch.film.split()),
            "dose": [dose.amount for dose in stretch.doses],
            "each_side": stretch.sides == "each",
        },
        "side": side,
        "safety": [BEFORE_FIRST_SESSION, WHILE_STRETCHING, *stretch.safety, WHAT_THIS_IS],
        "bones": [[int(start), int(end), _side(start, end)] for start, end in SKELETON],
    }


def _side(start: Landmark, end: Landmark) -> str | None:
    sides = {landmark.name.split("_")[0] for landmark in (start, end)}
    return sides.pop() if len(sides) == 1 else None


def _read(name: str) -> str:
    return (_STATIC / name).read_text(encoding="utf-8")
