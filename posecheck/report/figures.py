"""Figures, with matplotlib. Every plot takes `ax=None` and returns what it drew on."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np

from posecheck.assess.cue_result import CueResult
from posecheck.core.errors import UsageError
from posecheck.core.files import SHARED, atomic_write
from posecheck.measures.bands import show_band, show_value
from posecheck.report.style import BLUE, GREY, STATUS, YELLOW
from posecheck.stretches.definition import Stretch
from posecheck.stretches.drawing import figure_strokes
from posecheck.stretches.figure import Figure as StretchFigure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from posecheck.assess.report import Report

# Colour and width of a stretch's lines.
_STROKE_STYLE = {"near": (BLUE, 5.0), "far": ("#9dbfd3", 4.0), "ground": (GREY, 2.0)}
_UNIT_LABEL = {"deg": "degrees", "torso": "torso lengths", "s": "seconds"}


def plot_report(report: Report) -> Figure:
    """Every judged value of a check in one figure.

    Parameters
    ----------
    report : Report

    Returns
    -------
    Figure
        A video: one panel a cue, over time, with the target band, the holds shaded. A photo: one
        line a cue, the value beside its band.
    """
    cues = [cue for cue in report.cues if cue.column is not None and cue.column in report.measures]
    if not cues:
        figure, ax = plt.subplots(figsize=(8, 1.6), layout="constrained")
        ax.text(0.5, 0.5, "Nothing could be assessed", ha="center", va="center")
        ax.axis("off")
    elif len(report.series) == 1:
        figure, ax = plt.subplots(figsize=(8, 0.6 + 0.7 * len(cues)), layout="constrained")
        plot_photo(report, ax=ax)
    else:
        figure, axes = plt.subplots(
            len(cues), 1, figsize=(8, 1.9 * len(cues) + 0.6), sharex=True, layout="constrained"
        )
        for cue, ax in zip(cues, np.atleast_1d(axes), strict=True):
            plot_cue(report, cue, ax=ax)
        np.atleast_1d(axes)[-1].set_xlabel("time in s")
    figure.suptitle(report.stretch.name, parse_math=False)  # a $ in a name begins no formula
    plt.close(figure)  # the figure is shown by who asked for it, not a second time by pyplot
    return figure


def plot_cue(report: Report, cue: CueResult, *, ax: Axes | None = None) -> Axes:
    """One judged value over time, with its target band and the holds shaded.

    The dark band is the target, the light band what passes with the tolerance.

    Parameters
    ----------
    report : Report
    cue : CueResult
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
    """
    ax = ax or plt.subplots(figsize=(8, 2.4), layout="constrained")[1]
    values = report.measures[cue.column or ""]
    times = values.index.to_numpy()
    for hold in report.holds:
        ax.axvspan(hold.start_s, hold.end_s, color=YELLOW, alpha=0.25, lw=0, label="_hold")
    for shot_start in times[1:][np.diff(report.series.shot) > 0]:
        ax.axvline(shot_start, color=GREY, lw=0.8, ls=":")
    colour = STATUS[cue.status].tone.figure
    ax.plot(times, values.to_numpy(), color=colour, lw=1.6)
    shown = values.to_numpy()[np.isfinite(values.to_numpy())]
    if not len(shown):
        ax.text(0.5, 0.5, "not seen", transform=ax.transAxes, ha="center", va="center")
    elif cue.about_change:
        # A band for a range or a sway is no band for the values: name it in words instead.
        ax.text(0.99, 0.04, _change_words(cue), transform=ax.transAxes, ha="right", fontsize=9)
    else:
        _draw_band(ax, cue, shown)
    side = f", {cue.side}" if cue.side else ""
    title = f"{cue.title}{side}: {STATUS[cue.status].word}"
    ax.set_title(title, fontsize=10, loc="left", parse_math=False)
    ax.set_ylabel(_UNIT_LABEL[cue.unit or "deg"], fontsize=9)
    ax.set_xlim(times[0], times[-1])
    ax.grid(alpha=0.25)
    return ax


def plot_cue_small(report: Report, cue: CueResult, *, width: float) -> Figure:
    """One judged value over time, without a title: for a page, `width` inches of it.

    Parameters
    ----------
    report : Report
    cue : CueResult
    width : float

    Returns
    -------
    Figure
    """
    figure, ax = plt.subplots(figsize=(width, 1.35), layout="constrained")
    plot_cue(report, cue, ax=ax)
    ax.set_title("", loc="left")
    ax.spines[["top", "right"]].set_visible(False)
    ax.set_ylabel(ax.get_ylabel(), fontsize=7)
    ax.set_xlabel("time in s", fontsize=7)
    ax.tick_params(labelsize=7)
    for words in ax.texts:
        words.set_fontsize(7)
        words.set_visible(not cue.about_change)  # too long for here: the page has them beside it
    plt.close(figure)
    return figure


CHANGE_NAMES = {"range": "range", "drift": "drift", "sd": "sway (SD)"}


def _change_words(cue: CueResult) -> str:
    name = CHANGE_NAMES.get(cue.statistic or "", "change")
    read = "not assessed" if cue.observed is None else f"{show_value(cue.observed, cue.unit)}"
    return f"{name}: {read}; asked for {show_band(cue.target, cue.unit)}"


def _draw_band(ax: Axes, cue: CueResult, shown: np.ndarray) -> None:
    low, high = cue.target
    tolerance = cue.tolerance or 0.0
    ends = [end for end in (low, high) if end is not None]
    everything = np.concatenate([shown, ends])
    margin = max(0.15 * np.ptp(everything), 2 * tolerance, 1e-3)
    bottom, top = everything.min() - margin, everything.max() + margin
    for extra, alpha in ((tolerance, 0.10), (0.0, 0.22)):
        start = bottom if low is None else low - extra
        end = top if high is None else high + extra
        if start == end:
            ax.axhline(start, color=BLUE, alpha=0.6, lw=1)
        else:
            ax.axhspan(start, end, color=BLUE, alpha=alpha, lw=0)
    ax.set_ylim(bottom, top)
    if cue.observed is not None:
        colour = STATUS[cue.status].tone.figure
        ax.axhline(cue.observed, color=colour, lw=0.9, ls="--")
        if cue.interval is not None:  # at the right edge, where it hides no value
            across = ax.get_yaxis_transform()
            ax.vlines(0.985, *cue.interval, transform=across, color=colour, lw=2.5, alpha=0.6)


def plot_photo(report: Report, *, ax: Axes | None = None) -> Axes:
    """A photo's values beside their bands: how far inside or outside each one lies.

    Parameters
    ----------
    report : Report
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
    """
    ax = ax or plt.subplots(figsize=(8, 3), layout="constrained")[1]
    cues = [cue for cue in report.cues if cue.column is not None]
    labels, places = [], [0.0]
    for row, cue in enumerate(cues):
        labels.append(f"{cue.title}\n({show_band(cue.target, cue.unit)})")
        margin = cue.margin
        # Words have no part in the layout: beside an axis without points they leave it no room.
        if margin is None:
            ax.text(0, row, "  not assessed", va="center", color=GREY, in_layout=False)
            continue
        places.append(margin / (15.0 if cue.unit == "deg" else 0.15))
        colour, scale = STATUS[cue.status].tone.figure, 15.0 if cue.unit == "deg" else 0.15
        reach = None if cue.half_width is None else cue.half_width / scale
        ax.errorbar(places[-1], row, xerr=reach, fmt="o", ms=9, color=colour, capsize=3, lw=1.2)
        ax.annotate(
            f"{cue.observed:g} {'°' if cue.unit == 'deg' else 'L'}  {STATUS[cue.status].word}",
            (places[-1], row),
            xytext=(8, 8),
            textcoords="offset points",
            fontsize=9,
            in_layout=False,
        )
    ax.axvline(0, color=GREY, lw=1)
    ax.set_yticks(range(len(cues)), labels, fontsize=9, parse_math=False)
    ax.set_ylim(len(cues) - 0.5, -0.5)  # the first cue on top, rows without a point too
    reach = max(1.0, max(places) - min(places))
    ax.set_xlim(min(places) - 0.25 * reach, max(places) + 0.35 * reach)
    ax.set_xticks([0], ["limit"])
    ax.set_xlabel("outside   |   inside what passes")
    return ax


def plot_stretch(stretch: Stretch) -> Figure:
    """Every figure of a stretch, side by side: how the position looks.

    Parameters
    ----------
    stretch : Stretch
        Has at least one figure.

    Returns
    -------
    Figure
    """
    n = len(stretch.figures)
    figure, axes = plt.subplots(1, n, figsize=(4 * n, 3), layout="constrained", squeeze=False)
    for drawn, ax in zip(stretch.figures, axes[0], strict=True):
        plot_stretch_figure(stretch, drawn, ax=ax)
    plt.close(figure)  # the figure is shown by who asked for it, not a second time by pyplot
    return figure


def plot_stretch_figure(stretch: Stretch, drawn: StretchFigure, *, ax: Axes | None = None) -> Axes:
    """One figure of a stretch.

    Parameters
    ----------
    stretch : Stretch
    drawn : StretchFigure
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
    """
    ax = ax or plt.subplots(figsize=(4, 3), layout="constrained")[1]
    for stroke in figure_strokes(stretch, drawn):
        colour, width = _STROKE_STYLE[stroke.role]
        (line,) = ax.plot(stroke.points[:, 0], stroke.points[:, 1], color=colour, lw=width)
        line.set_solid_capstyle("round")
        line.set_solid_joinstyle("round")
    ax.set_aspect("equal")
    ax.axis("off")
    if drawn.name:
        ax.set_title(drawn.name, fontsize=11, parse_math=False)
    return ax


def stretch_svg(stretch: Stretch) -> str:
    """The drawing as an `<svg>` element that can stand in a page.

    Parameters
    ----------
    stretch : Stretch

    Returns
    -------
    str
    """
    buffer = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": stretch.id}):  # the same drawing gives the same text
        plot_stretch(stretch).savefig(buffer, format="svg", metadata={"Date": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]


def save_stretch(stretch: Stretch, path: Path) -> None:
    """Write the drawing of a stretch as SVG or PNG.

    Parameters
    ----------
    stretch : Stretch
    path : Path
        Ends in `.svg` or `.png`.

    Raises
    ------
    UsageError
        The definition has no figure, or the name ends in something else.
    SourceError
        The file cannot be written.
    """
    kind = path.suffix.lower().removeprefix(".")
    if kind not in ("svg", "png"):
        raise UsageError("a drawing is .svg or .png", where=path, hint="Name it so.")
    if not stretch.figures:
        raise UsageError(
            f"{stretch.id} has no drawing", hint="Give its definition a [[figure]] table."
        )
    with atomic_write(path, what="the drawing", mode=SHARED) as part:
        if kind == "svg":
            part.write_text(stretch_svg(stretch), encoding="utf-8")
        else:
            plot_stretch(stretch).savefig(part, dpi=150)
