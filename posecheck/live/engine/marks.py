"""The angles and distances to draw on a frame, each where it is, with the band that passes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from posecheck.assess.stretch_measures import StretchMeasures
from posecheck.core.geometry import Array
from posecheck.landmarks.series import Landmark, Side, sided_landmark
from posecheck.live.engine.feedback import Mark
from posecheck.measures.bands import (
    band_margin,
    passing_band,
    short_units,
    show_band,
    show_value,
    view_tells,
)
from posecheck.stretches.schema import NEED_TIME, Check, Cue


@dataclass(frozen=True)
class FoundMark:
    """What is to be drawn, and the landmarks to draw it at; they move on with every frame."""

    cue: str
    landmarks: list[Landmark]
    text: str
    band: str
    good: bool | None


def find_marks(readings: StretchMeasures, held: Side | None) -> list[FoundMark]:
    """One mark for every cue whose measure is seen now.

    Parameters
    ----------
    readings : StretchMeasures
        Their last row is now.
    held : {"left", "right"} or None
        The side that is stretched.
    """
    marks = (_find_mark(cue, readings, held) for cue in readings.stretch.cues)
    return [mark for mark in marks if mark is not None]


def place_marks(found: list[FoundMark], shares: Array) -> tuple[Mark, ...]:
    """The marks at the places of one frame; not those with a corner that is hidden.

    Parameters
    ----------
    found : list of FoundMark
    shares : ndarray, shape (33, 2)
        The landmarks as shares of the picture's width and height.
    """
    placed = []
    for mark in found:
        corners = shares[mark.landmarks]
        if np.isfinite(corners).all():
            points = tuple((x, y) for x, y in corners.round(4).tolist())
            placed.append(Mark(mark.cue, points, mark.text, mark.band, mark.good))
    return tuple(placed)


def _find_mark(cue: Cue, readings: StretchMeasures, held: Side | None) -> FoundMark | None:
    view = str(readings.camera.view[-1])
    check = next((c for c in cue.check if not c.timed and c.seen_from(view)), None)
    if check is None or len(check.what.points) < 2:
        return None
    value = float(readings.values(check, held)[-1])
    if not np.isfinite(value):
        return None
    unit = check.what.unit
    about_change = check.statistic in NEED_TIME
    passing = passing_band(check.target, check.tolerance)
    inside = band_margin(value, check.target, check.tolerance) >= 0
    told = not about_change and view_tells(check.what, view, value, passing)
    return FoundMark(
        cue=cue.id,
        landmarks=_landmarks(check, readings, held),
        text=short_units(show_value(value, unit)),
        band="" if about_change else short_units(show_band(passing, unit)),
        good=inside if told and cue.kind == "alignment" else None,
    )


def _landmarks(check: Check, readings: StretchMeasures, held: Side | None) -> list[Landmark]:
    """Where the measure is read, on the side it is read on."""
    last = np.array([len(readings.measures) - 1])
    side = readings.side(check, held, last) or str(readings.camera.near_side[-1])
    return [sided_landmark(name, side) for name in check.what.points]
