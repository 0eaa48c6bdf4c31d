"""The rule checkers: from measures and holds to cue results.

A cue is judged over the holds of one side. What was hidden, seen from the wrong view, or needs time
where there is only a picture is `not_assessed`, with the reason; it is never guessed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from posecheck.camera import CameraFrames
from posecheck.geometry import Array
from posecheck.intervals import BandReading, Interval
from posecheck.landmarks import Side
from posecheck.measure_table import Measure, Unit
from posecheck.stretches.definition import NEED_TIME, Check, Cue, Reading, Statistic, Stretch

Status = Literal["pass", "fail", "not_assessed", "reached", "short", "said"]

# How a status is shown everywhere; a sign stands beside each colour, which is never the only one.
STATUS_SIGN = {
    "pass": "✓",
    "fail": "✗",
    "reached": "✓",
    "short": "…",
    "not_assessed": "?",
    "said": "•",
}
STATUS_WORDS = {
    "pass": "pass",
    "fail": "fail",
    "reached": "reached",
    "short": "short",
    "not_assessed": "not assessed",
    "said": "remember",
}

MIN_COVERAGE = 0.5  # share of the hold in which a measure must have been seen
_DECIMALS = {"deg": 1, "torso": 2, "s": 1}


@dataclass(frozen=True)
class CueResult:
    """What came of one cue, for one side.

    Attributes
    ----------
    side : {"left", "right"} or None
        The side that was measured.
    held : {"left", "right"} or None
        The side that was stretched, where the stretch is done on each side.
    observed : float or None
        The value that decided, in `unit`.
    target : tuple
        The band asked for; None is an open end. The band that passes is wider by `tolerance`.
    coverage : float
        Share of the held time in which the measure was seen, 0 to 1.
    advice : str
        What to change; empty when there is nothing to change.
    reason : str
        Why the status is what it is.
    """

    id: str
    kind: str
    title: str
    status: Status
    side: Side | None = None
    held: Side | None = None
    measure: str | None = None
    observed: float | None = None
    unit: Unit | None = None
    target: tuple[float | None, float | None] = (None, None)
    tolerance: float | None = None
    statistic: Statistic | None = None
    coverage: float = 0.0
    advice: str = ""
    reason: str = ""

    @property
    def about_change(self) -> bool:
        """Whether it is judged by how the measure changes, not by its value at any one time."""
        return self.statistic in NEED_TIME

    @property
    def margin(self) -> float | None:
        """How far inside the passing band the value lies; negative outside."""
        if self.observed is None:
            return None
        return band_margin(self.observed, self.target, self.tolerance or 0.0)


def band_margin(value: float, target: tuple[float | None, float | None], tolerance: float) -> float:
    """Distance from `value` to the nearer end of the passing band; negative outside of it."""
    low, high = passing_band(target, tolerance)
    below = np.inf if low is None else value - low
    above = np.inf if high is None else high - value
    return float(min(below, above))


def passing_band(
    target: tuple[float | None, float | None], tolerance: float
) -> tuple[float | None, float | None]:
    """The band that passes: the target, wider by the tolerance at every closed end."""
    low, high = target
    return (
        None if low is None else low - tolerance,
        None if high is None else high + tolerance,
    )


def round_value(value: float, unit: Unit) -> float:
    """As many decimals as the unit is worth, and no minus before a zero."""
    return round(value, _DECIMALS[unit]) + 0.0


def show_value(value: float, unit: Unit | None) -> str:
    """A value as people read it: `62°`, `0.35 torso lengths`, `12.0 s`."""
    if unit == "deg":
        return f"{value:z.0f}°"
    if unit == "torso":
        return f"{value:z.2f} torso lengths"
    return f"{value:z.1f} s"


def show_band(target: tuple[float | None, float | None], unit: Unit | None) -> str:
    """A band as people read it: `80° to 100°`, `at most 15°`."""
    low, high = target
    if low is None and high is None:
        return "anything"
    if low is None:
        return f"at most {show_value(float(high or 0), unit)}"
    if high is None:
        return f"at least {show_value(low, unit)}"
    if low == high:
        return show_value(low, unit)
    return f"{show_value(low, unit)} to {show_value(high, unit)}"


def short_units(words: str) -> str:
    """The same words where room is scarce."""
    return words.replace(" torso lengths", " L")


def frames_of(holds: list[Interval]) -> np.ndarray:
    """Numbers of the frames that the holds cover."""
    return np.concatenate([np.arange(hold.start, hold.stop) for hold in holds])


@dataclass(frozen=True, eq=False)
class Readings:
    """The measures of a clip, asked for in a stretch's own terms: near, held and other side."""

    stretch: Stretch
    measures: pd.DataFrame
    camera: CameraFrames

    def values(self, reading: Reading, held: Side | None) -> Array:
        """Values of a reading, shape (n_frames,)."""
        what = reading.what
        if what.sided and self.stretch.of(reading) == "near":
            left, right = (self.measures[what.column(s)].to_numpy() for s in ("left", "right"))
            return np.where(self.camera.near_side == "left", left, right)
        side = self.stretch.side_of(reading, held=held, near="left")
        return self.measures[what.column(side)].to_numpy()

    def side(self, reading: Reading, held: Side | None, frames: np.ndarray) -> Side | None:
        """Which side a reading means in the given frames."""
        near = self.camera.near_side[frames]
        near_side: Side = "left" if (near == "left").sum() >= (near == "right").sum() else "right"
        return self.stretch.side_of(reading, held=held, near=near_side)

    def conditions(self, held: Side | None) -> list[BandReading]:
        """The conditions of the hold, with their values."""
        return [
            BandReading(condition, condition.what.label, self.values(condition, held))
            for condition in self.stretch.hold.conditions
        ]


def judge_cue(
    cue: Cue, holds: list[Interval], readings: Readings, *, held: Side | None, is_photo: bool
) -> CueResult:
    """Judge one cue over the holds of one side.

    Parameters
    ----------
    cue : Cue
    holds : list of Interval
        At least one.
    readings : Readings
    held : {"left", "right"} or None
        The side that is stretched; None when both are at once.
    is_photo : bool
        A photo has no time: cues about change are not assessed.
    """
    if cue.kind == "reminder":
        return CueResult(cue.id, cue.kind, cue.title, "said", reason=cue.say or "")
    judged = [_judge_check(cue, c, holds, readings, held, is_photo) for c in cue.check]
    for status in ("fail", "not_assessed"):
        decisive = [result for result in judged if result.status == status]
        if decisive:
            return decisive[0]
    return min(judged, key=lambda result: result.margin or 0.0)


def _judge_check(
    cue: Cue,
    check: Check,
    holds: list[Interval],
    readings: Readings,
    held: Side | None,
    is_photo: bool,
) -> CueResult:
    values = readings.values(check, held)
    frames = frames_of(holds)
    side = readings.side(check, held, frames)
    coverage = float(np.isfinite(values[frames]).mean())
    blank = CueResult(
        id=cue.id,
        kind=cue.kind,
        title=cue.title,
        status="not_assessed",
        side=side,
        held=held,
        measure=check.what.column(side),
        unit=check.what.unit,
        target=check.target,
        tolerance=check.tolerance,
        statistic=check.statistic,
        coverage=round(coverage, 2),
    )
    if is_photo and check.statistic in NEED_TIME:
        return replace(blank, reason="this cue is about movement: a photo cannot show it")
    if coverage < MIN_COVERAGE:
        return replace(blank, reason=_why_hidden(check, side, coverage))
    observed = summarise(values, holds, check.statistic, check.target)
    observed = round_value(observed, check.what.unit)
    doubt = view_doubt(check.what, float(np.nanmedian(readings.camera.yaw_deg[frames])))
    return _decide(blank, observed, cue, doubt)


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


def summarise(
    values: Array,
    holds: list[Interval],
    statistic: Statistic,
    target: tuple[float | None, float | None] = (None, None),
) -> float:
    """One number for the holds.

    `median`, `min` and `max` (5th and 95th percentile) and `worst` (what is exceeded for a tenth of
    the time, on the worse side of the target) are taken over all holds together; `range` (5th to
    95th percentile), `drift` (95th percentile of the distance from the median) and `sd` are taken
    hold by hold, then the median.
    """
    parts = [values[hold.frames] for hold in holds]
    parts = [part[np.isfinite(part)] for part in parts]
    parts = [part for part in parts if len(part)]
    if not parts:
        return float("nan")
    if statistic in NEED_TIME:
        return float(np.median([_change(part, statistic) for part in parts]))
    together = np.concatenate(parts)
    if statistic == "worst":
        return _worst(together, target)
    return float(np.percentile(together, {"min": 5, "median": 50, "max": 95}[statistic]))


def _change(part: Array, statistic: Statistic) -> float:
    if statistic == "range":
        low, high = np.percentile(part, [5, 95])
        return float(high - low)
    if statistic == "drift":
        return float(np.percentile(np.abs(part - np.median(part)), 95))
    return float(np.std(part))


def _worst(values: Array, target: tuple[float | None, float | None]) -> float:
    low, high = (
        np.inf * sign if end is None else end for end, sign in zip(target, (-1, 1), strict=True)
    )
    off = np.abs(values - np.clip(values, low, high))
    exceeded = float(np.percentile(off, 90))
    if exceeded == 0:
        return float(np.median(values))
    return float(values[np.argmin(np.abs(off - exceeded))])
