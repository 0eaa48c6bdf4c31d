"""The two detectors that follow one person: one tracks, the other searches the whole picture."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from posecheck.core.geometry import Array
from posecheck.pose.augmentation import PLAIN, Augmentation
from posecheck.pose.detector import PoseDetector, open_detector
from posecheck.pose.identity import Person, torso_colours
from posecheck.pose.sighting import Picture, Sighting

_MAX_PEOPLE = 4
_MASK_MARGIN = 0.35  # of the person's box, left uncovered around it


@dataclass(frozen=True, eq=False)
class Detection:
    """A person whom a detector found: the landmarks, and what tells this person from others."""

    sighting: Sighting
    person: Person

    @classmethod
    def of(cls, sighting: Sighting, picture: Picture) -> Detection:
        """Of a sighting in a picture, by the colours of the clothes there.

        Parameters
        ----------
        sighting : Sighting
        picture : Picture

        Returns
        -------
        Detection
        """
        colours = torso_colours(picture.frame.image, sighting.image)
        return cls(sighting, Person(sighting.image, colours))


class DetectorPair:
    """Makes each of the two detectors when it is first needed.

    The tracking detector follows whomever it found from frame to frame. The search detector looks
    at single pictures and finds everybody in view.

    Parameters
    ----------
    model : Path
        The model's file.
    video : bool
        Whether the pictures are those of a video; a photo is only searched.
    outline : bool
        Measure the outline of the trunk too.
    """

    def __init__(self, model: Path, *, video: bool, outline: bool) -> None:
        self._model = model
        self._video = video
        self._outline = outline
        self._tracking: PoseDetector | None = None
        self._search: PoseDetector | None = None

    def close(self) -> None:
        """Free the model."""
        self.stop_tracking()
        if self._search is not None:
            self._search.close()
        self._search = None

    def stop_tracking(self) -> None:
        """Let the tracking begin anew with the next picture."""
        if self._tracking is not None:
            self._tracking.close()
        self._tracking = None

    def track(self, picture: Picture, *, around: Array | None = None) -> Detection | None:
        """Follow one person into the next picture.

        Parameters
        ----------
        picture : Picture
            Later than the one before.
        around : ndarray, shape (4,), optional
            Left, top, right and bottom of the person, in pixels; the rest of the picture is masked.

        Returns
        -------
        Detection or None
            Of whomever the detector follows; None where it found nobody.
        """
        if self._tracking is None:
            self._tracking = open_detector(
                self._model, video=True, n_people=1, outline=self._outline
            )
        if around is not None:
            picture = replace(picture, rgb=masked(picture.rgb, around))
        found = self._tracking.detect(picture)
        return Detection.of(found[0], picture) if found else None

    def search(self, picture: Picture, augmentation: Augmentation = PLAIN) -> list[Detection]:
        """Find everybody in view.

        Parameters
        ----------
        picture : Picture
            Any, in any order.
        augmentation : Augmentation
            How to show it to the detector.

        Returns
        -------
        list of Detection
            As they stand in the picture itself.
        """
        if self._search is None:
            # In a video the result is the tracking detector's.
            outline = self._outline and not self._video
            self._search = open_detector(
                self._model, video=False, n_people=_MAX_PEOPLE, outline=outline
            )
        found = self._search.detect(augmentation.apply(picture))
        if augmentation is not PLAIN:
            found = [augmentation.undo(sighting, *picture.size) for sighting in found]
        return [Detection.of(sighting, picture) for sighting in found]


def masked(image: np.ndarray, box: Array) -> np.ndarray:
    """Paint over all but the surroundings of a person, in the picture's mean colour.

    Parameters
    ----------
    image : ndarray, shape (height, width, 3)
    box : ndarray, shape (4,)
        Left, top, right and bottom of the person, in pixels.

    Returns
    -------
    ndarray
        Another image of the same size.
    """
    height, width = image.shape[:2]
    margin = _MASK_MARGIN * (box[2:] - box[:2])
    left, top = np.clip(box[:2] - margin, 0, [width, height]).astype(int)
    right, bottom = np.clip(box[2:] + margin, 0, [width, height]).astype(int)
    covered = np.empty_like(image)
    covered[:] = image[::8, ::8].mean(axis=(0, 1)).astype(np.uint8)
    covered[top:bottom, left:right] = image[top:bottom, left:right]
    return covered
