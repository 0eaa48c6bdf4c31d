"""Which moments of a recording are worth a picture: where it went best, and what to work on.

Only alignment cues count: how deep somebody went is neither praised nor blamed with a picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from posecheck.assess.cue_result import CueResult
from posecheck.assess.interval import Interval
from posecheck.assess.report import Report
from posecheck.assess.statistics import inside_holds
from posecheck.core.geometry import Array
from posecheck.landmarks.series import frames_in
from posecheck.measures.bands import band_margin, passing_band, short_units, show_band, show_value
from posecheck.stretches.schema import Check

# Margins of angles and distances side by side: what is far off in each unit.
_FAR_OFF = {"deg": 15.0, "torso": 0.15}
_SMOOTH_S = 0.5  # a single frame that was read wrongly is no moment
_TOO_NEAR_S = 0.3  # two pictures of one moment show nothing more than one


@dataclass(frozen=True)
class Moment:
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


def choose_moments(form: Report) -> list[Moment]:
    """The moments to show, one or two, in the order they should be looked at.

    Parameters
    ----------
    form : Report
    """
    if len(form.series) == 1:
        return [Moment(0, "The picture", "")]
    if not form.holds:
        return [_overall(form)]
    judged = [one for cue in form.cues if (one := _follow(form, cue)) is not None]
    best, worst = _best(form, judged), _worst(form, judged)
    if best is None or worst is None:
        longest = max(form.holds, key=lambda hold: hold.seconds)
        return [Moment((longest.start + longest.stop) // 2, "In the hold", "")]
    apart = abs(form.series.t_s[best.index] - form.series.t_s[worst.index])
    if apart < _TOO_NEAR_S:
        return [Moment(worst.index, "In the hold", worst.words)]
    return [best, worst]


def _overall(form: Report) -> Moment:
    """What the camera saw, where there was no hold: the middle of the time somebody was seen."""
    seen = np.flatnonzero(form.series.seen)
    index = int(seen[len(seen) // 2]) if len(seen) else len(form.series) // 2
    return Moment(index, "What the camera saw", "")


def _best(form: Report, judged: list[_Judged]) -> Moment | None:
    """The frame that shows most of the cues, and of those frames the one with the most room."""
    if not judged:
        return None
    margins = np.array([one.margins for one in judged])
    n_seen = np.isfinite(margins).sum(axis=0)
    smallest = np.where(np.isfinite(margins), margins, np.inf).min(axis=0)
    index = int(np.where(n_seen == n_seen.max(), smallest, -np.inf).argmax())
    off = [one for one in judged if _margin_at(form, one.cue, index) < 0]
    if not off:
        return Moment(index, "Best moment", "Every cue that this frame shows is within its limits.")
    return Moment(index, "Best moment", f"Still outside: {_read_at(form, off[0].cue, index)}")


def _worst(form: Report, judged: list[_Judged]) -> Moment | None:
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
        return Moment(index, title, f"{one.cue.title}: farthest from where it mostly was.")
    return Moment(index, title, _read_at(form, one.cue, index))


def _read_at(form: Report, cue: CueResult, index: int) -> str:
    value = show_value(float(form.measures[cue.column or ""].iloc[index]), cue.unit)
    passing = show_band(passing_band(cue.target, cue.tolerance or 0.0), cue.unit)
    side = f", {cue.side}" if form.stretch.sides == "each" and cue.side else ""
    return short_units(f"{cue.title}{side} reads {value} here; {passing} passes.")


def _margin_at(form: Report, cue: CueResult, index: int) -> float:
    value = float(form.measures[cue.column or ""].iloc[index])
    if cue.about_change or not np.isfinite(value):
        return np.inf
    return band_margin(value, cue.target, cue.tolerance or 0.0)


def _follow(form: Report, cue: CueResult) -> _Judged | None:
    """A judged cue frame by frame; None for what no frame can show."""
    if cue.status not in {"pass", "fail"} or cue.column not in form.measures:
        return None
    spans = _spans(form, cue)
    if not spans:
        return None
    window = frames_in(form.series.t_s, _SMOOTH_S)
    series: pd.Series[float] = form.measures[cue.column]
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


def _spans(form: Report, cue: CueResult) -> list[Interval]:
    """The holds, or the phases inside them, in which a cue was judged."""
    check = _check_of(form, cue)
    phase = check.during if check else None
    kind, side = ("phase" if phase else "hold"), cue.held or "both"
    return [
        one
        for one in form.intervals
        if one.kind == kind and one.side == side and phase in {None, one.name}
    ]


def _check_of(form: Report, cue: CueResult) -> Check | None:
    """The check of the definition that a result came from."""
    checks = [check for own in form.stretch.cues if own.id == cue.id for check in own.check]
    for check in checks:
        own = (check.measure, check.target, check.statistic)
        if own == (cue.measure, cue.target, cue.statistic):
            return check
    return None
