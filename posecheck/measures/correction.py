"""Move the joints of the near side to where they are on average when the model sees them there.

Two errors can be foretold. The camera looks at the body a little from above, or not quite square:
seen along the body's own left-right axis, which the world landmarks show, a segment that points
towards the camera has another slope. And MediaPipe's joints sit off the true ones by an amount that
depends on how the body is folded. `calibration.toml` holds both as a linear model for each joint,
learned on rendered bodies by benchmarks/calibrate.py; docs/accuracy.md says what it is worth.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from posecheck.core.geometry import Array, length, turn, wrap
from posecheck.landmarks.series import SIDES, Landmark, LandmarkSeries
from posecheck.measures.calibration import SEGMENTS, Correction
from posecheck.measures.camera_view import ViewTrack
from posecheck.measures.reliability import reference_px

_UP, _DOWN = np.array([0.0, -1.0]), np.array([0.0, 1.0])
_MAX_MOVE = 0.25  # torso lengths; no move may be larger: that would be a guess of its own
_MAX_SQUARED_DEG = 25.0
_CHUNK = 2048  # frames that are moved at once: on the way they take several times their memory

# What goes along with a joint that is moved. A knee moves alone: the ankle is found where it is,
# whatever happened to the knee above it.
_CARRIED = {
    "shoulder": ("elbow", "wrist", "pinky", "index", "thumb"),
    "elbow": ("wrist", "pinky", "index", "thumb"),
    "wrist": ("pinky", "index", "thumb"),
    "knee": (),
    "ankle": ("heel", "foot_index"),
    "foot_index": (),
}
_HEAD = [Landmark(k) for k in range(Landmark.left_shoulder)]


def correct_landmarks(
    series: LandmarkSeries, camera: ViewTrack, correction: Correction
) -> LandmarkSeries:
    """Move the near side's joints, where the camera sees the body from the side.

    Parameters
    ----------
    series : LandmarkSeries
        Cleaned.
    camera : ViewTrack
    correction : Correction
        From `posecheck.measures.calibration`.

    Returns
    -------
    LandmarkSeries
        With other `image` points of the near side and the head; the hip stays.
    """
    image = series.image.copy()
    for side in SIDES:
        seen = np.flatnonzero((camera.near_side == side) & (camera.view == "side"))
        for rows in np.split(seen, range(_CHUNK, len(seen), _CHUNK)):
            if len(rows):
                part, across = series.frames(rows), camera.across[rows]
                image[rows] = _corrected(part, side, across, correction)
    return replace(series, image=image)


def _corrected(series: LandmarkSeries, side: str, across: Array, correction: Correction) -> Array:
    image = series.image.copy()
    departures = correction.departures(segment_features(series, side, across))
    torso_px = reference_px(series, side)
    for segment, (_, joint) in SEGMENTS.items():
        move = correction.move_of(joint, departures)
        move *= np.minimum(1, _MAX_MOVE / np.maximum(length(move), 1e-6))[:, None]
        shift = (move[:, :, None] * segment_axes(series, side, segment)).sum(axis=1)
        # Where an end of the segment is hidden, what hangs on it stays where it was seen.
        shift = np.nan_to_num(shift * torso_px[:, None])
        moved = [Landmark[f"{side}_{name}"] for name in (joint, *_CARRIED[joint])]
        image[:, moved] += shift[:, None]
        if joint == "shoulder":
            image[:, _HEAD] += shift[:, None]
    return image


def segment_axes(series: LandmarkSeries, side: str, segment: str) -> Array:
    """Unit vectors along and across a segment on the screen, shape (n_frames, 2, 2).

    Across is to the same side of the body whichever way it faces.

    Parameters
    ----------
    series : LandmarkSeries
    side : str
    segment : str
        One of `SEGMENTS`.

    Returns
    -------
    ndarray
    """
    start, end = (series.point(f"{side}_{joint}") for joint in SEGMENTS[segment])
    along = (end - start) / np.maximum(length(end - start), 1e-6)[:, None]
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    return np.stack([along, across if side == "right" else -across], axis=1)


# --- what the correction is made from -------------------------------------------------------------


def slopes(image: Array, side: str) -> dict[str, Array]:
    """Slope of each segment of one side on the screen, degrees, + forward.

    The trunk's is against straight up, the others' against straight down, as the inclinations of
    the measures are.

    Parameters
    ----------
    image : ndarray, shape (n_frames, 33, 2)
        Pixels.
    side : str

    Returns
    -------
    dict[str, ndarray]
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

    Parameters
    ----------
    series : LandmarkSeries
    side : str
    across : ndarray, shape (n_frames, 3)
        From `ViewTrack`.

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
        features[f"squared_{segment}"] = np.clip(off, -_MAX_SQUARED_DEG, _MAX_SQUARED_DEG)
    return features


def seen_square(series: LandmarkSeries, side: str, across: Array) -> Array:
    """The points as a camera square to the body would see them, shape (n_frames, 33, 2), pixels.

    The depth of a point, from the world landmarks, is brought to pixels by the size of the limbs;
    then everything is looked at along the body's left-right axis.

    Parameters
    ----------
    series : LandmarkSeries
    side : str
    across : ndarray, shape (n_frames, 3)
        From `ViewTrack`.

    Returns
    -------
    ndarray
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
