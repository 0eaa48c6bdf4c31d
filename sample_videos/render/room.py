"""Rooms: shell, furniture behind and beside the person, end wall, mat, roller."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import bpy
import numpy as np

import furniture as things
from choices import Colour, Room
from furniture import Spot
from materials import plain, planks, speckled, tiles
from shapes import box, cylinder
from surface import Floats

MAT_HEIGHT = 0.006  # bodies rest at this height: on the mat, or on a floor raised to it
MAT_LENGTH, MAT_WIDTH = 1.9, 0.64
HALF_WIDTH, FRONT_Y, CEILING_Z = 3.2, -6.0, 3.0
WALL_THICKNESS = 0.12
END_WALL_FRONT_Y = -0.75
END_WALL_ROOM = 1.25  # metres from an end wall to the middle of the furniture
WIDEST = 2.1  # the bed
DOOR_HEIGHT = 2.08
JAMB = (0.05, 0.09)  # metres along x and y


@dataclass(frozen=True)
class _Plan:
    """What a room is made of; `behind` and `beside` are candidates, in order of importance."""

    back_y: float
    floor: Callable[[], object]
    wall: Colour
    mat: Colour
    behind: tuple[tuple[Callable[[Spot], None], float], ...]  # thing, x of its middle
    more: tuple[tuple[Callable[[Spot], None], float], ...]
    skirting: Colour = (0.75, 0.75, 0.74)
    rug: Colour | None = None


PLANS: dict[str, _Plan] = {
    "living": _Plan(
        1.55, lambda: planks("floor", (0.42, 0.27, 0.15), (0.33, 0.20, 0.11)), (0.66, 0.64, 0.59),
        (0.04, 0.20, 0.19),
        ((things.sofa, -0.1), (things.plant, 1.35), (things.picture, 0.9),
         (things.floor_lamp, -1.5)),
        ((things.cabinet, 2.2), (things.gym_ball, -2.1), (things.basket, 1.7)),
    ),
    "wooden": _Plan(
        1.35, lambda: planks("floor", (0.17, 0.085, 0.040), (0.10, 0.050, 0.025)),
        (0.20, 0.13, 0.085), (0.20, 0.05, 0.06),
        ((things.cabinet, -1.4), (things.picture, 0.3), (things.shelves, 1.6)),
        ((things.chair, 0.6), (things.plant, -0.5), (things.boxes, 2.4)),
        skirting=(0.10, 0.055, 0.03),
    ),
    "gym": _Plan(
        1.85, lambda: speckled("floor", (0.16, 0.16, 0.165), 160, 0.25, 0.6), (0.10, 0.26, 0.36),
        (0.26, 0.03, 0.025),
        ((things.wall_bars, -0.9), (things.mirror, 0.7), (things.dumbbells, 2.0),
         (things.gym_ball, -1.9)),
        ((things.bench, 0.9), (things.gym_ball, -0.2), (things.boxes, -2.4)),
        skirting=(0.05, 0.05, 0.055),
    ),
    "bedroom": _Plan(
        1.75, lambda: speckled("floor", (0.36, 0.31, 0.25), 320, 0.25), (0.55, 0.44, 0.42),
        (0.10, 0.12, 0.30),
        ((things.bed, 0.2), (things.picture, -0.5), (things.floor_lamp, 1.55),
         (things.cabinet, -1.9)),
        ((things.basket, 2.2), (things.chair, -1.15), (things.plant, -2.7)),
        rug=(0.42, 0.20, 0.15),
    ),
    "cluttered": _Plan(
        1.45, lambda: tiles("floor", (0.46, 0.43, 0.38), (0.22, 0.20, 0.18)), (0.58, 0.52, 0.33),
        (0.10, 0.10, 0.10),
        ((things.shelves, -1.5), (things.boxes, -0.5), (things.chair, 0.35), (things.basket, 1.0),
         (things.picture, 0.2), (things.cabinet, 1.9)),
        ((things.plant, -2.3), (things.gym_ball, 0.9), (things.shelves, 2.7)),
    ),
}  # fmt: skip


class BuiltRoom:
    """A room in Blender's current scene."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.plan = PLANS[room.name]
        self.rng = np.random.default_rng(room.seed)
        self.floor_z = 0.0 if room.mat is not None else MAT_HEIGHT
        self._mat: Any = None
        self._end_wall: list[bpy.types.Object] = []
        self._end_wall_at: tuple[float, float | None] | None = None
        self._build_shell()
        if room.mat is not None:
            colour = self.plan.mat if room.mat == "default" else cast("Colour", tuple(room.mat))
            self._build_mat(colour)
        if room.roller_x is not None:
            self._build_roller(room.roller_x, room.roller_radius)
        if room.clutter:
            self._furnish()

    def place(self, skin: Floats) -> None:
        """Put the mat under a body (n, 3), and the thing in the foreground in front of it."""
        middle = float(skin[:, 0].min() + skin[:, 0].max()) / 2
        room = self.room
        if self._mat is not None:
            x = middle if room.mat_x is None else room.mat_x
            if room.mat_x is None and room.wall_x is not None and not room.doorway:
                x = room.wall_x - room.wall_side * (MAT_LENGTH / 2 + 0.02)
            self._mat.location = (x, room.mat_y, 0)
            self._mat.rotation_euler = (0, 0, np.pi / 2 if room.mat_along == "y" else 0)
        if room.foreground:
            x = middle + self.rng.choice([-1, 1]) * self.rng.uniform(0.5, 0.9)
            y = float(skin[:, 1].min()) - self.rng.uniform(0.35, 0.6)
            thing = (things.bottle, things.shoes)[int(self.rng.integers(2))]
            thing(Spot(x, y, self.floor_z, self.rng))

    def open_for(self, camera_position: Floats, skin: Floats) -> None:
        """Build the end wall so that it does not hide the body (n, 3) from the camera."""
        room = self.room
        if room.wall_x is None:
            return
        front = END_WALL_FRONT_Y if room.wall_from_y is None else room.wall_from_y
        jamb_y = None
        if room.doorway:
            front, jamb_y = self._doorway(skin)
        elif (camera_position[0] - room.wall_x) * room.wall_side > 0:
            front = max(front, self._last_sight_line(camera_position, skin) + 0.02)
        front = min(front, self.plan.back_y - 0.1)
        if (front, jamb_y) != self._end_wall_at:
            self._end_wall_at = (front, jamb_y)
            self._build_end_wall(front, jamb_y)

    def _last_sight_line(self, lens: Floats, skin: Floats) -> float:
        """The greatest y where a line from the lens to the body meets the wall's plane."""
        before = skin[(self.room.wall_x - skin[:, 0]) * self.room.wall_side > 0]
        share = (self.room.wall_x - lens[0]) / (before[:, 0] - lens[0])
        return float((lens[1] + share * (before[:, 1] - lens[1])).max(initial=END_WALL_FRONT_Y))

    def _doorway(self, skin: Floats) -> tuple[float, float | None]:
        """Where the wall begins, beyond the leg that passes, and the y of a jamb this side of it.

        The raised leg leans on the wall itself if it is the far one. If it is the near one, a wall
        under it would hide the other leg: it leans on a jamb alone.
        """
        beyond = (skin[:, 0] - self.room.wall_x) * self.room.wall_side
        passing, touching = skin[beyond > 0.03], skin[(np.abs(beyond) < 0.03) & (skin[:, 2] > 0.3)]
        if not len(passing) or not len(touching):
            return 0.0, None
        raised_y = float(touching[:, 1].mean())
        if raised_y > passing[:, 1].mean():
            return min(float(passing[:, 1].max()), raised_y - 0.05) + 0.02, None
        return float(passing[:, 1].max()) + 0.03, raised_y

    def _build_shell(self) -> None:
        plan = self.plan
        wall_colour = self.room.wall_colour or plan.wall
        wall = speckled("wall", cast("Colour", tuple(wall_colour)), 1.2, 0.06, 0.9)
        side = HALF_WIDTH
        box(
            "floor",
            (-side, FRONT_Y, self.floor_z - 0.05),
            (side, plan.back_y, self.floor_z),
            plan.floor(),
        )
        box("back", (-side, plan.back_y, 0), (side, plan.back_y + 0.1, CEILING_Z), wall)
        for x in (-side - 0.1, side):
            box("side", (x, FRONT_Y, 0), (x + 0.1, plan.back_y, CEILING_Z), wall)
        trim = plain("skirting", plan.skirting, 0.5)
        box("skirting", (-side, plan.back_y - 0.02, 0), (side, plan.back_y, 0.09), trim)
        if plan.rug is not None and self.room.clutter:
            rug = speckled("rug", plan.rug, 60, 0.4)
            z = self.floor_z
            box("rug", (-1.5, -0.55, z - 0.01), (1.3, 0.75, z + 0.003), rug)

    def _build_mat(self, colour: Colour) -> None:
        foam = speckled("mat", colour, 60, 0.12)
        low = (-MAT_LENGTH / 2, -MAT_WIDTH / 2, 0.0)
        self._mat = box("mat", low, (MAT_LENGTH / 2, MAT_WIDTH / 2, MAT_HEIGHT), foam, 0.002)

    def _build_roller(self, x: float, radius: float) -> None:
        foam = speckled("roller", (0.05, 0.05, 0.055), 120, 0.5)
        cylinder("roller", radius, 0.9, (x, -0.45, MAT_HEIGHT + radius), foam, axis="y")

    def _build_end_wall(self, front_y: float, jamb_y: float | None) -> None:
        for part in self._end_wall:
            bpy.data.objects.remove(part)
        face, side = self.room.wall_x, self.room.wall_side
        low, high = sorted((face, face + side * WALL_THICKNESS))
        colour = cast("Colour", tuple(self.room.wall_colour or self.plan.wall))
        plaster = speckled("end-wall", colour, 1.2, 0.06, 0.9)
        wall = box("end-wall", (low, front_y, 0), (high, self.plan.back_y, CEILING_Z), plaster)
        self._end_wall = [wall]
        if not self.room.doorway:
            return
        paint = plain("door-frame", (0.70, 0.69, 0.66), 0.4)
        # The frame is flush with the wall, on which the leg leans.
        edge = (low + 0.001, front_y - 0.03, 0), (high - 0.001, front_y + 0.04, DOOR_HEIGHT)
        self._end_wall.append(box("door-frame", *edge, paint))
        if jamb_y is not None:
            low, high = sorted((face, face + side * JAMB[0]))
            half = JAMB[1] / 2
            jamb = (low, jamb_y - half, 0), (high, jamb_y + half, DOOR_HEIGHT)
            self._end_wall.append(box("jamb", *jamb, paint))

    def _furnish(self) -> None:
        """Stand the furniture along the back wall, leaving out what would cut an end wall."""
        wanted = list(self.plan.behind)
        if self.room.clutter > 1:
            wanted += self.plan.more
        # Beside an end wall, what stands in the middle of the room moves away from it.
        room = self.room
        middle = 0.0 if room.wall_x is None else room.wall_x - END_WALL_ROOM * room.wall_side
        for thing, usual_x in wanted:
            x = middle + usual_x + self.rng.uniform(-0.2, 0.2)
            if self._is_free(x):
                thing(Spot(x, self.plan.back_y - 0.005, self.floor_z, self.rng))
        if room.clutter > 1:
            self._scatter()

    def _is_free(self, x: float) -> bool:
        room = self.room
        if room.wall_x is not None and (room.wall_x - x) * room.wall_side < WIDEST / 2:
            return False
        return abs(x) < HALF_WIDTH - 0.4

    def _scatter(self) -> None:
        """Small things on the floor behind the mat and beyond its ends."""
        for thing in (things.bottle, things.shoes, things.bottle):
            x = self.rng.choice([-1, 1]) * self.rng.uniform(0.3, 1.9)
            y = self.rng.uniform(0.55, 0.8)
            spot = Spot(x, y, self.floor_z, self.rng)
            if self._is_free(x):
                thing(spot)
