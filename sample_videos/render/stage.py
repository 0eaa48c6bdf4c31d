"""The Blender scene: a dressed person in a lit room, and pictures of it (Cycles, on the CPU)."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import bpy
import mathutils
import numpy as np
from PIL import Image

from choices import Clothes, Light, Look, Room
from figure import Figure
from lights import build_lights
from room import MAT_HEIGHT, BuiltRoom
from surface import Floats

if TYPE_CHECKING:
    from body import Body
    from camera import Camera
    from rig import Posed

Picture = np.ndarray  # (height, width, 3) uint8 RGB

CROP_PADDING = (45, 45, 60, 70)  # pixels left, top, right, bottom of the body: room for its shadow
FEATHER = 24  # pixels
SENSOR_MM = 36.0


class Stage:
    """One person in one room. A new stage empties Blender and takes its place.

    Parameters
    ----------
    body, look, clothes, room, light
        Who, where and how lit; see `choices.py`.
    samples : int
        Rays a pixel; 4 are enough with the denoiser.
    width, height : int
        Of the pictures, in pixels.
    """

    def __init__(
        self,
        body: Body,
        look: Look | None = None,
        clothes: Clothes | None = None,
        room: Room | None = None,
        light: Light | None = None,
        *,
        samples: int = 4,
        width: int = 640,
        height: int = 480,
        threads: int = 2,
    ) -> None:
        self.body = body
        self.width, self.height = width, height
        bpy.ops.wm.read_factory_settings(use_empty=True)
        _fast_cycles(samples, width, height, threads)
        self._camera = _new_camera()
        self._figure = Figure(body, look or Look(), clothes or Clothes())
        self._light = light or Light()
        self._skin: Floats | None = None
        self._plate: np.ndarray | None = None
        self.set_room(room or Room())

    def set_room(self, room: Room) -> None:
        """Move to another room; the person stays."""
        self._clear_surroundings()
        self._room = BuiltRoom(room)
        build_lights(self._light, self._room.plan.back_y)
        if self._skin is not None:
            self._room.place(self._skin)

    def show(self, vertices: Floats, posed: Posed) -> None:
        """Pose the person.

        Parameters
        ----------
        vertices : ndarray, shape (n_vertices, 3)
            The whole posed mesh in world metres.
        posed : Posed
            Where the head's bone is, for tied hair.
        """
        head = self.body.bone_index["head"]
        first = self._skin is None
        self._skin = self._figure.pose(
            np.asarray(vertices, float), posed.rotations[head], posed.heads[head], MAT_HEIGHT
        )
        if first:
            self._room.place(self._skin)

    def render(self, camera: Camera) -> Picture:
        """The whole picture."""
        self._aim(camera)
        self._open_wall(camera)
        return _render()

    def plate(self, camera: Camera, samples: int = 24) -> Picture:
        """The room without the person, kept for `render_crop`."""
        self._aim(camera)
        self._open_wall(camera)
        cycles = bpy.context.scene.cycles
        usual, cycles.samples = cycles.samples, samples
        for thing in self._figure.things:
            thing.hide_render = True
        picture = _render()
        for thing in self._figure.things:
            thing.hide_render = False
        cycles.samples = usual
        self._plate = picture.astype(np.float32)
        return picture

    def render_crop(self, camera: Camera) -> Picture:
        """The plate with the person in it: only her surroundings are rendered."""
        if self._plate is None or self._skin is None:
            raise RuntimeError("show() a person and render the plate() first")
        self._aim(camera)
        left, top, right, bottom = self._crop(camera, self._skin)
        # Blender cuts off to whole pixels: aim at the inside of the first and the last one.
        wide, high, inside = self.width, self.height, 0.25
        with _border(
            (left + inside) / wide,
            (top - inside) / high,
            (right + inside) / wide,
            (bottom - inside) / high,
        ):
            part = _render().astype(np.float32)
        share = _feather(part.shape[:2], (left, top, right, bottom), (self.width, self.height))
        whole = self._plate.copy()
        behind = whole[top:bottom, left:right]
        whole[top:bottom, left:right] = behind * (1 - share) + part * share
        return np.clip(whole + 0.5, 0, 255).astype(np.uint8)

    def _crop(self, camera: Camera, skin: Floats) -> tuple[int, int, int, int]:
        pixels = camera.project(skin)
        (x0, y0), (x1, y1) = pixels.min(axis=0), pixels.max(axis=0)
        pad = CROP_PADDING
        return (
            max(0, int(x0) - pad[0]),
            max(0, int(y0) - pad[1]),
            min(self.width, int(x1) + pad[2]),
            min(self.height, int(y1) + pad[3]),
        )

    def _aim(self, camera: Camera) -> None:
        self._camera.matrix_world = mathutils.Matrix(camera.matrix_world.tolist())
        self._camera.data.lens = SENSOR_MM / 2 / np.tan(np.radians(camera.fov_deg) / 2)

    def _open_wall(self, camera: Camera) -> None:
        # Not for a crop: it must fit into the plate.
        if self._skin is not None:
            self._room.open_for(np.asarray(camera.position, float), self._skin)

    def _clear_surroundings(self) -> None:
        """Remove everything but the person and the camera."""
        keep = {self._camera, *self._figure.things}
        bpy.data.batch_remove([thing for thing in bpy.data.objects if thing not in keep])
        bpy.data.orphans_purge(do_recursive=True)


def _fast_cycles(samples: int, width: int, height: int, threads: int) -> None:
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    cycles = scene.cycles
    cycles.device = "CPU"
    cycles.samples = samples
    cycles.use_adaptive_sampling = False
    cycles.use_light_tree = False
    cycles.use_denoising = True
    cycles.denoiser = "OPENIMAGEDENOISE"
    # The best quality would take as long again as the rendering.
    cycles.denoising_quality = "BALANCED"
    cycles.denoising_prefilter = "FAST"
    cycles.max_bounces = 3
    cycles.diffuse_bounces = 2
    cycles.glossy_bounces = 1
    cycles.transmission_bounces = 0
    cycles.transparent_max_bounces = 2
    cycles.caustics_reflective = False
    cycles.caustics_refractive = False
    render = scene.render
    render.use_persistent_data = True
    render.threads_mode, render.threads = "FIXED", threads
    render.resolution_x, render.resolution_y, render.resolution_percentage = width, height, 100
    render.image_settings.file_format = "PNG"
    render.image_settings.compression = 0
    scene.view_settings.view_transform = "AgX"
    scene.view_settings.look = "AgX - Medium High Contrast"


def _new_camera() -> bpy.types.Object:
    data = bpy.data.cameras.new("camera")
    data.sensor_fit, data.sensor_width = "HORIZONTAL", SENSOR_MM
    camera = bpy.data.objects.new("camera", data)
    bpy.context.scene.collection.objects.link(camera)
    bpy.context.scene.camera = camera
    return camera


def _render() -> Picture:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture.png"
        bpy.context.scene.render.filepath = str(path)
        with _quiet():
            bpy.ops.render.render(write_still=True)
        return np.asarray(Image.open(path).convert("RGB"))


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Blender, which writes past Python's sys.stdout, from chattering."""
    sys.stdout.flush()
    kept = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


@contextmanager
def _border(left: float, top: float, right: float, bottom: float) -> Iterator[None]:
    """Render only a part; shares of the picture from the upper left corner."""
    render = bpy.context.scene.render
    render.use_border = render.use_crop_to_border = True
    render.border_min_x, render.border_max_x = left, right
    render.border_min_y, render.border_max_y = 1 - bottom, 1 - top
    try:
        yield
    finally:
        render.use_border = render.use_crop_to_border = False


def _feather(
    shape: tuple[int, int], crop: tuple[int, int, int, int], picture: tuple[int, int]
) -> np.ndarray:
    """Weight (h, w, 1) that fades to 0 at the crop's sides, but not at the picture's."""
    height, width = shape
    left, top, right, bottom = crop
    far = np.inf
    x, y = np.arange(width), np.arange(height)
    from_sides = np.minimum(x + 1 if left > 0 else far, width - x if right < picture[0] else far)
    from_ends = np.minimum(y + 1 if top > 0 else far, height - y if bottom < picture[1] else far)
    from_sides, from_ends = np.broadcast_to(from_sides, width), np.broadcast_to(from_ends, height)
    return np.clip(np.minimum(from_sides[None], from_ends[:, None]) / FEATHER, 0, 1)[..., None]
