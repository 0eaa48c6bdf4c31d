"""From landmarks to a report: clean and measure, find what was performed, judge every cue."""

from __future__ import annotations

from posecheck.assess.cue_result import CueResult
from posecheck.assess.cues import judge_cue, not_assessed
from posecheck.assess.dose import compute_dose
from posecheck.assess.holds import find_performed
from posecheck.assess.interval import Interval, Performed
from posecheck.assess.not_found import unjudged_shots, why_no_hold
from posecheck.assess.recognise import recognise
from posecheck.assess.report import Report, Verdict
from posecheck.assess.rom import compute_rom
from posecheck.assess.statistics import inside_holds
from posecheck.assess.stretch_measures import StretchMeasures
from posecheck.landmarks.series import LandmarkSeries, Side
from posecheck.measures.camera_view import ViewSummary, summarise_view
from posecheck.measures.measured import CleanedClip
from posecheck.stretches import Stretch, load_stretch, stretch_ids, unknown_stretch
from posecheck.stretches.drawing import figure_landmarks


def check_series(
    series: LandmarkSeries,
    stretch: Stretch | None,
    *,
    side: Side | None = None,
    correct: bool = True,
) -> Report:
    """Check landmarks against a stretch.

    Parameters
    ----------
    series : LandmarkSeries
        As the model gave it; it is cleaned here.
    stretch : Stretch or None
        None where the recording has to tell which one it is.
    side : {"left", "right"}, optional
        Judge only this side of a stretch that is done on each side.
    correct : bool
        As for `compute_measures`.

    Returns
    -------
    Report
    """
    clip = CleanedClip.of(series, correct=correct)
    if stretch is not None:
        readings = StretchMeasures(stretch, clip.seen_by(stretch.still_part))
        return _judge(readings, find_performed(readings, stretch.held_sides(side)), side)
    recognition = recognise(clip, map(load_stretch, stretch_ids()))
    chosen = recognition.chosen
    definition = chosen.stretch if chosen else unknown_stretch()
    readings = StretchMeasures(definition, clip.seen_by(definition.still_part))
    side = side if definition.sides == "each" else None
    # Whichever stretch it is, its holds were found when it was recognised.
    performed = [p for p in (chosen.performed if chosen else ()) if side in {None, p.side}]
    return _judge(readings, performed, side, said=(recognition.words,))


def _judge(
    readings: StretchMeasures,
    performed: list[Performed],
    side: Side | None,
    said: tuple[str, ...] = (),
) -> Report:
    """Put the report together from what was performed on each side."""
    stretch, series = readings.stretch, readings.measured.series
    sides = stretch.held_sides(side)
    holds = sorted((h for own in performed for h in own.holds), key=lambda hold: hold.start_s)
    reps = [rep for own in performed for rep in own.reps]
    phases = [phase for own in performed for phase in own.phases]
    is_photo = series.source.kind == "photo"
    judged = inside_holds(holds, len(series)) if holds else series.seen
    camera = summarise_view(readings.track, judged, wanted=stretch.views, position=stretch.position)
    cues = (
        _judge_cues(readings, performed, is_photo) if holds else _not_found(readings, camera, sides)
    )
    return Report(
        stretch=stretch,
        measured=readings.measured,
        camera=camera,
        intervals=tuple(sorted([*holds, *reps, *phases], key=lambda i: (i.start_s, i.kind))),
        cues=tuple(cues),
        dose=compute_dose(stretch, holds, reps, sides=sides, is_photo=is_photo),
        rom=tuple(compute_rom(readings, performed, is_photo=is_photo)),
        verdict=_verdict(cues),
        warnings=(*said, *_warnings(readings, holds, side)),
        side=side,
    )


def _judge_cues(
    readings: StretchMeasures, performed: list[Performed], is_photo: bool
) -> list[CueResult]:
    return [
        judge_cue(cue, own, readings, is_photo=is_photo)
        for cue in readings.stretch.cues
        for own in (performed if cue.kind != "reminder" else performed[:1])
    ]


def _not_found(
    readings: StretchMeasures, camera: ViewSummary, sides: tuple[Side | None, ...]
) -> list[CueResult]:
    why = why_no_hold(readings, camera, sides)
    return [not_assessed(cue, why) for cue in readings.stretch.cues]


def _verdict(cues: list[CueResult]) -> Verdict:
    statuses = {cue.status for cue in cues if cue.kind == "alignment"}
    if "fail" in statuses:
        return "needs-work"
    return "good" if "pass" in statuses else "not-assessed"


def _warnings(readings: StretchMeasures, holds: list[Interval], side: Side | None) -> list[str]:
    series, stretch = readings.measured.series, readings.stretch
    notes = list(series.warnings)
    distances = any(reading.what.unit == "torso" for reading in stretch.readings())
    if distances and readings.table.attrs["torso_from_leg"]:
        why = (
            "A photo has no neutral frame to take the torso's length from"
            if series.source.kind == "photo"
            else "No frame shows a straight torso"
        )
        notes.append(f"{why}, so distances are scaled by the leg instead: they are less exact.")
    done = {hold.side for hold in holds}
    if stretch.sides == "each" and side is None and len(done) == 1:
        only, missing = ("left", "right") if "left" in done else ("right", "left")
        notes.append(f"Only the {only} side was seen held; the {missing} side was not.")
    return notes + unjudged_shots(readings, holds)


def figure_faults(stretch: Stretch) -> list[str]:
    """What is wrong with the drawings of a definition, each judged as if it were a photo.

    Parameters
    ----------
    stretch : Stretch

    Returns
    -------
    list of str
        A line for every drawing that is not found in its own stretch, or fails one of its cues.
    """
    faults = []
    for k, figure in enumerate(stretch.figures, start=1):
        form = check_series(figure_landmarks(stretch, figure), stretch, correct=False)
        if not form.holds:
            why = next((cue.reason for cue in form.cues if cue.status == "not_assessed"), "")
            faults.append(f"figure[{k}] would not be found in the stretch: {why}")
        faults += [
            f"figure[{k}] fails {cue.id}: {cue.reason}" for cue in form.cues if cue.status == "fail"
        ]
    return faults
