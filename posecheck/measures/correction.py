"""The near side's joints as two pose models see them, brought to where a goniometer lies.

Each model has its own idea of where a joint is: the hip of one lies a little higher on the body
than the greater trochanter, the shoulder of the other below the acromion. These differences are
the same in every posture as far as can be told, so the correction is a constant for each model and
joint, along and across the segment that ends there. What the two models then still differ by is
their error: their mean is what the measures are read from, and `Eyes.apart` says how far they are
apart. docs/accuracy.md says what both are worth, on people and on rendered bodies.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from posecheck.core.geometry import Array, length, wrap
from posecheck.landmarks.series import SIDES, Landmark, LandmarkSeries, Side
from posecheck.measures.body import Body
from posecheck.measures.calibration import FRAMES, Offsets
from posecheck.measures.camera_view import ViewTrack
from posecheck.measures.catalogue import Measure
from posecheck.measures.clean import TIPS
from posecheck.measures.formulas import FORMULAS
from posecheck.measures.reliability import reference_px


@dataclass(frozen=True, eq=False)
class Eyes:
    """A body as the models see it: what both say together, and each for itself.

    Attributes
    ----------
    both : Body
        The mean of the two models, or the first one where the second did not look.
    first, second : Body or None
        None where only one model looked.
    """

    both: Body
    first: Body | None = None
    second: Body | None = None

    @classmethod
    def of(
        cls, cleaned: LandmarkSeries, track: ViewTrack, torso_px: Array, offsets: Offsets | None
    ) -> Eyes:
        """Move each model's joints, and take their mean.

        Parameters
        ----------
        cleaned : LandmarkSeries
        track : ViewTrack
        torso_px : ndarray, shape (n_frames,)
            Torso length L in pixels.
        offsets : Offsets or None
            Where each model's joints are; None leaves them where they were seen.
        """

        def body(image: Array, model: str) -> Body:
            series = replace(cleaned, image=image)
            if offsets is not None:
                series = move_joints(series, track, offsets[model])
            return Body(series, track, torso_px, torso_from_leg=False)

        first = body(cleaned.image, "blazepose")
        if cleaned.second is None:
            return cls(first)
        second = body(cleaned.second, "thunder")
        missing = np.isnan(second.series.image)
        mean = np.where(missing, first.series.image, (first.series.image + second.series.image) / 2)
        both = Body(replace(first.series, image=mean), track, torso_px, torso_from_leg=False)
        return cls(both, first, second)

    def apart(self, measure: Measure, side: Side | None) -> Array:
        """How far the two models are apart on a measure, shape (n_frames,).

        Parameters
        ----------
        measure : Measure
        side : {"left", "right"} or None

        Returns
        -------
        ndarray
            In the measure's unit; an angle goes the short way round. NaN where only one looked.
        """
        if self.first is None or self.second is None:
            return np.full(len(self.both.series), np.nan)
        formula = FORMULAS[measure.name]
        off = formula(self.first, side) - formula(self.second, side)
        return np.abs(wrap(off, lowest=-180) if measure.unit == "deg" else off)


def move_joints(
    series: LandmarkSeries, track: ViewTrack, offsets: dict[str, tuple[float, float]]
) -> LandmarkSeries:
    """Move the joints of one model, where the camera sees the body from the side.

    Parameters
    ----------
    series : LandmarkSeries
        Cleaned.
    track : ViewTrack
    offsets : mapping of joint to (float, float)
        Torso lengths along the joint's segment and to the front of the body.

    Returns
    -------
    LandmarkSeries
        With other `image` points of both sides' joints; what was not seen stays unknown.
    """
    image = series.image.copy()
    seen = track.view == "side"
    forward = np.where(track.near_side == "right", 1.0, -1.0)
    for side in SIDES:
        unit_px = reference_px(series, side)
        for joint, (along, front) in offsets.items():
            axes = segment_axes(series.image, side, joint, forward)
            shift = unit_px[:, None] * (along * axes[:, 0] + front * axes[:, 1])
            shift = np.where(seen[:, None], np.nan_to_num(shift), 0.0)
            for name in (joint, *TIPS.get(joint, ())):
                image[:, Landmark[f"{side}_{name}"]] += shift
    return replace(series, image=image)


def segment_axes(image: Array, side: str, joint: str, forward: Array) -> Array:
    """Unit vectors on the screen along the segment of a joint and to its front.

    Parameters
    ----------
    image : ndarray, shape (n_frames, 33, 2)
        Pixels.
    side : str
    joint : str
        One of `FRAMES`.
    forward : ndarray, shape (n_frames,)
        +1 where the right side is near, -1 where the left one is.

    Returns
    -------
    ndarray, shape (n_frames, 2, 2)
        The first row along, away from the segment's start; the second to the front of a person who
        stands with the limb hanging down.
    """
    start, end = (image[:, Landmark[f"{side}_{name}"]] for name in FRAMES[joint])
    along = (end - start) / np.maximum(length(end - start), 1e-6)[:, None]
    # The trunk points up where the limbs hang down.
    turn = forward if FRAMES[joint] == FRAMES["shoulder"] else -forward
    front = np.stack([-along[:, 1], along[:, 0]], axis=1) * turn[:, None]
    return np.stack([along, front], axis=1)


@dataclass(frozen=True, eq=False)
class Models:
    """Where the two pose models differ, by column of the table of measures.

    Attributes
    ----------
    apart : dict of ndarray, shape (n_frames,)
        How far they are apart, in the measure's unit; NaN where only one looked.
    first, second : dict of ndarray, shape (n_frames,)
        What each reads where nothing but their difference hides the measure; NaN elsewhere.
    """

    apart: dict[str, Array]
    first: dict[str, Array]
    second: dict[str, Array]

    def frames(self, keep: np.ndarray | slice) -> Models:
        """The same of some frames.

        Parameters
        ----------
        keep : ndarray of bool or int, or slice

        Returns
        -------
        Models
        """
        arrays = (self.apart, self.first, self.second)
        return Models(*({name: v[keep] for name, v in own.items()} for own in arrays))


def seen_by(model: Body | None, measure: Measure, side: Side | None, where: np.ndarray) -> Array:
    """What one model alone reads in some frames, NaN elsewhere.

    Parameters
    ----------
    model : Body or None
        As one model has it.
    measure : Measure
    side : {"left", "right"} or None
    where : ndarray of bool, shape (n_frames,)

    Returns
    -------
    ndarray, shape (n_frames,)
    """
    if model is None or not where.any():
        return np.full(len(where), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(where, FORMULAS[measure.name](model, side), np.nan)
