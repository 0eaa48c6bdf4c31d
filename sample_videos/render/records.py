"""What is written beside a still: the shot as asked for, and what is true of the picture."""

from __future__ import annotations

from typing import Any

import numpy as np

from body import N_SKIN
from camera import Camera, up_at
from solving import Solved, forms_of, in_pose
from variation import Shot

Box = tuple[int, int, int, int]


def record_of(shot: Shot, person: Solved, camera: Camera, box: Box) -> dict[str, Any]:
    """The still's sidecar; `box` is what was cut out of the picture."""
    left, top, right, bottom = box
    away = np.subtract(camera.position, middle(person.vertices[:N_SKIN]))
    return shot.to_json() | {
        "position": person.position,
        "fault": person.fault,
        "camera": {
            "view": shot.view.name,
            "yaw_deg": shot.view.yaw_deg,
            "elevation_deg": rounded(np.degrees(np.arcsin(-camera.axes[2][2]))),
            "height_m": rounded(camera.position[2]),
            "distance_m": rounded(np.hypot(away[0], away[1])),
            "roll_deg": camera.roll_deg,
            "fov_deg": rounded(camera.fov_deg),
            "position_m": rounded(camera.position),
            "target_m": rounded(camera.target),
        },
        "width": right - left,
        "height": bottom - top,
        "box_px": list(box),
        **truths(person, camera, box),
        "pose": {name: rounded(value) for name, value in person.pose.items()},
        "contact_miss": rounded(person.miss),
    }


def truths(person: Solved, camera: Camera, box: Box) -> dict[str, Any]:
    """Angles and points, of the goniometer's landmarks and of the rig's joints."""
    left, top, right, bottom = box
    size = np.array([right - left, bottom - top])

    def in_picture(points: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        return {name: camera.project(point) - [left, top] for name, point in points.items()}

    joints, landmarks = in_picture(person.points), in_picture(person.landmarks)
    return {
        "in_view": {
            name: bool((point >= 0).all() and (point < size).all())
            for name, point in joints.items()
        },
        "truth": person.truth,
        "landmarks_px": {name: rounded(point, 2) for name, point in landmarks.items()},
        "landmarks_m": {name: rounded(point, 4) for name, point in person.landmarks.items()},
        "rig_truth": person.rig_truth,
        "joints_px": {name: rounded(point, 2) for name, point in joints.items()},
        "joints_m": {name: rounded(point, 4) for name, point in person.points.items()},
    }


def retold(record: dict[str, Any]) -> dict[str, Any]:
    """A record with the truth anew, from the pose and the camera that it has."""
    form = forms_of(record["stretch"])[record["form"]]
    person = in_pose(record["body"], form, record["pose"], record["contact_miss"])
    return record | truths(person, camera_of(record), tuple(record["box_px"]))


def camera_of(record: dict[str, Any]) -> Camera:
    """The camera that took a still."""
    facts, view = record["camera"], record["view"]
    down = view["elevation_deg"]
    return Camera(
        position=tuple(facts["position_m"]),
        target=tuple(facts["target_m"]),
        fov_deg=facts["fov_deg"],
        roll_deg=facts["roll_deg"],
        width=view["width"],
        height=view["height"],
        up=(0.0, 0.0, 1.0) if down is None else up_at(view["yaw_deg"], down),
    )


def middle(vertices: np.ndarray) -> np.ndarray:
    """Of the box around a body, (3,)."""
    return (vertices.min(0) + vertices.max(0)) / 2


def rounded(value: float | tuple[float, ...] | np.ndarray, digits: int = 3) -> float | list[float]:
    """For JSON."""
    return np.round(value, digits).tolist()
