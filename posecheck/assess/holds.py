"""When a stretch was held: the holds of each side, with their variants, reps and phases."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from posecheck.assess.interval import Interval, Performed, find_holds, find_reps, inside
from posecheck.assess.stretch_measures import StretchMeasures
from posecheck.landmarks.series import LandmarkSeries, Side
from posecheck.stretches.schema import ByHold, Reading


def find_performed(
    readings: StretchMeasures, series: LandmarkSeries, sides: tuple[Side | None, ...]
) -> list[Performed]:
    """The holds of each side with the reps and phases inside them; no side without a hold."""
    done = []
    for side in sides:
        conditions = readings.conditions(side)
        holds = find_holds(
            conditions, series.t_s, series.shot, readings.stretch.hold, side or "both"
        )
        if series.source.kind != "photo":  # one frame of a video lasts no time
            holds = [hold for hold in holds if hold.seconds > 0]
        holds = [replace(hold, variant=variant_of(readings, hold, side)) for hold in holds]
        if holds:
            done.append(Performed(side, holds, parts_of(readings, holds, side, series)))
    return done


def variant_of(readings: StretchMeasures, hold: Interval, side: Side | None) -> str | None:
    """The first variant whose conditions hold for most of the time."""
    for variant in readings.stretch.variants:
        inside_all = np.ones(hold.stop - hold.start, bool)
        for within in variant.conditions:
            inside_all &= inside(readings.values(within, side)[hold.frames], within.band)
        if inside_all.mean() > 0.5:
            return variant.id
    return None


def parts_of(
    readings: StretchMeasures, holds: list[Interval], side: Side | None, series: LandmarkSeries
) -> list[Interval]:
    """The reps and phases inside the holds of one side."""
    repeats = readings.stretch.reps
    if repeats is None or (isinstance(repeats, ByHold) and series.source.kind == "photo"):
        return []
    if isinstance(repeats, ByHold):
        return [replace(hold, kind="rep", name="rep") for hold in holds]
    values = readings.values(Reading(measure=repeats.measure), side)
    return [part for hold in holds for part in find_reps(values, series.t_s, hold, repeats)]
