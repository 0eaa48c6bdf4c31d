"""How likely what is in a shot: view, clothes, room, light and the camera's faults.

What matters for how hard a picture is comes from decks, so that every stretch gets its share; the
rest is drawn.
"""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from choices import BOTTOMS, ROOMS, SIDES, TOPS, Clothes, Colour, Light, Room
from picture import PictureParams
from schedule import deal, stream
from views import PLACINGS

# A deck is (value, how many cards) pairs; out of 20 unless noted.
YAW_DEG = (((0.0, 8.0), 9), ((8.0, 16.0), 5), ((18.0, 22.0), 3), ((28.0, 32.0), 3))
HEIGHT_M = (((0.3, 0.5), 5), ((0.5, 0.9), 9), ((0.9, 1.5), 6))
ROLL_DEG = (((0.0, 0.5), 8), ((0.5, 2.0), 7), ((2.0, 5.0), 5))
MARGIN = (((0.03, 0.07), 5), ((0.07, 0.16), 11), ((0.18, 0.25), 4))
SIZE = (((640, 480), 11), ((640, 360), 6), ((480, 640), 3))
SIZE_STANDING = (((640, 480), 7), ((640, 360), 3), ((480, 640), 10))
CLOTHES = (("fitted", 12), ("loose", 5), ("dark", 3))
LIGHT = (("bright", 6), ("soft", 5), ("window", 4), ("dim", 2), ("warm", 2), ("backlit", 1))
CLUTTER = ((0, 5), (1, 10), (2, 5))
MAT = (("default", 8), ("coloured", 7), ("none", 5))
GRADE = (("clean", 10), ("moderate", 7), ("hard", 3))
CUT = (("", 36), ("feet", 3), ("head", 1))  # of 40
FOREGROUND = ((False, 18), (True, 2))

DISTANCE_M = (2.0, 4.5)


@dataclass(frozen=True)
class Standpoints:
    """Decks of where the camera stands when it is not at the side.

    Looking down steeply, elevation and height give the distance, and the yaw says what is up in the
    picture: a body that lies for it along x has its head up at 90.
    """

    yaw_deg: tuple[tuple[tuple[float, float], int], ...]
    height_m: tuple[tuple[tuple[float, float], int], ...]
    elevation_deg: tuple[tuple[tuple[float, float], int], ...] = ()
    distance_m: tuple[float, float] = (1.8, 3.5)


STANDPOINTS = {
    "above": Standpoints(
        yaw_deg=(((80, 100), 12), ((-10, 10), 4), ((170, 190), 4)),
        height_m=(((2.0, 2.3), 8), ((2.3, 2.75), 12)),
        elevation_deg=(((80, 90), 7), ((70, 80), 7), ((60, 70), 6)),
    ),
    "front": Standpoints(
        yaw_deg=(((-5, 5), 10), ((-12, -5), 3), ((5, 12), 3), ((-20, -12), 2), ((12, 20), 2)),
        height_m=(((0.35, 0.5), 4), ((0.5, 0.8), 11), ((0.8, 1.2), 5)),
    ),
    "feet": Standpoints(
        yaw_deg=(((-5, 5), 10), ((-14, -5), 5), ((5, 14), 5)),
        height_m=(((1.2, 1.5), 6), ((1.5, 1.9), 9), ((1.9, 2.2), 5)),
        elevation_deg=(((25, 35), 6), ((35, 48), 9), ((48, 60), 5)),
    ),
}


@dataclass(frozen=True)
class View:
    """Where the camera stands; what `camera.frame_body` takes. Metres, degrees, pixels.

    `name` is a key of `views.PLACINGS`; with an elevation, the distance follows from the height.
    """

    yaw_deg: float
    height_m: float
    distance_m: float
    roll_deg: float
    margin: float
    offset: tuple[float, float]
    width: int
    height: int
    name: str = "side"
    elevation_deg: float | None = None


class Chooser:
    """Chooses for one shot: from decks over the visits of its stretch, or by chance."""

    def __init__(self, seed: int, pile: str, visit: int) -> None:
        self.seed, self.pile, self.visit = seed, pile, visit
        self.rng = stream(seed, pile, visit)

    def card(self, name: str, deck: Sequence[tuple[Any, int]]) -> Any:
        """From a deck of (value, cards) pairs."""
        cards = [value for value, times in deck for _ in range(times)]
        return deal(cards, self.seed, f"{name}/{self.pile}", self.visit)

    def within(self, name: str, deck: Sequence[tuple[tuple[float, float], int]]) -> float:
        """A number out of a range from a deck."""
        return self.between(*self.card(name, deck))

    def between(self, low: float, high: float) -> float:
        """An even draw, rounded for the JSON."""
        return round(float(self.rng.uniform(low, high)), 3)

    def one_of(self, values: Sequence[Any]) -> Any:
        """By chance, all alike."""
        return values[int(self.rng.integers(len(values)))]

    def number(self) -> int:
        """A seed for somebody else."""
        return int(self.rng.integers(2**31))


def surroundings(
    choose: Chooser, sizes: Sequence[tuple[Any, int]], view: str = "side"
) -> dict[str, Any]:
    """Everything about a shot but who does what in which clothes, as arguments of `Shot`."""
    grade = choose.card("grade", GRADE)
    place = PLACINGS[view]
    draw = draw_view if view == "side" else draw_standpoint
    return {
        "near_side": choose.card("near", (("left", 1), ("right", 1))) if view == "side" else None,
        "room": replace(draw_room(choose), mat_y=place.y, mat_along=place.mat_along),
        "light": draw_light(choose, grade),
        "view": draw(choose, choose.card("size", sizes), view),
        "picture": draw_picture(choose, grade),
        "picture_seed": choose.number(),
    }


def draw_view(choose: Chooser, size: tuple[int, int], name: str) -> View:
    """Where the camera stands at the side."""
    width, height = size
    margin = choose.within("margin", MARGIN)
    slack = 0.6 * margin  # off the middle, yet in the picture
    return View(
        yaw_deg=choose.within("yaw", YAW_DEG) * choose.one_of((-1, 1)),
        height_m=choose.within("height", HEIGHT_M),
        distance_m=choose.between(*DISTANCE_M),
        roll_deg=choose.within("roll", ROLL_DEG) * choose.one_of((-1, 1)),
        margin=margin,
        offset=(choose.between(-slack, slack), choose.between(-slack, slack)),
        width=width,
        height=height,
        name=name,
    )


def draw_standpoint(choose: Chooser, size: tuple[int, int], name: str) -> View:
    """Where the camera stands above, in front or at the feet."""
    decks = STANDPOINTS[name]
    margin = choose.within("margin", MARGIN)
    slack = 0.6 * margin
    down = choose.within("elevation", decks.elevation_deg) if decks.elevation_deg else None
    return View(
        yaw_deg=choose.within("yaw", decks.yaw_deg),
        height_m=choose.within("height", decks.height_m),
        distance_m=choose.between(*decks.distance_m),
        roll_deg=choose.within("roll", ROLL_DEG) * choose.one_of((-1, 1)),
        margin=margin,
        offset=(choose.between(-slack, slack), choose.between(-slack, slack)),
        width=size[0],
        height=size[1],
        name=name,
        elevation_deg=down,
    )


def draw_clothes(choose: Chooser) -> Clothes:
    """An outfit; a dark one hides the limbs in front of the trunk."""
    kind = choose.card("clothes", CLOTHES)
    colour = dark_colour if kind == "dark" else garment_colour
    fit = "loose" if kind == "loose" else "fitted"
    return Clothes(
        top=choose.one_of(TOPS),
        bottom=choose.one_of(BOTTOMS if fit == "loose" else ("leggings", "leggings", "shorts")),
        fit=fit,
        top_colour=colour(choose),
        bottom_colour=dark_colour(choose) if choose.rng.random() < 0.4 else colour(choose),
        print="none" if kind == "dark" else choose.one_of(("none",) * 3 + ("stripes", "blotches")),
        print_colour=garment_colour(choose),
    )


def garment_colour(choose: Chooser) -> Colour:
    """Any colour that clothes have."""
    saturation = choose.between(0.0, 0.75)
    return linear(choose.between(0, 1), saturation, choose.between(0.2, 0.9))


def dark_colour(choose: Chooser) -> Colour:
    """Nearly black."""
    return linear(choose.between(0, 1), choose.between(0, 0.4), choose.between(0.06, 0.2))


def linear(hue: float, saturation: float, value: float) -> Colour:
    """A colour of the screen in linear light, as Blender wants it."""
    red, green, blue = (round(c**2.2, 4) for c in colorsys.hsv_to_rgb(hue, saturation, value))
    return red, green, blue


def draw_room(choose: Chooser) -> Room:
    """Room, furniture and mat."""
    mat = choose.card("mat", MAT)
    colours = {"none": None, "default": "default", "coloured": garment_colour(choose)}
    painted = linear(choose.between(0, 1), choose.between(0, 0.35), choose.between(0.55, 0.95))
    return Room(
        name=choose.card("room", [(room, 1) for room in ROOMS]),
        seed=choose.number(),
        mat=colours[mat],
        clutter=choose.card("clutter", CLUTTER),
        wall_colour=painted if choose.rng.random() < 0.5 else None,
        foreground=choose.card("foreground", FOREGROUND),
    )


def draw_light(choose: Chooser, grade: str) -> Light:
    """Light of the room; strong enough where the camera is good too."""
    return Light(
        name=choose.card("light", LIGHT),
        strength=choose.between(0.85, 1.25) if grade == "clean" else choose.between(0.55, 1.2),
        side=choose.one_of(SIDES),
        warmth=round(float(np.clip(choose.rng.normal(0, 0.4), -1, 1)), 3),
    )


def draw_picture(choose: Chooser, grade: str) -> PictureParams:
    """Faults of the camera, from nearly none to those of a bad webcam in the evening."""
    faults = {
        "clean": {"noise": (0.5, 2), "jpeg": (86, 95), "blur": (0, 0.6), "stops": (-0.2, 0.25)},
        "moderate": {"noise": (2, 6), "jpeg": (68, 88), "blur": (0, 1.3), "stops": (-1.0, 0.5)},
        "hard": {"noise": (5, 13), "jpeg": (38, 70), "blur": (0.6, 2.4), "stops": (-1.6, 0.7)},
    }[grade]
    much = {"clean": 0.3, "moderate": 0.7, "hard": 1.0}[grade]
    noise = choose.between(*faults["noise"])
    moves = choose.rng.random() < 0.5 * much
    shrinks = grade != "clean" and choose.rng.random() < 0.4
    return PictureParams(
        exposure_stops=choose.between(*faults["stops"]),
        warmth=choose.between(-much, much),
        tint=choose.between(-0.6 * much, 0.6 * much),
        contrast=choose.between(1 - 0.2 * much, 1 + 0.25 * much),
        gamma=choose.between(1 - 0.15 * much, 1 + 0.15 * much),
        vignette=choose.between(0, 0.4 * much),
        defocus_px=choose.between(*faults["blur"]),
        motion_px=choose.between(1.0, 1.0 + 4 * much) if moves else 0.0,
        motion_deg=choose.between(0, 180),
        noise=noise,
        chroma_noise=round(noise * choose.between(0.2, 0.7), 3),
        shrink=choose.between(0.45, 0.85) if shrinks else 1.0,
        jpeg_quality=int(choose.between(*faults["jpeg"])),
        cut=choose.card("cut", CUT),
    )
