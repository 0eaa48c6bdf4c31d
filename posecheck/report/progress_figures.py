"""Progress over sessions as figures, with matplotlib. Every plot takes `ax=None`.

Left and right, change and noise differ by mark and line too: for grey print, and for readers who do
not tell the colours apart. The background stays white, in a dark notebook as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num, num2date

from posecheck.core.geometry import Array
from posecheck.core.wording import capital
from posecheck.report.style import BLUE, GREEN, GREY, ORANGE, VERMILION
from posecheck.sessions.progress.adherence import local_times, tidy_sessions
from posecheck.sessions.progress.change import Verdict
from posecheck.sessions.progress.progress import Progress
from posecheck.sessions.progress.series import SeriesProgress

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from posecheck.assess.report import Report

UNIT_LABEL = {"deg": "degrees", "torso": "torso lengths", "s": "seconds"}
# The two sides: blue is the darker in grey print.
_SIDES: dict[str, dict[str, Any]] = {
    "left": {"color": BLUE, "marker": "o", "ls": "-"},
    "right": {"color": VERMILION, "marker": "s", "ls": "--"},
    "": {"color": BLUE, "marker": "o", "ls": "-"},
}
_AGAINST: dict[str, dict[str, Any]] = {
    "first": {"color": GREY, "ls": ":", "lw": 2.2},
    "best": {"color": GREEN, "ls": "--", "lw": 2.0},
    "last": {"color": BLUE, "ls": "-", "lw": 2.4},
}
_REAL: tuple[Verdict, ...] = ("real gain", "real loss")
_PAIN_SHARE = 5  # pain bars take a fifth of the height
_WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


def plot_rom(progress: Progress, *, ax: Axes | None = None) -> Axes:
    """One measure over the sessions, left and right, with what is only noise.

    Dashes are the baseline, the band around it is measurement noise: one value outside proves
    nothing, two running are a real change, and those are filled. Bars below are the pain after.

    Parameters
    ----------
    progress : Progress
        Of several measures the first is drawn; see `Progress.of`.
    ax : Axes, optional
    """
    ax = ax or plt.subplots(figsize=(8, 4.4), layout="constrained")[1]
    if not progress.current:
        return _say(ax, "No session with a range of motion yet")
    shown = list(progress.of(progress.keys[0]).current)
    for one in shown:
        _draw_series(ax, one)
    _draw_dates(ax, shown)
    _open_to_noise(ax, shown)
    _draw_pain(ax, shown)
    ax.set_ylabel(UNIT_LABEL[shown[0].unit])
    less = " (less is better)" if shown[0].better == "less" else ""
    lines = [f"{capital(shown[0].name)}{less}"]
    lines += [f"{one.where + ': ' if one.where else ''}{one.verdict}" for one in shown]
    if progress.simulated:
        lines[0] += ", simulated"
    ax.set_title("\n".join(lines), fontsize=10, loc="left", parse_math=False)
    if len(shown) > 1:
        ax.legend(loc="upper left", bbox_to_anchor=(0.75, 1.2), ncols=2, fontsize=9, frameon=False)
    ax.grid(alpha=0.25)
    return ax


def _draw_series(ax: Axes, one: SeriesProgress, *, size: float = 7.0) -> None:
    look = _SIDES[one.side or one.held or ""]
    colour, line = look["color"], look["ls"]
    times = local_times(one.sittings["started"])
    if one.baseline is not None:
        limit = one.sittings["limit"]
        low, high = one.baseline - limit, one.baseline + limit
        ax.fill_between(times, low, high, color=colour, alpha=0.1, lw=0, label="_band")
        for edge in (low, high):
            ax.plot(times, edge, color=colour, lw=0.7, ls=line, alpha=0.6, label="_edge")
        level = np.full(len(times), one.baseline)
        ax.plot(times, level, color=colour, lw=1, ls=(0, (8, 4)), label="_baseline")
    ax.plot(times, one.values, lw=1.2, color=colour, ls=line, label="_values")
    real = one.sittings["verdict"].isin(_REAL).to_numpy()
    size *= min(1.0, np.sqrt(40 / len(one.values)))  # many marks must not hide one another
    marks = {"color": colour, "marker": look["marker"], "ms": size, "mew": 0.18 * size}
    ax.plot(times[~real], one.values[~real], ls="", mfc="white", label="_noise", **marks)
    ax.plot(times[real], one.values[real], ls="", label="_real", **marks)
    ax.plot([], [], ls=line, label=one.where or one.name, **marks)


def _draw_dates(ax: Axes, shown: Iterable[SeriesProgress]) -> None:
    locator = AutoDateLocator(minticks=2, maxticks=8)  # type: ignore[no-untyped-call]
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    ax.set_xlim(*_time_span(shown))


def _time_span(shown: Iterable[SeriesProgress]) -> tuple[float, float]:
    """From before the first sitting to after the last, in matplotlib's days."""
    ends = [one.sittings["started"].iloc[end] for one in shown for end in (0, -1)]
    first, last = local_times(pd.Series([min(ends), max(ends)]))
    margin = max((last - first) * 0.04, pd.Timedelta(days=1))
    start, end = (first - margin).to_pydatetime(), (last + margin).to_pydatetime()
    low, high = (float(date2num(day)) for day in (start, end))  # type: ignore[no-untyped-call]
    return low, high


@dataclass(frozen=True)
class TimeAxis:
    """One time for many panels, with its dates found once: that takes longer than drawing them."""

    span: tuple[float, float]
    ticks: Array
    labels: list[str]

    @classmethod
    def of(cls, shown: Iterable[SeriesProgress]) -> TimeAxis:
        """The time that series have in common; one series at least.

        Parameters
        ----------
        shown : iterable of SeriesProgress

        Returns
        -------
        TimeAxis
        """
        span = _time_span(shown)
        locator = AutoDateLocator(minticks=2, maxticks=4)  # type: ignore[no-untyped-call]
        days = map(num2date, span)
        ticks = np.asarray(locator.tick_values(*days))  # type: ignore[no-untyped-call]
        ticks = ticks[(ticks >= span[0]) & (ticks <= span[1])]
        formatter = ConciseDateFormatter(locator)  # type: ignore[no-untyped-call]
        labels = formatter.format_ticks(ticks)  # type: ignore[no-untyped-call]
        return cls(span, ticks, labels)

    def draw(self, ax: Axes) -> None:
        """Give it to a panel.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw; a new figure by default.
        """
        ax.set_xlim(*self.span)
        ax.set_xticks(self.ticks, self.labels)


def _open_to_noise(ax: Axes, shown: list[SeriesProgress]) -> None:
    """No closer look than the camera's: the axis spans at least its noise."""
    floor, values = shown[0].floor, np.concatenate([one.values for one in shown])
    bottom, top = ax.get_ylim()
    ax.set_ylim(min(bottom, values.min() - floor / 2), max(top, values.max() + floor / 2))


def _draw_pain(ax: Axes, shown: list[SeriesProgress]) -> None:
    """Bars on a scale of their own, below the values."""
    noted = pd.concat([one.sittings[["started", "pain_after"]] for one in shown]).dropna()
    if noted.empty:
        return
    felt = noted.groupby(local_times(noted["started"]).dt.normalize())["pain_after"].max()
    bottom, top = ax.get_ylim()
    ax.set_ylim(bottom - (top - bottom) / (_PAIN_SHARE - 1), top)
    pain = ax.twinx()
    noon = pd.DatetimeIndex(felt.index) + pd.Timedelta(hours=12)
    pain.bar(noon, felt.to_numpy(), width=0.8, color=ORANGE, edgecolor="black", lw=0.4)
    pain.set_ylim(0, 10 * _PAIN_SHARE)
    pain.set_yticks([0, 10])
    pain.set_ylabel("pain after, 0 to 10", fontsize=8, loc="bottom")
    pain.tick_params(labelsize=8)


def plot_progress(progress: Progress) -> Figure:
    """Every measure, one `plot_rom` below the other.

    Parameters
    ----------
    progress : Progress

    Returns
    -------
    Figure
    """
    parts = [progress.of(key) for key in progress.keys] or [progress]
    size = (8, 4 * len(parts))
    figure, axes = plt.subplots(len(parts), 1, figsize=size, layout="constrained", squeeze=False)
    for part, ax in zip(parts, axes.flat, strict=True):
        plot_rom(part, ax=ax)
    plt.close(figure)  # the figure is shown by who asked for it, not a second time by pyplot
    return figure


def plot_angle(checks: Mapping[str, Report], column: str, *, ax: Axes | None = None) -> Axes:
    """One angle over time in several recordings, each beginning where its longest hold begins.

    Parameters
    ----------
    checks : mapping of name to Report
        `first`, `best` and `last` have lines of their own; `SeriesProgress.first_best_last` tells
        which sessions they are.
    column : str
        A column of the measures, as `left_knee_flexion`.
    ax : Axes, optional
    """
    ax = ax or plt.subplots(figsize=(8, 3.6), layout="constrained")[1]
    shown = {n: c for n, c in checks.items() if column in c.measures and c.holds}
    if not shown:
        return _say(ax, "No hold to compare")
    for name, check in shown.items():
        hold = max(check.holds, key=lambda one: one.seconds)
        values = check.measures[column]
        times = values.index.to_numpy() - hold.start_s
        ax.plot(times, values.to_numpy(), label=name, **_AGAINST.get(name, {"lw": 1.5}))
    ax.axvline(0, color=GREY, lw=0.8)
    ax.set_xlabel("seconds since the hold began")
    ax.set_ylabel(column.replace("_", " "))
    ax.legend(loc="best", fontsize=9)
    ax.grid(alpha=0.25)
    return ax


def plot_overview(progress: Progress) -> Figure:
    """Everything of a person at a glance: a small panel a stretch and measure, all on one time.

    Parameters
    ----------
    progress : Progress

    Returns
    -------
    Figure
    """
    keys = progress.keys
    columns = min(4, max(len(keys), 1))
    rows = max(-(-len(keys) // columns), 1)
    width, height = 3 * columns, 2.6 * rows + 0.3
    figure, grid = plt.subplots(rows, columns, figsize=(width, height), squeeze=False)
    # By hand: with fifty panels a constrained layout takes seconds.
    figure.subplots_adjust(
        left=0.5 / width,
        right=1 - 0.1 / width,
        bottom=0.4 / height,
        top=1 - 1.1 / height,
        wspace=0.22,
        hspace=0.75,
    )
    time = TimeAxis.of(progress.current) if keys else None
    for place, ax in enumerate(grid.flat):
        if place < len(keys) and time is not None:
            _draw_panel(ax, progress.of(keys[place]), time)
        else:
            ax.axis("off")
    words = "Progress, simulated" if progress.simulated else "Progress"
    figure.suptitle(words, x=0.5 / width, y=1 - 0.1 / height, ha="left", va="top")
    plt.close(figure)
    return figure


def plot_panel(progress: Progress, time: TimeAxis, *, width: float) -> Figure:
    """One measure over the sessions without a title: for a page, `width` inches of it.

    Parameters
    ----------
    progress : Progress
        Of one measure; see `Progress.of`.
    time : TimeAxis
        Of everything that stands beside it.
    width : float
    """
    figure, ax = plt.subplots(figsize=(width, 1.3))
    # By hand, as in `plot_overview`.
    figure.subplots_adjust(left=0.42 / width, right=1 - 0.06 / width, bottom=0.17, top=0.95)
    _draw_values(ax, list(progress.current), time)
    ax.spines[["top", "right"]].set_visible(False)
    plt.close(figure)
    return figure


def _draw_values(ax: Axes, own: list[SeriesProgress], time: TimeAxis) -> None:
    for one in own:
        _draw_series(ax, one, size=3.5)
    _open_to_noise(ax, own)
    time.draw(ax)
    ax.locator_params(axis="y", nbins=4)
    ax.tick_params(labelsize=7)
    ax.grid(alpha=0.25)


def _draw_panel(ax: Axes, progress: Progress, time: TimeAxis) -> None:
    own = list(progress.current)
    _draw_values(ax, own, time)
    verdicts = [f"{one.where}: {one.verdict}" if one.where else one.verdict for one in own]
    title = "\n".join([own[0].stretch, f"{own[0].name}, {UNIT_LABEL[own[0].unit]}", *verdicts])
    # A given height spares matplotlib the search for one, which takes as long as the drawing.
    ax.set_title(title, fontsize=7.5, loc="left", y=1.02, parse_math=False)


def plot_calendar(sessions: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """The days with a session: a column a week, darker the longer the stretches were held.

    A dot says that every dose of the day was met, a number is the most pain noted after.

    Parameters
    ----------
    sessions : DataFrame
        As `History.sessions(person)` gives it.
    ax : Axes, optional
    """
    rows = tidy_sessions(sessions)
    if rows.empty:
        return _say(ax or plt.subplots(figsize=(8, 2))[1], "No session yet")
    days = rows.groupby(local_times(rows["started"]).dt.normalize()).agg(
        minutes=("held_s", lambda held: held.sum() / 60),
        met=("dose_met", lambda met: bool(met.notna().any() and met.dropna().all())),
        pain=("pain_after", "max"),
    )
    monday = days.index[0] - pd.Timedelta(days=days.index[0].weekday())
    day = (days.index - monday).days.to_numpy()
    minutes = np.full((7, max(int(day[-1]) // 7 + 1, 8)), np.nan)
    minutes[day % 7, day // 7] = days["minutes"]
    ax = ax or plt.subplots(figsize=(2 + 0.36 * minutes.shape[1], 2.9), layout="constrained")[1]
    _draw_weeks(ax, minutes, monday)
    colours = np.where(days["minutes"] > 0.6 * days["minutes"].max(), "white", "black")
    for at, colour, pain, met in zip(day, colours, days["pain"], days["met"], strict=True):
        week, weekday = divmod(at, 7)
        if pain > 0:
            words = {"color": colour, "fontsize": 8, "ha": "center", "va": "center"}
            ax.text(week, weekday - 0.16, f"{pain:.0f}", **words)
        if met:
            ax.plot(week, weekday + 0.27, "o", ms=3.5, color=colour)
    simulated = "simulated" in rows and bool(rows["simulated"].any())
    title = "Dot: dose met; number: pain after"
    ax.set_title(f"{title}; simulated" if simulated else title, fontsize=10, loc="left")
    return ax


def plot_last_weeks(sessions: pd.DataFrame, *, weeks: int) -> Figure:
    """The last weeks of the calendar as a small figure, for a page.

    Parameters
    ----------
    sessions : DataFrame
    weeks : int

    Returns
    -------
    Figure
    """
    rows = tidy_sessions(sessions)
    recent = rows[rows["started"] > rows["started"].max() - pd.Timedelta(weeks=weeks)]
    days = local_times(recent["started"])
    n_weeks = max((days.iloc[-1] - days.iloc[0]).days // 7 + 2, 8)
    figure, ax = plt.subplots(figsize=(0.19 * n_weeks + 1.0, 1.9), layout="constrained")
    plot_calendar(recent, ax=ax)
    ax.set_anchor("W")
    ax.set_title(ax.get_title(loc="left"), fontsize=7.5, loc="left")
    for words in ax.texts:
        words.set_fontsize(6)
    for part in figure.axes:
        part.tick_params(labelsize=7)
        part.yaxis.label.set_fontsize(7)
    plt.close(figure)
    return figure


def _draw_weeks(ax: Axes, minutes: Array, monday: pd.Timestamp) -> None:
    n_weeks = minutes.shape[1]
    ax.set_facecolor("#E8E8E8")  # a day without a session
    top = max(float(np.nanmax(minutes)), 1.0)
    shade = ax.pcolormesh(np.arange(n_weeks), np.arange(7), minutes, cmap="Blues", vmin=0, vmax=top)
    ax.figure.colorbar(shade, ax=ax, label="minutes held", shrink=0.8, pad=0.02)
    ax.vlines(np.arange(n_weeks + 1) - 0.5, -0.5, 6.5, color="white", lw=2)
    ax.hlines(np.arange(8) - 0.5, -0.5, n_weeks - 0.5, color="white", lw=2)
    ax.set_yticks(range(7), _WEEKDAYS, fontsize=8)
    weeks = range(0, n_weeks, -(-n_weeks // 6))
    starts = [monday + pd.Timedelta(weeks=week) for week in weeks]
    ax.set_xticks(weeks, [f"{start.day} {start:%b}" for start in starts], fontsize=8)
    ax.set(xlim=(-0.5, n_weeks - 0.5), ylim=(6.5, -0.5), aspect="equal")
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)


def _say(ax: Axes, words: str) -> Axes:
    ax.text(0.5, 0.5, words, transform=ax.transAxes, ha="center", va="center")
    ax.axis("off")
    return ax
