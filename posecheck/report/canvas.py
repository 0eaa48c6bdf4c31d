"""What everything drawn on a frame is drawn with: colours, bones, angles and lines of text."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from matplotlib import font_manager
from PIL import Image, ImageDraw, ImageFont

from posecheck.core.geometry import Array
from posecheck.landmarks.series import SKELETON, Landmark
from posecheck.report import style
from posecheck.report.style import Colour, bgr

INK, BONE, NEAR_BONE = bgr(style.INK), bgr(style.BONE), bgr(style.NEAR_BONE)

_FAR_PX = 10_000  # farther outside the picture OpenCV's fixed-point coordinates overflow

Box = tuple[int, int, int, int]  # left, top, right, bottom


def line_width(image: np.ndarray) -> int:
    """The width of a thin line, in pixels, on a picture of this size.

    Parameters
    ----------
    image : ndarray, shape (height, width, 3)
        uint8, BGR.

    Returns
    -------
    int
    """
    return max(1, round(np.hypot(*image.shape[:2]) / 450))


def draw_skeleton(canvas: np.ndarray, points: Array, near: str, line_px: int) -> None:
    """Draw the bones of (33, 2) pixels, NaN where hidden; those of the near side stand out.

    Parameters
    ----------
    canvas : ndarray, shape (height, width, 3)
        uint8, BGR; drawn on in place.
    points : ndarray, shape (33, 2)
        Pixels; NaN where hidden.
    near : str
        The side that is nearer to the camera.
    line_px : int
        Width of a thin line.
    """
    far_first = sorted(SKELETON, key=lambda bone: _is_near(bone, near))
    for bone in far_first:
        stressed = _is_near(bone, near)
        start, end = points[bone[0]], points[bone[1]]
        if np.isfinite([start, end]).all():
            draw_line(canvas, start, end, INK, line_px * (4 if stressed else 2))
            colour, width = (NEAR_BONE, 3 * line_px) if stressed else (BONE, line_px)
            draw_line(canvas, start, end, colour, width)
    for mark in Landmark:
        if mark.name.startswith(near or "-") and mark >= Landmark.left_shoulder:
            _dot(canvas, points[mark], 2 * line_px)


def _is_near(bone: tuple[Landmark, Landmark], near: str) -> bool:
    return bool(near) and all(end.name.startswith(near) for end in bone)


def _pixel(point: Array) -> tuple[int, int]:
    x, y = np.clip(point, -_FAR_PX, _FAR_PX)
    return round(float(x)), round(float(y))


def draw_line(canvas: np.ndarray, start: Array, end: Array, colour: Colour, width: int) -> None:
    """Draw a line between two points, wherever they are.

    Parameters
    ----------
    canvas : ndarray, shape (height, width, 3)
        uint8, BGR; drawn on in place.
    start : ndarray, shape (2,)
        Pixels.
    end : ndarray, shape (2,)
        Pixels.
    colour : tuple of int
        BGR.
    width : int
    """
    cv2.line(canvas, _pixel(start), _pixel(end), colour, width, cv2.LINE_AA)


def _dot(canvas: np.ndarray, point: Array, radius: int) -> None:
    if np.isfinite(point).all():
        cv2.circle(canvas, _pixel(point), radius, INK, -1, cv2.LINE_AA)
        cv2.circle(canvas, _pixel(point), max(1, radius - 1), BONE, -1, cv2.LINE_AA)


def draw_arc(canvas: np.ndarray, corners: list[Array], colour: Colour, line_px: int) -> None:
    """Draw an angle: `corners` are a point on its first line, its vertex, one on its second.

    Parameters
    ----------
    canvas : ndarray, shape (height, width, 3)
        uint8, BGR; drawn on in place.
    corners : list of ndarray
    colour : tuple of int
        BGR.
    line_px : int
        Width of a thin line.
    """
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
        line_px * 2,
        cv2.LINE_AA,
    )


def place_label(
    canvas: np.ndarray,
    text: str,
    at: Array,
    colour: Colour,
    line_px: int,
    taken: list[Box],
) -> None:
    """Put a label beside a point: inside the picture, clear of the labels that stand already.

    Parameters
    ----------
    canvas : ndarray, shape (height, width, 3)
        uint8, BGR; drawn on in place.
    text : str
    at : ndarray, shape (2,)
        Pixels.
    colour : tuple of int
        BGR.
    line_px : int
        Width of a thin line.
    taken : list of Box
    """
    plate = label(text, 9 * line_px, colour)
    height, width = plate.shape[:2]
    lowest = max(0, canvas.shape[0] - height)
    x, y = (int(v) for v in np.clip(at, -_FAR_PX, _FAR_PX) + 5 * line_px)
    x = int(np.clip(x, 0, max(0, canvas.shape[1] - width)))
    y = int(np.clip(y, 0, lowest))
    step = height // 2 + 1
    # Downwards as long as there is room, then upwards from where it began.
    places = [*range(y, lowest + 1, step), *range(y, -1, -step)]
    clear = (
        place
        for place in places
        if not any(
            x < right and x + width > left and place < bottom and place + height > top
            for left, top, right, bottom in taken
        )
    )
    y = next(clear, y)
    taken.append((x, y, x + width, y + height))
    paste(canvas, plate, x, y)


@lru_cache(maxsize=128)
def label(text: str, size: int, colour: Colour) -> np.ndarray:
    """A line of text on a dark plate, as a BGR image.

    Parameters
    ----------
    text : str
    size : int
    colour : tuple of int
        BGR.

    Returns
    -------
    ndarray
    """
    text = one_line(text)
    font = _font(size)
    left, _, right, _ = font.getbbox(text)
    pad = max(2, size // 4)
    ascent, descent = font.getmetrics()
    plate = Image.new("RGB", (round(right - left) + 2 * pad, ascent + descent + pad), INK)
    bright = tuple(int(0.35 * 255 + 0.65 * c) for c in colour)
    ImageDraw.Draw(plate).text((pad - left, pad // 2), text, font=font, fill=bright)
    return np.asarray(plate)


def one_line(text: str) -> str:
    """Any text as one line that a font can set; half a character becomes a question mark.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
    """
    return " ".join(text.encode("utf-8", "replace").decode("utf-8").split())


def text_width(text: str, size: int) -> int:
    """Pixels that `label` takes for a text.

    Parameters
    ----------
    text : str
    size : int

    Returns
    -------
    int
    """
    left, _, right, _ = _font(size).getbbox(one_line(text))
    return round(right - left) + 2 * max(2, size // 4)


@lru_cache(maxsize=128)
def wrap(text: str, size: int, width: int) -> tuple[str, ...]:
    """Break a text into lines that fit; a word too long for a line is broken too.

    Parameters
    ----------
    text : str
    size : int
    width : int

    Returns
    -------
    tuple[str, ...]
    """
    lines = [""]
    for word in one_line(text).split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if text_width(longer, size) <= width or not longer:
            lines[-1] = longer
            continue
        lines += [""] if lines[-1] else []
        for character in word:
            if lines[-1] and text_width(lines[-1] + character, size) > width:
                lines.append("")
            lines[-1] += character
    return tuple(lines)


@lru_cache(maxsize=8)
def _font(size: int) -> ImageFont.FreeTypeFont:
    """DejaVu Sans, which matplotlib brings along on every platform."""
    return ImageFont.truetype(font_manager.findfont("DejaVu Sans"), size)


def paste(canvas: np.ndarray, plate: np.ndarray, x: int, y: int) -> None:
    """Put a label on the canvas, cut off at its edges.

    Parameters
    ----------
    canvas : ndarray, shape (height, width, 3)
        uint8, BGR; drawn on in place.
    plate : ndarray
    x : int
    y : int
    """
    height = min(plate.shape[0], canvas.shape[0] - y)
    width = min(plate.shape[1], canvas.shape[1] - x)
    if height > 0 and width > 0 and x >= 0 and y >= 0:
        canvas[y : y + height, x : x + width] = plate[:height, :width]
