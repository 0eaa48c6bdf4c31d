"""Moments of a recording as pictures with the angles drawn, small enough to be part of a page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from posecheck.assess.report import Report
from posecheck.core.errors import SourceError
from posecheck.core.geometry import Array
from posecheck.media.open import open_source
from posecheck.report.html.key_frames import Moment
from posecheck.report.html.rendering import data_url
from posecheck.report.overlay import Overlay

_READ_SIDE_PX = 1280
_SHOWN_SIDE_PX = 960
_LARGEST_SIDE_PX = 2560
_JPEG_QUALITY = 82
_BLANK = 232  # light grey, on which the skeleton's white and dark lines both show
_MARGIN = 0.15  # round the drawing, as a share of its size: a head reaches beyond its landmarks
_ROUND_BODY = 1.3  # the part that is shown, over the body's size
_FLATTEST, _TALLEST = 1.9, 0.8  # width over height
_PRINTED_MM = np.array([90.0, 62.0])  # a picture is printed no wider and no higher than this
_PEN_MM = 0.28  # a thin line on paper; the words, nine times as high, are then easy to read

Images = dict[int, np.ndarray]
Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Picture:
    """What a page shows of a moment."""

    source: str
    width: int
    height: int
    title: str
    words: str
    alt: str


def draw_moments(form: Report, moments: list[Moment]) -> tuple[list[Picture], str]:
    """Draw the findings on the recording at some moments.

    Parameters
    ----------
    form : Report
    moments : list of Moment

    Returns
    -------
    list of Picture
        All of the same part of the picture, so that they can be compared.
    str
        Why the recording is not shown; empty where it is.
    """
    note = ""
    try:
        images = _read(form, [moment.index for moment in moments])
    except SourceError as error:
        note = f"The recording could not be read again ({error.what}): the skeleton is drawn alone."
        images = {moment.index: _blank(form) for moment in moments}
    images = _enlarged(form, images)
    px_per_mm = float((_ROUND_BODY * _body_size(form, images) / _PRINTED_MM).max())
    pen = max(1, round(_PEN_MM * px_per_mm))
    overlay = Overlay(form)
    drawn = {i: overlay.draw(image, i, panel=False, pen=pen) for i, image in images.items()}
    box = _box(images, drawn)
    return [_picture(form, moment, drawn[moment.index], box) for moment in moments], note


def _read(form: Report, indices: list[int]) -> Images:
    """The frames of some rows, in one pass that ends with the last of them."""
    facts, images = form.series.source, {}
    if facts.kind == "camera":
        raise SourceError("a live camera keeps no pictures")
    with open_source(Path(facts.path)) as source:
        now = source.facts
        if (now.width, now.height, now.kind) != (facts.width, facts.height, facts.kind):
            raise SourceError("another recording lies there now", where=facts.path)
        waiting = sorted(set(indices))
        frames = source.frames(max_side=_READ_SIDE_PX)
        for frame in frames:
            # Rows have the times of their frames, to what a file of landmarks keeps of them.
            while waiting and frame.t_s >= form.series.t_s[waiting[0]] - 1e-3:
                images[waiting.pop(0)] = frame.image
            if not waiting:
                break
        frames.close()
    if waiting:
        raise SourceError("it has become shorter", where=facts.path)
    return images


def _blank(form: Report) -> np.ndarray:
    width, height = form.series.source.width, form.series.source.height
    scale = min(1.0, _READ_SIDE_PX / max(width, height, 1))
    shape = (max(1, round(height * scale)), max(1, round(width * scale)), 3)
    return np.full(shape, _BLANK, np.uint8)


def _body_size(form: Report, images: Images) -> Array:
    """Width and height of what the body takes up in the images, in their pixels."""
    height, width = next(iter(images.values())).shape[:2]
    points = form.cleaned.image[list(images)].reshape(-1, 2)
    points = points[np.isfinite(points).all(axis=1)] * (width / form.series.source.width)
    if not len(points):
        return np.array([width, height], dtype=float)
    return np.ptp(np.clip(points, 0, [width, height]), axis=0)


def _enlarged(form: Report, images: Images) -> Images:
    """The images large enough for sharp lines and words on what will be shown of them."""
    largest = max(next(iter(images.values())).shape[:2])
    wanted = _SHOWN_SIDE_PX / max(_ROUND_BODY * float(_body_size(form, images).max()), 1.0)
    scale = min(wanted, _LARGEST_SIDE_PX / largest)
    if scale <= 1:
        return images
    cubic = cv2.INTER_CUBIC
    return {
        index: cv2.resize(image, None, fx=scale, fy=scale, interpolation=cubic)
        for index, image in images.items()
    }


def _box(images: Images, drawn: Images) -> Box:
    """What holds all that was drawn, with a margin: left, top, right, bottom."""
    changed = np.any([(drawn[i] != image).any(axis=2) for i, image in images.items()], axis=0)
    height, width = changed.shape
    if not changed.any():
        return 0, 0, width, height
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    left, right, top, bottom = columns[0], columns[-1] + 1, rows[0], rows[-1] + 1
    margin = _MARGIN * max(right - left, bottom - top)
    across, down = right - left + 2 * margin, bottom - top + 2 * margin
    left, right = _widened(left, right, max(across, _TALLEST * down), width)
    top, bottom = _widened(top, bottom, max(down, across / _FLATTEST), height)
    return left, top, right, bottom


def _widened(start: float, stop: float, size: float, limit: int) -> tuple[int, int]:
    """A span of the given size round another, moved to lie inside 0 to `limit`."""
    size = min(size, limit)
    begin = min(max((start + stop - size) / 2, 0), limit - size)
    return round(begin), round(begin + size)


def _picture(form: Report, moment: Moment, drawn: np.ndarray, box: Box) -> Picture:
    left, top, right, bottom = box
    shown = drawn[top:bottom, left:right]
    scale = _SHOWN_SIDE_PX / max(shown.shape[:2])
    if scale < 1:
        size = [max(1, round(side * scale)) for side in shown.shape[1::-1]]
        shown = cv2.resize(shown, size, interpolation=cv2.INTER_AREA)
    _, jpeg = cv2.imencode(".jpg", shown, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    is_photo = form.series.source.kind == "photo"
    when = "" if is_photo else f", {form.series.t_s[moment.index]:.1f} s"
    title = f"{moment.title}{when}"
    name = form.stretch.name
    alt = f"{title}: {name}, the skeleton and the judged angles drawn on it. {moment.words}".strip()
    height, width = shown.shape[:2]
    return Picture(data_url(jpeg.tobytes(), "image/jpeg"), width, height, title, moment.words, alt)
