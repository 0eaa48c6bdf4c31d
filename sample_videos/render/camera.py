"""A pinhole camera, and where to put it so that a body fills the picture.

World frame: metres, z up, floor at z = 0; a camera at yaw 0 stands at -y and looks along +y.
Picture frame: pixels, x to the right, y down, (0, 0) at the upper left corner of the picture.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

# What phones and webcams have, across the longer side of the picture.
MIN_FOV_DEG, MAX_FOV_DEG = 35.0, 85.0
FRAMING_STEPS = 40
STEEP_DEG = 55.0  # from here on, the sky is no longer a good up
FRAMING_TOLERANCE = 0.003  # of the picture: good enough for a margin


@dataclass(frozen=True)
class Camera:
    """A pinhole camera with square pixels and no lens distortion.

    Parameters
    ----------
    position, target : tuple of 3 float
        Where the lens is and a point on the optical axis, in metres.
    fov_deg : float
        Horizontal field of view.
    roll_deg : float
        Turn of the camera about its axis; positive is clockwise for the one who holds it, so
        that the world turns counter-clockwise in the picture.
    width, height : int
        Of the picture, in pixels.
    up : tuple of 3 float
        What is up in the picture, before the roll; not the viewing direction.
    """

    position: tuple[float, float, float]
    target: tuple[float, float, float]
    fov_deg: float
    roll_deg: float = 0.0
    width: int = 640
    height: int = 480
    up: tuple[float, float, float] = (0.0, 0.0, 1.0)

    @cached_property
    def axes(self) -> np.ndarray:
        """Rows: the picture's right, the picture's up and the viewing direction, in the world."""
        forward = np.subtract(self.target, self.position)
        forward = forward / np.linalg.norm(forward)
        right = np.cross(forward, self.up)
        right = right / np.linalg.norm(right)
        up = np.cross(right, forward)
        roll = math.radians(self.roll_deg)
        rolled_right = math.cos(roll) * right - math.sin(roll) * up
        rolled_up = math.sin(roll) * right + math.cos(roll) * up
        return np.stack([rolled_right, rolled_up, forward])

    @property
    def focal_px(self) -> float:
        """Focal length in pixels."""
        return self.width / 2 / math.tan(math.radians(self.fov_deg) / 2)

    @property
    def matrix_world(self) -> np.ndarray:
        """Camera-to-world matrix (4, 4) of a camera that looks along its own -z, y up."""
        right, up, forward = self.axes
        matrix = np.eye(4)
        matrix[:3, :3] = np.stack([right, up, -forward], axis=1)
        matrix[:3, 3] = self.position
        return matrix

    def depth(self, points: np.ndarray) -> np.ndarray:
        """Distance along the optical axis, metres: (..., 3) -> (...); negative is behind."""
        return (np.asarray(points, float) - self.position) @ self.axes[2]

    def project(self, points: np.ndarray) -> np.ndarray:
        """World points (..., 3) -> pixels (..., 2). Points behind the camera give nonsense."""
        local = (np.asarray(points, float) - self.position) @ self.axes.T
        scale = self.focal_px / local[..., 2]
        return np.stack(
            [self.width / 2 + scale * local[..., 0], self.height / 2 - scale * local[..., 1]],
            axis=-1,
        )


def frame_body(
    vertices: np.ndarray,
    *,
    yaw_deg: float,
    height_m: float,
    distance_m: float,
    roll_deg: float = 0.0,
    margin: float = 0.1,
    width: int = 640,
    height: int = 480,
    offset: tuple[float, float] = (0.0, 0.0),
    elevation_deg: float | None = None,
) -> Camera:
    """Place a camera so that a body fills the picture up to the margin.

    The field of view makes the body's size in the picture, so that the distance only changes the
    perspective. Where no phone has that field of view, the distance gives.

    Parameters
    ----------
    vertices : (n, 3) array
        Everything that must be in the picture, metres. For a clip: of all its key poses.
    yaw_deg : float
        0 is the pure side view from -y; positive walks around the body towards +x.
    height_m, distance_m : float
        Of the lens: above the floor, and from the body's middle along the floor.
    margin : float
        Empty border at the tightest side, as a share of the picture (0 to below 0.5).
    offset : tuple of 2 float
        Where the body's middle goes, from the picture's middle, as shares of width and height.
    elevation_deg : float, optional
        How steeply the camera looks down on the body's middle: 90 is plumb. Together with the
        height it gives the distance. Near plumb, up in the picture is what is up at this yaw.

    Notes
    -----
    At yaw 0 the camera is moved sideways instead of turned, as a careful user would, so that its
    axis stays square to the sagittal plane (it may still look down or up). At any other yaw it
    looks at the body.
    """
    vertices = np.asarray(vertices, float)
    middle = (vertices.min(0) + vertices.max(0)) / 2
    target = middle.copy()
    half_tan = math.tan(math.radians(50.0) / 2)
    least, most = half_tan_limits(width, height)
    sky = (0.0, 0.0, 1.0)
    if elevation_deg is not None:
        distance_m = (height_m - middle[2]) / math.sin(math.radians(elevation_deg))
        sky = up_at(yaw_deg, elevation_deg)
    for _ in range(FRAMING_STEPS):
        if elevation_deg is None:
            position = stand(middle, target, yaw_deg, height_m, distance_m)
        else:
            position = hover(middle, yaw_deg, elevation_deg, distance_m)
        fov_deg = 2 * math.degrees(math.atan(half_tan))
        camera = Camera(tuple(position), tuple(target), fov_deg, roll_deg, width, height, sky)
        pixels = camera.project(vertices)
        low, high = pixels.min(0), pixels.max(0)
        off_centre = (low + high) / 2 - np.array([width, height]) * (0.5 + np.asarray(offset))
        too_big = np.max((high - low) / [width, height]) / (1 - 2 * margin)
        if abs(too_big - 1) < FRAMING_TOLERANCE and np.abs(off_centre).max() < 1:
            break
        metres_per_px = camera.depth(target) / camera.focal_px
        right, up, _ = camera.axes
        target += (right * off_centre[0] - up * off_centre[1]) * metres_per_px
        wanted = half_tan * too_big
        half_tan = min(max(wanted, least), most)
        distance_m *= wanted / half_tan
    return camera


def half_tan_limits(width: int, height: int) -> tuple[float, float]:
    """Least and greatest tan(horizontal field of view / 2) for a picture of this shape.

    A lens has its field of view across the longer side; an upright picture sees less across.
    """
    share = width / max(width, height)
    least, most = (math.tan(math.radians(fov) / 2) for fov in (MIN_FOV_DEG, MAX_FOV_DEG))
    return least * share, most * share


def stand(
    middle: np.ndarray, target: np.ndarray, yaw_deg: float, height_m: float, distance_m: float
) -> np.ndarray:
    """Where the lens stands, (3,) metres."""
    yaw = math.radians(yaw_deg)
    x = target[0] if yaw_deg == 0 else middle[0] + distance_m * math.sin(yaw)
    return np.array([x, middle[1] - distance_m * math.cos(yaw), height_m])


def hover(
    middle: np.ndarray, yaw_deg: float, elevation_deg: float, distance_m: float
) -> np.ndarray:
    """Where the lens is that looks down on the body's middle from so far, (3,) metres."""
    yaw, elevation = math.radians(yaw_deg), math.radians(elevation_deg)
    level = math.cos(elevation)
    away = [level * math.sin(yaw), -level * math.cos(yaw), math.sin(elevation)]
    return middle + distance_m * np.array(away)


def up_at(yaw_deg: float, elevation_deg: float) -> tuple[float, float, float]:
    """What is up in the picture: the sky, or from above what lies beyond the body."""
    if elevation_deg < STEEP_DEG:
        return (0.0, 0.0, 1.0)
    yaw = math.radians(yaw_deg)
    return (-math.sin(yaw), math.cos(yaw), 0.0)
