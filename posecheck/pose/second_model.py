"""A second look at a person by a model of another family, MoveNet Thunder.

Two models of different families make different mistakes: where they agree on a joint it is
believed, where they do not a reading is "can't tell". Thunder was trained on people who stand, so
the picture is turned by quarter turns until the trunk is upright, and cut to a square around the
landmarks that the first model found.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from posecheck.core.geometry import Array, length, midpoint
from posecheck.landmarks.series import N_LANDMARKS, Landmark
from posecheck.pose.augmentation import torso_px
from posecheck.pose.thunder import SIDE_PX, Thunder

# COCO's 17 key points in the order in which Thunder gives them.
COCO = (
    *(Landmark.nose, Landmark.left_eye, Landmark.right_eye, Landmark.left_ear, Landmark.right_ear),
    *(Landmark.left_shoulder, Landmark.right_shoulder, Landmark.left_elbow, Landmark.right_elbow),
    *(Landmark.left_wrist, Landmark.right_wrist, Landmark.left_hip, Landmark.right_hip),
    *(Landmark.left_knee, Landmark.right_knee, Landmark.left_ankle, Landmark.right_ankle),
)
# Where the point of the other side stands: the nose is alone, the rest come left and right in turn.
_MIRRORED = [0, *(k + 1 if k % 2 else k - 1 for k in range(1, len(COCO)))]
_HALF_SIDE = 0.62  # of the square, as a share of the body's longer extent
_LEAST_HALF_PX = 16.0

LOOK_TWICE_EVERY_S = 1.5  # how often a frame is analysed again, where nothing moves
_MOVING_EVERY_S = 0.5  # and where the person does
_MOVED = 0.1  # of the torso's length, mean of the landmarks: the person moved
_SAME_TIME_S = 1e-6  # 1.5 s may read 1.4999999999999998 s


class SecondModel:
    """MoveNet Thunder, shown one person at a time.

    Parameters
    ----------
    path : Path
        Its file, as `posecheck.pose.model.thunder.resolve_thunder` returns it.

    Raises
    ------
    ModelError
        The model cannot be loaded.
    """

    def __init__(self, path: Path) -> None:
        self._thunder = Thunder(path)

    def look_both_ways(self, rgb: np.ndarray, person: Array) -> Array:
        """The mean of a look and a mirrored one; arguments and result as of `look`.

        Parameters
        ----------
        rgb : ndarray
        person : ndarray

        Returns
        -------
        ndarray
        """
        return np.asarray((self.look(rgb, person) + self.look(rgb, person, mirrored=True)) / 2)

    def look(self, rgb: np.ndarray, person: Array, *, mirrored: bool = False) -> Array:
        """Find one person's key points.

        Parameters
        ----------
        rgb : ndarray, shape (height, width, 3)
            uint8.
        person : ndarray, shape (33, 2)
            Pixels where the first model found the person.
        mirrored : bool
            Show the model the mirrored picture; what it finds is mirrored back.

        Returns
        -------
        ndarray, shape (33, 2)
            Pixels; NaN for the landmarks that Thunder does not have.
        """
        to_square = _upright_square(person)
        square = _cut(rgb, to_square)
        if mirrored:
            square = np.ascontiguousarray(square[:, ::-1])
        found = self._thunder.points(square)[:, :2] * SIDE_PX
        if mirrored:
            found = (found * (-1, 1) + (SIDE_PX, 0))[_MIRRORED]
        back = cv2.invertAffineTransform(to_square)
        points = np.full((N_LANDMARKS, 2), np.nan, np.float32)
        points[list(COCO)] = found @ back[:, :2].T + back[:, 2]
        return points

    def close(self) -> None:
        """Free the model."""
        self._thunder.close()


class SecondLookSchedule:
    """Tells which frames of a video are analysed twice.

    Parameters
    ----------
    moving : bool
        Whether to look more often while the person moves.

    Attributes
    ----------
    slot : int
        Of the times at which a second look is due, the last one taken; -1 before the first.
    odd : bool
        Every other look, which then is a mirrored one: what it mistakes is evened out in time.
    """

    def __init__(self, *, moving: bool) -> None:
        self.slot = -1
        self.odd = False
        self._moving = moving
        self._at_s = -np.inf
        self._person: Array | None = None

    def is_due(self, t_s: float, person: Array) -> bool:
        """Whether this frame is to be analysed twice; if so, the next time is counted from it.

        Parameters
        ----------
        t_s : float
            Seconds; later than the frame before.
        person : ndarray, shape (33, 2)
            Pixels.
        """
        # The same frames, wherever in the recording the analysis began.
        slot = int((t_s + _SAME_TIME_S) / LOOK_TWICE_EVERY_S)
        due = slot != self.slot or (self._moving and self._moved(t_s, person))
        if due:
            self.slot, self._at_s, self._person = slot, t_s, person
            self.odd = bool(round(t_s / _MOVING_EVERY_S) % 2)
        return due

    def _moved(self, t_s: float, person: Array) -> bool:
        if self._person is None or t_s - self._at_s < _MOVING_EVERY_S - _SAME_TIME_S:
            return False
        way = float(np.mean(length(person - self._person)))
        return way > _MOVED * torso_px(person)


def _upright_square(person: Array) -> Array:
    """The affine map from the picture to the model's square, with the head up, shape (2, 3)."""
    hips = midpoint(person[Landmark.left_hip], person[Landmark.right_hip])
    up = midpoint(person[Landmark.left_shoulder], person[Landmark.right_shoulder]) - hips
    quarter_turns = -round(float(np.arctan2(up[0], -up[1])) / (np.pi / 2))
    low, high = person.min(axis=0), person.max(axis=0)
    scale = SIDE_PX / 2 / max(_HALF_SIDE * float((high - low).max()), _LEAST_HALF_PX)
    cos, sin = np.cos(quarter_turns * np.pi / 2), np.sin(quarter_turns * np.pi / 2)
    turn = scale * np.array([[cos, -sin], [sin, cos]])
    return np.column_stack([turn, SIDE_PX / 2 - turn @ ((low + high) / 2)])


def _cut(rgb: np.ndarray, to_square: Array) -> np.ndarray:
    """Map a picture to the model's square, shape (256, 256, 3); black where it has nothing."""
    shrink = round(1 / np.hypot(*to_square[:, 0]))
    if shrink > 1:  # warping alone would skip pixels
        rgb = cv2.resize(rgb, None, fx=1 / shrink, fy=1 / shrink, interpolation=cv2.INTER_AREA)
        to_square = np.column_stack([to_square[:, :2] * shrink, to_square[:, 2]])
    return cv2.warpAffine(rgb, to_square, (SIDE_PX, SIDE_PX), flags=cv2.INTER_LINEAR)
