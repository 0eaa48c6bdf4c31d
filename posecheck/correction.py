"""Turn the segments of the near side to where they are on average when the model says so.

Two errors can be foretold. The camera looks at the body a little from above, or not quite square:
seen along the body's own left-right axis, which the world landmarks show, a segment that points
towards the camera has another slope. And MediaPipe's joints sit off the true ones by an amount that
depends on how the body is folded. `calibration.toml` holds both as a linear model for each segment,
learned on rendered bodies by benchmarks/calibrate.py; docs/accuracy.md says what it is worth.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from posecheck.calibration import SEGMENTS, Correction
from posecheck.camera import CameraFrames
from posecheck.geometry import Array, length, turn, wrap
from posecheck.landmarks import SIDES, Landmark, LandmarkSeries

_UP, _DOWN = np.array([0.0, -1.0]), np.array([0.0, 1.0])
_MAX_TURN_DEG = 25.0  # no correction may be larger: that would be a guess of its own

# What moves with the end of a segment, from the trunk outwards.
_CARRIED = {
    "trunk": ("shoulder", "elbow", "wrist", "pinky", "index", "thumb"),
    "upper_arm": ("elbow", "wrist", "pinky", "index", "thumb"),
    "forearm": ("wrist", "pinky", "index", "thumb"),
    "thigh": ("knee", "ankle", "heel", "foot_index"),
    "shank": ("ankle", "heel", "foot_index"),
    "foot": ("foot_index",),
}
_HEAD = [Landmark(k) for k in range(Landmark.left_shoulder)]


def correct_landmarks(
    series: LandmarkSeries, camera: CameraFrames, correction: Correction
) -> LandmarkSeries:
    """Turn the near side's segments, where the camera sees the body from the side.

    Parameters
    ----------
    series : LandmarkSeries
        Cleaned.
    camera : CameraFrames
    correction : Correction
        From `posecheck.calibration`.

    Returns
    -------
    LandmarkSeries
        With other `image` points of the near side and the head; the hip stays.
    """
    image = series.image.copy()
    for side in SIDES:
        rows = np.flatnonzero((camera.near_side == side) & (camera.view == "side"))
        if len(rows):
            part, across = series.frames(rows), camera.across[rows]
            image[rows] = _corrected(part, side, across, correction)
    return replace(series, image=image)


def _corrected(series: LandmarkSeries, side: str, across: Array, correction: Correction) -> Array:
    image = series.image.copy()
    features = segment_features(series, side, across)
    forward = 1.0 if side == "right" else -1.0
    for segment, (start, end) in SEGMENTS.items():
        degrees = correction.turn_of(segment, features)
        degrees = np.clip(np.nan_to_num(degrees), -_MAX_TURN_DEG, _MAX_TURN_DEG)
        if segment != "trunk":  # a trunk's slope is against up, which turns the other way
            degrees = -degrees
        a, b = Landmark[f"{side}_{start}"], Landmark[f"{side}_{end}"]
        line = image[:, b] - image[:, a]
        # Where an end is hidden, what hangs on it stays where it was seen.
        shift = np.nan_to_num(_turned(line, forward * degrees) - line)
        moved = [Landmark[f"{side}_{joint}"] for joint in _CARRIED[segment]]
        image[:, moved] += shift[:, None]
        if segment == "trunk":
            image[:, _HEAD] += shift[:, None]
    return image


def _turned(line: Array, degrees: Array) -> Array:
    """Lines (n, 2) turned clockwise on the screen."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.stack([c * line[:, 0] - s * line[:, 1], s * line[:, 0] + c * line[:, 1]], axis=1)


# --- what the correction is made from -------------------------------------------------------------


def slopes(image: Array, side: str) -> dict[str, Array]:
    """Slope of each segment of one side on the screen, degrees, + forward.

    The trunk's is against straight up, the others' against straight down, as the inclinations of
    the measures are.
    """
    forward = 1.0 if side == "right" else -1.0
    found = {}
    for segment, (start, end) in SEGMENTS.items():
        line = image[:, Landmark[f"{side}_{end}"]] - image[:, Landmark[f"{side}_{start}"]]
        upright = segment == "trunk"
        found[segment] = forward * turn(_UP, line) if upright else -forward * turn(_DOWN, line)
    return found


def segment_features(series: LandmarkSeries, side: str, across: Array) -> dict[str, Array]:
    """What the linear models read: how the body is folded and lies, and the effect of squaring.

    Returns
    -------
    dict of ndarray, shape (n_frames,)
        Cosine and sine of the trunk's slope and of four joint angles; `squared_SEGMENT`: degrees by
        which the segment would turn if it were seen along the body's left-right axis.
    """
    seen = slopes(series.image, side)
    angles = {  # of the joints; a trunk's slope is against up, which turns the other way
        "trunk": seen["trunk"],
        "hip": seen["thigh"] + seen["trunk"],
        "knee": seen["thigh"] - seen["shank"],
        "shoulder": seen["upper_arm"] + seen["trunk"],
        "elbow": seen["forearm"] - seen["upper_arm"],
    }
    features = {}
    for name, angle in angles.items():
        features[f"cos_{name}"] = np.cos(np.radians(angle))
        features[f"sin_{name}"] = np.sin(np.radians(angle))
    square = slopes(seen_square(series, side, across), side)
    for segment in SEGMENTS:
        off = wrap(square[segment] - seen[segment], lowest=-180)
        features[f"squared_{segment}"] = np.clip(off, -_MAX_TURN_DEG, _MAX_TURN_DEG)
    return features


def seen_square(series: LandmarkSeries, side: str, across: Array) -> Array:
    """The points as a camera square to the body would see them, shape (n_frames, 33, 2), pixels.

    The depth of a point, from the world landmarks, is brought to pixels by the size of the limbs;
    then everything is looked at along the body's left-right axis.
    """
    depth = series.world[:, :, 2] * _px_per_metre(series, side)[:, None]
    solid = np.concatenate([series.image, depth[:, :, None]], axis=2)
    # Level on the screen stays level: a camera that looks down or from the side is not rolled.
    downward = np.cross(across, [1.0, 0.0, 0.0])
    downward /= np.maximum(length(downward), 1e-6)[:, None]
    rightward = np.cross(downward, across)
    return np.stack([(solid * axis[:, None]).sum(axis=2) for axis in (rightward, downward)], axis=2)


def _px_per_metre(series: LandmarkSeries, side: str) -> Array:
    pixels, metres = np.zeros(len(series)), np.zeros(len(series))
    for start, end in SEGMENTS.values():
        a, b = Landmark[f"{side}_{start}"], Landmark[f"{side}_{end}"]
        on_screen = length(series.image[:, b] - series.image[:, a])
        in_world = length(series.world[:, b, :2] - series.world[:, a, :2])
        known = np.isfinite(on_screen) & np.isfinite(in_world)
        pixels += np.where(known, on_screen, 0)
        metres += np.where(known, in_world, 0)
    return pixels / np.maximum(metres, 1e-3)
