"""Key frames: which moments of a recording are worth a picture, and their pictures for a page.

One shows where it went best, one what to work on. Only alignment cues count: how deep the person
goes is neither praised nor blamed with a picture. The angles are drawn on, and the pictures are
small enough to be part of the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from posecheck.assess.cue_result import CueResult
from posecheck.assess.interval import Interval
from posecheck.assess.report import Report
from posecheck.assess.statistics import inside_holds
from posecheck.core.errors import SourceError
from posecheck.core.geometry import Array
from posecheck.landmarks.series import frames_in
from posecheck.measures.bands import band_margin, passing_band, short_units, show_band, show_value
from posecheck.media.open import open_source
from posecheck.report.html.rendering import data_url
from posecheck.report.overlay import Overlay
from posecheck.stretches.schema import Check

# Margins of angles and distances side by side: what is far off in each unit.
_FAR_OFF = {"deg": 15.0, "torso": 0.15}
_SMOOTH_S = 0.5  # a single frame that was read wrongly is no moment
_TOO_NEAR_S = 0.3  # two pictures of one moment show nothing more than one

_READ_SIDE_PX = 1280
_SHOWN_SIDE_PX = 960
_LARGEST_SIDE_PX = 2560
_JPEG_QUALITY = 82
_BLANK = 232  # light grey, on which the skeleton's white and dark lines both show
_MARGIN = 0.15  # round the drawing, as a share of its size: a head reaches beyond its landmarks
_ROUND_BODY = 1.3  # the part that is shown, over the body's size
_FLATTEST, _TALLEST = 1.9, 0.8  # width over height
_PRINTED_MM = np.array([90.0, 62.0])  # a picture is printed no wider and no higher than this
_LINE_MM = 0.28  # a thin line on paper; the words, nine times as high, are then easy to read

Images = dict[int, np.ndarray]
Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class KeyFrame:
    """A frame worth a picture, with a title and what it shows in a sentence."""

    index: int
    title: str
    words: str


@dataclass(frozen=True, eq=False)
class _Judged:
    """One cue frame by frame, NaN where it is not judged.

    `values` are smoothed; `margins` are how far inside what passes they lie, in units of what is
    far off; `merits` tell the frame that decided: the lowest one.
    """

    cue: CueResult
    values: Array
    margins: Array
    merits: Array


def choose_key_frames(report: Report) -> list[KeyFrame]:
    """The moments to show, one or two, in the order they should be looked at.

    Parameters
    ----------
    report : Report
    """
    if len(report.series) == 1:
        return [KeyFrame(0, "The picture", "")]
    if not report.holds:
        return [_overall(report)]
    judged = [one for cue in report.cues if (one := _follow(report, cue)) is not None]
    best, worst = _best(report, judged), _worst(report, judged)
    if best is None or worst is None:
        longest = max(report.holds, key=lambda hold: hold.seconds)
        return [KeyFrame((longest.start + longest.stop) // 2, "In the hold", "")]
    apart = abs(report.series.t_s[best.index] - report.series.t_s[worst.index])
    if apart < _TOO_NEAR_S:
        return [KeyFrame(worst.index, "In the hold", worst.words)]
    return [best, worst]


def _overall(report: Report) -> KeyFrame:
    """What the camera saw, where there was no hold: the middle of the frames with a person."""
    seen = np.flatnonzero(report.series.seen)
    index = int(seen[len(seen) // 2]) if len(seen) else len(report.series) // 2
    return KeyFrame(index, "What the camera saw", "")


def _best(report: Report, judged: list[_Judged]) -> KeyFrame | None:
    """The frame that shows most of the cues, and of those frames the one with the most room."""
    if not judged:
        return None
    margins = np.array([one.margins for one in judged])
    n_seen = np.isfinite(margins).sum(axis=0)
    smallest = np.where(np.isfinite(margins), margins, np.inf).min(axis=0)
    index = int(np.where(n_seen == n_seen.max(), smallest, -np.inf).argmax())
    off = [one for one in judged if _margin_at(report, one.cue, index) < 0]
    if not off:
        return KeyFrame(
            index, "Best moment", "Every cue that this frame shows is within its limits."
        )
    return KeyFrame(index, "Best moment", f"Still outside: {_read_at(report, off[0].cue, index)}")


def _worst(report: Report, judged: list[_Judged]) -> KeyFrame | None:
    """Where the most important failed cue is farthest outside; else who is nearest to a limit."""
    if not judged:
        return None
    failed = [one for one in judged if one.cue.status == "fail"]
    level = [one for one in judged if not one.cue.about_change]
    if not failed and not level:
        return None
    one = failed[0] if failed else min(level, key=lambda one: np.nanmin(one.merits))
    index = int(np.nanargmin(one.merits))
    title = "Moment to work on" if failed else "Nearest to a limit"
    if one.cue.about_change:
        return KeyFrame(index, title, f"{one.cue.title}: farthest from where it mostly was.")
    return KeyFrame(index, title, _read_at(report, one.cue, index))


def _read_at(report: Report, cue: CueResult, index: int) -> str:
    value = show_value(float(report.measures[cue.column or ""].iloc[index]), cue.unit)
    passing = show_band(passing_band(cue.target, cue.tolerance or 0.0), cue.unit)
    side = f", {cue.side}" if report.stretch.sides == "each" and cue.side else ""
    return short_units(f"{cue.title}{side} reads {value} here; {passing} passes.")


def _margin_at(report: Report, cue: CueResult, index: int) -> float:
    value = float(report.measures[cue.column or ""].iloc[index])
    if cue.about_change or not np.isfinite(value):
        return np.inf
    return band_margin(value, cue.target, cue.tolerance or 0.0)


def _follow(report: Report, cue: CueResult) -> _Judged | None:
    """A judged cue frame by frame; None for what no frame can show."""
    if cue.status not in {"pass", "fail"} or cue.column not in report.measures:
        return None
    spans = _spans(report, cue)
    if not spans:
        return None
    window = frames_in(report.series.t_s, _SMOOTH_S)
    series: pd.Series[float] = report.measures[cue.column]
    smooth = series.rolling(window, center=True, min_periods=1).median().where(series.notna())
    values = np.where(inside_holds(spans, len(series)), smooth.to_numpy(dtype=float), np.nan)
    if not np.isfinite(values).any():
        return None
    nowhere = np.full(len(values), np.nan)
    if cue.about_change:
        return _Judged(cue, values, nowhere, -np.abs(values - np.nanmedian(values)))
    if cue.statistic in {"min", "max"}:  # only the extreme counts, and only there it is judged
        values = _extreme(values, cue)
    far_off = _FAR_OFF[cue.unit or "deg"]
    inside = [band_margin(value, cue.target, cue.tolerance or 0.0) / far_off for value in values]
    margins = np.where(np.isfinite(values), inside, np.nan)
    return _Judged(cue, values, margins, margins)


def _extreme(values: Array, cue: CueResult) -> Array:
    level = np.nanpercentile(values, 5 if cue.statistic == "min" else 95)
    beyond = values <= level if cue.statistic == "min" else values >= level
    return np.where(beyond, values, np.nan)


def _spans(report: Report, cue: CueResult) -> list[Interval]:
    """The holds, or the phases inside them, in which a cue was judged."""
    check = _check_of(report, cue)
    phase = check.during if check else None
    kind, side = ("phase" if phase else "hold"), cue.held
    return [
        one
        for one in report.intervals
        if one.kind == kind and one.side == side and phase in {None, one.name}
    ]


def _check_of(report: Report, cue: CueResult) -> Check | None:
    """The check of the definition that a result came from."""
    checks = [check for own in report.stretch.cues if own.id == cue.id for check in own.check]
    for check in checks:
        own = (check.measure, check.target, check.statistic)
        if own == (cue.measure, cue.target, cue.statistic):
            return check
    return None


@dataclass(frozen=True)
class Picture:
    """What a page shows of a key frame."""

    source: str
    width: int
    height: int
    title: str
    words: str
    alt: str


def draw_key_frames(report: Report, key_frames: list[KeyFrame]) -> tuple[list[Picture], str]:
    """Draw the findings on the recording at some moments.

    Parameters
    ----------
    report : Report
    key_frames : list of KeyFrame

    Returns
    -------
    list of Picture
        All of the same part of the picture, so that they can be compared.
    str
        Why the recording is not shown; empty where it is.
    """
    note = ""
    try:
        images = _read(report, [key.index for key in key_frames])
    except SourceError as error:
        note = f"The recording could not be read again ({error.what}): the skeleton is drawn alone."
        images = {key.index: _blank(report) for key in key_frames}
    images = _enlarged(report, images)
    px_per_mm = float((_ROUND_BODY * _body_size(report, images) / _PRINTED_MM).max())
    line_px = max(1, round(_LINE_MM * px_per_mm))
    overlay = Overlay(report)
    drawn = {i: overlay.draw(image, i, panel=False, line_px=line_px) for i, image in images.items()}
    box = _box(images, drawn)
    pictures = [_picture(report, key, drawn[key.index], box) for key in key_frames]
    return pictures, note


def _read(report: Report, indices: list[int]) -> Images:
    """The frames of some rows, in one pass that ends with the last of them."""
    facts, images = report.series.source, {}
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
            while waiting and frame.t_s >= report.series.t_s[waiting[0]] - 1e-3:
                images[waiting.pop(0)] = frame.image
            if not waiting:
                break
        frames.close()
    if waiting:
        raise SourceError("it has become shorter", where=facts.path)
    return images


def _blank(report: Report) -> np.ndarray:
    width, height = report.series.source.width, report.series.source.height
    scale = min(1.0, _READ_SIDE_PX / max(width, height, 1))
    shape = (max(1, round(height * scale)), max(1, round(width * scale)), 3)
    return np.full(shape, _BLANK, np.uint8)


def _body_size(report: Report, images: Images) -> Array:
    """Width and height of what the body takes up in the images, in their pixels."""
    height, width = next(iter(images.values())).shape[:2]
    points = report.cleaned.image[list(images)].reshape(-1, 2)
    points = points[np.isfinite(points).all(axis=1)] * (width / report.series.source.width)
    if not len(points):
        return np.array([width, height], dtype=float)
    return np.ptp(np.clip(points, 0, [width, height]), axis=0)


def _enlarged(report: Report, images: Images) -> Images:
    """The images large enough for sharp lines and words on what will be shown of them."""
    largest = max(next(iter(images.values())).shape[:2])
    wanted = _SHOWN_SIDE_PX / max(_ROUND_BODY * float(_body_size(report, images).max()), 1.0)
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


def _picture(report: Report, key: KeyFrame, drawn: np.ndarray, box: Box) -> Picture:
    left, top, right, bottom = box
    shown = drawn[top:bottom, left:right]
    scale = _SHOWN_SIDE_PX / max(shown.shape[:2])
    if scale < 1:
        size = [max(1, round(side * scale)) for side in shown.shape[1::-1]]
        shown = cv2.resize(shown, size, interpolation=cv2.INTER_AREA)
    _, jpeg = cv2.imencode(".jpg", shown, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    is_photo = report.series.source.kind == "photo"
    when = "" if is_photo else f", {report.series.t_s[key.index]:.1f} s"
    title = f"{key.title}{when}"
    name = report.stretch.name
    alt = f"{title}: {name}, the skeleton and the judged angles drawn on it. {key.words}".strip()
    height, width = shown.shape[:2]
    return Picture(data_url(jpeg.tobytes(), "image/jpeg"), width, height, title, key.words, alt)
