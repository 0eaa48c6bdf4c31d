"""A stick figure with known joint angles, as the landmarks a camera would give of it.

`Pose` holds angles in the conventions of measures.toml, zero for someone standing upright with the
arms down. `stick_figure` poses the figure, turns it before the camera and projects it without
perspective; `mirrored` and `swapped` make the variants that tests compare it with.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from posecheck.geometry import Array
from posecheck.landmarks import N_LANDMARKS, Landmark, LandmarkSeries, Side, SourceFacts

TORSO_M = 0.52  # hip to shoulder; thigh and shank make it 0.66 of the leg
THIGH_M, SHANK_M = 0.40, 0.39
UPPER_ARM_M, FOREARM_M, HAND_M = 0.30, 0.25, 0.08
HIP_M, SHOULDER_M, EAR_M = 0.10, 0.18, 0.07  # half widths

Angle = float | Array


@dataclass(frozen=True)
class Sides:
    """Different angles left and right."""

    left: Angle = 0.0
    right: Angle = 0.0


@dataclass(frozen=True)
class Pose:
    """Angles in degrees; each a number or an array of shape (n_frames,), limbs also `Sides`."""

    trunk: Angle = 0.0  # inclination: forward; prone is 90, supine -90
    hip: Angle | Sides = 0.0  # flexion
    knee: Angle | Sides = 0.0  # flexion
    ankle: Angle | Sides = 0.0  # dorsiflexion
    shoulder: Angle | Sides = 0.0  # flexion
    elbow: Angle | Sides = 0.0  # flexion
    neck: Angle = 0.0  # shoulder-ear line forward of the trunk
    head: Angle = 0.0  # pitch: chin towards the chest
    arm_out: Angle | Sides = 0.0  # away from the body's middle
    thigh_out: Angle | Sides = 0.0
    lean: Angle = 0.0  # trunk sideways, towards the body's left
    twist: Angle = 0.0  # shoulders turned against the hips, towards the body's left


STANDING = Pose()
SUPINE = Pose(trunk=-90)
PRONE = Pose(trunk=90)
LEGS_UP = Pose(trunk=-90, hip=90)
ALL_FOURS = Pose(trunk=90, hip=90, knee=90, shoulder=90)


def times(seconds: float, fps: float = 30.0) -> Array:
    """Presentation times of a recording with an even frame rate."""
    return np.arange(round(seconds * fps)) / fps


def stick_figure(
    pose: Pose = STANDING,
    *,
    t_s: Array | None = None,
    near_side: Side = "right",
    yaw_deg: Angle = 0.0,
    tilt_deg: float = 0.0,
    roll_deg: float = 0.0,
    px_per_m: Angle = 300.0,
    hip_px: tuple[Angle, Angle] = (960.0, 540.0),
    size: tuple[int, int] = (1920, 1080),
    kind: str = "video",
) -> LandmarkSeries:
    """Landmarks of the posed figure.

    Parameters
    ----------
    pose : Pose
    t_s : ndarray, shape (n_frames,), optional
        One frame at 0 s if it is not given.
    near_side : {"left", "right"}
        Which side is near in a side view; the figure faces the right of the screen with its right
        side near, the left with its left.
    yaw_deg : float or ndarray
        How far someone upright is turned from the side view towards facing the camera (90).
    tilt_deg : float
        How far the camera looks down; 90 is straight from above.
    roll_deg : float
        Clockwise turn of the picture.
    px_per_m, hip_px, size
        Scale, place of the hips' middle, and width and height of the picture.
    kind : {"video", "photo", "camera"}
    """
    t_s = np.zeros(1) if t_s is None else np.asarray(t_s, float)
    n = len(t_s)
    in_camera = _seen_from(_posed(pose, n), near_side, yaw_deg, tilt_deg, roll_deg)
    scale = np.broadcast_to(np.asarray(px_per_m, float), n)[:, None, None]
    place = np.stack([np.broadcast_to(np.asarray(c, float), n) for c in hip_px], axis=1)
    return LandmarkSeries(
        t_s=t_s,
        image=in_camera[:, :, :2] * scale + place[:, None],
        world=in_camera,
        visibility=np.ones((n, N_LANDMARKS)),
        shot=np.zeros(n, int),
        source=SourceFacts("figure.mp4", kind, *size),  # type: ignore[arg-type]
        model_name="figure",
        model_sha256="0" * 64,
    )


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


def _posed(pose: Pose, n: int) -> Array:
    """Metres (forward, up, left) from the hips' middle, shape (n_frames, 33, 3)."""
    points = np.zeros((n, N_LANDMARKS, 3))

    def put(name: str, point: Array) -> Array:
        points[:, Landmark[name]] = point
        return point

    for side, outward in (("left", 1.0), ("right", -1.0)):
        angle = {
            name: getattr(value, side) if isinstance(value, Sides) else value
            for name, value in vars(pose).items()
        }

        def along(down: Angle, out: Angle = 0.0, outward: float = outward) -> Array:
            """Unit vector so many degrees forward of straight down, and out to the side."""
            down, out = np.radians(down), np.radians(out)
            parts = (np.cos(out) * np.sin(down), -np.cos(out) * np.cos(down), outward * np.sin(out))
            return np.stack([np.broadcast_to(part, n) for part in parts], axis=1)

        hip = put(f"{side}_hip", np.array([0, 0, outward * HIP_M]))
        knee = put(f"{side}_knee", hip + THIGH_M * along(angle["hip"], angle["thigh_out"]))
        shank = angle["hip"] - angle["knee"]
        ankle = put(f"{side}_ankle", knee + SHANK_M * along(shank, angle["thigh_out"]))
        foot = along(shank + 90 + angle["ankle"])
        heel = put(f"{side}_heel", ankle + 0.05 * along(shank) - 0.05 * foot)
        put(f"{side}_foot_index", heel + 0.22 * foot)

        shoulder = put(f"{side}_shoulder", np.array([0, TORSO_M, outward * SHOULDER_M]))
        upper_arm = along(angle["shoulder"], angle["arm_out"])
        elbow = put(f"{side}_elbow", shoulder + UPPER_ARM_M * upper_arm)
        forearm = along(angle["shoulder"] + angle["elbow"], angle["arm_out"])
        wrist = put(f"{side}_wrist", elbow + FOREARM_M * forearm)
        for finger, reach in (("pinky", 0.9), ("index", 1.0), ("thumb", 0.6)):
            put(f"{side}_{finger}", wrist + reach * HAND_M * forearm)

        ears = np.array([0, TORSO_M, 0]) + 0.20 * along(180 - angle["neck"])
        put(f"{side}_ear", ears + np.array([0, 0, outward * EAR_M]))
        face = along(90 - angle["head"])
        nose = put("nose", ears + 0.12 * face)
        put(f"mouth_{side}", nose + np.array([0, -0.04, outward * 0.02]))
        for k, eye in enumerate(("eye_inner", "eye", "eye_outer"), start=1):
            put(f"{side}_{eye}", nose - 0.02 * face + np.array([0, 0.04, outward * 0.015 * k]))

    upper = [mark for mark in Landmark if mark < Landmark.left_hip]
    forward, up, left = (points[:, upper, k] for k in range(3))
    forward, left = _turned(forward, left, pose.twist)
    up, left = _turned(up, left, pose.lean)
    points[:, upper] = np.stack([forward, up, left], axis=2)
    up, forward = _turned(points[..., 1], points[..., 0], pose.trunk)
    return np.stack([forward, up, points[..., 2]], axis=2)


def _turned(a: Array, b: Array, degrees: Angle) -> tuple[Array, Array]:
    """Turn axis a towards axis b."""
    turn = np.radians(np.asarray(degrees, float).reshape(-1, 1))
    return a * np.cos(turn) - b * np.sin(turn), b * np.cos(turn) + a * np.sin(turn)


def _seen_from(
    points: Array, near_side: Side, yaw_deg: Angle, tilt_deg: float, roll_deg: float
) -> Array:
    """From (forward, up, left) to the camera's (right, down, away)."""
    facing = 1 if near_side == "right" else -1
    yaw = np.radians(np.asarray(yaw_deg, float).reshape(-1, 1))
    forward, up, left = (points[..., k] for k in range(3))
    x = facing * forward * np.cos(yaw) + left * np.sin(yaw)
    z = facing * left * np.cos(yaw) - forward * np.sin(yaw)
    z, y = _turned(z, -up, -tilt_deg)
    x, y = _turned(x, y, roll_deg)
    return np.stack([x, y, z], axis=2)
