"""What is true of a clip, frame by frame, as the JSON beside it."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from body import N_SKIN, SIDES, Array, Body
from camera import Camera
from clip_file import Clip
from contacts import place
from motion import BodyFrame, FrameKey
from truth import true_angles_of
from truth_views import LENGTHS

Series = dict[str, list[float]]  # a measure, frame by frame

_OUTLINE_POINTS = 21
_OUTLINE_REACH = 0.035  # of the trunk's length, to either side of a point

NOTES = {
    "truth": "of the near side; truth_far of the other one; degrees, from the landmarks of a "
    "goniometer on the rendered body (render/goniometer.py) in its own sagittal plane; rig_truth "
    "and rig_truth_far: from the joint centres of its skeleton",
    "trunk_inclination": "hip -> shoulder line against the vertical: 0 upright, +90 horizontal "
    "face down (more: shoulders below the hips), -90 on the back",
    "sign": "hip_flexion and shoulder_flexion are negative in extension; ankle_dorsiflexion is "
    "negative in plantar flexion",
    "back_bend": "lumbar and thoracic bend, + rounded; neck: neck and head against the upper back, "
    "+ chin to chest",
    "back_outline": "mean height of the bare back's outline over the chord hips - shoulders, in "
    "lengths of the trunk of the first frame; back_outline_relative: less the height at the ends",
}

NOTES_IN_SPACE = {
    "truth": "of both sides, left_ and right_; degrees, distances in lengths of the standing trunk "
    "(torso_m); from landmarks of the rendered body, as render/truth_views.py defines; rig_truth: "
    "from the joint centres of its skeleton",
    "sign": "turns, tilts and leans are + to the body's left or with the left side higher",
}


def sidecar(clip: Clip, keys: list[FrameKey], camera: Camera, fps: float) -> dict[str, Any]:
    """The whole sidecar of a clip; `keys` are those of its frames, empty without a person."""
    return {
        "title": clip.title,
        "stretch": clip.stretch,
        "form": clip.form if keys else None,
        "body": clip.body if keys else None,
        "fps": fps,
        "width": camera.width,
        "height": camera.height,
        "near_side": clip.near_side if keys and clip.made_for == "side" else None,
        "camera": _camera(clip, camera),
        **(_truths(clip, keys, fps) if keys else {"truth": {"t_s": []}, "truth_far": {}}),
        "seconds": clip.motion.seconds if clip.moments else clip.seconds,
        "phases": [
            {"name": m.phase, "start_s": m.at_s, "end_s": m.until_s}
            for m in clip.moments
            if m.phase is not None
        ],
        "expected": _expected(clip),
        "notes": (NOTES if clip.made_for == "side" else NOTES_IN_SPACE)
        | ({"clip": clip.notes} if clip.notes else {}),
    }


def _camera(clip: Clip, camera: Camera) -> dict[str, Any]:
    down = clip.camera.elevation_deg
    return {
        "view": clip.camera.view,
        "yaw_deg": clip.camera.yaw_deg,
        **({} if down is None else {"elevation_deg": down}),
        "height_m": clip.camera.height_m,
        "roll_deg": camera.roll_deg,
        "fov_deg": round(camera.fov_deg, 1),
        "position_m": np.round(camera.position, 3).tolist(),
        "look_at_m": np.round(camera.target, 3).tolist(),
    }


def _expected(clip: Clip) -> dict[str, Any]:
    holds = [list(hold) for hold in clip.motion.holds_s] if clip.moments else []
    return {"cues": {}, "reps": {}} | clip.expected | {"holds_s": holds}


def _truths(clip: Clip, keys: list[FrameKey], fps: float) -> dict[str, Any]:
    """`truth` of the near side and the trunk, `truth_far` of the far side: lists over frames.

    Where no side is near, `truth` has both. `rig_truth` and `rig_truth_far` are the same of the
    rig's joint centres.
    """
    ours, rigs = (_truth(clip, _angles(clip, keys, of_rig=of_rig)) for of_rig in (False, True))
    torso, near, far = ours
    t_s = [round(frame / fps, 3) for frame in range(len(keys))]
    return {
        **({} if torso is None else {"torso_m": torso}),
        "truth": {"t_s": t_s, **near, **_outlines(clip, keys)},
        "truth_far": far,
        "rig_truth": rigs[1],
        "rig_truth_far": rigs[2],
    }


def _truth(clip: Clip, rows: list[dict[str, Any]]) -> tuple[float | None, Series, Series]:
    """The trunk's length in space; the near side with the trunk, or both; the far side."""
    middle = _over_time([{k: v for k, v in row.items() if k not in SIDES} for row in rows])
    sides = {side: _over_time([row[side] for row in rows]) for side in SIDES}
    if clip.made_for != "side":
        torso = middle.pop("torso_m")[0]
        both = {f"{side}_{name}": v for side, own in sides.items() for name, v in own.items()}
        return torso, both | middle, {}
    far_side = next(side for side in SIDES if side != clip.near_side)
    return None, sides[clip.near_side] | middle, sides[far_side]


def _angles(clip: Clip, keys: list[FrameKey], *, of_rig: bool) -> list[dict[str, Any]]:
    """The true angles of every frame."""
    motion, form = clip.motion, clip.forms[clip.form]
    frames = {key: motion.frame(key) for key in set(keys)}
    angles = {
        key: true_angles_of(form, motion.body, frame.posed, frame.pose, of_rig=of_rig)
        for key, frame in frames.items()
    }
    return [angles[key] for key in keys]


def _over_time(rows: list[dict[str, float]]) -> Series:
    """Lists over frames: degrees to a tenth, lengths to a thousandth."""
    return {
        name: [round(row[name], 3 if name in LENGTHS else 1) + 0.0 for row in rows]
        for name in rows[0]
    }


# --- the back's outline -------------------------------------------------------------------------


def _outlines(clip: Clip, keys: list[FrameKey]) -> dict[str, list[float]]:
    """The outline of the back where it is seen: on all fours."""
    if clip.forms[clip.form].position != "all-fours":
        return {}
    motion = clip.motion
    length = _chord(motion.body, motion.frame(keys[0]))[2]
    heights = {key: _back_heights(motion.body, motion.frame(key)) / length for key in set(keys)}
    means = [heights[key].mean() for key in keys]
    ends = [(heights[key][0] + heights[key][-1]) / 2 for key in keys]
    rounded = lambda values: [round(float(value), 3) + 0.0 for value in values]  # noqa: E731
    return {
        "back_outline": rounded(means),
        "back_outline_relative": rounded(np.subtract(means, ends)),
    }


def _chord(body: Body, frame: BodyFrame) -> tuple[Array, Array, float]:
    """From the hips' middle: its place and the unit vector to the shoulders, (2,) each; length."""
    hip, shoulder = (_sagittal(place(body, frame.posed, j), frame) for j in ("hip", "shoulder"))
    length = float(np.linalg.norm(shoulder - hip))
    return hip, (shoulder - hip) / length, length


def _sagittal(points: Array, frame: BodyFrame) -> Array:
    """Points (..., 3) in the body's plane (..., 2): forward and up."""
    facing = np.radians(frame.pose.get("yaw", 90.0))
    return points @ np.array([[np.sin(facing), 0], [-np.cos(facing), 0], [0, 1]])


def _back_heights(body: Body, frame: BodyFrame) -> Array:
    """Metres of the back over the chord at points from the hips to the shoulders."""
    hip, along, length = _chord(body, frame)
    dorsal = np.array([-along[1], along[0]])
    skin = _sagittal(frame.vertices[_trunk_rows(body)], frame) - hip
    share, height = skin @ along / length, skin @ dorsal
    return np.array(
        [
            height[np.abs(share - point) < _OUTLINE_REACH].max()
            for point in np.linspace(0, 1, _OUTLINE_POINTS)
        ]
    )


@cache
def _trunk_rows(body: Body) -> Array:
    """Vertices of the middle of the trunk, without arms and head."""
    limbs = ("upperarm", "lowerarm", "wrist", "finger", "metacarpal", "head", "neck")
    others = [row for row, bone in enumerate(body.bones) if bone.startswith(limbs)]
    weights = body.weights[:N_SKIN][:, others].sum(axis=1)
    return np.flatnonzero((np.abs(body.vertices[:N_SKIN, 0]) < 0.12) & (weights < 0.15))
