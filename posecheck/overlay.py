"""What was measured, drawn on the frame: skeleton, angles, cues and the hold's clock."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import cv2
import numpy as np
from matplotlib import font_manager
from PIL import Image, ImageDraw, ImageFont

from posecheck.cue_result import STATUS_SIGN, CueResult
from posecheck.form import FormCheck
from posecheck.geometry import Array
from posecheck.intervals import Interval
from posecheck.landmarks import SKELETON, Landmark
from posecheck.measure_table import MEASURES
from posecheck.values import band_margin, short_units, show_value

Colour = tuple[int, int, int]

# BGR; readable on light and dark clothes, told apart without red and green.
GOOD: Colour = (115, 158, 0)
BAD: Colour = (0, 94, 213)
UNKNOWN: Colour = (150, 150, 150)
BONE: Colour = (235, 235, 235)
NEAR_BONE: Colour = (255, 190, 60)
INK: Colour = (25, 25, 25)

_FAR_PX = 10_000  # farther outside the picture OpenCV's fixed-point coordinates overflow

STATUS_COLOUR = {"pass": GOOD, "reached": GOOD, "fail": BAD}


class Overlay:
    """Draws one check's findings on its frames.

    Parameters
    ----------
    form : FormCheck
    """

    def __init__(self, form: FormCheck) -> None:
        self._form = form
        self._panel_right = _body_is_left(form)

    def draw(self, image: np.ndarray, index: int) -> np.ndarray:
        """Draw one frame's findings.

        Parameters
        ----------
        image : ndarray, shape (height, width, 3), uint8 BGR
            The frame, upright, of any scale.
        index : int
            The frame's row in the check's tables.

        Returns
        -------
        ndarray
            A new image of the same shape.
        """
        form = self._form
        canvas = image.copy()
        points = form.cleaned.image[index] * (image.shape[1] / form.series.source.width)
        pen = max(1, round(np.hypot(*image.shape[:2]) / 450))
        near = str(form.camera_frames.near_side[index])
        _draw_skeleton(canvas, points, near, pen)
        hold = _hold_at(form, index)
        if hold is not None:
            taken: list[tuple[int, int, int, int]] = []
            # What is wrong goes on top: two cues may share a limb.
            for cue in sorted(_cues_of(form, hold), key=lambda cue: cue.status == "fail"):
                _draw_cue(canvas, form, cue, index, points, near, pen, taken)
        _draw_panel(canvas, form, index, pen, right=self._panel_right)
        return canvas


def _body_is_left(form: FormCheck) -> bool:
    """Whether the top left corner, where the text would stand, is where the body mostly is."""
    points = form.cleaned.image.reshape(-1, 2)
    points = points[np.isfinite(points).all(axis=1)]
    upper = points[points[:, 1] < 0.5 * form.series.source.height]
    if not len(upper):
        return False
    share = upper[:, 0] / form.series.source.width
    return bool((share < 0.45).sum() > (share > 0.55).sum())


def _hold_at(form: FormCheck, index: int) -> Interval | None:
    return next((hold for hold in form.holds if hold.start <= index < hold.stop), None)


def _cues_of(form: FormCheck, hold: Interval | None) -> list[CueResult]:
    """The cues that a hold is judged by: those of its side; outside of holds all of them."""
    return [cue for cue in form.cues if hold is None or cue.held in {None, hold.side}]


def _clock(form: FormCheck, index: int) -> str:
    if len(form.series) == 1:
        return ""
    t_s, hold = float(form.series.t_s[index]), _hold_at(form, index)
    if hold is None:
        return f"   {t_s:.1f} s"
    kind = "hold" if form.stretch.hold.still is not None else "flow"
    return f"   {t_s:.1f} s   {kind} {t_s - hold.start_s:.1f} s"


def _draw_skeleton(canvas: np.ndarray, points: Array, near: str, pen: int) -> None:
    far_first = sorted(SKELETON, key=lambda bone: _is_near(bone, near))
    for bone in far_first:
        stressed = _is_near(bone, near)
        start, end = points[bone[0]], points[bone[1]]
        if np.isfinite([start, end]).all():
            _line(canvas, start, end, INK, pen * (4 if stressed else 2))
            _line(canvas, start, end, NEAR_BONE if stressed else BONE, pen * (3 if stressed else 1))
    for mark in Landmark:
        if mark.name.startswith(near or "-") and mark >= Landmark.left_shoulder:
            _dot(canvas, points[mark], 2 * pen)


def _is_near(bone: tuple[Landmark, Landmark], near: str) -> bool:
    return bool(near) and all(end.name.startswith(near) for end in bone)


def _pixel(point: Array) -> tuple[int, int]:
    x, y = np.clip(point, -_FAR_PX, _FAR_PX)
    return round(float(x)), round(float(y))


def _line(canvas: np.ndarray, start: Array, end: Array, colour: Colour, width: int) -> None:
    cv2.line(canvas, _pixel(start), _pixel(end), colour, width, cv2.LINE_AA)


def _dot(canvas: np.ndarray, point: Array, radius: int) -> None:
    if np.isfinite(point).all():
        cv2.circle(canvas, _pixel(point), radius, INK, -1, cv2.LINE_AA)
        cv2.circle(canvas, _pixel(point), max(1, radius - 1), BONE, -1, cv2.LINE_AA)


def _draw_cue(
    canvas: np.ndarray,
    form: FormCheck,
    cue: CueResult,
    index: int,
    points: Array,
    near: str,
    pen: int,
    labels: list[tuple[int, int, int, int]],
) -> None:
    """Draw a cue's angle or distance where it is, in the colour of this very frame."""
    if cue.measure is None or cue.observed is None or cue.measure not in form.measures:
        return  # a time, say, is nowhere
    value = float(form.measures[cue.measure].iloc[index])
    if not np.isfinite(value):  # as it is wherever nobody was seen, and no side is near
        return
    what = MEASURES[cue.measure.removeprefix(f"{cue.side}_") if cue.side else cue.measure]
    corners = [_corner(points, name, cue.side or near) for name in what.points]
    if not np.isfinite(corners).all():
        return
    colour = _cue_colour(cue, value)
    for start, end in pairwise(corners):
        _line(canvas, start, end, colour, pen * 2)
    at = corners[1] if len(corners) == 3 else (corners[0] + corners[-1]) / 2
    if what.unit == "deg" and len(corners) == 3:
        if what.prolonged:
            corners[0] = 2 * corners[1] - corners[0]
        _arc(canvas, corners, colour, pen)
    text = short_units(show_value(value, what.unit))
    _place_label(canvas, text, at, colour, pen, labels)


def _cue_colour(cue: CueResult, value: float) -> Colour:
    """The colour of this frame's value; of the whole cue where it is about change."""
    if cue.about_change:
        return STATUS_COLOUR.get(cue.status, UNKNOWN)
    good = band_margin(value, cue.target, cue.tolerance or 0.0) >= 0
    return GOOD if good else BAD if cue.kind == "alignment" else UNKNOWN


def _corner(points: Array, name: str, side: str) -> Array:
    mark = f"{side}_{name}"
    return points[Landmark[mark if mark in Landmark.__members__ else name]]


def _arc(canvas: np.ndarray, corners: list[Array], colour: Colour, pen: int) -> None:
    start, vertex, end = corners
    shorter = min(np.linalg.norm(start - vertex), np.linalg.norm(end - vertex))
    radius = round(min(0.35 * float(shorter), _FAR_PX))
    angles = [np.degrees(np.arctan2(*(p - vertex)[::-1])) for p in (start, end)]
    sweep = (angles[1] - angles[0] + 180) % 360 - 180
    cv2.ellipse(
        canvas,
        _pixel(vertex),
        (radius, radius),
        0,
        angles[0],
        angles[0] + sweep,
        colour,
        pen * 2,
        cv2.LINE_AA,
    )


def _place_label(
    canvas: np.ndarray,
    text: str,
    at: Array,
    colour: Colour,
    pen: int,
    taken: list[tuple[int, int, int, int]],
) -> None:
    """Put a label beside a point, lower where another label stands already."""
    label = _label(text, 9 * pen, colour)
    height, width = label.shape[:2]
    x, y = (int(v) for v in at + 5 * pen)
    x = int(np.clip(x, 0, max(0, canvas.shape[1] - width)))
    while any(x < r and x + width > left and y < b and y + height > t for left, t, r, b in taken):
        y += height // 2 + 1
    taken.append((x, y, x + width, y + height))
    _paste(canvas, label, x, y)


def _draw_panel(canvas: np.ndarray, form: FormCheck, index: int, pen: int, *, right: bool) -> None:
    """Name, clock and the cues' outcome in an upper corner."""
    lines: list[tuple[str, Colour]] = [(form.stretch.name + _clock(form, index), BONE)]
    for cue in _cues_of(form, _hold_at(form, index)):
        if cue.kind != "reminder":
            value = "" if cue.observed is None else f"  {show_value(cue.observed, cue.unit)}"
            side = f" ({cue.side})" if form.stretch.sides == "each" and cue.side else ""
            words = f"{STATUS_SIGN[cue.status]} {cue.title}{side}{short_units(value)}"
            lines.append((words, STATUS_COLOUR.get(cue.status, UNKNOWN)))
    y = 3 * pen
    for text, colour in lines:
        label = _label(text, 8 * pen, colour)
        x = canvas.shape[1] - label.shape[1] - 3 * pen if right else 3 * pen
        _paste(canvas, label, max(0, x), y)
        y += label.shape[0] + pen


@lru_cache(maxsize=512)
def _label(text: str, size: int, colour: Colour) -> np.ndarray:
    """A line of text on a dark plate, as a BGR image."""
    font = _font(size)
    left, _, right, _ = font.getbbox(text)
    pad = max(2, size // 4)
    ascent, descent = font.getmetrics()
    plate = Image.new("RGB", (round(right - left) + 2 * pad, ascent + descent + pad), INK)
    bright = tuple(int(0.35 * 255 + 0.65 * c) for c in colour)
    ImageDraw.Draw(plate).text((pad - left, pad // 2), text, font=font, fill=bright)
    return np.asarray(plate)


@lru_cache(maxsize=8)
def _font(size: int) -> ImageFont.FreeTypeFont:
    """DejaVu Sans, which matplotlib brings along on every platform."""
    return ImageFont.truetype(font_manager.findfont("DejaVu Sans"), size)


def _paste(canvas: np.ndarray, label: np.ndarray, x: int, y: int) -> None:
    """Put a label on the canvas, cut off at its edges."""
    height = min(label.shape[0], canvas.shape[0] - y)
    width = min(label.shape[1], canvas.shape[1] - x)
    if height > 0 and width > 0 and x >= 0 and y >= 0:
        canvas[y : y + height, x : x + width] = label[:height, :width]
