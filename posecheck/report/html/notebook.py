"""How a notebook shows a report, a stretch, a person's progress and a series of landmarks.

The types that show themselves keep a `_repr_html_` of one line, which calls what stands here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from pandas.api.types import is_numeric_dtype

from posecheck.assess.cue_result import CueResult
from posecheck.landmarks.series import LandmarkSeries
from posecheck.measures.bands import show_band, show_reading
from posecheck.report.figures import stretch_svg
from posecheck.report.html.rendering import render
from posecheck.report.style import STATUS, VERDICT
from posecheck.stretches.definition import Stretch
from posecheck.stretches.describe import sections

if TYPE_CHECKING:
    from posecheck.assess.report import Report
    from posecheck.sessions.progress.progress import Progress


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
        advice=report.filming_advice,
        notes=report.warnings,
    )


def _cue(cue: CueResult) -> dict[str, object]:
    return {
        "look": STATUS[cue.status],
        "title": cue.title,
        "side": cue.side or "",
        "read": "" if cue.observed is None else show_reading(cue.observed, cue.interval, cue.unit),
        "target": show_band(cue.target, cue.unit),
        "why": cue.why.explanation if cue.why is not None else cue.advice or cue.reason,
    }


def stretch_html(stretch: Stretch) -> str:
    """How a stretch is done, filmed and judged, with its drawing as inline SVG.

    Parameters
    ----------
    stretch : Stretch

    Returns
    -------
    str
        One element, well-formed as XML too.
    """
    return render(
        "notebook_stretch.html.j2",
        name=stretch.name,
        facts=f"{stretch.id}, {stretch.position}, version {stretch.version}",
        drawing=stretch_svg(stretch) if stretch.figures else "",
        sections=list(sections(stretch)),
    )


def progress_html(progress: Progress) -> str:
    """Every measure and side as a row, and the verdicts in sentences.

    Parameters
    ----------
    progress : Progress

    Returns
    -------
    str
    """
    table = progress.to_frame()
    return render(
        "notebook_progress.html.j2",
        text=str(progress),
        columns=[
            {"name": name, "is_number": is_numeric_dtype(table[name])} for name in table.columns
        ],
        rows=[[_cell(value) for value in row] for row in table.itertuples(index=False)],
        lines=progress.sentences(),
    )


def _cell(value: object) -> str:
    """A value of a table: to two digits after the point, and empty where there is none."""
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:z.2f}".rstrip("0").rstrip(".")
    return "" if value is None else str(value)


def series_html(series: LandmarkSeries) -> str:
    """What a series of landmarks was made from, and how much it saw.

    Parameters
    ----------
    series : LandmarkSeries

    Returns
    -------
    str
    """
    return render("notebook_series.html.j2", facts=list(series.summary().items()))


def lines_html(lines: Iterable[str]) -> str:
    """Sentences as a list.

    Parameters
    ----------
    lines : iterable of str

    Returns
    -------
    str
    """
    return render("notebook_lines.html.j2", lines=list(lines))
