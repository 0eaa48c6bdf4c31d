"""What a shot may choose: person's look, clothes, room and light, as plain data.

No Blender here, so that a seed can be turned into choices without it. Every class is JSON-able with
`dataclasses.asdict` and rebuilt with `Look(**data)`. Colours are linear RGB in 0..1 (Blender's own;
a middle grey of the screen is about 0.21).
"""

from __future__ import annotations

from dataclasses import dataclass

Colour = tuple[float, float, float]

# name -> (skin, lips)
SKIN_TONES: dict[str, tuple[Colour, Colour]] = {
    "very-light": ((0.70, 0.47, 0.38), (0.52, 0.22, 0.20)),
    "light": ((0.55, 0.33, 0.235), (0.42, 0.16, 0.14)),
    "medium": ((0.42, 0.245, 0.150), (0.33, 0.13, 0.10)),
    "tan": ((0.32, 0.170, 0.098), (0.26, 0.10, 0.08)),
    "brown": ((0.20, 0.098, 0.058), (0.17, 0.065, 0.055)),
    "dark": ((0.125, 0.060, 0.036), (0.12, 0.045, 0.040)),
    "very-dark": ((0.066, 0.033, 0.022), (0.075, 0.030, 0.027)),
}

HAIR_COLOURS: dict[str, Colour] = {
    "black": (0.008, 0.007, 0.006),
    "brown": (0.035, 0.018, 0.010),
    "chestnut": (0.060, 0.028, 0.014),
    "blond": (0.36, 0.22, 0.09),
    "red": (0.20, 0.060, 0.020),
    "grey": (0.22, 0.21, 0.20),
    "white": (0.62, 0.61, 0.58),
}

HAIR_STYLES = ("bald", "buzz", "short", "balding", "bun", "ponytail")
TOPS = ("tee", "tank", "long")
BOTTOMS = ("leggings", "shorts", "trousers")
FITS = ("fitted", "loose")
PRINTS = ("none", "stripes", "blotches")
ROOMS = ("living", "wooden", "gym", "bedroom", "cluttered")
LIGHTS = ("bright", "soft", "dim", "window", "warm", "backlit")
SIDES = ("left", "right")


@dataclass(frozen=True)
class Look:
    """Skin and hair: keys of `SKIN_TONES`, `HAIR_COLOURS` and `HAIR_STYLES`."""

    skin: str = "light"
    hair: str = "brown"
    hair_style: str = "bun"

    def __post_init__(self) -> None:
        """Refuse a misspelt choice."""
        _must_be_in("skin", self.skin, tuple(SKIN_TONES))
        _must_be_in("hair", self.hair, tuple(HAIR_COLOURS))
        _must_be_in("hair_style", self.hair_style, HAIR_STYLES)


@dataclass(frozen=True)
class Clothes:
    """A top, perhaps printed, and a bottom; `fit` is for both, but trousers are always wide."""

    top: str = "tee"
    bottom: str = "leggings"
    fit: str = "fitted"
    top_colour: Colour = (0.32, 0.055, 0.10)
    bottom_colour: Colour = (0.03, 0.035, 0.055)
    print: str = "none"
    print_colour: Colour = (0.6, 0.6, 0.6)

    def __post_init__(self) -> None:
        """Refuse a misspelt choice."""
        _must_be_in("top", self.top, TOPS)
        _must_be_in("bottom", self.bottom, BOTTOMS)
        _must_be_in("fit", self.fit, FITS)
        _must_be_in("print", self.print, PRINTS)


@dataclass(frozen=True)
class Room:
    """Where the person is.

    Attributes
    ----------
    name : one of `ROOMS`
    seed : jitters places, sizes and tints of the furniture
    mat : "default", None (bare floor) or a colour
    mat_x : middle of the mat in metres; None puts it under the first body shown
    mat_y, mat_along : the same across the room, and the axis that the mat lies along
    clutter : 0 none, 1 the room's furniture, 2 much
    wall_colour : None is the room's own
    wall_x, wall_side : face of an end wall; the person is on its -x side (+1) or its +x side (-1)
    wall_from_y : where the end wall begins; None is in front of the person
    doorway : the end wall has an opening where a leg passes it; the other leg leans on the wall,
        or on a door jamb if the leg that passes is the far one
    roller_x, roller_radius : a foam roller on the floor, its axis along y
    foreground : one low object between camera and person
    """

    name: str = "living"
    seed: int = 0
    mat: str | Colour | None = "default"
    mat_x: float | None = None
    mat_y: float = 0.0
    mat_along: str = "x"
    clutter: int = 1
    wall_colour: Colour | None = None
    wall_x: float | None = None
    wall_side: int = 1
    wall_from_y: float | None = None
    doorway: bool = False
    roller_x: float | None = None
    roller_radius: float = 0.075
    foreground: bool = False

    def __post_init__(self) -> None:
        """Refuse a misspelt choice."""
        _must_be_in("name", self.name, ROOMS)
        _must_be_in("wall_side", self.wall_side, (1, -1))
        _must_be_in("mat_along", self.mat_along, ("x", "y"))
        if isinstance(self.mat, str):
            _must_be_in("mat", self.mat, ("default",))


@dataclass(frozen=True)
class Light:
    """`side`: where the window or the main lamp is; `warmth` from -1 (cold) to 1 (warm)."""

    name: str = "bright"
    strength: float = 1.0
    side: str = "left"
    warmth: float = 0.0

    def __post_init__(self) -> None:
        """Refuse a misspelt choice."""
        _must_be_in("name", self.name, LIGHTS)
        _must_be_in("side", self.side, SIDES)


def _must_be_in(what: str, value: object, allowed: tuple[object, ...]) -> None:
    if value not in allowed:
        raise ValueError(f"{what} must be one of {allowed}, not {value!r}")
