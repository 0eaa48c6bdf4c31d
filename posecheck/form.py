"""The whole check of one recording: camera, holds, cues, dose, range of motion, verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from posecheck.camera import Camera, CameraFrames, compute_camera, judge_camera, view_advice
from posecheck.checks import (
    CueResult,
    Readings,
    frames_of,
    judge_cue,
    round_value,
    show_band,
    show_value,
    summarise,
)
from posecheck.clean import clean_landmarks
from posecheck.intervals import HoldSide, Interval, find_holds, find_reps, inside
from posecheck.landmarks import LandmarkSeries, Side
from posecheck.measures import compute_measures
from posecheck.stretches.definition import Dose, Reading, Stretch

Verdict = Literal["good", "needs-work", "not-assessed"]

_NEARLY = 0.95  # a hold this near to its dose counts: nobody watches a clock to the second


@dataclass(frozen=True)
class DoseDone:
    """What was done, against the first dose the stretch names.

    `holds` lists side and seconds of every hold (or flow), `reps` counts them by side. `met` is
    None where nothing is asked for or a photo shows no time.
    """

    holds: tuple[tuple[str, float], ...] = ()
    target_s: float | None = None
    reps: Mapping[str, int] = field(default_factory=dict)
    target_reps: int | None = None
    met: bool | None = None


@dataclass(frozen=True)
class RomValue:
    """One range-of-motion value with its standard error of measurement."""

    measure: str
    side: Side | None
    value: float
    unit: str
    sem: float


@dataclass(frozen=True, eq=False)
class FormCheck:
    """Everything that was found out about one recording.

    `series` is as the model gave it, `cleaned` what the measures were computed from.
    """

    stretch: Stretch
    series: LandmarkSeries
    cleaned: LandmarkSeries
    measures: pd.DataFrame
    camera_frames: CameraFrames
    camera: Camera
    intervals: tuple[Interval, ...]
    cues: tuple[CueResult, ...]
    dose: DoseDone
    rom: tuple[RomValue, ...]
    verdict: Verdict
    warnings: tuple[str, ...]

    @property
    def holds(self) -> list[Interval]:
        """The holds, in order of time."""
        return [interval for interval in self.intervals if interval.kind == "hold"]


def check_form(
    series: LandmarkSeries, stretch: Stretch, *, side: Side | None = None, correct: bool = True
) -> FormCheck:
    """Check a recording against a stretch.

    Parameters
    ----------
    series : LandmarkSeries
        As the model gave it; it is cleaned here.
    stretch : Stretch
    side : {"left", "right"}, optional
        Judge only this side of a stretch that is done on each side.
    correct : bool
        As for `compute_measures`.

    Returns
    -------
    FormCheck
    """
    camera_frames = compute_camera(series)
    cleaned = clean_landmarks(series)
    measures = compute_measures(cleaned, camera=camera_frames, correct=correct)
    readings = Readings(stretch, measures, camera_frames)
    holds = _holds(readings, cleaned, side)
    is_photo = series.source.kind == "photo"
    judged = _frames_of(holds, len(series)) if holds else series.seen
    camera = judge_camera(camera_frames, judged, wanted=stretch.views, position=stretch.position)
    if holds:
        cues = _judge(readings, holds, is_photo)
    else:
        cues = _not_assessed(stretch, _why_no_hold(readings, series, camera, side))
    reps = _reps(readings, holds, series)
    return FormCheck(
        stretch=stretch,
        series=series,
        cleaned=cleaned,
        measures=measures,
        camera_frames=camera_frames,
        camera=camera,
        intervals=tuple(sorted([*holds, *reps], key=lambda i: (i.start_s, i.kind))),
        cues=tuple(cues),
        dose=_dose(stretch, holds, reps, is_photo, side),
        rom=tuple(_rom(readings, holds, is_photo)),
        verdict=_verdict(cues),
        warnings=tuple(_warnings(readings, holds, series, side)),
    )


def _holds(readings: Readings, series: LandmarkSeries, side: Side | None) -> list[Interval]:
    position = readings.stretch.hold
    holds: list[Interval] = []
    for held in _held_sides(readings.stretch, side):
        conditions = readings.conditions(held)
        holds += find_holds(conditions, series.t_s, series.shot, position, held or "both")
    return sorted(holds, key=lambda hold: hold.start_s)


def _held_sides(stretch: Stretch, side: Side | None) -> tuple[Side | None, ...]:
    if stretch.sides == "both":
        return (None,)
    return (side,) if side else ("left", "right")


def _frames_of(holds: list[Interval], n_frames: int) -> np.ndarray:
    frames = np.zeros(n_frames, bool)
    for hold in holds:
        frames[hold.frames] = True
    return frames


def _judge(readings: Readings, holds: list[Interval], is_photo: bool) -> list[CueResult]:
    results = []
    by_side = _by_side(holds)
    for cue in readings.stretch.cues:
        for held, own in by_side if cue.kind != "reminder" else by_side[:1]:
            results.append(judge_cue(cue, own, readings, held=held, is_photo=is_photo))
    return results


def _by_side(holds: list[Interval]) -> list[tuple[Side | None, list[Interval]]]:
    """The holds of each held side; the side is None where both are held at once."""
    return [
        (_held(side), [hold for hold in holds if hold.side == side])
        for side in sorted({hold.side for hold in holds})
    ]


def _held(side: HoldSide) -> Side | None:
    return None if side == "both" else side


def _not_assessed(stretch: Stretch, reason: str) -> list[CueResult]:
    results = []
    for cue in stretch.cues:
        if cue.kind == "reminder":
            results.append(CueResult(cue.id, cue.kind, cue.title, "said", reason=cue.say or ""))
            continue
        check = cue.check[0]
        results.append(
            CueResult(
                cue.id,
                cue.kind,
                cue.title,
                "not_assessed",
                measure=check.measure,
                unit=check.what.unit,
                target=check.target,
                tolerance=check.tolerance,
                reason=reason,
            )
        )
    return results


def _why_no_hold(
    readings: Readings, series: LandmarkSeries, camera: Camera, side: Side | None
) -> str:
    """Why the stretch was not found, in one sentence that helps."""
    stretch = readings.stretch
    if not series.seen.any():
        return "nobody was found in the picture"
    right_view = series.seen & np.isin(readings.camera.view, _axis_views(stretch))
    if right_view.sum() < 0.2 * series.seen.sum() or not right_view.any():
        wanted = view_advice(stretch.views, camera.near_side or "left")
        filmed, judged = _view_words(camera.view), _view_words(stretch.views[0])
        return f"filmed {filmed}, but this stretch is judged {judged}. {wanted}"
    reasons = [
        _missing_condition(readings, right_view, held) for held in _held_sides(stretch, side)
    ]
    share, reason = max(reasons)
    if share > 0.5:  # most of the time the value was right, so naming it would mislead
        return f"{stretch.name} was not held for {stretch.hold.min_s:g} s at a stretch"
    return f"this does not look like {stretch.name}: {reason}"


def _axis_views(stretch: Stretch) -> list[str]:
    """Views as `CameraFrames` names them: it cannot tell above from front."""
    return [("front" if view == "above" else view) for view in stretch.views]


def _view_words(view: str) -> str:
    return {
        "side": "from the side",
        "front": "from the front",
        "above": "from above or from the front",
        "end-on": "along the body",
        "oblique": "at an angle between side and front",
    }.get(view, "from an unknown view")


def _missing_condition(
    readings: Readings, frames: np.ndarray, held: Side | None
) -> tuple[float, str]:
    """The condition that was met least, with the share of the time in which it was."""
    worst = (1.1, "")
    for reading in readings.conditions(held):
        values = reading.values[frames]
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


def _reps(readings: Readings, holds: list[Interval], series: LandmarkSeries) -> list[Interval]:
    repeats = readings.stretch.reps
    if repeats is None:
        return []
    parts = []
    for hold in holds:
        values = readings.values(Reading(measure=repeats.measure), _held(hold.side))
        parts += find_reps(values, series.t_s, hold, repeats)
    return parts


def _dose(
    stretch: Stretch,
    holds: list[Interval],
    parts: list[Interval],
    is_photo: bool,
    side: Side | None,
) -> DoseDone:
    asked: Dose | None = stretch.doses[0] if stretch.doses else None
    sides = [held or "both" for held in _held_sides(stretch, side)]
    done = tuple((hold.side, round(hold.seconds, 1)) for hold in holds) if not is_photo else ()
    reps: dict[str, int] = {s: sum(p.kind == "rep" and p.side == s for p in parts) for s in sides}
    met = None
    if asked is not None and not is_photo:
        met = all(_met(asked, done, reps, s) for s in sides)
    return DoseDone(
        holds=done,
        target_s=asked.seconds if asked else None,
        reps=reps if stretch.reps else {},
        target_reps=asked.reps if asked else None,
        met=met,
    )


def _met(
    asked: Dose, done: tuple[tuple[str, float], ...], reps: Mapping[str, int], side: str
) -> bool:
    if asked.reps is not None:
        return reps[side] >= asked.reps * asked.sets
    enough = _NEARLY * (asked.seconds or 0.0)
    return sum(s == side and seconds >= enough for s, seconds in done) >= asked.sets


def _rom(readings: Readings, holds: list[Interval], is_photo: bool) -> list[RomValue]:
    values = []
    for rom in readings.stretch.rom:
        if is_photo and rom.statistic == "range":
            continue
        for held, own in _by_side(holds):
            value = summarise(readings.values(rom, held), own, rom.statistic)
            if np.isfinite(value):
                side = readings.side(rom, held, frames_of(own))
                value = round_value(value, rom.what.unit)
                values.append(RomValue(rom.measure, side, value, rom.what.unit, rom.what.sem))
    return values


def _verdict(cues: list[CueResult]) -> Verdict:
    statuses = {cue.status for cue in cues if cue.kind == "alignment"}
    if "fail" in statuses:
        return "needs-work"
    return "good" if "pass" in statuses else "not-assessed"


def _warnings(
    readings: Readings, holds: list[Interval], series: LandmarkSeries, side: Side | None
) -> list[str]:
    notes = list(series.warnings)
    distances = any(reading.what.unit == "torso" for reading in readings.stretch.readings())
    if distances and readings.measures.attrs["torso_from_leg"]:
        why = (
            "A photo has no neutral frame to take the torso's length from"
            if series.source.kind == "photo"
            else "No frame shows a straight torso"
        )
        notes.append(f"{why}, so distances are scaled by the leg instead: they are less exact.")
    done = {hold.side for hold in holds}
    if readings.stretch.sides == "each" and side is None and len(done) == 1:
        only, missing = ("left", "right") if "left" in done else ("right", "left")
        notes.append(f"Only the {only} side was seen held; the {missing} side was not.")
    return notes + _unjudged_shots(readings, holds, series)


def _unjudged_shots(readings: Readings, holds: list[Interval], series: LandmarkSeries) -> list[str]:
    """A line for every shot that was left out, when a clip has several."""
    notes: list[str] = []
    if not holds or series.shot[0] == series.shot[-1]:
        return notes
    judged = _frames_of(holds, len(series))
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
            else f"not in {readings.stretch.name}"
        )
        notes.append(f"{start:.1f} to {end:.1f} s is a shot of its own and is not judged: {why}.")
    return notes
