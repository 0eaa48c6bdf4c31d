"""The drawing of a stretch with matplotlib: to look at, as SVG in a notebook, as a file."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
import matplotlib.pyplot as plt

from posecheck.core.errors import SourceError, UsageError
from posecheck.report.style import BLUE, GREY
from posecheck.stretches.definition import Stretch
from posecheck.stretches.drawing import figure_strokes
from posecheck.stretches.figure import Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Sheet

# Colour and width of a line.
_STYLE = {"near": (BLUE, 5.0), "far": ("#9dbfd3", 4.0), "ground": (GREY, 2.0)}


def plot_figures(stretch: Stretch) -> Sheet:
    """Every figure of a stretch, side by side.

    Parameters
    ----------
    stretch : Stretch
        With one figure at least.
    """
    n = len(stretch.figures)
    sheet, axes = plt.subplots(1, n, figsize=(4 * n, 3), layout="constrained", squeeze=False)
    for figure, ax in zip(stretch.figures, axes[0], strict=True):
        plot_figure(stretch, figure, ax=ax)
    plt.close(sheet)  # the figure is shown by who asked for it, not a second time by pyplot
    return sheet


def plot_figure(stretch: Stretch, figure: Figure, *, ax: Axes | None = None) -> Axes:
    """One figure of a stretch."""
    ax = ax or plt.subplots(figsize=(4, 3), layout="constrained")[1]
    for stroke in figure_strokes(stretch, figure):
        colour, width = _STYLE[stroke.role]
        (line,) = ax.plot(stroke.points[:, 0], stroke.points[:, 1], color=colour, lw=width)
        line.set_solid_capstyle("round")
        line.set_solid_joinstyle("round")
    ax.set_aspect("equal")
    ax.axis("off")
    if figure.name:
        ax.set_title(figure.name, fontsize=11, parse_math=False)
    return ax


def figures_svg(stretch: Stretch) -> str:
    """The drawing as an `<svg>` element that can stand in a page."""
    buffer = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": stretch.id}):  # the same drawing gives the same text
        plot_figures(stretch).savefig(buffer, format="svg", metadata={"Date": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]


def save_figures(stretch: Stretch, path: Path) -> None:
    """Write the drawing as SVG or PNG.

    Raises
    ------
    UsageError
        The definition has no figure, or the name ends otherwise.
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
    try:
        if kind == "svg":
            path.write_text(figures_svg(stretch), encoding="utf-8")
        else:
            plot_figures(stretch).savefig(path, dpi=150)
    except OSError as error:
        raise SourceError(
            f"the drawing cannot be written ({error.strerror or error})",
            where=path,
            hint="Choose a folder that exists and that you may write to.",
        ) from error
