"""What was measured, drawn on the frame: skeleton, angles, cues and the hold's clock."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from posecheck.assess.cue_result import CueResult
from posecheck.assess.interval import Interval
from posecheck.assess.report import Report
from posecheck.core.geometry import Array
from posecheck.landmarks.series import sided_landmark
from posecheck.measures.bands import band_margin, short_units, show_value
from posecheck.measures.catalogue import MEASURES
from posecheck.report.canvas import (
    BONE,
    Box,
    draw_arc,
    draw_line,
    draw_skeleton,
    label,
    line_width,
    paste,
    place_label,
)
from posecheck.report.style import IN_BAND, STATUS, Colour


class Overlay:
    """Draws one check's findings on its frames.

    Parameters
    ----------
    report : Report
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._panel_right = _body_is_left(report)

    def draw(
        self, image: np.ndarray, index: int, *, panel: bool = True, line_px: int | None = None
    ) -> np.ndarray:
        """Draw one frame's findings.

        Parameters
        ----------
        image : ndarray, shape (height, width, 3), uint8 BGR
            The frame, upright, of any scale.
        index : int
            The frame's row in the check's tables.
        panel : bool
            Also write name, clock and the cues' outcome in a corner.
        line_px : int, optional
            Width of a thin line in pixels, which text goes by too; by default by the image's size.

        Returns
        -------
        ndarray
            A new image of the same shape.
        """
        report = self._report
        canvas = image.copy()
        points = report.cleaned.image[index] * (image.shape[1] / report.series.source.width)
        line_px = line_px or line_width(image)
        near = str(report.track.near_side[index])
        draw_skeleton(canvas, points, near, line_px)
        hold = _hold_at(report, index)
        if hold is not None:
            # What is wrong goes on top: two cues may share a limb. Words stand above all lines.
            cues = sorted(_cues_of(report, hold), key=lambda cue: cue.status == "fail")
            words = [_draw_cue(canvas, report, cue, index, points, near, line_px) for cue in cues]
            taken: list[Box] = []
            for word in words:
                if word is not None:
                    place_label(canvas, *word, line_px, taken)
        if panel:
            _draw_panel(canvas, report, index, line_px, right=self._panel_right)
        return canvas


def _body_is_left(report: Report) -> bool:
    """Whether the top left corner, where the text would stand, is where the body mostly is."""
    points = report.cleaned.image.reshape(-1, 2)
    points = points[np.isfinite(points).all(axis=1)]
    upper = points[points[:, 1] < 0.5 * report.series.source.height]
    if not len(upper):
        return False
    share = upper[:, 0] / report.series.source.width
    return bool((share < 0.45).sum() > (share > 0.55).sum())


def _hold_at(report: Report, index: int) -> Interval | None:
    return next((hold for hold in report.holds if hold.start <= index < hold.stop), None)


def _cues_of(report: Report, hold: Interval | None) -> list[CueResult]:
    """The cues that a hold is judged by: those of its side; outside of holds all of them."""
    return [cue for cue in report.cues if hold is None or cue.held in {None, hold.side}]


def _clock(report: Report, index: int) -> str:
    if len(report.series) == 1:
        return ""
    t_s, hold = float(report.series.t_s[index]), _hold_at(report, index)
    if hold is None:
        return f"   {t_s:.1f} s"
    kind = "hold" if report.stretch.hold.still is not None else "flow"
    return f"   {t_s:.1f} s   {kind} {t_s - hold.start_s:.1f} s"


def _draw_cue(
    canvas: np.ndarray,
    report: Report,
    cue: CueResult,
    index: int,
    points: Array,
    near: str,
    line_px: int,
) -> tuple[str, Array, Colour] | None:
    """Draw a cue's angle or distance where it is, in the colour of this very frame.

    Returns the words that belong to it, with their place and colour.
    """
    if cue.column is None or cue.observed is None or cue.column not in report.measures:
        return None  # a time, say, is nowhere
    value = float(report.measures[cue.column].iloc[index])
    if not np.isfinite(value):  # as wherever no person was seen, or no side is near
        return None
    what = MEASURES[cue.measure or ""]
    corners = [points[sided_landmark(name, cue.side or near)] for name in what.points]
    if not np.isfinite(corners).all():
        return None
    colour = _cue_colour(cue, value)
    for start, end in pairwise(corners):
        draw_line(canvas, start, end, colour, line_px * 2)
    at = corners[1] if len(corners) == 3 else (corners[0] + corners[-1]) / 2
    if what.unit == "deg" and len(corners) == 3:
        if what.prolonged:
            corners[0] = 2 * corners[1] - corners[0]
        draw_arc(canvas, corners, colour, line_px)
    return short_units(show_value(value, what.unit)), at, colour


def _cue_colour(cue: CueResult, value: float) -> Colour:
    """The colour of this frame's value; of the whole cue where no frame tells by itself."""
    if cue.about_change or cue.status == "not_assessed":
        return STATUS[cue.status].tone.frame
    inside = band_margin(value, cue.target, cue.tolerance or 0.0) >= 0
    # Outside of a depth cue's band nothing is wrong.
    return IN_BAND[inside if inside or cue.kind == "alignment" else None].tone.frame


def _draw_panel(
    canvas: np.ndarray, report: Report, index: int, line_px: int, *, right: bool
) -> None:
    """Name, clock and the cues' outcome in an upper corner."""
    lines: list[tuple[str, Colour]] = [(report.stretch.name + _clock(report, index), BONE)]
    for cue in _cues_of(report, _hold_at(report, index)):
        if cue.kind != "reminder":
            value = "" if cue.observed is None else f"  {show_value(cue.observed, cue.unit)}"
            side = f" ({cue.side})" if report.stretch.sides == "each" and cue.side else ""
            look = STATUS[cue.status]
            words = f"{look.sign} {cue.title}{side}{short_units(value)}"
            lines.append((words, look.tone.frame))
    y = 3 * line_px
    for text, colour in lines:
        plate = label(text, 8 * line_px, colour)
        x = canvas.shape[1] - plate.shape[1] - 3 * line_px if right else 3 * line_px
        paste(canvas, plate, max(0, x), y)
        y += plate.shape[0] + line_px
