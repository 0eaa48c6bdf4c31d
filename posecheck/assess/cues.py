"""The rule checkers: from measures and holds to cue results.

A cue is judged over the holds of one side. What was hidden, seen from the wrong view, or needs time
where there is only a picture is `not_assessed`, with the reason; it is never guessed.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from posecheck.assess.cue_result import CueResult, Status
from posecheck.assess.interval import Interval, Performed
from posecheck.assess.statistics import frames_of, summarise, variation
from posecheck.assess.stretch_measures import StretchMeasures
from posecheck.landmarks.series import Side
from posecheck.measures.bands import (
    band_margin,
    passing_band,
    round_value,
    show_band,
    show_value,
    view_tells,
)
from posecheck.measures.camera_view import view_words
from posecheck.measures.catalogue import Measure
from posecheck.stretches.schema import NEED_TIME, Check, Cue

MIN_COVERAGE = 0.5  # share of the hold in which a measure must have been seen
_MIN_TIMES = 3  # holds or reps that it takes to say how evenly they went


def judge_cue(cue: Cue, done: Performed, readings: StretchMeasures, *, is_photo: bool) -> CueResult:
    """Judge one cue over what was done on one side.

    Parameters
    ----------
    cue : Cue
    done : Performed
        With one hold at least.
    readings : StretchMeasures
    is_photo : bool
        A photo has no time: cues about change are not assessed.
    """
    if cue.kind == "reminder":
        return CueResult(cue.id, cue.kind, cue.title, "said", reason=cue.say or "")
    judged = [
        _judge_check(cue, check, alike, readings, is_photo)
        for alike in done.by_variant()
        for check in _checks_for(cue, alike.holds, readings)
    ]
    for status in ("fail", "not_assessed"):
        decisive = [result for result in judged if result.status == status]
        if decisive:
            return decisive[0]
    return min(judged, key=lambda result: result.margin or 0.0)


def _checks_for(cue: Cue, holds: list[Interval], readings: StretchMeasures) -> list[Check]:
    """The checks that count in these holds' variant and can be made from the camera's view.

    Where none can be made from this view, those of other views stay: they say so.
    """
    own = [check for check in cue.check if check.variant == holds[0].variant]
    own = own or [check for check in cue.check if check.variant is None] or list(cue.check)
    view = readings.view(frames_of(holds))
    return [check for check in own if check.seen_from(view)] or own


def _judge_check(
    cue: Cue, check: Check, done: Performed, readings: StretchMeasures, is_photo: bool
) -> CueResult:
    frames = frames_of(done.holds)
    side = readings.side(check, done.side, frames)
    blank = CueResult(
        id=cue.id,
        kind=cue.kind,
        title=cue.title,
        status="not_assessed",
        side=side,
        held=done.side,
        measure=check.what.column(side),
        unit=check.what.unit,
        target=check.target,
        tolerance=check.tolerance,
        statistic=check.statistic,
    )
    if is_photo and (check.statistic in NEED_TIME or check.timed):
        return replace(blank, reason="this cue is about movement: a photo cannot show it")
    if check.timed:
        return _judge_times(blank, check, done, cue)
    view = readings.view(frames)
    if not check.seen_from(view):
        seen_from = " or ".join(view_words(v) for v in check.what.views if v != "above")
        return replace(blank, reason=f"this is judged {seen_from}, not {view_words(view)}")
    spans = done.spans(check.during)
    if not spans:
        return replace(blank, reason=f"it is judged in {check.during}, which was not seen")
    values, frames = readings.values(check, done.side), frames_of(spans)
    coverage = float(np.isfinite(values[frames]).mean())
    blank = replace(blank, coverage=round(coverage, 2))
    if coverage < MIN_COVERAGE:
        return replace(blank, reason=_why_hidden(check, side, coverage))
    observed = summarise(values, spans, check.statistic, check.target)
    observed = round_value(observed, check.what.unit)
    doubt = view_doubt(check.what, float(np.nanmedian(readings.camera.yaw_deg[frames])))
    result = _decide(blank, observed, cue, doubt)
    if not view_tells(check.what, view, observed, passing_band(check.target, check.tolerance)):
        shown = f"{show_value(observed, check.what.unit)} {view_words(view)}"
        reason = f"read {shown}; what points at the camera does not show"
        result = replace(blank, observed=observed, reason=reason)
    return result


def _judge_times(blank: CueResult, check: Check, done: Performed, cue: Cue) -> CueResult:
    """Judge how long the holds or reps took, or how much that varied."""
    of_reps = check.measure == "rep_time"
    seconds = _rep_times(done) if of_reps else np.array([hold.seconds for hold in done.holds])
    blank = replace(blank, coverage=1.0)
    if check.statistic == "variation":
        n_done = sum(part.kind == "rep" for part in done.parts) if of_reps else len(done.holds)
        if n_done < _MIN_TIMES or len(seconds) < 2:
            return replace(blank, reason=f"it takes {_MIN_TIMES} to tell, {n_done} seen")
        observed, target = variation(seconds, check.target)
        blank = replace(blank, target=target)
    elif not len(seconds):
        return replace(blank, reason="no rep was seen from its beginning to its end")
    else:
        observed = float(
            np.percentile(seconds, {"min": 0, "median": 50, "max": 100}[check.statistic])
        )
    return _decide(blank, round_value(observed, "s"), cue, doubt=0.0)


def _rep_times(done: Performed) -> np.ndarray:
    """From the beginning of each rep to that of the next: the last one ends when somebody rests."""
    times: list[float] = []
    for hold in done.holds:
        reps = [p for p in done.parts if p.kind == "rep" and hold.start <= p.start < hold.stop]
        starts = [rep.start_s for rep in reps]
        times += np.diff(starts).tolist() if len(reps) > 1 else [rep.seconds for rep in reps]
    return np.array(times)


def view_doubt(measure: Measure, yaw_deg: float) -> float:
    """How much further a reading may be off because the camera is not square to the body.

    Twice what the standard error has grown, from the errors measured at 0, 10, 20 and 30 degrees of
    yaw (docs/accuracy.md); in the measure's unit.
    """
    if measure.views != ("side",) or not measure.sem_at_yaw:
        return 0.0
    grown = np.interp(yaw_deg, [0, 10, 20, 30], measure.sem_at_yaw) - measure.sem_at_yaw[0]
    return float(2 * grown)


def _decide(blank: CueResult, observed: float, cue: Cue, doubt: float) -> CueResult:
    tolerance = blank.tolerance or 0.0
    margin = band_margin(observed, blank.target, tolerance)
    good = margin >= 0
    if cue.kind == "alignment" and not good and margin > -doubt:
        return replace(
            blank,
            observed=observed,
            reason=f"read {show_value(observed, blank.unit)}, too near to the limit to tell: seen "
            f"from here it may be {show_value(doubt, blank.unit)} off",
        )
    words: tuple[Status, Status] = (
        ("pass", "fail") if cue.kind == "alignment" else ("reached", "short")
    )
    low = blank.target[0]
    passing = passing_band(blank.target, tolerance)
    shown = show_value(observed, blank.unit)
    advice = ""
    if not good:
        too_low = low is not None and observed < low
        advice = (cue.advice.low if too_low else cue.advice.high) or ""
    return replace(
        blank,
        status=words[0] if good else words[1],
        observed=observed,
        advice=advice.format(observed=shown),
        reason=f"read {shown}; {show_band(passing, blank.unit)} "
        f"{'passes' if cue.kind == 'alignment' else 'counts as reached'}",
    )


def _why_hidden(check: Check, side: Side | None, coverage: float) -> str:
    what = f"{side} {check.what.label}" if side else check.what.label
    if coverage == 0:
        return (
            f"the {what} was never seen clearly: a joint it needs was hidden, out of the picture "
            "or too uncertain to tell"
        )
    return f"the {what} was seen clearly in only {100 * coverage:.0f} % of the time"
