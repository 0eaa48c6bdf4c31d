"""Test-time augmentation: the same picture mirrored, turned, made smaller or evenly lit.

A landmark that stays where it is however the picture is shown is believed; one that wanders is a
guess, whatever visibility the model gives it. `consensus` takes the median of several detections
and tells how far they are apart; the reliability of a measure is made from that spread.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from posecheck.core.geometry import Array, length, midpoint
from posecheck.landmarks.series import SIDES, Landmark
from posecheck.pose.sighting import Picture, Sighting

_MIRRORED = [
    Landmark[mark.name.replace("left", "~").replace("right", "left").replace("~", "right")].value
    for mark in Landmark
]
_ARMS = [Landmark[f"{s}_{j}"] for s in SIDES for j in ("elbow", "wrist", "pinky", "index", "thumb")]
_LEGS = [Landmark[f"{s}_{j}"] for s in SIDES for j in ("knee", "ankle", "heel", "foot_index")]
_MID_GREY = 0.45
_LOST = 0.15  # of the torso's length: the spread of an augmentation in which nobody was found


@dataclass(frozen=True)
class Augmentation:
    """A way to show a picture to the detector.

    Attributes
    ----------
    mirrored : bool
        Left and right exchanged.
    turn_deg : float
        Counterclockwise, about the middle.
    scale : float
        Of the picture's content; the border is stretched to fill the rest.
    lit : bool
        Noise smoothed and the mean brightness brought to a mid grey.
    """

    mirrored: bool = False
    turn_deg: float = 0.0
    scale: float = 1.0
    lit: bool = False

    def apply(self, picture: Picture) -> Picture:
        """Augment a picture.

        Parameters
        ----------
        picture : Picture
            As it was filmed.

        Returns
        -------
        Picture
            Of the same size; only what the detector sees is changed.
        """
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

    def undo(self, sighting: Sighting, width: int, height: int) -> Sighting:
        """Bring back what was detected in the augmented picture to the plain one.

        Parameters
        ----------
        sighting : Sighting
            In pixels of the augmented picture.
        width, height : int
            Size of the picture in pixels.

        Returns
        -------
        Sighting
            In pixels of the plain picture, without an outline.
        """
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


PLAIN = Augmentation()
AUGMENTATIONS = (
    Augmentation(mirrored=True),
    Augmentation(lit=True),
    Augmentation(turn_deg=12, scale=0.9),
    Augmentation(mirrored=True, turn_deg=-6, scale=0.85),
)


def _evenly_lit(rgb: np.ndarray) -> np.ndarray:
    mean = float(np.clip(rgb.mean() / 255, 0.02, 0.98))
    gamma = float(np.clip(np.log(_MID_GREY) / np.log(mean), 0.4, 1.6))
    curve = (255 * (np.arange(256) / 255) ** gamma).astype(np.uint8)
    return np.asarray(cv2.LUT(cv2.GaussianBlur(rgb, (0, 0), 1.0), curve))


def consensus(sightings: list[Sighting], n_augmentations: int) -> Sighting:
    """The median of several detections of one person, and how far they are apart.

    Parameters
    ----------
    sightings : list of Sighting
        At least one, all in pixels of the plain picture; the first one's outline is kept.
    n_augmentations : int
        How many there were; those in which the person was not found add to the spread.

    Returns
    -------
    Sighting
        With `spread`: mean distance from the median, pixels, shape (33,).
    """
    image = np.median([s.image for s in sightings], axis=0)
    apart = np.mean([length(s.image - image) for s in sightings], axis=0)
    lost = _LOST * torso_px(image) * (n_augmentations - len(sightings)) / n_augmentations
    return replace(
        sightings[0],
        image=image.astype(np.float32),
        world=np.median([s.world for s in sightings], axis=0).astype(np.float32),
        visibility=np.median([s.visibility for s in sightings], axis=0).astype(np.float32),
        spread=(apart + lost).astype(np.float32),
    )


def spread_of_two(one: Sighting, other: Sighting | None) -> Array:
    """How far a detection in a video frame and one in its augmentation are apart.

    Which leg is left is known from the frames before, better than from a single picture: an
    augmentation that only exchanges the arms or the legs does not disagree.

    Parameters
    ----------
    one : Sighting
        Of the frame as it was filmed.
    other : Sighting or None
        Of the augmented frame, in pixels of the plain one; None where the person was not found.

    Returns
    -------
    ndarray, shape (33,)
        Mean distance of the two from their middle, in pixels.
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
    """Length of the trunk on the screen, of points of shape (33, 2).

    Parameters
    ----------
    image : ndarray, shape (33, 2)
        Pixels.

    Returns
    -------
    float
    """
    ends = (
        midpoint(image[Landmark[f"left_{joint}"]], image[Landmark[f"right_{joint}"]])
        for joint in ("shoulder", "hip")
    )
    return float(length(next(ends) - next(ends)))
