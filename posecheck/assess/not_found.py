"""Why a stretch was not found in a recording, or not in a part of it."""

from __future__ import annotations

import numpy as np

from posecheck.assess.interval import Interval
from posecheck.assess.reasons import (
    HiddenMeasure,
    Nobody,
    NotHeld,
    OtherPosition,
    Reason,
    WrongView,
)
from posecheck.assess.statistics import inside_holds
from posecheck.assess.stretch_measures import ConditionValues, StretchMeasures
from posecheck.landmarks.series import LandmarkSeries, Side
from posecheck.measures.bands import inside
from posecheck.measures.camera_view import ViewSummary, view_words

_RIGHT_VIEW = 0.2  # share of the frames with the person that must be filmed from a wanted view
_SEEN = 0.2  # share of the time in which a condition's measure must be seen to be compared
_MOSTLY = 0.5


def why_no_hold(
    readings: StretchMeasures, camera: ViewSummary, sides: tuple[Side | None, ...]
) -> Reason:
    """Why the stretch was not found.

    Parameters
    ----------
    readings : StretchMeasures
    camera : ViewSummary
    sides : tuple of {"left", "right", None}
        Those that were asked for; None is both at once.
    """
    stretch, seen = readings.stretch, readings.measured.series.seen
    if not seen.any():
        return Nobody()
    right_view = seen & np.isin(readings.track.view, stretch.frame_views)
    if right_view.sum() < _RIGHT_VIEW * seen.sum() or not right_view.any():
        return WrongView(camera.view, stretch.views, camera.near_side or "left", "stretch")
    found = [_least_met(readings, right_view, held) for held in sides]
    share, reason = max(found, key=lambda one: (one[0], -_doubtfulness(one[1]), _words(one[1])))
    if share > _MOSTLY:  # most of the time the value was right, so naming it would mislead
        return NotHeld(stretch.name, stretch.hold.min_s)
    return reason or NotHeld(stretch.name, stretch.hold.min_s)


def missing_condition(
    readings: StretchMeasures, frames: np.ndarray, held: Side | None
) -> Reason | None:
    """What keeps the person most from being in the stretch; None where little does.

    Parameters
    ----------
    readings : StretchMeasures
    frames : ndarray of bool, shape (n_frames,)
    held : {"left", "right"} or None
    """
    share, reason = _least_met(readings, frames, held)
    return reason if share < _MOSTLY else None


def _least_met(
    readings: StretchMeasures, frames: np.ndarray, held: Side | None
) -> tuple[float, Reason | None]:
    """The condition that was met least, with the share of the time in which it was."""
    found: list[tuple[float, Reason | None]] = [(1.1, None)]
    for condition in readings.conditions(held):
        rows = np.flatnonzero(frames & condition.asked)
        if not len(rows):
            continue
        seen = np.isfinite(condition.values[rows])
        if seen.mean() >= _SEEN:
            found.append(_how_met(readings, condition, rows[seen], held))
        elif not condition.condition.if_seen:
            hidden = readings.why_hidden(condition.condition, held, rows)
            label, near = _label(condition, held), readings.near_side(rows)
            reason = HiddenMeasure(label, hidden, near, readings.during("recording"))
            found.append((float(seen.mean()), reason))
    return min(found, key=lambda one: (one[0], _doubtfulness(one[1]), _words(one[1])))


def _how_met(
    readings: StretchMeasures, condition: ConditionValues, rows: np.ndarray, held: Side | None
) -> tuple[float, Reason]:
    values = condition.values[rows]
    share = float(inside(values, condition.condition.leave).mean())
    return share, OtherPosition(
        readings.stretch.name,
        _label(condition, held),
        float(np.median(values)),
        condition.condition.what.unit,
        condition.condition.enter,
    )


def _label(condition: ConditionValues, held: Side | None) -> str:
    sided = held is not None and condition.condition.what.sided
    return f"{held} {condition.label}" if sided else condition.label


def _doubtfulness(reason: Reason | None) -> int:
    """Of conditions that were met equally little, one that was read says more than a hidden one."""
    return int(isinstance(reason, HiddenMeasure))


def _words(reason: Reason | None) -> str:
    """Other ties go by the words, so that the same recording always gets the same reason."""
    return "" if reason is None else reason.text


def unjudged_shots(readings: StretchMeasures, holds: list[Interval]) -> list[str]:
    """A line for every shot that was left out, when a clip has several.

    Parameters
    ----------
    readings : StretchMeasures
    holds : list of Interval
        Those that were found.
    """
    series, notes = readings.measured.series, []
    if not holds or series.shot[0] == series.shot[-1]:
        return []
    judged = inside_holds(holds, len(series))
    for number in np.unique(series.shot):
        rows = np.flatnonzero(series.shot == number)
        start, end = series.t_s[rows[0]], series.t_s[rows[-1]]
        if judged[rows].any() or end - start < 0.5:
            continue
        why = _why_not_judged(readings, series, rows)
        notes.append(f"{start:.1f} to {end:.1f} s is a shot of its own and is not judged: {why}.")
    return notes


def _why_not_judged(readings: StretchMeasures, series: LandmarkSeries, rows: np.ndarray) -> str:
    if series.seen[rows].mean() < 0.5:
        return "nobody in view"
    if readings.track.whole_body[rows].mean() < 0.5:
        return "part of the body is outside the picture"
    view = readings.view(rows)
    if view not in readings.stretch.frame_views:
        return f"filmed {view_words(view)}"
    return f"not in {readings.stretch.name}"
