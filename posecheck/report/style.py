"""One table for how an outcome looks: the sign, the word and the colours of a status or verdict.

Terminal, pages, notebooks, figures, drawn frames and the live coach all take them from here. The
sign stands beside every colour, which is never the only difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posecheck.assess import report
    from posecheck.assess.cue_result import Status
    from posecheck.sessions.progress import change

Colour = tuple[int, int, int]

# Okabe and Ito's colours, told apart by colour-blind readers and in grey print.
BLUE, GREEN, VERMILION = "#0072b2", "#009e73", "#d55e00"
ORANGE, YELLOW, GREY = "#e69f00", "#f0e442", "#888888"


def bgr(colour: str) -> Colour:
    """A colour written as `#rrggbb` in the order of OpenCV's channels: blue, green, red.

    Parameters
    ----------
    colour : tuple of int
        BGR.

    Returns
    -------
    Colour
    """
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return blue, green, red


# What is drawn on a frame: readable on light and dark clothes.
INK, BONE, NEAR_BONE = "#191919", "#ebebeb", "#3cbeff"


@dataclass(frozen=True)
class Tone:
    """The colours of one kind of outcome.

    Attributes
    ----------
    name : str
        Class of the element on a page, and the name of its CSS variable.
    on_light, on_dark : str
        Text on a light and on a dark ground, `#rrggbb`.
    figure : str
        Lines and marks of a figure on white, `#rrggbb`.
    on_frame : str
        Lines on a frame of the recording, `#rrggbb`; see `frame`.
    terminal : str
        A style of `rich`.
    """

    name: str
    on_light: str
    on_dark: str
    figure: str
    on_frame: str
    terminal: str

    @property
    def frame(self) -> Colour:
        """`on_frame` as OpenCV draws it, BGR."""
        return bgr(self.on_frame)


GOOD = Tone("good", "#00644a", "#5fd3ac", GREEN, GREEN, "green")
BAD = Tone("bad", "#a13c00", "#ff9d66", VERMILION, VERMILION, "bold red")
SOFT = Tone("soft", "#525c65", "#aeb8c0", GREY, "#969696", "dim")
SHORT = Tone("soft", SOFT.on_light, SOFT.on_dark, BLUE, SOFT.on_frame, "cyan")
# The whole of a report: what needs work is no failure of a person, so a terminal is less loud.
WORK = Tone("work", BAD.on_light, BAD.on_dark, BAD.figure, BAD.on_frame, "yellow")
PLAIN = Tone("plain", "", "", GREY, SOFT.on_frame, "")


@dataclass(frozen=True)
class Look:
    """How one outcome is shown.

    Attributes
    ----------
    sign : str
        One character.
    word : str
        What it is called: a word, or a sentence where it is about a whole report.
    tone : Tone
    """

    sign: str
    word: str
    tone: Tone

    @property
    def label(self) -> str:
        """Sign and word."""
        return f"{self.sign} {self.word}"


STATUS: dict[Status, Look] = {
    "pass": Look("✓", "pass", GOOD),
    "fail": Look("✗", "fail", BAD),
    "reached": Look("✓", "reached", GOOD),
    "short": Look("…", "short", SHORT),
    "not_assessed": Look("?", "not assessed", SOFT),
    "said": Look("•", "remember", SOFT),
}

VERDICT: dict[report.Verdict, Look] = {
    "good": Look("✓", "Good: every cue that could be judged passed.", GOOD),
    "needs-work": Look("✗", "Needs work: see what to change.", WORK),
    "not-assessed": Look("?", "Not assessed: see what to change in the recording.", PLAIN),
}

# Whether a value lies in the band that passes; None where a single frame cannot tell.
IN_BAND: dict[bool | None, Look] = {
    True: Look("✓", "passes", GOOD),
    False: Look("✗", "does not pass", BAD),
    None: Look("", "cannot be told", SOFT),
}

# Whether what a source asks for was done; None where that is not known.
DOSE_MET: dict[bool | None, Look] = {
    True: Look("✓", "met", GOOD),
    False: Look("–", "not met", PLAIN),
    None: Look("?", "not known", PLAIN),
}

# Change over the sessions. That a value falls is no sign of a loss: the verdict knows which way.
CHANGE: dict[change.Verdict, Look] = {
    "real gain": Look("+", "real gain", GOOD),
    "real loss": Look("−", "real loss", BAD),
    "within measurement noise": Look("≈", "within measurement noise", PLAIN),
    "building baseline": Look("…", "building baseline", SOFT),
}
