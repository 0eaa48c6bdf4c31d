"""The page about somebody's sessions: what has changed, beyond noise, and how much was done."""

from __future__ import annotations

import pandas as pd

from posecheck.core.wording import EVERYTHING
from posecheck.report.html.person_words import (
    PAIN_RULE,
    left_right,
    others,
    pain_words,
    side_of,
    stretch_name,
    stretch_sentence,
    summary,
)
from posecheck.report.html.rendering import chart, most, render
from posecheck.report.progress_figures import TimeAxis, plot_last_weeks, plot_panel
from posecheck.report.style import CHANGE
from posecheck.sessions.progress.adherence import compute_adherence, local_times, tidy_sessions
from posecheck.sessions.progress.progress import SIMULATED, Progress
from posecheck.sessions.progress.series import Key, SeriesProgress

# So many at most, those trained last first: the page is to fit on two sheets.
_MOST_STRETCHES, _MOST_SERIES, _MOST_NOTES = 7, 17, 3
_FEW_STRETCHES, _MOST_PANELS, _FEWER_PANELS = 3, 9, 6
_WEEKS = 18
_PANEL_IN = 2.4

_METHOD = (
    "Baseline: the median of the first three sittings. MDC95, the smallest real change: 2.77 "
    "standard errors of measurement (SEM) of the camera, or of how much this person scatters from "
    "sitting to sitting where that is more. A change is real beyond it, two sittings running; "
    "anything else is within measurement noise. Who follows many measures is told of a gain that "
    "is none now and then.",
    "Only like is compared with like: the same view, side, model, prop and form. Of several trials "
    "in one sitting the first is dropped and the median of the others counts. The reference is "
    "this person's own baseline, not other people.",
    "Angles are estimates from single-camera landmarks (MediaPipe), in the plane of the image. "
    "Pain is what was typed in. No camera sees the curve of the lower back, muscle work or what is "
    "felt. posecheck is no medical device. This page was made on one computer and loads nothing "
    "from anywhere.",
)


def person_page(progress: Progress, *, person: str = "") -> str:
    """Somebody's progress as one HTML page that prints to two sheets of A4 at most.

    Parameters
    ----------
    progress : Progress
        With its sessions, for what was done and the pain.
    person : str
        Whose it is: any text.

    Returns
    -------
    str
    """
    stretches = _latest_first(progress)
    shown = _that_fit(progress, stretches)
    series = [one for name in shown for one in progress.current if one.stretch == name]
    keys = [key for name in shown for key in progress.keys if key[0] == name]
    # Long lists of sentences leave less room for charts.
    panels = _one_of_each(keys, _MOST_PANELS if len(shown) <= _FEW_STRETCHES else _FEWER_PANELS)
    time = TimeAxis.of(progress.current) if panels else None
    sessions = _tidy(progress)
    return render(
        "person.html.j2",
        title=person or "Progress",
        facts=_facts(sessions, stretches),
        simulated=SIMULATED if progress.simulated else "",
        summary=summary(progress),
        stretches=[_stretch(name, series) for name in shown],
        others=others(progress, [name for name in stretches if name not in shown]),
        panels=[_panel(progress, key, time) for key in panels] if time else [],
        n_more_panels=len(keys) - len(panels),
        groups=_groups(progress, series[:_MOST_SERIES]),
        n_more_rows=max(len(series) - _MOST_SERIES, 0),
        done=[_done(name, sessions) for name in shown] if len(sessions) else [],
        adherence=progress.adherence.sentence() if progress.adherence else "",
        pain_rule=PAIN_RULE if progress.pain_after else "",
        calendar=chart(plot_last_weeks(sessions, weeks=_WEEKS)) if len(sessions) else "",
        weeks=_WEEKS,
        pain=pain_words(sessions, progress),
        notes=most(
            list(dict.fromkeys(text for one in series for text in one.excluded)), _MOST_NOTES
        ),
        safety=EVERYTHING,
        method=_METHOD,
    )


def _tidy(progress: Progress) -> pd.DataFrame:
    given = progress.sessions
    return tidy_sessions(pd.DataFrame({"started": []}) if given is None else given)


def _latest_first(progress: Progress) -> list[str]:
    latest: dict[str, pd.Timestamp] = {}
    for one in progress.current:
        ended = one.sittings["started"].iloc[-1]
        latest[one.stretch] = max(ended, latest.get(one.stretch, ended))
    return sorted(latest, key=lambda name: latest[name], reverse=True)


def _that_fit(progress: Progress, stretches: list[str]) -> list[str]:
    """The stretches that were trained last, one at least, for which there is room."""
    fitting: list[str] = []
    room = _MOST_SERIES
    for name in stretches[:_MOST_STRETCHES]:
        room -= sum(one.stretch == name for one in progress.current)
        if room < 0 and fitting:
            break
        fitting.append(name)
    return fitting


def _one_of_each(keys: list[Key], limit: int) -> list[Key]:
    """The first measure of every stretch, then others as long as there is room; in their order."""
    nth = [sum(before[0] == key[0] for before in keys[:k]) for k, key in enumerate(keys)]
    chosen = sorted(range(len(keys)), key=lambda k: nth[k])[:limit]
    return [keys[k] for k in sorted(chosen)]


def _facts(sessions: pd.DataFrame, stretches: list[str]) -> list[str]:
    facts = [f"{len(stretches)} stretch{'es' if len(stretches) != 1 else ''}"]
    if len(sessions):
        days = local_times(sessions["started"])
        facts.insert(0, f"{len(sessions)} sessions, {_day(days.iloc[0])} to {_day(days.iloc[-1])}")
    return facts


def _day(moment: pd.Timestamp) -> str:
    return f"{moment.day} {moment:%b %Y}"


def _stretch(name: str, series: list[SeriesProgress]) -> dict[str, str]:
    own = [one for one in series if one.stretch == name]
    return {"name": stretch_name(name), "words": stretch_sentence(own)}


def _panel(progress: Progress, key: Key, time: TimeAxis) -> dict[str, object]:
    part = progress.of(key)
    verdicts = [
        {
            "words": f"{side_of(one)}: {one.verdict}" if side_of(one) else one.verdict,
            "look": CHANGE[one.verdict],
        }
        for one in part.current
    ]
    name, first = stretch_name(key[0]), part.current[0]
    said = ", ".join(str(one["words"]) for one in verdicts)
    return {
        "stretch": name,
        "measure": first.name + (", less is the gain" if first.better == "less" else ""),
        "verdicts": verdicts[:2],
        "source": chart(plot_panel(part, time, width=_PANEL_IN)),
        "alt": f"{name}, {first.name} over the sessions: {said}; the table has the values.",
    }


def _groups(progress: Progress, series: list[SeriesProgress]) -> list[dict[str, object]]:
    names = dict.fromkeys(one.stretch for one in series)
    return [
        {
            "name": stretch_name(name),
            "rows": [_row(progress, one) for one in series if one.stretch == name],
        }
        for name in names
    ]


def _row(progress: Progress, one: SeriesProgress) -> dict[str, object]:
    change = "-"
    if one.baseline is not None:
        difference = one.latest - one.baseline
        change = f"{'+' if difference > 0 else ''}{one.show(difference)}"
    return {
        "measure": one.name,
        "side": side_of(one),
        "sessions": str(len(one.sittings)),
        "baseline": one.show(one.baseline),
        "latest": one.show(one.latest),
        "change": change,
        "mdc": one.show(one.mdc),
        "look": CHANGE[one.verdict],
        "left_right": left_right(progress, one),
    }


def _done(name: str, sessions: pd.DataFrame) -> dict[str, str]:
    """What was done of one stretch in the last four weeks of all that was done."""
    own = sessions[sessions["stretch"] == name]
    last = local_times(own["started"]).iloc[-1] if len(own) else None
    recent = own[own["started"] > sessions["started"].max() - pd.Timedelta(weeks=4)]
    sums = compute_adherence(recent)
    met = f"{sums.n_met} of {sums.n_with_dose}" if sums and sums.n_with_dose else "-"
    return {
        "name": stretch_name(name),
        "last": "-" if last is None else _day(last),
        "sessions": str(len(recent)),
        "minutes": f"{recent['held_s'].sum() / 60:.0f} min",
        "met": met,
    }
