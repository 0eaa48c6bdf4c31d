"""Which stretch is it? What `--stretch auto` goes by: the definitions themselves, nothing learned.

Only a stretch whose hold is found comes into question. Among those, a frame speaks for the one
whose drawn figure it is most like, and a little for the one whose bands are the narrower: how much
more likely its measures are there than anywhere. A new definition is known from its first day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from posecheck.assess.holds import find_performed
from posecheck.assess.interval import Performed
from posecheck.assess.statistics import frames_of
from posecheck.assess.stretch_measures import ConditionValues, StretchMeasures
from posecheck.core.geometry import Array, wrap
from posecheck.landmarks.series import SIDES, LandmarkSeries, Side, other_side
from posecheck.measures.bands import Ends, inside, passing_band
from posecheck.measures.catalogue import MEASURES
from posecheck.measures.measured import CleanedClip, compute_measures
from posecheck.stretches.definition import Stretch
from posecheck.stretches.drawing import figure_landmarks
from posecheck.stretches.schema import Condition, Of, Repeats

_OUTSIDE = 0.03  # how likely a measure is to lie outside of its hold's band, by error or by fault
_SOME = 0.25  # share of the frames that must lie in its holds
_CLEAR = {"video": 3.0, "camera": 3.0, "photo": 5.0}  # bits: one look says less
_AHEAD = {"video": 3.0, "camera": 3.0, "photo": 4.0}  # bits that the best must be ahead
_BANDS_COUNT = 0.25  # how much the bands say beside a figure
_UNLIKE = 0.1  # how likely a measure is to be nothing like the figure's
_LIKE_DEG = 35.0  # standard deviation of people, and of errors, around a figure
_SOME_REPS = 2
_ONLY_ONCE = 3.0  # bits that one rep, or a photo of a moment, says less of what is done by reps
_MOST = np.log2((1 - _UNLIKE) * 360 / (_LIKE_DEG * np.sqrt(2 * np.pi)) + _UNLIKE)
_ALIKE = 0.45  # share of the bits there can be, below which somebody is not at all like a figure
_UPRIGHT = ("standing", "seated")  # a sideways lean is against gravity
_FACES_UP = {"supine": 1, "prone": -1, "kneeling": -1, "all-fours": -1}
_OF_FIGURES = (
    *("trunk_inclination", "hip_flexion", "knee_flexion", "shoulder_flexion", "elbow_flexion"),
    *("arm_abduction", "thigh_abduction", "lateral_trunk_inclination", "trunk_rotation"),
)
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
        Share of the frames that lie in its holds.
    performed : tuple of Performed
        Its holds, on every side.
    """

    stretch: Stretch
    score: float
    share: float
    performed: tuple[Performed, ...] = ()


@dataclass(frozen=True)
class Recognition:
    """What `recognise` makes of a recording.

    Attributes
    ----------
    chosen : Candidate or None
        None where no stretch is clearly ahead of the others.
    candidates : tuple of Candidate
        The best first.
    """

    chosen: Candidate | None
    candidates: tuple[Candidate, ...]

    @property
    def stretch(self) -> Stretch | None:
        """The stretch that was recognised."""
        return self.chosen.stretch if self.chosen else None

    @property
    def words(self) -> str:
        """What was recognised, in a sentence."""
        if self.stretch is not None:
            return f"Recognised as {self.stretch.name}. Say --stretch to choose another."
        near = [c.stretch.id for c in self.candidates[:3] if c.share >= _SOME]
        nearest = f" It is nearest to {', '.join(near)}." if near else ""
        return f"Which stretch this is was not clear.{nearest} Say which one with --stretch."


def recognise(clip: CleanedClip, stretches: Iterable[Stretch]) -> Recognition:
    """Tell which stretch a recording shows.

    Parameters
    ----------
    clip : CleanedClip
    stretches : iterable of Stretch
        Those it may be.

    Returns
    -------
    Recognition
    """
    candidates = rank(clip, stretches)
    best, *others = candidates
    lead = best.score - (others[0].score if others else 0.0)
    kind = clip.series.source.kind
    clear = best.share >= _SOME and best.score >= _CLEAR[kind] and lead >= _AHEAD[kind]
    return Recognition(best if clear else None, tuple(candidates))


def rank(clip: CleanedClip, stretches: Iterable[Stretch]) -> list[Candidate]:
    """How much a recording speaks for each of some stretches, the best first.

    Parameters
    ----------
    clip : CleanedClip
    stretches : iterable of Stretch

    Returns
    -------
    list of Candidate
    """
    found = [
        _candidate(StretchMeasures(stretch, clip.seen_by(stretch.still_part)))
        for stretch in stretches
    ]
    return sorted(found, key=lambda candidate: -candidate.score)


def _candidate(readings: StretchMeasures) -> Candidate:
    """Only holds speak for a stretch; getting in and out speaks for none, but against none."""
    stretch, series = readings.stretch, readings.series
    bits = np.zeros(len(series))
    is_photo = series.source.kind == "photo"
    held = np.zeros(len(series), bool)
    performed = find_performed(readings, stretch.held_sides(None))
    for one in performed:
        frames = frames_of(one.holds)
        own = _bits_of(readings, one.side)[frames]
        if stretch.reps is not None and (
            _flows(stretch) if is_photo else _n_reps(one) < _SOME_REPS
        ):
            own = own - _ONLY_ONCE
        bits[frames] = np.maximum(bits[frames], own)
        held[frames] |= _repeated(stretch, one, series) & np.isfinite(own)
    seen = readings.track.view != "unknown"
    if not seen.any() or _wrong_way_up(readings, seen):
        return Candidate(stretch, 0.0, 0.0, tuple(performed))
    score, share = float((bits * held)[seen].mean()), float(held[seen].mean())
    return Candidate(stretch, score, share, tuple(performed))


def _wrong_way_up(readings: StretchMeasures, seen: np.ndarray) -> bool:
    """Seen from above, who lies on the back faces the camera, who lies on the front does not."""
    stretch = readings.stretch
    if "above" not in stretch.views or stretch.position not in _FACES_UP:
        return False
    faces = float(np.median(readings.track.facing[seen]))
    return faces * _FACES_UP[stretch.position] < 0


def _flows(stretch: Stretch) -> bool:
    return isinstance(stretch.reps, Repeats) and stretch.hold.still is None


def _repeated(stretch: Stretch, performed: Performed, series: LandmarkSeries) -> bool:
    """Whether a flow went to and fro: once may be getting in and out. A photo cannot show it."""
    if not _flows(stretch) or series.source.kind == "photo":
        return True
    return _n_reps(performed) >= _SOME_REPS


def _n_reps(performed: Performed) -> int:
    """Reps that are like each other: one long one and a scrap are no two reps."""
    seconds = np.array([rep.seconds for rep in performed.reps])
    return int((seconds >= 0.5 * seconds.max()).sum()) if len(seconds) else 0


def _bits_of(readings: StretchMeasures, held: Side | None) -> Array:
    """Bits that each frame speaks for the stretch on one side."""
    bands, figures = _bits_of_bands(readings, held), figure_values(readings.stretch)
    if not figures:
        return bands
    likeness = [_likeness(readings, held, figure) for figure in figures]
    return np.asarray(_BANDS_COUNT * bands + np.max(likeness, axis=0))


def _bits_of_bands(readings: StretchMeasures, held: Side | None) -> Array:
    """What the hold's bands say.

    Thigh inclination and hip flexion say the same of a knee twice: of the conditions that end at
    one joint, the one that says most counts.
    """
    stretch = readings.stretch
    by_joint: dict[tuple[str, Of], list[Array]] = {}
    for reading in readings.conditions(held):
        condition = reading.condition
        joint = (condition.what.points[-1], stretch.of(condition))
        by_joint.setdefault(joint, []).append(_bits(reading, _wished(stretch, condition)))
    return np.asarray(sum(np.max(bits, axis=0) for bits in by_joint.values()))


@cache
def figure_values(stretch: Stretch) -> list[dict[tuple[str, Side | None], float]]:
    """What is measured of each drawn figure of a stretch; its right side is the held one.

    Parameters
    ----------
    stretch : Stretch

    Returns
    -------
    list of dict
        One a figure: the value of each angle that tells it, by name and side.
    """
    found = []
    for figure in stretch.figures:
        table = compute_measures(figure_landmarks(stretch, figure), correct=False)
        found.append(
            {
                (name, side): float(table[MEASURES[name].column(side)].iloc[0])
                for name in _compared(stretch)
                for side in (SIDES if MEASURES[name].sided else (None,))
            }
        )
    return found


def _compared(stretch: Stretch) -> set[str]:
    """The angles that tell a figure: most stretches' own, and what a hold from no side reads."""
    named = set(_OF_FIGURES)
    if stretch.position not in _UPRIGHT:
        named.remove("lateral_trunk_inclination")
    return named | {
        condition.measure
        for condition in stretch.hold.conditions
        if condition.what.unit == "deg" and "side" not in condition.what.views
    }


def _likeness(
    readings: StretchMeasures, held: Side | None, figure: Mapping[tuple[str, Side | None], float]
) -> Array:
    """Bits by which each frame is more like a figure than like anything; -inf where it is not."""
    total, possible = np.zeros((2, len(readings.table)))
    held_is_left = (readings.track.near_side if held is None else np.array([held])) == "left"
    for (name, side), nominal in figure.items():
        column = MEASURES[name].column
        values = readings.table[column(side)].to_numpy()
        if side is not None:
            mirrored = readings.table[column(other_side(side))].to_numpy()
            values = np.where(held_is_left, mirrored, values)
        off = wrap(values - nominal, lowest=-180)
        peak = np.exp(-0.5 * (off / _LIKE_DEG) ** 2) / (_LIKE_DEG * np.sqrt(2 * np.pi))
        bits = np.log2((1 - _UNLIKE) * peak * 360 + _UNLIKE)
        total += np.where(np.isfinite(bits), bits, 0.0)
        possible += np.isfinite(bits) * _MOST
    return np.where(total >= _ALIKE * possible, total, -np.inf)


def _wished(stretch: Stretch, condition: Condition) -> Ends | None:
    """The band that a cue asks for of the same measure and side, wider by its tolerance."""
    for cue in stretch.cues:
        for check in cue.check:
            same = check.measure == condition.measure and stretch.of(check) == stretch.of(condition)
            if same and check.statistic in {"median", "worst"} and not check.during:
                return passing_band(check.target, check.tolerance)
    return None


def _bits(reading: ConditionValues, wished: Ends | None) -> Array:
    """How much likelier values are in the stretch than anywhere, in bits."""
    values, condition = reading.values, reading.condition
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
    return np.where(np.isfinite(values) & reading.asked, np.log2(likely * whole), 0.0)


def _clipped(band: Ends, lowest: float, highest: float) -> tuple[float, float]:
    low, high = band
    return (
        lowest if low is None else max(low, lowest),
        highest if high is None else min(high, highest),
    )
