"""The package's stick figure in the poses that tests use, and the variants they compare it with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from posecheck.core.geometry import Array
from posecheck.landmarks.series import Landmark, LandmarkSeries
from posecheck.landmarks.stick_figure import (
    HIP_M,
    SHANK_M,
    SHOULDER_M,
    STANDING,
    THIGH_M,
    TORSO_M,
    Pose,
    Sides,
    stick_figure,
)

__all__ = [
    "ALL_FOURS",
    "HIP_M",
    "LEGS_UP",
    "PRONE",
    "SHANK_M",
    "SHOULDER_M",
    "STANDING",
    "SUPINE",
    "THIGH_M",
    "TORSO_M",
    "Pose",
    "Sides",
    "mirrored",
    "stick_figure",
    "swapped",
    "times",
]

SUPINE = Pose(trunk=-90)
PRONE = Pose(trunk=90)
LEGS_UP = Pose(trunk=-90, hip=90)
ALL_FOURS = Pose(trunk=90, hip=90, knee=90, shoulder=90)


def times(seconds: float, fps: float = 30.0) -> Array:
    """Presentation times of a recording with an even frame rate."""
    return np.arange(round(seconds * fps)) / fps


def mirrored(series: LandmarkSeries) -> LandmarkSeries:
    """The same person in a mirror: the near side has become the other one."""
    image = series.image * [-1, 1] + [series.source.width, 0]
    flipped = replace(series, image=image, world=series.world * [-1, 1, 1])
    return swapped(flipped, slice(None), list(Landmark))


def swapped(
    series: LandmarkSeries, frames: slice | np.ndarray, landmarks: list[Landmark]
) -> LandmarkSeries:
    """Left and right of the landmarks exchanged in some frames, as a model does by mistake."""
    others = [_other(mark) for mark in landmarks]
    parts = {}
    for name in ("image", "world", "visibility"):
        values = getattr(series, name).copy()
        chosen = values[frames].copy()
        chosen[:, landmarks] = values[frames][:, others]
        values[frames] = chosen
        parts[name] = values
    return replace(series, **parts)


def _other(mark: Landmark) -> Landmark:
    if "left" in mark.name:
        return Landmark[mark.name.replace("left", "right")]
    return Landmark[mark.name.replace("right", "left")]
