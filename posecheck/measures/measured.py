"""A clip made ready to be judged: cleaned, its camera view told, its measures in a table.

All angles are read in the image plane, where a side view is accurate, not from the world landmarks,
whose angles are 5 to 40 degrees off for lying and kneeling bodies. Angles are zero-neutral. What
cannot be believed is NaN in the table, and `Measured.why_hidden` says why.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from posecheck.core.geometry import Array, nan_median
from posecheck.landmarks.series import SIDES, Landmark, LandmarkSeries, Side, other_side
from posecheck.measures.body import Body, Torso
from posecheck.measures.calibration import load_calibration
from posecheck.measures.camera_view import Part, ViewTrack, compute_view_track
from posecheck.measures.catalogue import MEASURES, Measure
from posecheck.measures.clean import clean_landmarks
from posecheck.measures.correction import Eyes, Models, seen_by
from posecheck.measures.formulas import FORMULAS
from posecheck.measures.hidden import (
    Cause,
    Causes,
    Hidden,
    landmark_causes,
    limb_in_front,
    shares_of,
)
from posecheck.measures.reliability import (
    MAX_APART,
    SegmentLengths,
    is_unreliable,
    why_unreliable,
)


@dataclass(frozen=True, eq=False)
class Measured:
    """A cleaned clip, how the camera looks at the body, and its measures.

    Attributes
    ----------
    series, cleaned : LandmarkSeries
        As the model gave it, and as it can be believed.
    track : ViewTrack
    table : DataFrame
        Indexed by `t_s`; one column a measure and side, degrees or torso lengths. NaN where
        something was hidden, cannot be told, or the view does not show it. `attrs` holds
        `torso_from_leg`.
    torso_px : ndarray, shape (n_frames,)
        Torso length L in pixels.
    corrected : bool
        Whether the joints were moved by what was learned about their errors.
    models : Models, optional
        Where the two pose models differ.
    """

    series: LandmarkSeries
    cleaned: LandmarkSeries
    track: ViewTrack
    table: pd.DataFrame
    torso_px: Array
    corrected: bool = True
    models: Models | None = None

    def frames(self, keep: np.ndarray | slice) -> Measured:
        """The same of the frames that `keep` (bool, indices or a slice) selects.

        Parameters
        ----------
        keep : ndarray of bool or int, or slice
            Which frames.

        Returns
        -------
        Measured
        """
        return Measured(
            self.series.frames(keep),
            self.cleaned.frames(keep),
            self.track.frames(keep),
            self.table.iloc[keep],
            self.torso_px[keep],
            self.corrected,
            None if self.models is None else self.models.frames(keep),
        )

    def apart_in(self, measure: Measure, side: Side | None, frames: np.ndarray) -> float:
        """How far the two pose models are apart on a measure in some frames: their median.

        Parameters
        ----------
        measure : Measure
        side : {"left", "right"} or None
        frames : ndarray of int

        Returns
        -------
        float
            In the measure's unit; NaN where only one looked.
        """
        column = measure.column(side)
        if self.models is None or column not in self.models.apart:
            return float("nan")
        return float(nan_median(self.models.apart[column][frames]))

    def position(self, column: str) -> Array:
        """A measure to tell the position of the body by, which is asked in wide bands.

        Where the two pose models differ too much for a cue to be judged, the first one tells it.

        Parameters
        ----------
        column : str
            Of the table.

        Returns
        -------
        ndarray, shape (n_frames,)
        """
        return self.by_model(column, "first")

    def by_model(self, column: str, model: Literal["first", "second"]) -> Array:
        """A measure as one of the pose models has it where both differ too much, else as shown.

        Parameters
        ----------
        column : str
            Of the table.
        model : {"first", "second"}

        Returns
        -------
        ndarray, shape (n_frames,)
        """
        values = self.table[column].to_numpy()
        if self.models is None:
            return values
        return np.where(np.isnan(values), getattr(self.models, model)[column], values)

    def why_hidden(self, measure: Measure, side: Side | None, frames: np.ndarray) -> Hidden:
        """What hid a measure in some frames.

        Parameters
        ----------
        measure : Measure
        side : {"left", "right"} or None
            None for a measure without sides.
        frames : ndarray of int
            Rows of the table in which the value is missing.

        Returns
        -------
        Hidden
            Its shares are of these frames.
        """
        part = self.frames(frames)
        causes = part._causes(measure, side)
        shares = shares_of(causes)
        main = next(iter(shares), None)
        if main not in {Cause.out_of_picture, Cause.low_visibility, Cause.jump}:
            return Hidden(shares)
        here = part.frames(causes == main)
        joint = _most_hidden(here, measure, side, main)
        behind = None
        if joint is not None and main is Cause.low_visibility:
            behind = limb_in_front(here.series, joint)
        return Hidden(shares, joint, behind)

    def _causes(self, measure: Measure, side: Side | None) -> Causes:
        """Why a value is hidden in each of these frames, in all of which it is."""
        causes = np.zeros(len(self.series), np.uint8)

        def put(cause: int | np.ndarray, where: np.ndarray) -> None:
            free = where & (causes == Cause.seen)
            causes[free] = np.broadcast_to(cause, causes.shape)[free]

        put(Cause.nobody, ~self.series.seen)
        put(Cause.wrong_view, ~np.isin(self.track.view, measure.views))
        marks = landmark_causes(self.series, self.cleaned)
        values = self._values(measure, side)
        # A landmark that the formula did without, as the other side's, is not at fault.
        for mark in _needed_landmarks(measure, side):
            put(marks[:, mark], (marks[:, mark] > 0) & ~np.isfinite(values))
        if measure.outline:
            put(Cause.no_outline, _without_outline(self.cleaned))
        for cause, where in self._unreliable(measure, side):
            put(cause, where)
        put(Cause.impossible, _is_impossible(measure, values))
        if measure.remembers:
            put(Cause.needs_time, np.ones(len(causes), bool))
        put(Cause.undetermined, np.ones(len(causes), bool))
        return causes

    def _unreliable(
        self, measure: Measure, side: Side | None
    ) -> Iterable[tuple[Cause, np.ndarray]]:
        calibration, near = load_calibration(), self.track.near_side
        apart = None if self.models is None else self.models.apart[measure.column(side)]
        for own in SIDES if side is None else (side,):
            counts = near == own if side is None else np.ones(len(near), bool)
            for cause, where in why_unreliable(
                measure, own, self.cleaned, self.track, calibration, apart=apart
            ):
                yield cause, where & counts

    def _values(self, measure: Measure, side: Side | None) -> Array:
        """What the formula gives, whether it can be believed or not."""
        eyes = _eyes(self.cleaned, self.track, self.torso_px, self.corrected)
        with np.errstate(divide="ignore", invalid="ignore"):
            return FORMULAS[measure.name](eyes.both, side)


@dataclass(frozen=True, eq=False)
class CleanedClip:
    """A clip that is cleaned once, and measured once for each part of the trunk it is seen by.

    Attributes
    ----------
    series, cleaned : LandmarkSeries
    corrected : bool
    """

    series: LandmarkSeries
    cleaned: LandmarkSeries
    corrected: bool = True
    _measured: dict[Part, Measured] = field(default_factory=dict)

    @classmethod
    def of(cls, series: LandmarkSeries, *, correct: bool = True) -> CleanedClip:
        """Clean a series as the model gave it; a cleaned one stays as it is.

        Parameters
        ----------
        series : LandmarkSeries
        correct : bool
            Whether to correct the joints.

        Returns
        -------
        CleanedClip
        """
        return cls(series, clean_landmarks(series), correct)

    def seen_by(self, part: Part) -> Measured:
        """The clip measured with the camera view that one part of the trunk shows.

        Parameters
        ----------
        part : {"trunk", "chest", "pelvis"}

        Returns
        -------
        Measured
        """
        if part not in self._measured:
            self._measured[part] = measure(
                self.series,
                self.cleaned,
                track=compute_view_track(self.series, part),
                correct=self.corrected,
            )
        return self._measured[part]


def compute_measures(
    series: LandmarkSeries, *, track: ViewTrack | None = None, correct: bool = True
) -> pd.DataFrame:
    """Compute every measure for every frame.

    Parameters
    ----------
    series : LandmarkSeries
        Cleaned first if it is not yet.
    track : ViewTrack, optional
        From the raw series; computed from `series` when it is not given.
    correct : bool
        Move the joints by what was learned about their errors (`measures.correction`); False reads
        the landmarks as they are.

    Returns
    -------
    DataFrame
        Indexed by `t_s`; one column a measure and side, degrees or torso lengths. NaN where
        something was hidden, cannot be told, or the view does not show it. `attrs` holds
        `torso_from_leg`.
    """
    track = track or compute_view_track(series)
    return measure(series, clean_landmarks(series), track=track, correct=correct).table


def measure(
    series: LandmarkSeries,
    cleaned: LandmarkSeries,
    *,
    track: ViewTrack,
    correct: bool = True,
    only: Collection[str] | None = None,
    torso: Torso | None = None,
) -> Measured:
    """Measure a cleaned clip.

    Parameters
    ----------
    series, cleaned : LandmarkSeries
        As the model gave it, and cleaned.
    track : ViewTrack
    correct : bool
        As for `compute_measures`.
    only : collection of str, optional
        Names of the measures to compute, where time is short; every measure by default.
    torso : Torso, optional
        Where more of the body is known than this series shows.

    Returns
    -------
    Measured
    """
    calibration = load_calibration()
    # The proportions that a torso is guessed by are those of the landmarks as the model gives them.
    unmoved = Body.of(cleaned, track, torso)
    eyes = _eyes(cleaned, track, unmoved.torso_px, correct)
    lengths = {side: SegmentLengths.of(cleaned, side) for side in SIDES}
    asked = list(MEASURES.values() if only is None else map(MEASURES.__getitem__, only))
    columns = [(what, side) for what in asked for side in (SIDES if what.sided else (None,))]
    # The tables' own memory: half an hour has 40 MB.
    rows = np.empty((len(columns), len(series)))
    apart, first, second = np.empty((3, len(columns), len(series)), np.float32)
    for k, (what, side) in enumerate(columns):
        with np.errstate(divide="ignore", invalid="ignore"):  # a line without length
            values = FORMULAS[what.name](eyes.both, side)
            apart[k] = eyes.apart(what, side)
            differ = apart[k] > MAX_APART[what.unit]
        unreliable = {
            own: is_unreliable(what, own, cleaned, track, calibration, lengths[own])
            for own in (SIDES if side is None else (side,))
        }
        hidden = _of_near_side(track, unreliable) if side is None else unreliable[side]
        hidden = hidden | ~np.isin(track.view, what.views) | _is_impossible(what, values)
        rows[k] = np.where(hidden | differ, np.nan, values)
        first[k], second[k] = (
            seen_by(model, what, side, differ & ~hidden) for model in (eyes.first, eyes.second)
        )
    index = pd.Index(series.t_s, name="t_s")
    names = [what.column(side) for what, side in columns]
    table = pd.DataFrame(rows.T, index=index, columns=names, copy=False)
    table.attrs["torso_from_leg"] = unmoved.torso_from_leg
    models = Models(*(dict(zip(names, own, strict=True)) for own in (apart, first, second)))
    return Measured(series, cleaned, track, table, unmoved.torso_px, correct, models)


def _eyes(cleaned: LandmarkSeries, track: ViewTrack, torso_px: Array, correct: bool) -> Eyes:
    return Eyes.of(cleaned, track, torso_px, load_calibration().offsets if correct else None)


def _of_near_side(track: ViewTrack, unreliable: dict[Side, np.ndarray]) -> np.ndarray:
    return np.where(track.near_side == "left", unreliable["left"], unreliable["right"])


def _is_impossible(measure: Measure, values: Array) -> np.ndarray:
    if not measure.possible:
        return np.zeros(len(values), bool)
    low, high = measure.possible
    with np.errstate(invalid="ignore"):
        return np.asarray((values < low) | (values > high))


def _without_outline(series: LandmarkSeries) -> np.ndarray:
    if series.outline is None:
        return np.ones(len(series), bool)
    return np.asarray(~np.isfinite(series.outline).all(axis=(1, 2)))


def _needed_landmarks(measure: Measure, side: Side | None) -> list[Landmark]:
    """The landmarks that a value is read from: its own side's first, then the other side's.

    Some formulas take the near side's trunk, or the middle of two joints.
    """
    sides = SIDES if side is None else (side, other_side(side))
    named = [
        [f"{own}_{point}" if f"{own}_{point}" in Landmark.__members__ else point for own in sides]
        for point in measure.points
    ]
    names = [name for by_side in zip(*named, strict=True) for name in by_side]
    return [Landmark[name] for name in dict.fromkeys(names) if name in Landmark.__members__]


def _most_hidden(
    measured: Measured, measure: Measure, side: Side | None, cause: Cause
) -> Landmark | None:
    """The landmark of a measure that is hidden most often by one cause."""
    marks = landmark_causes(measured.series, measured.cleaned)
    needed = _needed_landmarks(measure, side)
    counts = [int((marks[:, mark] == cause).sum()) for mark in needed]
    return needed[int(np.argmax(counts))] if max(counts, default=0) else None
