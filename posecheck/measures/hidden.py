"""Why a landmark or a value of a measure is hidden: one cause for every frame, never a bare NaN.

Causes are asked for in the order of `Cause`, and the first that is true counts: where nobody was
seen no joint can be at fault, and in the wrong view it does not matter which joint was hidden.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import pairwise

import numpy as np

from posecheck.core.geometry import distance_to_segment
from posecheck.landmarks.series import Landmark, LandmarkSeries, Side, other_side
from posecheck.measures.clean import MIN_VISIBILITY

Causes = np.ndarray  # uint8, values of `Cause`

_COVERED = 0.15  # of the trunk's length: so near to another limb, a joint lies behind or under it
_MOSTLY = 0.5
_ARM, _LEG = ("shoulder", "elbow", "wrist"), ("hip", "knee", "ankle")


class Cause(IntEnum):
    """What hides a value; the names stand in reports as `reason_code` and in `hidden`."""

    seen = 0
    nobody = 1
    wrong_view = 2
    out_of_picture = 3
    low_visibility = 4
    jump = 5
    no_outline = 6
    camera_turned = 7
    disagreement = 8
    proportions = 9
    impossible = 10
    needs_time = 11
    undetermined = 12


@dataclass(frozen=True)
class Hidden:
    """What hid a measure over some frames.

    Attributes
    ----------
    shares : mapping of Cause to float
        Share of the frames, the largest first; empty where the measure was seen in all of them.
    joint : Landmark or None
        The landmark that was hidden most often by the main cause, where a landmark was.
    behind : {"arm", "leg", "other leg", "other arm"} or None
        The limb that it lay behind for most of that time, where it lay behind one.
    """

    shares: Mapping[Cause, float] = field(default_factory=dict)
    joint: Landmark | None = None
    behind: str | None = None

    def scaled(self, by: float) -> Hidden:
        """The same with shares of more frames than those that were hidden.

        Parameters
        ----------
        by : float
            Share of all frames that were hidden.

        Returns
        -------
        Hidden
        """
        shares = {cause: share * by for cause, share in self.shares.items()}
        return Hidden(shares, self.joint, self.behind)

    def by_name(self) -> dict[str, float]:
        """The shares under the names of their causes, as they stand in a report."""
        return {cause.name: round(share, 2) for cause, share in self.shares.items()}

    @property
    def main(self) -> Cause | None:
        """The cause of the largest share."""
        return next(iter(self.shares), None)


def landmark_causes(raw: LandmarkSeries, cleaned: LandmarkSeries) -> Causes:
    """Why each landmark of a cleaned series is hidden.

    Parameters
    ----------
    raw : LandmarkSeries
        As the model gave it.
    cleaned : LandmarkSeries
        The same frames, cleaned.

    Returns
    -------
    ndarray of uint8, shape (n_frames, 33)
    """
    size = np.array([raw.source.width, raw.source.height])
    with np.errstate(invalid="ignore"):
        outside = ((raw.image < 0) | (raw.image > size)).any(axis=2)
        unsure = ~(raw.visibility >= MIN_VISIBILITY)
    own = np.where(outside, Cause.out_of_picture, np.where(unsure, Cause.low_visibility, 0))
    # Cleaning exchanges sides that the model took for each other: the cause moves along.
    exchanged = own[:, _MIRRORED]
    rest = Cause.undetermined if raw.cleaned else Cause.jump
    causes = np.where(own > 0, own, np.where(exchanged > 0, exchanged, rest))
    causes = np.where(raw.seen[:, None], causes, Cause.nobody)
    hidden = ~np.isfinite(cleaned.image).all(axis=2)
    return np.where(hidden, causes, Cause.seen).astype(np.uint8)


def _mirrored(mark: Landmark) -> Landmark:
    side, _, joint = mark.name.partition("_")
    if side not in {"left", "right"}:
        return mark
    return Landmark[f"{other_side(side)}_{joint}"]  # type: ignore[arg-type]


_MIRRORED = [_mirrored(mark) for mark in Landmark]


def limb_in_front(raw: LandmarkSeries, joint: Landmark) -> str | None:
    """The limb that a hidden joint lies behind in most of some frames, as far as can be told.

    MediaPipe guesses where a hidden joint is; where that is on the forearm, say, the arm is in
    front of it.

    Parameters
    ----------
    raw : LandmarkSeries
        The frames in which the joint was hidden, as the model gave them.
    joint : Landmark
    """
    side, _, name = joint.name.partition("_")
    if side not in {"left", "right"} or not len(raw):
        return None
    point = raw.image[:, joint]
    trunk = np.linalg.norm(raw.point("left_shoulder") - raw.point("left_hip"), axis=1)
    for words, limb_side, limb in _limbs_beside(side, name):  # type: ignore[arg-type]
        apart = [
            distance_to_segment(point, raw.point(f"{limb_side}_{a}"), raw.point(f"{limb_side}_{b}"))
            for a, b in pairwise(limb)
        ]
        with np.errstate(invalid="ignore"):
            if (np.min(apart, axis=0) < _COVERED * trunk).mean() > _MOSTLY:
                return words
    return None


def _limbs_beside(side: Side, joint: str) -> list[tuple[str, Side, tuple[str, ...]]]:
    """The limbs that may be in front of a joint: (in words, side, joints)."""
    other = other_side(side)
    if joint in _LEG or joint in {"heel", "foot_index"}:
        return [("arm", side, _ARM), ("arm", other, _ARM), ("other leg", other, _LEG)]
    return [("leg", side, _LEG), ("leg", other, _LEG), ("other arm", other, _ARM)]


def shares_of(causes: Causes) -> dict[Cause, float]:
    """Share of the frames for every cause that hides something, the largest first.

    Parameters
    ----------
    causes : ndarray of uint8, shape (n_frames,)
        Values of `Cause`.

    Returns
    -------
    dict[Cause, float]
    """
    found, counts = np.unique(causes[causes > 0], return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return {Cause(int(found[k])): float(counts[k] / len(causes)) for k in order}
