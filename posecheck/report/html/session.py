"""The page about one recording: what to change, pictures, every cue, dose, range of motion."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import PurePath
from typing import Any

from posecheck.assess.cue_result import CueResult
from posecheck.assess.interval import BOTH
from posecheck.assess.report import Report
from posecheck.core.wording import EVERYTHING, sentence, shortened
from posecheck.measures.bands import (
    passing_band,
    short_units,
    show_band,
    show_reading,
    show_value,
)
from posecheck.measures.camera_view import view_words
from posecheck.report.figures import CHANGE_NAMES, plot_cue_small, plot_report
from posecheck.report.html.key_frames import choose_key_frames, draw_key_frames
from posecheck.report.html.rendering import chart, most, render
from posecheck.report.style import DOSE_MET, STATUS, VERDICT
from posecheck.sessions.progress.series import measure_words, side_words

# So many of each, and so many letters of a text, at most: the page is to fit on two sheets,
# whatever the definition holds. With many cues or many words there is less room for the rest.
_MOST_CUES, _MOST_CHARTS, _MOST_LINES, _LONGEST = 12, 6, 3, 200
_MANY_CUES, _MANY_LETTERS, _FEWER_CHARTS, _SHORTER = 6, 900, 3, 105

_PAGE_IN = 7.2  # width of a sheet of A4 between its margins, in inches


def session_page(report: Report) -> str:
    """A report as one HTML page that prints to two sheets of A4 at most.

    Parameters
    ----------
    report : Report

    Returns
    -------
    str
    """
    pictures, picture_note = draw_key_frames(report, choose_key_frames(report))
    judged = [cue for cue in report.cues if cue.kind != "reminder"]
    n_letters = sum(map(len, [*report.what_to_change(), *report.warnings, *report.stretch.safety]))
    crowded = len(judged) > _MANY_CUES or n_letters > _MANY_LETTERS
    longest = _SHORTER if crowded else _LONGEST
    assessed, changes = report.verdict != "not-assessed", report.what_to_change()
    return render(
        "session.html.j2",
        title=report.stretch.name,
        source=PurePath(report.series.source.path).name,
        facts=list(_facts(report)),
        verdict=_verdict(report),
        look=VERDICT[report.verdict],
        done=report.did(),
        changes=changes,
        changes_title="What to change first" if assessed else "What to change in the recording",
        pictures=pictures,
        picture_note=picture_note,
        cues=most([_row(cue, longest) for cue in judged], _MOST_CUES),
        longest=longest,
        reminders=most([sentence(c.reason) for c in report.cues if c.kind == "reminder"], 3),
        charts=_charts(report, judged, _FEWER_CHARTS if crowded else _MOST_CHARTS),
        doses=most([_dose(report, *asked) for asked in report.dose.asked], _MOST_LINES),
        done_exactly=_done_exactly(report),
        rom=most([_rom(value) for value in report.rom], 6),
        camera=_camera(report),
        advice=most(report.filming_advice if assessed else [], _MOST_LINES),
        notes=most([sentence(text) for text in report.warnings], _MOST_LINES),
        safety=[*(shortened(line, 130) for line in report.stretch.safety[:3]), *EVERYTHING],
        method=_method(report),
    )


def _facts(report: Report) -> Iterator[str]:
    source = report.series.source
    kind = {"photo": "photo", "camera": "live camera"}.get(source.kind, "video")
    yield kind if source.duration_s is None else f"{kind} of {source.duration_s:.0f} s"
    yield f"{source.width} × {source.height} pixels"
    if report.verdict != "not-assessed":
        yield f"filmed {view_words(report.camera.view)}"
    today = date.today()  # on paper it is the only date; when it was filmed is not known
    yield f"checked on {today.day} {today:%B %Y}"


def _verdict(report: Report) -> str:
    statuses = [cue.status for cue in report.cues if cue.kind == "alignment"]
    n_failed, n_judged = statuses.count("fail"), statuses.count("fail") + statuses.count("pass")
    what = "alignment cue" if n_judged == 1 else "alignment cues"
    if report.verdict == "good":
        every = "the one" if n_judged == 1 else f"all {n_judged}"
        return f"Good: {every} {what} that could be judged passed."
    if report.verdict == "needs-work":
        return f"Needs work: {n_failed} of {n_judged} {what} that could be judged failed."
    return "Not assessed: nothing could be judged in this recording."


def _row(cue: CueResult, longest: int) -> dict[str, Any]:
    return {
        "look": STATUS[cue.status],
        "title": cue.title,
        "side": cue.side or "",
        "read": ""
        if cue.observed is None
        else short_units(show_reading(cue.observed, cue.interval, cue.unit)),
        "band": _band(cue),
        "note": _note(cue, longest),
    }


def _band(cue: CueResult) -> str:
    return short_units(show_band(passing_band(cue.target, cue.tolerance or 0.0), cue.unit))


def _note(cue: CueResult, longest: int) -> str:
    """What the other columns do not say: why not, or how to go on; what to change stands above."""
    if cue.why is not None:
        return cue.why.explanation
    margin = cue.margin
    if cue.kind == "alignment" and margin is not None:
        size = short_units(show_value(abs(margin), cue.unit))
        return f"{size} {'inside' if margin >= 0 else 'outside'}"
    return shortened(sentence(cue.advice), longest // 2) if cue.advice else ""


def _charts(report: Report, judged: list[CueResult], limit: int) -> dict[str, Any]:
    shown = [cue for cue in judged if cue.column in report.measures and cue.observed is not None]
    if not shown:
        return most([], 0)
    if len(report.series) == 1:
        words = "Each value beside the limits of what passes"
        whole = {
            "title": words,
            "alt": f"{words}; the table above has the same values.",
            "look": None,
            "words": "",
        }
        return most([whole | {"source": chart(plot_report(report))}], 1) | {"columns": 1}
    # What failed comes first where there is no room for all.
    first = sorted(shown, key=lambda cue: cue.status != "fail")[:limit]
    columns = 2 if len(first) in {1, 2, 4} else 3
    drawn = [_chart(report, cue, columns) for cue in shown if cue in first]
    return {"shown": drawn, "n_more": len(shown) - len(drawn), "columns": columns}


def _chart(report: Report, cue: CueResult, columns: int) -> dict[str, Any]:
    side = f", {cue.side}" if cue.side else ""
    value = show_value(cue.observed or 0.0, cue.unit)
    return {
        "title": f"{cue.title}{side}: {STATUS[cue.status].word}",
        "words": f"{CHANGE_NAMES[cue.statistic or '']} {short_units(value)}; {_band(cue)} passes"
        if cue.about_change
        else "",
        "look": STATUS[cue.status],
        "source": chart(plot_cue_small(report, cue, width=_PAGE_IN / columns)),
        "alt": f"{cue.title}{side} over time: read {value}; {_band(cue)} passes.",
    }


def _dose(report: Report, dose: Any, met: bool | None) -> dict[str, Any]:
    titles = {source.key: source.title for source in report.stretch.sources}
    each = " each side" if report.stretch.sides == "each" else ""
    note = f" ({dose.note})" if dose.note else ""
    return {
        "source": titles[dose.source],
        "amount": f"{dose.amount}{each}{note}",
        "look": DOSE_MET[met],
    }


def _done_exactly(report: Report) -> str:
    """Every hold and rep that was done, side by side with what is asked for."""
    if report.series.source.kind == "photo":
        return "A photo shows no time."
    lines = []
    for side in dict.fromkeys(side for side, _ in report.dose.holds):
        seconds = [f"{held:.0f} s" for own, held in report.dose.holds if own == side]
        more = f" and {len(seconds) - 6} more" if len(seconds) > 6 else ""
        name = "" if side == BOTH else f"{side}: "
        lines.append(f"{name}{', '.join(seconds[:6])}{more}")
    text = f"Done: {'; '.join(lines)}." if lines else "No hold was found."
    counted = [f"{n} {side}" if side != BOTH else str(n) for side, n in report.dose.reps.items()]
    return f"{text} Reps: {', '.join(counted)}." if counted else text


def _rom(value: Any) -> dict[str, str]:
    return {
        "name": measure_words(value.measure, value.statistic),
        "side": side_words(value.side, value.held),
        "value": short_units(show_reading(value.value, value.interval, value.unit)),
    }


def _camera(report: Report) -> str:
    camera, series = report.camera, report.series
    n_seen = int(series.seen.sum())
    frames = f"Somebody was seen in {n_seen} of {len(series)} frames"
    if not n_seen:
        return f"{frames}."
    parts = [frames, f"filmed {view_words(camera.view)}"]
    if camera.near_side:
        parts.append(f"the {camera.near_side} side nearer to the camera")
    if camera.view == "side" and camera.yaw_deg is not None:
        parts.append(f"turned {camera.yaw_deg:.0f}° from a straight side view")
    parts.append("the whole body in the picture" if camera.whole_body else "part of it cut off")
    return f"{', '.join(parts)}."


def _method(report: Report) -> list[str]:
    series = report.series
    asked = "; ".join(
        [
            "“Passes” is what is asked for, wider by the tolerance",
            "L is a torso length, shoulders to hips",
            "in brackets is what holds the true value nine times in ten, measured on rendered "
            "people and checked on photos of real ones whose joints were marked by eye",
        ]
    )
    return [
        f"Landmarks by MediaPipe's pose landmarker ({series.model_name}, sha256 "
        f"{series.model_sha256[:12]}); angles in the plane of the image, of the side nearer to the "
        f"camera, over the holds; stretch definition {report.stretch.id}, version "
        f"{report.stretch.version}.",
        f"{asked}. Nobody has compared it with markers yet.",
        "“Not assessed” means that the camera could not tell: hidden, cut off, seen from the wrong "
        "side, or too near to a limit. It is neither good nor bad. No camera sees the curve of the "
        "lower back, muscle work, breathing, or what you feel.",
        "posecheck is no medical device. This page was made on one computer and loads nothing from "
        "anywhere; whoever has it has its pictures.",
    ]
