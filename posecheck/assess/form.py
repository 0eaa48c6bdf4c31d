"""The whole check of one recording: camera, holds, cues, dose, range of motion, verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from posecheck.assess.cue_result import CueResult
from posecheck.assess.cues import judge_cue
from posecheck.assess.dose import DoseDone, compute_dose
from posecheck.assess.holds import find_performed
from posecheck.assess.interval import Interval, Performed
from posecheck.assess.reasons import unjudged_shots, why_no_hold
from posecheck.assess.rom import RomValue, compute_rom
from posecheck.assess.statistics import inside_holds
from posecheck.assess.stretch_measures import StretchMeasures
from posecheck.landmarks.series import LandmarkSeries, Side
from posecheck.measures.camera_view import (
    ViewSummary,
    ViewTrack,
    compute_view_track,
    summarise_view,
)
from posecheck.measures.clean import clean_landmarks
from posecheck.measures.measured import compute_measures
from posecheck.stretches.definition import Stretch

Verdict = Literal["good", "needs-work", "not-assessed"]


@dataclass(frozen=True, eq=False, repr=False)
class FormCheck:
    """Everything that was found out about one recording.

    `series` is as the model gave it, `cleaned` what the measures were computed from; `side` and
    `corrected` are what was asked for: see `check_form`.
    """

    stretch: Stretch
    series: LandmarkSeries
    cleaned: LandmarkSeries
    measures: pd.DataFrame
    view_track: ViewTrack
    camera: ViewSummary
    intervals: tuple[Interval, ...]
    cues: tuple[CueResult, ...]
    dose: DoseDone
    rom: tuple[RomValue, ...]
    verdict: Verdict
    warnings: tuple[str, ...]
    side: Side | None = None
    corrected: bool = True

    def __repr__(self) -> str:
        n_holds, path = len(self.holds), self.series.source.path
        counted = f"{n_holds} hold{'' if n_holds == 1 else 's'}"
        return f"<{type(self).__name__} {self.stretch.id}: {self.verdict}, {counted}, {path}>"

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
    view_track = compute_view_track(series, stretch.still_part)
    cleaned = clean_landmarks(series)
    measures = compute_measures(cleaned, camera=view_track, correct=correct)
    readings = StretchMeasures(stretch, measures, view_track)
    sides = stretch.held_sides(side)
    done = find_performed(readings, cleaned, sides)
    holds = sorted((hold for own in done for hold in own.holds), key=lambda hold: hold.start_s)
    parts = [part for own in done for part in own.parts]
    is_photo = series.source.kind == "photo"
    judged = inside_holds(holds, len(series)) if holds else series.seen
    camera = summarise_view(view_track, judged, wanted=stretch.views, position=stretch.position)
    if holds:
        cues = _judge(readings, done, is_photo)
    else:
        cues = _not_assessed(stretch, why_no_hold(readings, series, camera, sides))
    return FormCheck(
        stretch=stretch,
        series=series,
        cleaned=cleaned,
        measures=measures,
        view_track=view_track,
        camera=camera,
        intervals=tuple(sorted([*holds, *parts], key=lambda i: (i.start_s, i.kind))),
        cues=tuple(cues),
        dose=compute_dose(stretch, holds, parts, sides=sides, is_photo=is_photo),
        rom=tuple(compute_rom(readings, done, is_photo=is_photo)),
        verdict=_verdict(cues),
        warnings=tuple(_warnings(readings, holds, series, side)),
        side=side,
        corrected=correct,
    )


def _judge(readings: StretchMeasures, done: list[Performed], is_photo: bool) -> list[CueResult]:
    return [
        judge_cue(cue, own, readings, is_photo=is_photo)
        for cue in readings.stretch.cues
        for own in (done if cue.kind != "reminder" else done[:1])
    ]


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


def _verdict(cues: list[CueResult]) -> Verdict:
    statuses = {cue.status for cue in cues if cue.kind == "alignment"}
    if "fail" in statuses:
        return "needs-work"
    return "good" if "pass" in statuses else "not-assessed"


def _warnings(
    readings: StretchMeasures, holds: list[Interval], series: LandmarkSeries, side: Side | None
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
    return notes + unjudged_shots(readings, holds, series)
