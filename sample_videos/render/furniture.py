"""Things that stand about in a room. Each function puts one thing at a place on the floor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from choices import Colour
from materials import glowing, plain, speckled
from shapes import ball, box, cylinder, leaves, turned


@dataclass(frozen=True)
class Spot:
    """Where a thing stands: its middle `x`, its back edge `y` (towards the wall), and its floor."""

    x: float
    y: float
    floor: float
    rng: np.random.Generator

    def tint(self, colour: Colour, amount: float = 0.2) -> Colour:
        """A colour lighter or darker by up to `amount`, and a little of another hue."""
        shade = self.rng.uniform(1 - amount, 1 + amount)
        hue = self.rng.uniform(1 - amount / 3, 1 + amount / 3, 3)
        red, green, blue = np.clip(np.multiply(colour, shade) * hue, 0, 1).tolist()
        return red, green, blue

    def any_colour(self, low: float, high: float) -> Colour:
        """A colour that is not too garish."""
        grey, own = self.rng.uniform(low, high), self.rng.uniform(low, high, 3)
        red, green, blue = (0.55 * grey + 0.45 * own).tolist()
        return red, green, blue

    def block(self, name: str, low, high, material, bevel: float = 0.0):
        """A box; x and z from this spot, y counted from the back edge towards the camera."""
        return box(
            name,
            (self.x + low[0], self.y - high[1], self.floor + low[2]),
            (self.x + high[0], self.y - low[1], self.floor + high[2]),
            material,
            bevel,
        )

    def at(self, x: float, y: float, z: float) -> tuple[float, float, float]:
        """A point; y counted from the back edge towards the camera."""
        return (self.x + x, self.y - y, self.floor + z)


def sofa(spot: Spot) -> None:
    """1.9 m wide, 0.8 m deep, with cushions."""
    cover = speckled("sofa", spot.tint((0.16, 0.20, 0.17), 0.5), 40, 0.15)
    spot.block("sofa-seat", (-0.93, 0, 0.10), (0.93, 0.80, 0.42), cover, 0.04)
    spot.block("sofa-back", (-0.94, 0, 0.30), (0.94, 0.22, 0.82), cover, 0.05)
    for side in (-0.95, 0.75):
        spot.block("sofa-arm", (side, 0, 0.09), (side + 0.20, 0.83, 0.60), cover, 0.05)
    cushion = speckled("cushion", spot.tint((0.45, 0.20, 0.10), 0.8), 30, 0.1)
    for x in (-0.55, 0.45):
        spot.block("cushion", (x - 0.2, 0.2, 0.42), (x + 0.2, 0.36, 0.78), cushion, 0.05)


def cabinet(spot: Spot) -> None:
    """A low cabinet with two doors and something on it."""
    wood = speckled("cabinet", spot.tint((0.50, 0.38, 0.25), 0.4), 8, 0.15, 0.5)
    spot.block("cabinet", (-0.5, 0, 0.08), (0.5, 0.40, 0.75), wood, 0.008)
    dark = plain("gap", (0.02, 0.02, 0.02))
    spot.block("cabinet-gap", (-0.004, 0.40, 0.1), (0.004, 0.403, 0.73), dark)
    vase = plain("vase", spot.tint((0.4, 0.3, 0.3), 0.8), 0.3)
    turned(
        "vase", [(0.05, 0), (0.08, 0.1), (0.03, 0.24), (0.04, 0.27)], spot.at(0.25, 0.2, 0.75), vase
    )
    _books(spot, -0.42, 0.0, 0.75)


def shelves(spot: Spot) -> None:
    """A tall bookcase."""
    wood = plain("bookcase", spot.tint((0.35, 0.24, 0.14), 0.5), 0.5)
    height = 1.9
    for x in (-0.45, 0.43):
        spot.block("side", (x, 0, 0), (x + 0.02, 0.30, height), wood)
    spot.block("rear", (-0.43, 0, 0), (0.43, 0.01, height), wood)
    for z in (0.04, 0.40, 0.76, 1.12, 1.48, height - 0.02):
        spot.block("board", (-0.43, 0, z), (0.43, 0.295, z + 0.02), wood)
        if z < 1.5:
            _books(spot, -0.42, 0.45, z + 0.02)


def _books(spot: Spot, first: float, room_for: float, z: float) -> None:
    x, last = first, first + max(room_for, 0.22) + spot.rng.uniform(-0.1, 0.3) * (room_for > 0)
    while x < last:
        thick, tall = spot.rng.uniform(0.015, 0.05), spot.rng.uniform(0.17, 0.28)
        cover = plain("book", spot.any_colour(0.02, 0.4), 0.7)
        spot.block("book", (x, 0.04, z), (x + thick, 0.22, z + tall), cover)
        x += thick + 0.002


def bed(spot: Spot) -> None:
    """A bed along the wall, 2 m by 1 m."""
    frame = plain("bed-frame", spot.tint((0.30, 0.19, 0.11), 0.4), 0.5)
    sheet = speckled("sheet", spot.tint((0.65, 0.63, 0.60), 0.2), 5, 0.06)
    cover = speckled("blanket", spot.tint((0.12, 0.20, 0.35), 0.7), 6, 0.15)
    spot.block("bed", (-1.0, 0, 0.12), (1.0, 0.95, 0.32), frame, 0.01)
    spot.block("mattress", (-0.98, 0.02, 0.32), (0.98, 0.93, 0.52), sheet, 0.04)
    spot.block("blanket", (-0.4, 0.0, 0.36), (1.0, 0.97, 0.55), cover, 0.03)
    spot.block("pillow", (-0.95, 0.15, 0.50), (-0.55, 0.80, 0.63), sheet, 0.06)
    spot.block("bed-head", (-1.05, 0, 0.10), (-1.0, 0.97, 0.95), frame, 0.01)


def plant(spot: Spot) -> None:
    """A plant in a pot."""
    pot = plain("pot", spot.tint((0.42, 0.22, 0.14), 0.5), 0.7)
    turned("pot", [(0.1, 0), (0.14, 0.26), (0.12, 0.26), (0.11, 0.22)], spot.at(0, 0.2, 0), pot)
    green = plain("leaf", spot.tint((0.04, 0.13, 0.03), 0.4), 0.5)
    leaves("leaves", spot.at(0, 0.2, 0.2), spot.rng.uniform(0.5, 1.0), 34, spot.rng, green)


def gym_ball(spot: Spot) -> None:
    """A large exercise ball."""
    radius = spot.rng.uniform(0.27, 0.36)
    rubber = plain("gym-ball", spot.tint((0.25, 0.06, 0.30), 0.9), 0.4)
    ball("gym-ball", radius, spot.at(0, radius, radius), rubber)


def dumbbells(spot: Spot) -> None:
    """A rack with dumb-bells."""
    steel = plain("rack", (0.05, 0.05, 0.055), 0.4)
    for z in (0.25, 0.60):
        spot.block("rack", (-0.55, 0, z), (0.55, 0.35, z + 0.03), steel)
        for x in np.linspace(-0.45, 0.45, 5):
            iron = plain("dumbbell", (0.03, 0.03, 0.03), 0.5)
            for y in (0.03, 0.24):
                cylinder("weight", 0.06, 0.08, spot.at(x, y, z + 0.09), iron, axis="y")
    for x in (-0.55, 0.51):
        spot.block("rack-leg", (x, 0, 0), (x + 0.04, 0.36, 0.75), steel)


def wall_bars(spot: Spot) -> None:
    """A Swedish ladder on the wall."""
    wood = plain("wall-bars", spot.tint((0.50, 0.33, 0.17), 0.2), 0.5)
    for x in (-0.5, -0.02, 0.46):
        spot.block("post", (x, 0, 0), (x + 0.04, 0.12, 2.4), wood)
    for z in np.arange(0.15, 2.4, 0.17):
        spot.block("bar", (-0.48, 0.05, z), (0.48, 0.09, z + 0.04), wood)


def bench(spot: Spot) -> None:
    """A padded treatment table."""
    pad = plain("bench-pad", spot.tint((0.05, 0.12, 0.22), 0.6), 0.5)
    steel = plain("bench-leg", (0.35, 0.35, 0.36), 0.3)
    spot.block("pad", (-0.9, 0.05, 0.62), (0.9, 0.70, 0.70), pad, 0.02)
    for x in (-0.8, 0.76):
        for y in (0.1, 0.6):
            spot.block("leg", (x, y, 0), (x + 0.04, y + 0.04, 0.62), steel)


def chair(spot: Spot) -> None:
    """A kitchen chair."""
    wood = plain("chair", spot.tint((0.30, 0.18, 0.09), 0.6), 0.5)
    spot.block("seat", (-0.22, 0.035, 0.43), (0.22, 0.43, 0.46), wood, 0.01)
    spot.block("chair-back", (-0.18, 0.005, 0.62), (0.18, 0.025, 0.89), wood, 0.01)
    for x in (-0.21, 0.18):
        spot.block("leg", (x, 0.0, 0), (x + 0.03, 0.03, 0.90), wood)
        spot.block("leg", (x, 0.39, 0), (x + 0.03, 0.42, 0.43), wood)


def floor_lamp(spot: Spot) -> None:
    """A standing lamp with a faintly glowing shade."""
    metal = plain("lamp", (0.05, 0.05, 0.05), 0.4)
    cylinder("lamp-foot", 0.14, 0.02, spot.at(0, 0.2, 0), metal)
    cylinder("lamp-pole", 0.012, 1.45, spot.at(0, 0.2, 0), metal)
    shade = glowing("shade", (1.0, 0.72, 0.42), 2.0)
    turned("lamp-shade", [(0.18, 0), (0.12, 0.26)], spot.at(0, 0.2, 1.4), shade)


def boxes(spot: Spot) -> None:
    """A pile of cardboard boxes."""
    x = -0.3
    for above in (True, False, False):
        width, depth, height = spot.rng.uniform(0.25, 0.45, 3)
        card = plain("card", spot.tint((0.38, 0.24, 0.13), 0.2), 0.9)
        spot.block("carton", (x, 0.02, 0), (x + width, 0.02 + depth, height), card)
        if above:
            tall = height + spot.rng.uniform(0.15, 0.25)
            spot.block("carton", (x + 0.02, 0.05, height), (x + width - 0.03, depth, tall), card)
        x += width + 0.03


def basket(spot: Spot) -> None:
    """A laundry basket, overfull."""
    wicker = speckled("basket", spot.tint((0.45, 0.30, 0.16), 0.4), 90, 0.4)
    turned(
        "basket", [(0.18, 0), (0.23, 0.38), (0.21, 0.38), (0.20, 0.3)], spot.at(0, 0.25, 0), wicker
    )
    for _ in range(4):
        wash = speckled("wash", spot.any_colour(0.05, 0.7), 9, 0.3)
        x, y = spot.rng.uniform(-0.1, 0.1, 2)
        ball("wash", 0.11, spot.at(x, 0.25 + y, 0.36), wash)


def bottle(spot: Spot) -> None:
    """A drinking bottle, 22 cm."""
    plastic = plain("bottle", spot.tint((0.05, 0.15, 0.4), 0.6), 0.2)
    profile = [(0, 0), (0.035, 0), (0.035, 0.16), (0.016, 0.19), (0.016, 0.22), (0, 0.22)]
    turned("bottle", profile, spot.at(0, 0.05, 0), plastic)


def shoes(spot: Spot) -> None:
    """A pair of shoes."""
    leather = plain("shoe", spot.tint((0.10, 0.09, 0.09), 0.5), 0.6)
    for x in (-0.07, 0.07):
        spot.block("shoe", (x - 0.045, 0.0, 0), (x + 0.045, 0.27, 0.065), leather, 0.03)


def picture(spot: Spot) -> None:
    """A framed picture on the wall."""
    width, height = spot.rng.uniform(0.4, 0.9), spot.rng.uniform(0.4, 0.7)
    low = spot.rng.uniform(1.1, 1.35)
    frame = plain("frame", spot.tint((0.08, 0.06, 0.04), 0.4), 0.4)
    paint = speckled("painting", spot.any_colour(0.1, 0.6), 4, 0.7)
    spot.block("frame", (-width / 2, 0, low), (width / 2, 0.03, low + height), frame)
    spot.block("painting", (-width / 2 + 0.04, 0.03, low + 0.04),
               (width / 2 - 0.04, 0.034, low + height - 0.04), paint)  # fmt: skip


def mirror(spot: Spot) -> None:
    """A dull wall mirror: bright, without a second person to find."""
    frame = plain("frame", (0.3, 0.3, 0.3), 0.3)
    pane = speckled("pane", (0.45, 0.50, 0.52), 1.5, 0.25, 0.3)
    spot.block("mirror-frame", (-0.5, 0, 0.3), (0.5, 0.02, 2.0), frame)
    spot.block("mirror", (-0.47, 0.02, 0.33), (0.47, 0.025, 1.97), pane)
