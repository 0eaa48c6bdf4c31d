"""Taking the pictures: a posed person on the stage, the camera's faults, and the record of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

import numpy as np

from body import N_SKIN
from camera import Camera, frame_body
from choices import Room
from picture import cut_box, encode_jpeg, photograph
from solving import Solved, body_named
from stage import Stage
from variation import Shot

SAMPLES = 4


def shoot(group: list[Shot], people: list[Solved]) -> Iterator[tuple[Shot, bytes, dict[str, Any]]]:
    """Each shot of a group with its JPEG and its record: one stage and one camera for all."""
    first, view = group[0], group[0].view
    camera = frame_body(
        np.concatenate([person.vertices[:N_SKIN] for person in people]),
        yaw_deg=view.yaw_deg,
        height_m=view.height_m,
        distance_m=view.distance_m,
        roll_deg=view.roll_deg,
        margin=view.margin,
        width=view.width,
        height=view.height,
        offset=view.offset,
        elevation_deg=view.elevation_deg,
    )
    stage = Stage(
        body_named(first.body),
        look=first.look,
        clothes=first.clothes,
        room=furnished(first.room, people[0].props),
        light=first.light,
        samples=SAMPLES,
        width=view.width,
        height=view.height,
    )
    for shot, person in zip(group, people, strict=True):
        stage.show(person.vertices, person.posed)
        clean = stage.render(camera)
        faulty = photograph(clean, shot.picture, np.random.default_rng(shot.picture_seed))
        joints = {name: camera.project(point) for name, point in person.points.items()}
        left, top, right, bottom = box = cut_box(shot.picture.cut, joints, view.width, view.height)
        jpeg = encode_jpeg(faulty[top:bottom, left:right], shot.picture.jpeg_quality)
        yield shot, jpeg, record_of(shot, person, camera, joints, box)


def furnished(room: Room, props: dict[str, Any]) -> Room:
    """The room with what the stretch needs in it."""
    known = {field.name for field in fields(Room)}
    return replace(room, **{name: value for name, value in props.items() if name in known})


def record_of(
    shot: Shot,
    person: Solved,
    camera: Camera,
    joints: dict[str, np.ndarray],
    box: tuple[int, int, int, int],
) -> dict[str, Any]:
    """The still's sidecar: the shot as asked for, and what is true of the picture."""
    left, top, right, bottom = box
    size = np.array([right - left, bottom - top])
    pixels = {name: point - [left, top] for name, point in joints.items()}
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
        "width": int(size[0]),
        "height": int(size[1]),
        "box_px": list(box),
        "in_view": {
            name: bool((point >= 0).all() and (point < size).all())
            for name, point in pixels.items()
        },
        "truth": person.truth,
        "joints_px": {name: rounded(point, 2) for name, point in pixels.items()},
        "joints_m": {name: rounded(point, 4) for name, point in person.points.items()},
        "pose": {name: rounded(value) for name, value in person.pose.items()},
        "contact_miss": rounded(person.miss),
    }


def middle(vertices: np.ndarray) -> np.ndarray:
    """Of the box around a body, (3,)."""
    return (vertices.min(0) + vertices.max(0)) / 2


def rounded(value: float | tuple[float, ...] | np.ndarray, digits: int = 3) -> float | list[float]:
    """For JSON."""
    return np.round(value, digits).tolist()
