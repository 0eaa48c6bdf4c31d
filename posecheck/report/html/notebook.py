"""How a notebook shows a report, a stretch, a person's progress and a series of landmarks.

The types that show themselves keep a `_repr_html_` of one line, which calls what stands here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from posecheck.measures.bands import show_band, show_value
from posecheck.report.html.rendering import render
from posecheck.report.style import STATUS, VERDICT

if TYPE_CHECKING:
    from posecheck.assess.cue_result import CueResult
    from posecheck.assess.report import Report


def report_html(report: Report) -> str:
    """The verdict, what to change and every cue but the reminders, without pictures.

    Parameters
    ----------
    report : Report

    Returns
    -------
    str
    """
    return render(
        "notebook_report.html.j2",
        name=report.stretch.name,
        verdict=VERDICT[report.verdict],
        done=report.done(),
        changes=[cue.advice for cue in report.to_change],
        cues=[_cue(cue) for cue in report.cues if cue.kind != "reminder"],
        advice=report.camera.advice,
        notes=report.warnings,
    )


def _cue(cue: CueResult) -> dict[str, object]:
    return {
        "look": STATUS[cue.status],
        "title": cue.title,
        "side": cue.side or "",
        "read": "" if cue.observed is None else show_value(cue.observed, cue.unit),
        "target": show_band(cue.target, cue.unit),
        "why": cue.advice or cue.reason,
    }
