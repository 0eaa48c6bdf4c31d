"""Looking again: the same picture mirrored, turned, made smaller or evenly lit.

A landmark that stays where it is however the picture is shown is believed; one that wanders is a
guess, whatever visibility the model gives it. `agree` takes the middle of several looks and tells
how far they are apart; that spread is what the "can't tell" of a measure is made from.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from posecheck.core.geometry import Array, length, midpoint
from posecheck.landmarks.series import SIDES, Landmark
from posecheck.pose.detector import Picture, Sighting

_MIRRORED = [
    Landmark[mark.name.replace("left", "~").replace("right", "left").replace("~", "right")].value
    for mark in Landmark
]
_ARMS = [Landmark[f"{s}_{j}"] for s in SIDES for j in ("elbow", "wrist", "pinky", "index", "thumb")]
_LEGS = [Landmark[f"{s}_{j}"] for s in SIDES for j in ("knee", "ankle", "heel", "foot_index")]
_MID_GREY = 0.45
_LOST = 0.15  # of the torso's length: the spread of a look that found nobody


@dataclass(frozen=True)
class Look:
    """A way to show a picture again.

    Attributes
    ----------
    mirrored : bool
    turn_deg : float
        Counterclockwise, about the middle.
    scale : float
        The size of what is shown; around it the border is drawn out.
    lit : bool
        Noise smoothed and the mean brightness brought to a mid grey.
    """

    mirrored: bool = False
    turn_deg: float = 0.0
    scale: float = 1.0
    lit: bool = False

    def at(self, picture: Picture) -> Picture:
        """The picture as this look shows it; its size stays."""
        rgb = picture.rgb
        height, width = rgb.shape[:2]
        if self.turn_deg or self.scale != 1:
            rgb = cv2.warpAffine(
                rgb, self._matrix(width, height), (width, height), borderMode=cv2.BORDER_REPLICATE
            )
        if self.lit:
            rgb = _evenly_lit(rgb)
        if self.mirrored:
            rgb = np.ascontiguousarray(rgb[:, ::-1])
        return replace(picture, rgb=rgb)

    def back(self, sighting: Sighting, width: int, height: int) -> Sighting:
        """What this look showed, as it stands in the plain picture."""
        image, world = sighting.image.astype(float), sighting.world.astype(float)
        visibility = sighting.visibility
        if self.mirrored:
            image[:, 0] = width - image[:, 0]
            world[:, 0] *= -1
            image, world, visibility = image[_MIRRORED], world[_MIRRORED], visibility[_MIRRORED]
        undo = cv2.invertAffineTransform(self._matrix(width, height))
        image = image @ undo[:, :2].T + undo[:, 2]
        world[:, :2] = world[:, :2] @ undo[:, :2].T * self.scale
        return replace(sighting, image=image, world=world, visibility=visibility, outline=None)

    def _matrix(self, width: int, height: int) -> Array:
        return cv2.getRotationMatrix2D((width / 2, height / 2), self.turn_deg, self.scale)


PLAIN = Look()
AGAIN = (
    Look(mirrored=True),
    Look(lit=True),
    Look(turn_deg=12, scale=0.9),
    Look(mirrored=True, turn_deg=-6, scale=0.85),
)


def _evenly_lit(rgb: np.ndarray) -> np.ndarray:
    mean = float(np.clip(rgb.mean() / 255, 0.02, 0.98))
    gamma = float(np.clip(np.log(_MID_GREY) / np.log(mean), 0.4, 1.6))
    curve = (255 * (np.arange(256) / 255) ** gamma).astype(np.uint8)
    return np.asarray(cv2.LUT(cv2.GaussianBlur(rgb, (0, 0), 1.0), curve))


def agree(sightings: list[Sighting], n_looks: int) -> Sighting:
    """The middle of several looks at one person, and how far they are apart.

    Parameters
    ----------
    sightings : list of Sighting
        At least one, all in the pixels of the plain picture; the first one's outline is kept.
    n_looks : int
        How many looks there were; those that found nobody add to the spread.

    Returns
    -------
    Sighting
        With `spread`: mean distance of the looks from the middle, pixels, shape (33,).
    """
    image = np.median([s.image for s in sightings], axis=0)
    apart = np.mean([length(s.image - image) for s in sightings], axis=0)
    lost = _LOST * torso_px(image) * (n_looks - len(sightings)) / n_looks
    return replace(
        sightings[0],
        image=image.astype(np.float32),
        world=np.median([s.world for s in sightings], axis=0).astype(np.float32),
        visibility=np.median([s.visibility for s in sightings], axis=0).astype(np.float32),
        spread=(apart + lost).astype(np.float32),
    )


def spread_of_two(one: Sighting, other: Sighting | None) -> Array:
    """Mean distance of a look at a video frame and a second one from their middle, shape (33,).

    Which leg is left is known from the frames before, better than from a look at one: a second look
    that only exchanges the arms or the legs does not disagree.
    """
    if other is None:
        return np.full(len(one.image), _LOST * torso_px(one.image), np.float32)
    apart = length(one.image - other.image)
    exchanged = length(one.image - other.image[_MIRRORED])
    for limb in (_ARMS, _LEGS):
        if exchanged[limb].sum() < apart[limb].sum():
            apart[limb] = exchanged[limb]
    return np.asarray(apart / 2, np.float32)


def torso_px(image: Array) -> float:
    """Length of the trunk on the screen, of points (33, 2)."""
    ends = (
        midpoint(image[Landmark[f"left_{joint}"]], image[Landmark[f"right_{joint}"]])
        for joint in ("shoulder", "hip")
    )
    return float(length(next(ends) - next(ends)))
