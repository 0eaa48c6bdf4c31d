"""Lights of a room, as data: area lamps, the sky's part, and exposure."""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import mathutils

from choices import Colour, Light
from materials import glowing
from shapes import box


@dataclass(frozen=True)
class _Lamp:
    """A rectangular lamp; x is for a light on the left and is mirrored for one on the right."""

    place: tuple[float, float, float]
    towards: tuple[float, float, float]
    size: tuple[float, float]
    watts: float
    colour: Colour = (1.0, 0.97, 0.93)


@dataclass(frozen=True)
class _Setup:
    lamps: tuple[_Lamp, ...]
    sky: float
    sky_colour: Colour = (0.92, 0.96, 1.0)
    exposure: float = 0.0
    pane: bool = False  # a bright window in the back wall


_DAY = (0.90, 0.95, 1.0)
_LAMP = (1.0, 0.72, 0.44)
SETUPS: dict[str, _Setup] = {
    "bright": _Setup(
        (
            _Lamp((-2.6, -2.6, 2.4), (0, 0.3, 0.4), (1.6, 1.4), 110),
            _Lamp((0.3, -0.5, 2.8), (0.3, 0, 0), (2.2, 1.2), 60),
        ),
        sky=0.42,
    ),
    "soft": _Setup((_Lamp((-0.5, -1.2, 2.9), (0, 0, 0), (4.0, 3.0), 80),), sky=0.62),
    "dim": _Setup((_Lamp((-1.0, -1.0, 2.6), (0, 0.2, 0.3), (1.0, 1.0), 26),), 0.12, exposure=0.2),
    "window": _Setup((_Lamp((-2.9, -1.9, 1.5), (0, 0, 0.5), (1.2, 1.5), 170, _DAY),), sky=0.12),
    "warm": _Setup(
        (
            _Lamp((-1.6, -0.3, 1.75), (0, 0, 0.3), (0.4, 0.4), 40, _LAMP),
            _Lamp((1.2, -1.6, 2.7), (0, 0.2, 0.3), (0.8, 0.8), 34, (1.0, 0.80, 0.56)),
        ),
        sky=0.06,
        sky_colour=(1.0, 0.85, 0.7),
        exposure=0.3,
    ),
    "backlit": _Setup(
        (
            _Lamp((-0.5, 1.1, 1.7), (-0.2, -1.5, 0.2), (1.7, 1.1), 120, _DAY),
            _Lamp((0.0, -3.0, 2.6), (0, 0, 0.5), (2.0, 1.0), 12, _DAY),
        ),
        sky=0.10,
        pane=True,
    ),
}


def build_lights(light: Light, back_y: float) -> None:
    """Put the lamps, the sky and the exposure into the current scene."""
    setup = SETUPS[light.name]
    side = 1.0 if light.side == "left" else -1.0
    for lamp in setup.lamps:
        place = (side * lamp.place[0], min(lamp.place[1], back_y - 0.15), lamp.place[2])
        towards = (side * lamp.towards[0], *lamp.towards[1:])
        _area(lamp, place, towards, lamp.watts * light.strength, _warmed(lamp.colour, light.warmth))
    scene = bpy.context.scene
    world = bpy.data.worlds.new("sky")
    world.use_nodes = True
    sky = world.node_tree.nodes["Background"].inputs
    sky[0].default_value = (*_warmed(setup.sky_colour, light.warmth), 1.0)
    sky[1].default_value = setup.sky * light.strength
    scene.world = world
    scene.view_settings.exposure = setup.exposure
    if setup.pane:
        _window_pane(side * -0.5, back_y, light.strength)


def _area(lamp: _Lamp, place, towards, watts: float, colour: Colour) -> None:
    data = bpy.data.lights.new("lamp", "AREA")
    data.shape = "RECTANGLE"
    data.size, data.size_y = lamp.size
    data.energy, data.color = watts, colour
    thing = bpy.data.objects.new("lamp", data)
    thing.location = place
    aim = mathutils.Vector(towards) - mathutils.Vector(place)
    thing.rotation_euler = aim.to_track_quat("-Z", "Y").to_euler()
    bpy.context.scene.collection.objects.link(thing)


def _window_pane(x: float, back_y: float, strength: float) -> None:
    """A bright window with a cross, on the back wall."""
    pane = glowing("pane", (0.85, 0.93, 1.0), 4.0 * strength)
    frame = glowing("window-frame", (0.5, 0.5, 0.5), 0.25 * strength)
    y = back_y - 0.06  # before a picture that hangs there
    box("pane", (x - 0.8, y, 0.95), (x + 0.8, back_y, 2.25), pane)
    for low, high in (((x - 0.02, 0.95), (x + 0.02, 2.25)), ((x - 0.8, 1.6), (x + 0.8, 1.64))):
        box("bar", (low[0], y - 0.02, low[1]), (high[0], y, high[1]), frame)


def _warmed(colour: Colour, warmth: float) -> Colour:
    """Redder for positive warmth, bluer for negative."""
    red, green, blue = colour
    if warmth < 0:
        return (red * (1 + 0.25 * warmth), green * (1 + 0.08 * warmth), blue)
    return (red, green * (1 - 0.12 * warmth), blue * (1 - 0.35 * warmth))
