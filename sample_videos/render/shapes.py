"""Simple Blender objects made from numpy arrays, without operators (which are slow)."""

from __future__ import annotations

import bpy
import numpy as np

from surface import Floats, Ints

Point = tuple[float, float, float]


def mesh_object(
    name: str, vertices: Floats, loops: Ints, sizes: Ints, material, smooth: bool = True
) -> bpy.types.Object:
    """An object of polygons: `loops` are all corners, `sizes` each polygon's number of them."""
    mesh = bpy.data.meshes.new(name)
    mesh.vertices.add(len(vertices))
    mesh.vertices.foreach_set("co", np.asarray(vertices, np.float32).ravel())
    mesh.loops.add(len(loops))
    mesh.loops.foreach_set("vertex_index", np.asarray(loops, np.int32))
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    mesh.polygons.add(len(sizes))
    mesh.polygons.foreach_set("loop_start", starts.astype(np.int32))
    mesh.polygons.foreach_set("use_smooth", np.full(len(sizes), smooth))
    mesh.update(calc_edges=True)
    mesh.materials.append(material)
    thing = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(thing)
    return thing


def box(name: str, low: Point, high: Point, material, bevel: float = 0.0) -> bpy.types.Object:
    """A box along the axes, with rounded edges if wanted."""
    corners = np.array([(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)], float)
    vertices = np.array(low) + corners * (np.array(high) - np.array(low))
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    thing = mesh_object(name, vertices, np.ravel(faces), np.full(6, 4), material, smooth=False)
    if bevel:
        rounding = thing.modifiers.new("bevel", "BEVEL")
        rounding.width, rounding.segments = bevel, 3
    return thing


def turned(
    name: str,
    profile: list[tuple[float, float]],
    at: Point,
    material,
    axis: str = "z",
    sides: int = 24,
) -> bpy.types.Object:
    """A body of revolution; `profile` has (radius, height along the axis) from end to end."""
    angle = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    rings = [
        np.stack([r * np.cos(angle), r * np.sin(angle), np.full(sides, h)], axis=1)
        for r, h in profile
    ]
    vertices = np.concatenate(rings)
    if axis == "y":
        vertices = vertices[:, [0, 2, 1]] * (1, 1, -1)
    column = np.arange(sides)
    following = (column + 1) % sides
    quads = [
        np.stack([column, following, following + sides, column + sides], axis=1) + k * sides
        for k in range(len(profile) - 1)
    ]
    loops, sizes = np.concatenate(quads).ravel(), np.full(sides * (len(profile) - 1), 4)
    return mesh_object(name, vertices + np.array(at), loops, sizes, material)


def cylinder(name: str, radius: float, length: float, at: Point, material, axis: str = "z"):
    """A closed cylinder that begins at `at` and runs along the axis."""
    soft = min(0.004, radius / 4)
    profile = [(1e-4, 0), (radius - soft, 0), (radius, soft), (radius, length - soft),
               (radius - soft, length), (1e-4, length)]  # fmt: skip
    return turned(name, profile, at, material, axis)


def ball(name: str, radius: float, centre: Point, material) -> bpy.types.Object:
    """A sphere."""
    turn = np.linspace(-np.pi / 2, np.pi / 2, 13)
    profile = [(max(radius * np.cos(t), 1e-4), radius * np.sin(t)) for t in turn]
    return turned(name, profile, centre, material)


def leaves(name: str, at: Point, height: float, count: int, rng: np.random.Generator, material):
    """A bush of flat blades that start at `at`."""
    vertices, size = [], 0.05 * height / 0.5
    for _ in range(count):
        lean = rng.normal(0, 0.35, 2)
        tip = np.array([lean[0], lean[1], 1.0]) * height * rng.uniform(0.5, 1.0)
        aside = np.array([rng.normal(), rng.normal(), 0.0])
        aside *= size / (np.linalg.norm(aside) + 1e-9)
        vertices += [np.zeros(3), 0.5 * tip + aside, tip, 0.5 * tip - aside]
    points = np.array(vertices) + np.array(at)
    return mesh_object(
        name, points, np.arange(len(points)), np.full(count, 4), material, smooth=False
    )
