"""The figures of notebooks/05_how_true_is_it.ipynb: each draws what another benchmark measured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import AbstractPathEffect, Normal, Stroke

from benchmarks.accuracy import JOINTS, METHODS, table
from benchmarks.back import BACKS
from benchmarks.tables import percent, spaced
from posecheck import MEASURES, compute_measures, estimate
from posecheck.landmarks.series import Landmark
from posecheck.measures.body import Body
from posecheck.measures.calibration import SEGMENTS, load_calibration
from posecheck.measures.camera_view import compute_view_track
from posecheck.measures.clean import clean_landmarks
from posecheck.measures.correction import Eyes
from posecheck.media.open import open_source
from posecheck.report.style import BLUE, VERMILION, YELLOW

NAMES = {"plain": "MediaPipe alone", "posecheck": "posecheck"}
# Told apart by colour, by lightness and by mark.
MARKS: dict[str, dict[str, Any]] = {
    "plain": {"color": VERMILION, "marker": "s"},
    "posecheck": {"color": BLUE, "marker": "o"},
}
_DRAWN = ("trunk", "thigh", "shank", "upper_arm")
_BODY = [Landmark.nose, *(mark for mark in Landmark if mark >= Landmark.left_shoulder)]


def plot_joints(close: pd.DataFrame) -> Figure:
    """Bias, middle two thirds and limits of agreement of each joint, from `accuracy.close_up`."""
    figure, ax = plt.subplots(figsize=(8, 4.6), layout="constrained")
    for place, joint in enumerate(JOINTS):
        for method, off in zip(METHODS, (-0.17, 0.17), strict=True):
            own = close[(close["measure"] == joint) & (close["method"] == method)]
            error, y = own["error"].dropna(), place + off
            bias, reach = error.mean(), 1.96 * error.std()
            colour = MARKS[method]["color"]
            ax.plot([bias - reach, bias + reach], [y, y], color=colour, lw=1.3)
            ax.plot(np.percentile(error, [16, 84]), [y, y], color=colour, lw=7, alpha=0.55)
            ax.plot(bias, y, ms=7, mec="white", ls="", **MARKS[method])
    for method in METHODS:
        ax.plot([], [], lw=4, label=NAMES[method], **MARKS[method])
    ax.axvline(0, color="black", lw=0.8)
    ax.set_yticks(range(len(JOINTS)), [spaced(joint) for joint in JOINTS])
    ax.invert_yaxis()
    ax.set_xlabel("read minus true, degrees")
    ax.set_title("Mark: bias. Thick: two thirds of the errors. Thin: 95 % limits of agreement")
    ax.grid(axis="x", alpha=0.3)
    ax.legend(loc="lower left")
    return _done(figure)


def plot_positions(close: pd.DataFrame) -> Figure:
    """Mean absolute error of what both read, by position of the body."""
    joints = close[close["measure"].isin(JOINTS)]
    numbers = table(joints, ["position", "measure", "method"])["MAE"].unstack("method")
    positions = list(numbers.index.get_level_values("position").unique())
    figure, axes = _panels(len(JOINTS), 2, sharey=True)
    for joint, ax in zip(JOINTS, axes, strict=True):
        own = numbers.xs(joint, level="measure").loc[positions]
        y = np.arange(len(positions))
        ax.hlines(y, own["both_posecheck"], own["both_plain"], color="grey", lw=1.5)
        for method in METHODS:
            ax.plot(own[f"both_{method}"], y, ls="", ms=8, label=NAMES[method], **MARKS[method])
        ax.set_title(spaced(joint))
        ax.set_xlim(0, 1.08 * numbers[["both_plain", "both_posecheck"]].to_numpy().max())
        ax.grid(axis="x", alpha=0.3)
    axes[0].set_yticks(np.arange(len(positions)), positions)
    axes[0].invert_yaxis()
    figure.supxlabel("mean absolute error, degrees")
    return _with_legend(figure, axes[0])


def plot_yaw(numbers: pd.DataFrame) -> Figure:
    """Mean absolute error at each camera yaw and the share that is kept, from `risk.by_yaw`."""
    figure, axes = _panels(len(JOINTS), 2, sharey=True)
    lines = {"uncorrected": ("not corrected", "plain"), "posecheck": ("corrected", "posecheck")}
    for joint, ax in zip(JOINTS, axes, strict=True):
        own = numbers.loc[joint]
        yaw = own.index.astype(int)
        for (column, (label, method)), style in zip(lines.items(), ("--", "-"), strict=True):
            ax.plot(yaw, own[column], ls=style, label=label, **MARKS[method])
        labels = [f"{at}°\n{percent(kept)}" for at, kept in zip(yaw, own["kept"], strict=True)]
        ax.set_xticks(yaw, labels)
        ax.set_ylim(0, 1.08 * numbers[list(lines)].to_numpy().max())
        ax.set_title(spaced(joint))
        ax.grid(axis="y", alpha=0.3)
    figure.supxlabel("camera turned by; below: readings kept")
    figure.supylabel("mean absolute error, degrees")
    return _with_legend(figure, axes[0])


def plot_risk(lines: pd.DataFrame, limits: pd.DataFrame) -> Figure:
    """Share far off against share kept, from `risk.curves`; a diamond where posecheck cuts."""
    figure, axes = _panels(len(JOINTS), 2, sharey=True, sharex=True)
    orders = {"before": ("--", "plain"), "after": ("-", "posecheck")}
    labels = ("MediaPipe, by its visibility", "posecheck, by its doubt")
    for joint, ax in zip(JOINTS, axes, strict=True):
        for (order, (style, method)), label in zip(orders.items(), labels, strict=True):
            own = lines[(lines["measure"] == joint) & (lines["order"] == order)]
            own = own[own["coverage"] >= 0.4]
            colour = MARKS[method]["color"]
            ax.plot(100 * own["coverage"], 100 * own["risk"], style, color=colour, label=label)
        cut = limits.loc[joint]
        place = (100 * cut["coverage"], 100 * cut["after"])
        ax.plot(*place, "D", ms=8, color="black", mfc="none", clip_on=False)
        ax.set_title(spaced(joint))
        ax.grid(alpha=0.3)
    axes[0].plot([], [], "D", ms=8, color="black", mfc="none", label="what posecheck shows")
    axes[0].set_xlim(102, 38)
    axes[0].set_ylim(bottom=0)
    figure.supxlabel("readings kept, % (the least believed are dropped first)")
    figure.supylabel("of these more than 15° off, %")
    return _with_legend(figure, axes[0])


def plot_backs(series: pd.DataFrame) -> Figure:
    """Bow of the back's outline of each body, from `back.bows`: one line a series."""
    figure, ax = plt.subplots(figsize=(6, 4), layout="constrained")
    ax.plot(list(BACKS.values()), series[list(BACKS)].T, "o-", color=BLUE, alpha=0.6, mfc="white")
    ax.axhline(0, color="black", lw=0.8)
    ax.set_ylabel("bow of the back outline\n(torso lengths, + rounded)")
    ax.set_title("A line is one body in one room")
    ax.grid(axis="y", alpha=0.3)
    return _done(figure)


def plot_example(clip: Path, at_s: float | None = None) -> Figure:
    """A frame of a sample clip: the near side as posecheck reads it, and its true slopes.

    The true lines begin at the hip that was read and are as long as what was read: the sidecar
    holds angles, not places. Without `at_s` it is the middle of the clip's hold.
    """
    facts = json.loads(clip.with_suffix(".json").read_text(encoding="utf-8"))
    hold = next(phase for phase in facts["phases"] if phase["name"] == "hold")
    at_s = (hold["start_s"] + hold["end_s"]) / 2 if at_s is None else at_s
    series = estimate(clip, outline=False, fps=5)
    camera = compute_view_track(series)
    row = int(np.argmin(np.abs(series.t_s - at_s)))
    cleaned = clean_landmarks(series)
    torso_px = Body.of(cleaned, camera).torso_px
    points = Eyes.of(cleaned, camera, torso_px, load_calibration().offsets).both.series.image[row]
    read = compute_measures(series, track=camera).iloc[row]
    moment = int(np.argmin(np.abs(np.array(facts["truth"]["t_s"]) - series.t_s[row])))
    truth = {name: values[moment] for name, values in facts["truth"].items()}
    with open_source(clip) as source:
        picture = next(f.image for f in source.frames() if f.t_s >= series.t_s[row] - 1e-3)

    figure, (left, right) = plt.subplots(
        1, 2, figsize=(8.4, 4.6), width_ratios=(4, 3), layout="constrained"
    )
    left.imshow(picture[:, :, ::-1])  # frames are blue, green, red
    left.set_axis_off()
    side = facts["near_side"]
    true = _true_points(points, truth, side)
    for segment in _DRAWN:
        ends = [Landmark[f"{side}_{joint}"] for joint in SEGMENTS[segment]]
        left.plot(
            *points[ends].T,
            "o-",
            color=BLUE,
            lw=3,
            label="read",
            path_effects=_outlined("white", 5),
        )
        left.plot(
            *true[ends].T,
            "-",
            color=YELLOW,
            lw=1.5,
            label="true",
            path_effects=_outlined("black", 3),
        )
    _zoom(left, np.stack([*points[_BODY], *true[_BODY]]), picture.shape)
    handles, labels = left.get_legend_handles_labels()
    left.legend(handles[:2], labels[:2], loc="upper left")
    columns = {
        joint: MEASURES[joint].column(side if MEASURES[joint].sided else None) for joint in JOINTS
    }
    cells = [[f"{truth[joint]:.0f}°", _shown(read[column])] for joint, column in columns.items()]
    right.set_axis_off()
    shown = right.table(
        cells,
        rowLabels=[spaced(joint) for joint in JOINTS],
        colLabels=["true", "read"],
        loc="center",
        bbox=(0.55, 0.2, 0.45, 0.6),
    )
    shown.auto_set_font_size(False)
    shown.set_fontsize(11)
    return _done(figure)


def _true_points(points: np.ndarray, truth: dict[str, float], side: str) -> np.ndarray:
    """The near side's joints with their true slopes, from the hip, as long as in `points`."""
    trunk = truth["trunk_inclination"]
    thigh = truth["hip_flexion"] - trunk
    hanging = {
        "trunk": 180 - trunk,  # against straight down, as the others
        "thigh": thigh,
        "shank": thigh - truth["knee_flexion"],
        "upper_arm": truth["shoulder_flexion"] - trunk,
    }
    forward = 1 if side == "right" else -1
    true = points.copy()
    for segment in _DRAWN:
        start, end = (Landmark[f"{side}_{joint}"] for joint in SEGMENTS[segment])
        slope = np.radians(hanging[segment])
        reach = np.linalg.norm(points[end] - points[start])
        true[end] = true[start] + reach * np.array([forward * np.sin(slope), np.cos(slope)])
    return true


def _zoom(ax: Axes, points: np.ndarray, shape: tuple[int, ...]) -> None:
    """Show a body and some of the room around it."""
    low, high = np.nanmin(points, axis=0), np.nanmax(points, axis=0)
    margin = 0.15 * (high - low).max()
    (left, top), (right, bottom) = low - margin, high + margin
    ax.set_xlim(max(left, 0), min(right, shape[1]))
    ax.set_ylim(min(bottom, shape[0]), max(top, 0))


def _outlined(colour: str, width: float) -> list[AbstractPathEffect]:
    return [Stroke(linewidth=width, foreground=colour), Normal()]


def _shown(value: float) -> str:
    return "can't tell" if np.isnan(value) else f"{value:.0f}°"


def _panels(n_panels: int, n_rows: int, **shared: Any) -> tuple[Figure, list[Axes]]:
    """Panels in rows; one more than asked for is left empty for the legend."""
    n_columns = -(-(n_panels + 1) // n_rows)
    figure, axes = plt.subplots(n_rows, n_columns, figsize=(9, 5.2), layout="constrained", **shared)
    return figure, list(axes.flat[:n_panels])


def _with_legend(figure: Figure, ax: Axes) -> Figure:
    last = figure.axes[-1]
    last.set_axis_off()
    last.legend(*ax.get_legend_handles_labels(), loc="center", frameon=False)
    return _done(figure)


def _done(figure: Figure) -> Figure:
    plt.close(figure)  # the notebook shows it, pyplot need not show it again
    return figure
