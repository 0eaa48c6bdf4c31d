"""The angles and distances to draw on a frame, each where it is, with the band that passes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from posecheck.assess.cue_result import CueResult
from posecheck.assess.stretch_measures import StretchMeasures
from posecheck.core.geometry import Array
from posecheck.landmarks.series import Landmark, Side, sided_landmark
from posecheck.live.engine.feedback import Mark
from posecheck.measures.bands import (
    band_margin,
    passing_band,
    round_value,
    short_units,
    show_band,
    show_value,
    view_tells,
)
from posecheck.stretches.schema import NEED_TIME, Check, Cue


@dataclass(frozen=True)
class FoundMark:
    """A mark and the landmarks to draw it at, which move on with every frame.

    Attributes
    ----------
    landmarks : list of Landmark
        The corners of the line.
    cue, text, band, good, prolonged
        As of `Mark`.
    """

    cue: str
    landmarks: list[Landmark]
    text: str
    band: str
    good: bool | None
    prolonged: bool | None


def find_marks(
    readings: StretchMeasures, held: Side | None, results: Mapping[str, CueResult]
) -> list[FoundMark]:
    """Find a mark for every cue whose measure is seen now.

    Parameters
    ----------
    readings : StretchMeasures
        Their last row is now.
    held : {"left", "right"} or None
        The side that is stretched.
    results : mapping of str to CueResult
        How the cues stand, by id; of these the check that decided is drawn.

    Returns
    -------
    list of FoundMark
        In the order of the cues.
    """
    marks = (_find_mark(cue, readings, held, results.get(cue.id)) for cue in readings.stretch.cues)
    return [mark for mark in marks if mark is not None]


def place_marks(found: list[FoundMark], shares: Array) -> tuple[Mark, ...]:
    """Place the marks on one frame, without those of which a corner is hidden.

    Parameters
    ----------
    found : list of FoundMark
    shares : ndarray, shape (33, 2)
        The landmarks as shares of the picture's width and height.

    Returns
    -------
    tuple of Mark
    """
    placed = []
    for mark in found:
        corners = shares[mark.landmarks]
        if np.isfinite(corners).all():
            points = tuple((x, y) for x, y in corners.round(4).tolist())
            placed.append(Mark(mark.cue, points, mark.text, mark.band, mark.good, mark.prolonged))
    return tuple(placed)


def _find_mark(
    cue: Cue, readings: StretchMeasures, held: Side | None, result: CueResult | None
) -> FoundMark | None:
    view = str(readings.track.view[-1])
    check = _check_to_draw(cue, readings, held, result, view)
    if check is None or len(check.what.points) < 2:
        return None
    value = float(readings.values(check, held)[-1])
    if not np.isfinite(value):
        return None
    unit, corners = check.what.unit, _landmarks(check, readings, held)
    value = round_value(value, unit)
    about_change = check.statistic in NEED_TIME
    passing = passing_band(check.target, check.tolerance)
    good: bool | None = None
    if (
        cue.kind == "alignment"
        and not about_change
        and view_tells(check.what, view, value, passing)
    ):
        good = band_margin(value, check.target, check.tolerance) >= 0
        if result is not None and result.status != ("pass" if good else "fail"):
            good = None
    return FoundMark(
        cue=cue.id,
        landmarks=corners,
        text=short_units(show_value(value, unit)),
        band="" if about_change else short_units(show_band(passing, unit)),
        good=good,
        prolonged=check.what.prolonged if unit == "deg" and len(corners) == 3 else None,
    )


def _check_to_draw(
    cue: Cue, readings: StretchMeasures, held: Side | None, result: CueResult | None, view: str
) -> Check | None:
    """The check that decided how the cue stands; as long as none has, the first that is seen."""
    checks = [check for check in cue.check if not check.timed and check.seen_from(view)]
    if result is not None:
        checks = [check for check in checks if _decided(check, readings, held, result)]
    return checks[0] if checks else None


def _decided(check: Check, readings: StretchMeasures, held: Side | None, result: CueResult) -> bool:
    """Whether a cue's result is that of a check."""
    side = _side_now(check, readings, held)
    return (check.measure, side, check.statistic) == (result.measure, result.side, result.statistic)


def _side_now(check: Check, readings: StretchMeasures, held: Side | None) -> Side | None:
    """Which side a check is read on in the newest frame."""
    last = np.array([len(readings.table) - 1])
    return readings.side(check, held, last)


def _landmarks(check: Check, readings: StretchMeasures, held: Side | None) -> list[Landmark]:
    """Where the measure is read, on the side it is read on."""
    side = _side_now(check, readings, held) or str(readings.track.near_side[-1])
    return [sided_landmark(name, side) for name in check.what.points]
