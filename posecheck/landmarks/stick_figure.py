"""A stick figure with chosen joint angles, as the landmarks a camera would give of it.

`Pose` holds angles in the conventions of measures/catalogue.toml, zero for someone standing upright
with the arms down. `stick_figure` poses the figure, turns it before the camera and projects it
without perspective.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from posecheck.core.geometry import Array
from posecheck.landmarks.series import (
    N_LANDMARKS,
    SIDES,
    Landmark,
    LandmarkSeries,
    Side,
    SourceFacts,
)

TORSO_M = 0.52  # hip to shoulder; thigh and shank make it 0.66 of the leg
THIGH_M, SHANK_M = 0.40, 0.39
UPPER_ARM_M, FOREARM_M, HAND_M = 0.30, 0.25, 0.08
HIP_M, SHOULDER_M, EAR_M = 0.10, 0.18, 0.07  # half widths
FACE_M = 0.12  # ears' middle to nose

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
    arm_turn: Angle | Sides = 0.0  # outward rotation: with bent elbows the hands go outwards
    thigh_turn: Angle | Sides = 0.0  # outward rotation: with bent knees the feet go inwards
    face: Angle = 0.0  # the head turned towards the body's left
    lean: Angle = 0.0  # trunk sideways, towards the body's left
    twist: Angle = 0.0  # shoulders turned against the hips, towards the body's left
    roll: Angle = 0.0  # the whole body turned about its long axis, towards its left

    def of(self, side: Side) -> dict[str, Angle]:
        """The angles of one side.

        Parameters
        ----------
        side : {"left", "right"}

        Returns
        -------
        dict[str, Angle]
        """
        return {
            name: getattr(value, side) if isinstance(value, Sides) else value
            for name, value in vars(self).items()
        }


STANDING = Pose()


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


def _posed(pose: Pose, n: int) -> Array:
    """Metres (forward, up, left) from the hips' middle, shape (n_frames, 33, 3)."""
    points = np.zeros((n, N_LANDMARKS, 3))
    for side in SIDES:
        _put_leg(points, side, pose.of(side))
        _put_arm(points, side, pose.of(side))
        _put_head(points, side, pose)
    head = [mark for mark in Landmark if mark < Landmark.left_shoulder]
    _turn_part(points, head, 0, 2, pose.face)
    upper = [mark for mark in Landmark if mark < Landmark.left_hip]
    _turn_part(points, upper, 0, 2, pose.twist)
    _turn_part(points, upper, 1, 2, pose.lean)
    _turn_part(points, list(Landmark), 0, 2, pose.roll)
    _turn_part(points, list(Landmark), 1, 0, pose.trunk)
    return points


def _put_leg(points: Array, side: Side, angle: dict[str, Angle]) -> None:
    thigh, front = _limb(len(points), side, angle["hip"], angle["thigh_out"], angle["thigh_turn"])
    shank, shin = _bent(thigh, front, -np.asarray(angle["knee"], float))
    foot, _ = _bent(shank, shin, 90 + np.asarray(angle["ankle"], float))
    hip = np.array([0, 0, _outward(side) * HIP_M])
    knee = hip + THIGH_M * thigh
    ankle = knee + SHANK_M * shank
    heel = ankle + 0.05 * shank - 0.05 * foot
    places = {"hip": hip, "knee": knee, "ankle": ankle, "heel": heel}
    for joint, place in (places | {"foot_index": heel + 0.22 * foot}).items():
        points[:, Landmark[f"{side}_{joint}"]] = place


def _put_arm(points: Array, side: Side, angle: dict[str, Angle]) -> None:
    arm, front = _limb(len(points), side, angle["shoulder"], angle["arm_out"], angle["arm_turn"])
    forearm, _ = _bent(arm, front, angle["elbow"])
    shoulder = np.array([0, TORSO_M, _outward(side) * SHOULDER_M])
    elbow = shoulder + UPPER_ARM_M * arm
    wrist = elbow + FOREARM_M * forearm
    places = {"shoulder": shoulder, "elbow": elbow, "wrist": wrist}
    for finger, reach in (("pinky", 0.9), ("index", 1.0), ("thumb", 0.6)):
        places[finger] = wrist + reach * HAND_M * forearm
    for joint, place in places.items():
        points[:, Landmark[f"{side}_{joint}"]] = place


def _put_head(points: Array, side: Side, pose: Pose) -> None:
    outward, n = _outward(side), len(points)
    ears = np.array([0, TORSO_M, 0]) + 0.20 * _sagittal(n, 180 - np.asarray(pose.neck, float))
    points[:, Landmark[f"{side}_ear"]] = ears + np.array([0, 0, outward * EAR_M])
    ahead = _sagittal(n, 90 - np.asarray(pose.head, float))
    nose = ears + FACE_M * ahead
    points[:, Landmark.nose] = nose
    points[:, Landmark[f"mouth_{side}"]] = nose + np.array([0, -0.04, outward * 0.02])
    for k, eye in enumerate(("eye_inner", "eye", "eye_outer"), start=1):
        beside = np.array([0, 0.04, outward * 0.015 * k])
        points[:, Landmark[f"{side}_{eye}"]] = nose - 0.02 * ahead + beside


def _outward(side: Side) -> float:
    return 1.0 if side == "left" else -1.0


def _sagittal(n: int, degrees: Angle) -> Array:
    """Unit vectors so many degrees forward of straight down."""
    down = np.broadcast_to(np.radians(degrees), n)
    return np.stack([np.sin(down), -np.cos(down), np.zeros(n)], axis=1)


def _limb(n: int, side: Side, flexion: Angle, out: Angle, turn: Angle) -> tuple[Array, Array]:
    """Direction of an upper arm or thigh, and where its front points: the way its hinge bends."""
    straight = _sagittal(n, flexion)
    front = _sagittal(n, 90 + np.asarray(flexion, float))
    beside = np.broadcast_to(np.array([0, 0, _outward(side)]), (n, 3))
    limb, beside = _bent(straight, beside, out)
    return limb, _bent(front, beside, turn)[0]


def _bent(along: Array, towards: Array, degrees: Angle) -> tuple[Array, Array]:
    """A direction bent towards another one at right angles to it, and that other one, bent too."""
    bend = np.radians(np.asarray(degrees, float).reshape(-1, 1))
    c, s = np.cos(bend), np.sin(bend)
    return c * along + s * towards, c * towards - s * along


def _turn_part(points: Array, marks: list[Landmark], a: int, b: int, degrees: Angle) -> None:
    """Turn some landmarks' axis a towards axis b, about the middle of the hips."""
    chosen = points[:, marks]
    chosen[..., a], chosen[..., b] = _turned(chosen[..., a], chosen[..., b], degrees)
    points[:, marks] = chosen


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
