"""Why a stretch was not found in a recording, or not in a part of it, in words that help."""

from __future__ import annotations

import numpy as np

from posecheck.assess.interval import Interval, inside
from posecheck.assess.statistics import inside_holds
from posecheck.assess.stretch_measures import StretchMeasures
from posecheck.landmarks.series import LandmarkSeries, Side
from posecheck.measures.bands import show_band, show_value
from posecheck.measures.camera_view import ViewSummary, view_advice, view_words


def why_no_hold(
    readings: StretchMeasures,
    series: LandmarkSeries,
    camera: ViewSummary,
    sides: tuple[Side | None, ...],
) -> str:
    """Why the stretch was not found, in one sentence that helps.

    `sides` are those that were asked for; None is both at once.
    """
    stretch = readings.stretch
    if not series.seen.any():
        return "nobody was found in the picture"
    right_view = series.seen & np.isin(readings.camera.view, stretch.frame_views)
    if right_view.sum() < 0.2 * series.seen.sum() or not right_view.any():
        wanted = view_advice(stretch.views, camera.near_side or "left")
        filmed, judged = view_words(camera.view), view_words(stretch.views[0])
        return f"filmed {filmed}, but this stretch is judged {judged}. {wanted}"
    share, reason = max(_least_met(readings, right_view, held) for held in sides)
    if share > 0.5:  # most of the time the value was right, so naming it would mislead
        return f"{stretch.name} was not held for {stretch.hold.min_s:g} s at a stretch"
    return f"this does not look like {stretch.name}: {reason}"


def missing_condition(readings: StretchMeasures, frames: np.ndarray, held: Side | None) -> str:
    """What keeps most from being in the stretch, in words; empty where little does."""
    share, reason = _least_met(readings, frames, held)
    return reason if share < 0.5 else ""


def _least_met(
    readings: StretchMeasures, frames: np.ndarray, held: Side | None
) -> tuple[float, str]:
    """The condition that was met least, with the share of the time in which it was."""
    worst = (1.1, "")
    for reading in readings.conditions(held):
        if not reading.asked[frames].any():
            continue
        values = reading.values[frames & reading.asked]
        seen = np.isfinite(values)
        label = (
            f"{held} {reading.label}" if held and reading.condition.what.sided else reading.label
        )
        if seen.mean() < 0.2 and reading.condition.if_seen:
            continue
        if seen.mean() < 0.2:
            share, words = float(seen.mean()), f"the {label} was hidden or out of the picture"
        else:
            share = float(inside(values, reading.condition.leave)[seen].mean())
            unit = reading.condition.what.unit
            read = show_value(float(np.median(values[seen])), unit)
            words = f"{label} read {read}, it takes {show_band(reading.condition.enter, unit)}"
        worst = min(worst, (share, words))
    return worst


def unjudged_shots(
    readings: StretchMeasures, holds: list[Interval], series: LandmarkSeries
) -> list[str]:
    """A line for every shot that was left out, when a clip has several."""
    notes: list[str] = []
    if not holds or series.shot[0] == series.shot[-1]:
        return notes
    judged = inside_holds(holds, len(series))
    for number in np.unique(series.shot):
        rows = np.flatnonzero(series.shot == number)
        start, end = series.t_s[rows[0]], series.t_s[rows[-1]]
        if judged[rows].any() or end - start < 0.5:
            continue
        seen = series.seen[rows].mean() >= 0.5
        whole = readings.camera.whole_body[rows].mean() >= 0.5
        why = (
            "nobody in view"
            if not seen
            else "part of the body is outside the picture"
            if not whole
            else f"filmed {view_words(view)}"
            if (view := readings.view(rows)) not in readings.stretch.frame_views
            else f"not in {readings.stretch.name}"
        )
        notes.append(f"{start:.1f} to {end:.1f} s is a shot of its own and is not judged: {why}.")
    return notes
