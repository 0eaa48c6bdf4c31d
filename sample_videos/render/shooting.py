"""Taking the pictures: a posed person on the stage, the camera's faults, and the record of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

import numpy as np

from body import N_SKIN
from camera import frame_body
from choices import Room
from picture import cut_box, encode_jpeg, photograph
from records import record_of
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
        yield shot, jpeg, record_of(shot, person, camera, box)


def furnished(room: Room, props: dict[str, Any]) -> Room:
    """The room with what the stretch needs in it."""
    known = {field.name for field in fields(Room)}
    return replace(room, **{name: value for name, value in props.items() if name in known})
