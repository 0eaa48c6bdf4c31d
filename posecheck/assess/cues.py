"""The rule checkers: from measures and holds to cue results.

A cue is judged over the holds of one side. What was hidden, seen from the wrong view, or needs time
where there is only a picture is `not_assessed`, with a typed reason; it is never guessed.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from posecheck.assess.cue_result import CueResult, Status
from posecheck.assess.interval import Interval, Performed
from posecheck.assess.reasons import (
    HalfShown,
    HiddenMeasure,
    NearLimit,
    NeedsTime,
    PhaseNotSeen,
    Reason,
    TooFew,
    WrongView,
)
from posecheck.assess.statistics import frames_of, summarise, variation
from posecheck.assess.stretch_measures import StretchMeasures
from posecheck.core.geometry import Array
from posecheck.landmarks.series import Side
from posecheck.measures.bands import (
    band_margin,
    beyond,
    passing_band,
    round_value,
    show_value,
    view_tells,
)
from posecheck.measures.calibration import load_calibration
from posecheck.measures.catalogue import Measure
from posecheck.stretches.schema import NEED_TIME, Check, Cue

MIN_COVERAGE = 0.5  # share of the hold in which a measure must have been seen
_MIN_TIMES = 3  # holds or reps that it needs to say how evenly they went


def judge_cue(
    cue: Cue, performed: Performed, readings: StretchMeasures, *, is_photo: bool
) -> CueResult:
    """Judge one cue over what was done on one side.

    Parameters
    ----------
    cue : Cue
    performed : Performed
        With one hold at least.
    readings : StretchMeasures
    is_photo : bool
        A photo has no time: cues about change are not assessed.

    Returns
    -------
    CueResult
        Of the check that decided: one that fails, else one that could not be judged, else the one
        that lies nearest to its limit.
    """
    if cue.kind == "reminder":
        return reminder(cue)
    judged = [
        _judge_check(cue, check, alike, readings, is_photo)
        for alike in performed.by_variant()
        for check in _checks_for(cue, alike.holds, readings)
    ]
    for status in ("fail", "not_assessed"):
        decisive = [result for result in judged if result.status == status]
        if decisive:
            return decisive[0]
    return min(judged, key=lambda result: result.margin or 0.0)


def not_assessed(cue: Cue, why: Reason) -> CueResult:
    """The result of a cue for which no hold was found; a reminder is said all the same.

    Parameters
    ----------
    cue : Cue
    why : Reason

    Returns
    -------
    CueResult
    """
    if cue.kind == "reminder":
        return reminder(cue)
    return replace(blank_result(cue, cue.check[0]), why=why)


def reminder(cue: Cue) -> CueResult:
    """The result of a cue that is only said.

    Parameters
    ----------
    cue : Cue
        Of kind `reminder`.

    Returns
    -------
    CueResult
    """
    return CueResult(cue.id, cue.kind, cue.title, "said", said=cue.say or "")


def blank_result(
    cue: Cue, check: Check, side: Side | None = None, held: Side | None = None
) -> CueResult:
    """A check's result before anything was read.

    Parameters
    ----------
    cue : Cue
    check : Check
        One of the cue's.
    side, held : {"left", "right"} or None
        The side that is measured, and the one that is stretched.

    Returns
    -------
    CueResult
        Not assessed, without a reason yet.
    """
    return CueResult(
        id=cue.id,
        kind=cue.kind,
        title=cue.title,
        status="not_assessed",
        side=side,
        held=held,
        measure=check.measure,
        unit=check.what.unit,
        target=check.target,
        tolerance=check.tolerance,
        statistic=check.statistic,
    )


def _checks_for(cue: Cue, holds: list[Interval], readings: StretchMeasures) -> list[Check]:
    """The checks that count in these holds' variant and can be made from the camera's view.

    Where none can be made from this view, those of other views stay: they say so.
    """
    own = [check for check in cue.check if check.variant == holds[0].variant]
    own = own or [check for check in cue.check if check.variant is None] or list(cue.check)
    view = readings.view(frames_of(holds))
    return [check for check in own if check.seen_from(view)] or own


def _judge_check(
    cue: Cue, check: Check, performed: Performed, readings: StretchMeasures, is_photo: bool
) -> CueResult:
    frames = frames_of(performed.holds)
    side = readings.side(check, performed.side, frames)
    blank = blank_result(cue, check, side, performed.side)
    if is_photo and (check.statistic in NEED_TIME or check.timed):
        return replace(blank, why=NeedsTime())
    if check.timed:
        return _judge_times(blank, check, performed, cue)
    view = readings.view(frames)
    if not check.seen_from(view):
        why = WrongView(view, check.what.views, readings.near_side(frames), "cue")
        return replace(blank, why=why)
    spans = performed.spans(check.during)
    if not spans:
        return replace(blank, why=PhaseNotSeen(check.during or ""))
    return _judge_values(blank, cue, check, performed, readings)


def _judge_values(
    blank: CueResult, cue: Cue, check: Check, performed: Performed, readings: StretchMeasures
) -> CueResult:
    """Judge what was read in the holds, or in the phases of them that count."""
    spans = performed.spans(check.during)
    values, frames = readings.values(check, performed.side), frames_of(spans)
    hidden = readings.why_hidden(check, performed.side, frames)
    at = readings.circumstances(check, performed.side, frames)
    coverage, known = _coverage(values, frames), load_calibration().uncertainty
    half_width = known.half_width(check.what, at)
    doubt = max(known.growth(check.what, at), view_doubt(check.what, at.yaw_deg))
    if coverage >= MIN_COVERAGE:
        observed = summarise(values, spans, check.statistic, check.target)
    elif (told := _told_by_both(check, performed, readings)) is not None:
        observed, apart, coverage = told
        half_width, doubt = max(half_width, apart), 0.0
    else:
        label = f"{blank.side} {check.what.label}" if blank.side else check.what.label
        why = HiddenMeasure(label, hidden, readings.near_side(frames), readings.during("hold"))
        return replace(blank, coverage=round(coverage, 2), hidden=hidden.by_name(), why=why)
    blank = replace(
        blank, coverage=round(coverage, 2), hidden=hidden.by_name(), half_width=half_width
    )
    observed = round_value(observed, check.what.unit)
    view = readings.view(frames_of(performed.holds))
    if not view_tells(check.what, view, observed, passing_band(check.target, check.tolerance)):
        better = tuple(v for v in check.what.views if v not in check.what.at_least_from)
        why_half = HalfShown(observed, check.what.unit, view, better)
        return replace(blank, observed=observed, why=why_half)
    return _decide(blank, observed, cue, doubt)


def _coverage(values: Array, frames: np.ndarray) -> float:
    """Share of some frames in which there is a value."""
    return float(np.isfinite(values[frames]).mean())


def _told_by_both(
    check: Check, performed: Performed, readings: StretchMeasures
) -> tuple[float, float, float] | None:
    """What two pose models say that are too far apart to be believed, but miss or meet alike.

    Returns
    -------
    tuple of float, or None
        The middle of their values, how far each lies from it, and the share of the frames; None
        where only one of them finds the cue met, where they miss different ends, or where something
        else hid the measure.
    """
    spans = performed.spans(check.during)
    both = readings.by_model(check, performed.side)
    coverage = min(_coverage(values, frames_of(spans)) for values in both)
    if coverage < MIN_COVERAGE:
        return None
    first, second = (summarise(values, spans, check.statistic, check.target) for values in both)
    passing = passing_band(check.target, check.tolerance)
    if beyond(first, passing) != beyond(second, passing):
        return None
    return (first + second) / 2, abs(first - second) / 2, coverage


def _judge_times(blank: CueResult, check: Check, performed: Performed, cue: Cue) -> CueResult:
    """Judge how long the holds or reps took, or how much that varied."""
    of_reps = check.measure == "rep_time"
    seconds = (
        _rep_times(performed) if of_reps else np.array([hold.seconds for hold in performed.holds])
    )
    blank = replace(blank, coverage=1.0)
    if check.statistic == "variation":
        n_done = len(performed.reps) if of_reps else len(performed.holds)
        if n_done < _MIN_TIMES or len(seconds) < 2:
            return replace(blank, why=TooFew("reps" if of_reps else "holds", _MIN_TIMES, n_done))
        observed, target = variation(seconds, check.target)
        blank = replace(blank, target=target)
    elif not len(seconds):
        return replace(blank, why=TooFew("reps", 1, 0))
    else:
        observed = float(
            np.percentile(seconds, {"min": 0, "median": 50, "max": 100}[check.statistic])
        )
    return _decide(blank, round_value(observed, "s"), cue, doubt=0.0)


def _rep_times(performed: Performed) -> np.ndarray:
    """From the beginning of each rep to that of the next: the last ends when the person rests."""
    times: list[float] = []
    for hold in performed.holds:
        reps = [rep for rep in performed.reps if hold.start <= rep.start < hold.stop]
        starts = [rep.start_s for rep in reps]
        times += np.diff(starts).tolist() if len(reps) > 1 else [rep.seconds for rep in reps]
    return np.array(times)


def view_doubt(measure: Measure, yaw_deg: float) -> float:
    """How much further a reading may be off because the camera is not square to the body.

    Twice what the standard error has grown, from the errors measured at 0, 10, 20 and 30 degrees of
    yaw (docs/accuracy.md).

    Parameters
    ----------
    measure : Measure
    yaw_deg : float

    Returns
    -------
    float
        In the measure's unit.
    """
    if measure.views != ("side",) or not measure.sem_at_yaw or not np.isfinite(yaw_deg):
        return 0.0
    grown = np.interp(yaw_deg, [0, 10, 20, 30], measure.sem_at_yaw) - measure.sem_at_yaw[0]
    return float(2 * grown)


def _decide(blank: CueResult, observed: float, cue: Cue, doubt: float) -> CueResult:
    margin = band_margin(observed, blank.target, blank.tolerance or 0.0)
    good = margin >= 0
    if cue.kind == "alignment" and not good and margin > -doubt:
        return replace(
            blank, observed=observed, why=NearLimit(observed, blank.unit or "deg", doubt)
        )
    words: tuple[Status, Status] = (
        ("pass", "fail") if cue.kind == "alignment" else ("reached", "short")
    )
    return replace(
        blank,
        status=words[0] if good else words[1],
        observed=observed,
        change="" if good else _change(cue, blank, observed),
    )


def _change(cue: Cue, missed: CueResult, observed: float) -> str:
    """What the definition says to change, with the value in its place."""
    low = missed.target[0]
    too_low = low is not None and observed < low
    words = (cue.advice.low if too_low else cue.advice.high) or ""
    return words.format(observed=show_value(observed, missed.unit))
