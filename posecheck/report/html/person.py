"""The page about a person's sessions: what has changed, beyond noise, and how much was done."""

from __future__ import annotations

from functools import cache

import pandas as pd

from posecheck.core.wording import EVERYTHING, sentence, shortened
from posecheck.report.html.rendering import chart, most, render
from posecheck.report.progress_figures import TimeAxis, plot_last_weeks, plot_panel
from posecheck.report.style import CHANGE, GOOD, PLAIN, WORK
from posecheck.sessions.progress.adherence import compute_adherence, local_times, tidy_sessions
from posecheck.sessions.progress.progress import SIMULATED, Progress
from posecheck.sessions.progress.series import Key, SeriesProgress
from posecheck.stretches import load_stretch, stretch_ids

# So many at most, those trained last first: the page is to fit on two sheets.
_MOST_STRETCHES, _MOST_SERIES, _MOST_NOTES = 7, 17, 3
_FEW_STRETCHES, _MOST_PANELS, _FEWER_PANELS = 3, 9, 6
_WEEKS = 18
_PANEL_IN = 2.4

_PAIN_RULE = "With pain, how far you get does not count."

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
    """A person's progress as one HTML page that prints to two sheets of A4 at most.

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
        summary=_summary(progress),
        stretches=[_stretch(name, series) for name in shown],
        others=_others(progress, [name for name in stretches if name not in shown]),
        panels=[_panel(progress, key, time) for key in panels] if time else [],
        n_more_panels=len(keys) - len(panels),
        groups=_groups(progress, series[:_MOST_SERIES]),
        n_more_rows=max(len(series) - _MOST_SERIES, 0),
        done=[_done(name, sessions) for name in shown] if len(sessions) else [],
        adherence=progress.adherence.sentence() if progress.adherence else "",
        pain_rule=_PAIN_RULE if progress.pain_after else "",
        calendar=chart(plot_last_weeks(sessions, weeks=_WEEKS)) if len(sessions) else "",
        weeks=_WEEKS,
        pain=_pain_words(sessions, progress),
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
    return {"name": _stretch_name(name), "words": _stretch_sentence(own)}


def _panel(progress: Progress, key: Key, time: TimeAxis) -> dict[str, object]:
    part = progress.of(key)
    verdicts = [
        {
            "words": f"{_side_of(one)}: {one.verdict}" if _side_of(one) else one.verdict,
            "look": CHANGE[one.verdict],
        }
        for one in part.current
    ]
    name, first = _stretch_name(key[0]), part.current[0]
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
            "name": _stretch_name(name),
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
        "side": _side_of(one),
        "sessions": str(len(one.sittings)),
        "baseline": one.show(one.baseline),
        "latest": one.show(one.latest),
        "change": change,
        "mdc": one.show(one.mdc),
        "look": CHANGE[one.verdict],
        "left_right": _left_right(progress, one),
    }


def _done(name: str, sessions: pd.DataFrame) -> dict[str, str]:
    """What was done of one stretch in the last four weeks of all that was done."""
    own = sessions[sessions["stretch"] == name]
    last = local_times(own["started"]).iloc[-1] if len(own) else None
    recent = own[own["started"] > sessions["started"].max() - pd.Timedelta(weeks=4)]
    sums = compute_adherence(recent)
    met = f"{sums.n_met} of {sums.n_with_dose}" if sums and sums.n_with_dose else "-"
    return {
        "name": _stretch_name(name),
        "last": "-" if last is None else _day(last),
        "sessions": str(len(recent)),
        "minutes": f"{recent['held_s'].sum() / 60:.0f} min",
        "met": met,
    }


@cache
def _stretch_name(stretch: str) -> str:
    """The name of a stretch; of one's own only the id is known."""
    return load_stretch(stretch).name if stretch in stretch_ids() else stretch


def _side_of(one: SeriesProgress) -> str:
    """The side in few words: where they differ, the one measured before the one held."""
    if one.side and one.held and one.side != one.held:
        return f"{one.side}, {one.held} held"
    return one.side or one.held or ""


def _summary(progress: Progress) -> dict[str, str]:
    """Everything in one sentence, with its sign."""
    found = [one.verdict for one in progress.current]
    if not found:
        return {
            "words": "No session with a range of motion yet.",
            "sign": CHANGE["building baseline"].sign,
            "tone": PLAIN.name,
        }
    gains, losses = found.count("real gain"), found.count("real loss")
    noise, building = found.count("within measurement noise"), found.count("building baseline")
    counts = [
        (gains, "real gain" if gains == 1 else "real gains"),
        (losses, "real loss" if losses == 1 else "real losses"),
        (noise, "within measurement noise"),
        (building, "still building a baseline"),
    ]
    said = ", ".join(f"{n} {words}" for n, words in counts if n)
    what = f"Of {len(found)} value{'s' if len(found) != 1 else ''} followed: {said}."
    if losses:
        return {"words": what, "sign": CHANGE["real loss"].sign, "tone": WORK.name}
    # With pain, how far the person got is no good news.
    tone = GOOD if gains and not progress.pain_after else PLAIN
    sign = CHANGE["real gain" if gains else "within measurement noise"].sign
    return {"words": what, "sign": sign, "tone": tone.name}


def _others(progress: Progress, hidden: list[str]) -> str:
    """What is to be known of the stretches for which there is no room."""
    if not hidden:
        return ""
    said = [f"Trained last come first; {len(hidden)} more not shown"]
    for verdict in ("real gain", "real loss"):
        found = {one.stretch for one in progress.current if one.verdict == verdict}
        names = [_stretch_name(name) for name in hidden if name in found]
        if names:
            said.append(f"{verdict} in {shortened(', '.join(names), 250)}")
    return sentence("; ".join(said))


def _stretch_sentence(series: list[SeriesProgress]) -> str:
    """The verdicts on one stretch: what each of them is about."""
    parts = []
    for verdict in CHANGE:
        named: dict[str, list[str]] = {}
        for one in series:
            if one.verdict == verdict:
                named.setdefault(one.name, []).append(_side_of(one))
        about = [
            f"{name} ({' and '.join(filter(None, sides))})" if any(sides) else name
            for name, sides in named.items()
        ]
        if about:
            parts.append(f"{verdict} in {', '.join(about)}")
    return sentence("; ".join(parts))


def _left_right(progress: Progress, one: SeriesProgress) -> str:
    """Left against right, said beside the left side."""
    for found in progress.asymmetries:
        if found.left is one:
            limit = one.show(found.mdc)
            if not found.real:
                return f"alike within {limit}"
            larger = "left" if found.difference > 0 else "right"
            return f"{larger} {one.show(abs(found.difference))} larger"
    return ""


def _pain_words(sessions: pd.DataFrame, progress: Progress) -> list[str]:
    """What was said about pain, in sentences; none where nobody was asked."""
    noted = sessions[sessions[["pain_before", "pain_after"]].notna().any(axis=1)]
    if noted.empty:
        return []
    last = noted.iloc[-1]
    times = [("before", last["pain_before"]), ("after", last["pain_after"])]
    said = " and ".join(f"{pain:.0f} {when}" for when, pain in times if pd.notna(pain))
    lines = [f"Last session: {said}, from 0 to 10."]
    recent = noted[noted["started"] > noted["started"].max() - pd.Timedelta(weeks=4)]
    after = recent["pain_after"].dropna()
    if len(after):
        lines.append(
            f"Last four weeks, after: median {after.median():.0f}, most {after.max():.0f}."
        )
    both = recent.dropna(subset=["pain_before", "pain_after"])
    if len(both):
        n_more = int((both["pain_after"] > both["pain_before"]).sum())
        lines.append(f"More pain after than before in {n_more} of {len(both)} sessions.")
    return [*lines, _PAIN_RULE] if progress.pain_after else lines
