"""Which stretch is it? What `--stretch auto` goes by: the definitions themselves, nothing learned.

Every definition says where the body is in its stretch: the bands of its hold, and inside them the
bands that its cues ask for. A frame speaks for a stretch by how much more likely its measures are
in those bands than anywhere; a narrow band that is met says more than a wide one. A new definition
is known from its first day.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from posecheck.camera import CameraFrames, compute_camera
from posecheck.clean import clean_landmarks
from posecheck.geometry import Array
from posecheck.intervals import inside
from posecheck.landmarks import SIDES, LandmarkSeries, Side
from posecheck.measures import compute_measures
from posecheck.reading import Readings
from posecheck.stretches.definition import Stretch
from posecheck.stretches.parts import Condition
from posecheck.values import Ends, passing_band

_OUTSIDE = 0.03  # how likely a measure is to lie outside of its hold's band, by error or by fault
_HIDDEN = 0.7  # weight of a required measure that is hidden, against one that lies anywhere
_SOME = 0.3  # share of the frames that must lie inside the hold's bands
_CLEAR = 3.0  # bits
_AHEAD = 1.0  # bits that the best must be ahead of the next
_RANGE = {"deg": (-180.0, 180.0), "torso": (0.0, 2.5)}


@dataclass(frozen=True)
class Candidate:
    """How much a recording speaks for a stretch.

    Attributes
    ----------
    stretch : Stretch
    score : float
        Mean over the frames, in bits: 1 is twice as likely as somebody in any position.
    share : float
        Share of the frames that lie inside the hold's bands.
    """

    stretch: Stretch
    score: float
    share: float


@dataclass(frozen=True)
class Recognition:
    """What `recognise` makes of a recording.

    Attributes
    ----------
    stretch : Stretch or None
        None where no stretch is clearly ahead of the others.
    candidates : tuple of Candidate
        The best first.
    """

    stretch: Stretch | None
    candidates: tuple[Candidate, ...]

    @property
    def words(self) -> str:
        """What was recognised, in a sentence."""
        if self.stretch is not None:
            return f"Recognised as {self.stretch.name}. Say --stretch to choose another."
        near = [c.stretch.id for c in self.candidates[:3] if c.share >= _SOME]
        nearest = f" It is nearest to {', '.join(near)}." if near else ""
        return f"Which stretch this is was not clear.{nearest} Say which one with --stretch."


def recognise(series: LandmarkSeries, stretches: Iterable[Stretch]) -> Recognition:
    """Tell which stretch a recording shows.

    Parameters
    ----------
    series : LandmarkSeries
        As the model gave it.
    stretches : iterable of Stretch
        Those it may be.
    """
    camera = compute_camera(series)
    measures = compute_measures(clean_landmarks(series), camera=camera)
    candidates = rank(measures, camera, stretches)
    best, *others = candidates
    lead = best.score - (others[0].score if others else 0.0)
    clear = best.share >= _SOME and best.score >= _CLEAR and lead >= _AHEAD
    return Recognition(best.stretch if clear else None, tuple(candidates))


def rank(
    measures: pd.DataFrame, camera: CameraFrames, stretches: Iterable[Stretch]
) -> list[Candidate]:
    """How much a recording speaks for each of some stretches, the best first.

    Parameters
    ----------
    measures : DataFrame
        From `compute_measures`.
    camera : CameraFrames
    stretches : iterable of Stretch
    """
    found = [_candidate(Readings(stretch, measures, camera)) for stretch in stretches]
    return sorted(found, key=lambda candidate: -candidate.score)


def _candidate(readings: Readings) -> Candidate:
    stretch = readings.stretch
    sides: tuple[Side | None, ...] = SIDES if stretch.sides == "each" else (None,)
    seen = readings.camera.view != "unknown"
    if not seen.any():
        return Candidate(stretch, 0.0, 0.0)
    bits, within = zip(*(_evidence(readings, side) for side in sides), strict=True)
    return Candidate(
        stretch,
        float(np.max(bits, axis=0)[seen].mean()),
        float(np.max(within, axis=0)[seen].mean()),
    )


def _evidence(readings: Readings, held: Side | None) -> tuple[Array, np.ndarray]:
    """Bits that each frame speaks for the stretch, and whether it lies inside the hold's bands."""
    right_view = np.isin(readings.camera.view, readings.stretch.frame_views)
    total = np.zeros(len(right_view))
    within = right_view.copy()
    for condition in readings.stretch.hold.conditions:
        values = readings.values(condition, held)
        total += _bits(values, condition, _wished(readings.stretch, condition))
        within &= inside(values, condition.leave) | (~np.isfinite(values) & condition.if_seen)
    # Getting into a stretch and out of it speaks for none, but against none either.
    return np.where(right_view, np.maximum(total, 0.0), 0.0), within


def _wished(stretch: Stretch, condition: Condition) -> Ends | None:
    """The band that a cue asks for of the same measure and side, wider by its tolerance."""
    for cue in stretch.cues:
        for check in cue.check:
            same = check.measure == condition.measure and stretch.of(check) == stretch.of(condition)
            if same and check.statistic in {"median", "worst"} and not check.during:
                return passing_band(check.target, check.tolerance)
    return None


def _bits(values: Array, condition: Condition, wished: Ends | None) -> Array:
    """How much likelier values are in the stretch than anywhere, in bits."""
    lowest, highest = _RANGE[condition.what.unit]
    if condition.what.possible:
        lowest, highest = condition.what.possible
    whole = highest - lowest
    band = _clipped(condition.enter, lowest, highest)
    wide = inside(values, condition.leave) * (1 - _OUTSIDE) / max(band[1] - band[0], 1e-3)
    if wished is not None:
        narrow = _clipped(wished, *band)
        if narrow[1] > narrow[0]:
            wide = 0.5 * wide + 0.5 * inside(values, narrow) / (narrow[1] - narrow[0])
    likely = wide + _OUTSIDE / whole
    hidden = 0.0 if condition.if_seen else np.log2(_HIDDEN)
    return np.where(np.isfinite(values), np.log2(likely * whole), hidden)


def _clipped(band: Ends, lowest: float, highest: float) -> tuple[float, float]:
    low, high = band
    return (
        lowest if low is None else max(low, lowest),
        highest if high is None else min(high, highest),
    )
