"""The stick figure of a definition: posed as it says, as landmarks and as lines to draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np

from posecheck.core.geometry import Array, length, midpoint
from posecheck.landmarks.series import SIDES, LandmarkSeries
from posecheck.landmarks.stick_figure import TORSO_M, Pose, Sides, stick_figure
from posecheck.pose.silhouette import N_POINTS
from posecheck.stretches.definition import Stretch
from posecheck.stretches.figure import Figure

# The bit of each dot, by row and column; the sign of no dot is U+2800.
_DOTS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
_EMPTY = 0x2800

_PX_PER_M = 400.0
_TORSO_PX = TORSO_M * _PX_PER_M
# How the camera stands: turned towards the front, and looking down.
_CAMERA = {"side": (0.0, 0.0), "front": (90.0, 0.0), "above": (0.0, 90.0), "end-on": (90.0, 25.0)}
# How thick a body is under its joints, in torso lengths: the floor lies below that.
_UNDER = {"shoulder": 0.18, "hip": 0.20, "ear": 0.19, "knee": 0.08, "elbow": 0.06}
_FEET_AND_HANDS = ("ankle", "heel", "foot_index", "wrist", "index")
_HEAD_RADIUS, _MARGIN, _WALL_HEIGHT = 0.19, 0.35, 2.3

Role = Literal["near", "far", "ground"]


@dataclass(frozen=True, eq=False)
class Stroke:
    """A line to draw: points (n, 2) in torso lengths, x right, y up."""

    points: Array
    role: Role


def figure_landmarks(stretch: Stretch, figure: Figure) -> LandmarkSeries:
    """The figure as a camera would see it: one picture, the held side on the body's right.

    Parameters
    ----------
    stretch : Stretch
    figure : Figure
        One of the stretch's figures.

    Returns
    -------
    LandmarkSeries
        With one frame, of kind `photo`.
    """
    yaw_deg, tilt_deg = _CAMERA[figure.view or stretch.views[0]]
    series = stick_figure(
        _pose(figure), yaw_deg=yaw_deg, tilt_deg=tilt_deg, px_per_m=_PX_PER_M, kind="photo"
    )
    if figure.back_bow is None:
        return series
    return replace(series, outline=np.tile(_outline(figure.back_bow), (1, 2, 1)))


def _pose(figure: Figure) -> Pose:
    def sides(key: str) -> Sides:
        return Sides(left=figure.angle(key, "other"), right=figure.angle(key, "held"))

    return Pose(
        trunk=figure.trunk_inclination,
        neck=figure.neck_flexion,
        head=figure.head_pitch,
        hip=sides("hip_flexion"),
        knee=sides("knee_flexion"),
        ankle=sides("ankle_dorsiflexion"),
        thigh_out=sides("thigh_abduction"),
        thigh_turn=sides("hip_rotation"),
        shoulder=sides("shoulder_flexion"),
        elbow=sides("elbow_flexion"),
        arm_out=sides("arm_abduction"),
        arm_turn=sides("shoulder_rotation"),
        # A pose counts these towards the left, and the held side is the right one.
        lean=-figure.turn("lateral_trunk_inclination"),
        twist=-figure.turn("trunk_rotation"),
        roll=-figure.turn("roll"),
        face=-figure.turn("head_turn"),
    )


def _curve() -> Array:
    """A curve along the back from shoulder to hip, of a bow as the measure `back_bow` reads it."""
    along = np.linspace(-1, 1, N_POINTS)
    curve = 1 - along**2
    ends = (curve[1:4].mean() + curve[-4:-1].mean()) / 2
    return np.asarray(curve / (curve[5:-5].mean() - ends))


def _outline(bow: float) -> Array:
    """Distance of the back from the shoulder-hip line, in pixels."""
    return _TORSO_PX * (0.25 + bow * _curve())


# --- lines ----------------------------------------------------------------------------------------


def figure_strokes(stretch: Stretch, figure: Figure) -> list[Stroke]:
    """The lines of the drawing, those behind first.

    Parameters
    ----------
    stretch : Stretch
    figure : Figure
        One of the stretch's figures.
    """
    series = figure_landmarks(stretch, figure)
    view = figure.view or stretch.views[0]
    at = _points(series)
    body = [*_limbs(at, view), *_trunk(at, figure, view), *_head(at)]
    return [*_ground(at, figure, view), *body]


def _points(series: LandmarkSeries) -> dict[str, Array]:
    """Every landmark of the one frame and the middle of each pair, in torso lengths, y up."""
    at: dict[str, Array] = {}
    for joint in (*_UNDER, *_FEET_AND_HANDS):
        pair = [series.point(f"{side}_{joint}")[0] * [1, -1] / _TORSO_PX for side in SIDES]
        at |= {f"{side}_{joint}": point for side, point in zip(SIDES, pair, strict=True)}
        at[joint] = midpoint(*pair)
    return at | {"nose": series.point("nose")[0] * [1, -1] / _TORSO_PX}


def _limbs(at: dict[str, Array], view: str) -> list[Stroke]:
    chains = (
        ("hip", "knee", "ankle", "heel", "foot_index", "ankle"),
        ("shoulder", "elbow", "wrist", "index"),
    )
    strokes = []
    for side in SIDES:  # the right one is the near one, so it comes last
        role: Role = "far" if view == "side" and side == "left" else "near"
        strokes += [
            Stroke(np.array([at[f"{side}_{joint}"] for joint in chain]), role) for chain in chains
        ]
    return strokes


def _trunk(at: dict[str, Array], figure: Figure, view: str) -> list[Stroke]:
    if view != "side":
        corners = ("left_shoulder", "right_shoulder", "right_hip", "left_hip", "left_shoulder")
        return [Stroke(np.array([at[corner] for corner in corners]), "near")]
    shoulder, hip = at["right_shoulder"], at["right_hip"]
    line = hip - shoulder
    behind = np.array([line[1], -line[0]]) / length(line)  # the figure faces right, y is up
    curve = _curve() - _curve()[0]
    steps = np.linspace(0, 1, N_POINTS)[:, None]
    points = shoulder + steps * line + (figure.back_bow or 0.0) * curve[:, None] * behind
    return [Stroke(points, "near")]


def _head(at: dict[str, Array]) -> list[Stroke]:
    """A circle with a nose, and the neck."""
    face = at["nose"] - at["ear"]
    centre = at["ear"] + 0.25 * face
    circle = _circle(centre, _HEAD_RADIUS)
    neck = centre - at["shoulder"]
    start = centre - neck * min(1.0, _HEAD_RADIUS / max(float(length(neck)), 1e-6))
    strokes = [Stroke(circle, "near"), Stroke(np.array([at["shoulder"], start]), "near")]
    if (ahead := float(length(face))) > 0.5 * _HEAD_RADIUS:
        tip = centre + face / ahead * (_HEAD_RADIUS + 0.07)
        strokes.append(Stroke(np.array([centre + face / ahead * _HEAD_RADIUS, tip]), "near"))
    return strokes


def _circle(centre: Array, radius: float) -> Array:
    around = np.linspace(0, 2 * np.pi, 33)
    return centre + radius * np.stack([np.cos(around), np.sin(around)], axis=1)


def _ground(at: dict[str, Array], figure: Figure, view: str) -> list[Stroke]:
    """The floor, where it is seen from its edge, and the wall behind the legs."""
    if view not in ("side", "front"):
        return []
    below = {joint: _UNDER.get(joint, 0.03) for joint in (*_UNDER, *_FEET_AND_HANDS)}
    floor = min(
        at[f"{side}_{joint}"][1] - thick for joint, thick in below.items() for side in SIDES
    )
    across = [point[0] for point in at.values()]
    left, right = min(across) - _MARGIN, max(across) + _MARGIN
    strokes = []
    if figure.wall:
        legs = [at[f"right_{joint}"][0] for joint in ("hip", "heel", "knee")]
        away = 1 if at["hip"][0] > at["shoulder"][0] else -1
        wall = max(away * x for x in legs) * away + 0.04 * away
        strokes.append(Stroke(np.array([[wall, floor], [wall, floor + _WALL_HEIGHT]]), "ground"))
        left, right = (left, wall) if away > 0 else (wall, right)
    if figure.roller:
        radius = (0.75 * at["hip"][1] + 0.25 * at["shoulder"][1] - floor - 0.06) / 2
        under = 0.75 * at["hip"][0] + 0.25 * at["shoulder"][0]
        strokes.append(Stroke(_circle(np.array([under, floor + radius]), radius), "ground"))
    return [Stroke(np.array([[left, floor], [right, floor]]), "ground"), *strokes]


def draw_lines(lines: Sequence[Array], *, columns: int = 44, rows: int = 16) -> str:
    """Draw lines as large as they fit.

    Parameters
    ----------
    lines : sequence of ndarray, shape (n, 2)
        Points with x to the right and y up, in any unit; the same for both.
    columns, rows : int
        Room, in characters.

    Returns
    -------
    str
        At most so many rows and columns.
    """
    everything = np.concatenate(list(lines))
    lowest, highest = everything.min(axis=0), everything.max(axis=0)
    room = np.array([2 * columns - 1, 4 * rows - 1])
    scale = float((room / np.maximum(highest - lowest, 1e-9)).min())
    dots = np.zeros((4 * rows, 2 * columns), bool)
    for line in lines:
        for start, end in pairwise(line):
            n = int(np.ceil(scale * length(end - start))) + 1
            steps = np.linspace(0, 1, n + 1)[:, None]
            places = scale * (start + steps * (end - start) - [lowest[0], highest[1]])
            column, row = np.rint(places * [1, -1]).astype(int).T
            dots[row, column] = True
    blocks = dots.reshape(rows, 4, columns, 2)
    signs = _EMPTY + (blocks * _DOTS[None, :, None, :]).sum(axis=(1, 3))
    text = ["".join(map(chr, row)).rstrip(chr(_EMPTY)) for row in signs]
    return "\n".join(text).rstrip("\n")
