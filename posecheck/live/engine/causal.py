"""Cleaning that never looks ahead: hide, repair, fill and smooth one frame after the other.

The rules are those of `posecheck.measures.clean`, as far as the past alone can tell: a gap is
filled with what was seen last instead of a line to what comes next, and the One-Euro filter takes
the place of the filter that runs both ways.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

import numpy as np

from posecheck.core.geometry import Array, length, midpoint, nan_median
from posecheck.landmarks.series import Landmark
from posecheck.measures.clean import (
    MAX_GAP_S,
    N_LOOKS,
    WITH_TIPS,
    hide_impossible_limbs,
    is_hidden,
    line_up,
    repair_swaps,
)
from posecheck.pose.sighting import Sighting

# At rest a landmark trembles by 1-2 % of the torso; a slow bend moves it by half a torso a second.
_MIN_CUTOFF_HZ = 2.5
_BETA = 6.0  # Hz for every torso length a second
_SWAPPED_S = 1.0  # sides that the model has exchanged for so long are believed
_LIMBS_S, _LIMBS_EVERY_S = 4.0, 0.25  # over which a limb's usual length is taken, and how often
_TORSO_DECAY = 0.995  # of the longest torso so far, from frame to frame
_N_SPREADS = 5  # spreads of the augmented detections, whose median counts


class OneEuro:
    """The One-Euro filter: steady when the body rests, quick when it moves, and hardly late.

    Casiez, Roussel and Vogel, "1 € filter: a simple speed-based low-pass filter for noisy input
    in interactive systems", CHI 2012.

    Parameters
    ----------
    min_cutoff_hz : float
        Cut-off of the low-pass at rest: lower is steadier.
    beta : float
        By how many Hz the cut-off rises with every unit of speed: higher is quicker.
    speed_cutoff_hz : float
        Cut-off with which the speed itself is smoothed.
    """

    def __init__(self, *, min_cutoff_hz: float, beta: float, speed_cutoff_hz: float = 1.0) -> None:
        self._min_cutoff_hz = min_cutoff_hz
        self._beta = beta
        self._speed_cutoff_hz = speed_cutoff_hz
        self._t_s = -np.inf
        self._values: Array | None = None
        self._velocity: Array | None = None

    def __call__(self, t_s: float, values: Array, unit: float = 1.0) -> Array:
        """Smooth the next values.

        Parameters
        ----------
        t_s : float
            Later than the time before, seconds.
        values : ndarray, shape (n_points, n_space)
            A point that is NaN stays NaN, and the filter starts anew when it is seen again.
        unit : float
            Length that counts as 1 for the speed, in the unit of `values`.

        Returns
        -------
        ndarray, shape (n_points, n_space)
        """
        if self._values is None or self._velocity is None:
            smooth, velocity = values, np.zeros_like(values)
        else:
            step = t_s - self._t_s
            known = np.isfinite(self._values)
            before = np.where(known, self._values, values)
            velocity = (values - before) / step
            weight = _weight(self._speed_cutoff_hz, step)
            velocity = self._velocity + weight * (velocity - self._velocity)
            velocity = np.where(known & np.isfinite(velocity), velocity, 0.0)
            speed = np.linalg.norm(velocity, axis=-1, keepdims=True) / unit
            smooth = before + _weight(self._min_cutoff_hz + self._beta * speed, step) * (
                values - before
            )
        self._t_s, self._values, self._velocity = t_s, smooth, velocity
        return smooth


def _weight(cutoff_hz: float | Array, step: float) -> float | Array:
    """Share of the way to a new value that a first-order low-pass goes in one step."""
    return 1 / (1 + 1 / (2 * np.pi * cutoff_hz * step))


@dataclass
class _LastSeen:
    """Where each landmark was seen last, and since when left and right have been exchanged."""

    points: Array
    seen_s: Array
    swapped_since_s: float | None = None


class CausalCleaner:
    """Cleans one sighting after the other, without knowing the next.

    Parameters
    ----------
    width, height : int
        Size of the picture, in the pixels of the sightings.
    """

    def __init__(self, width: int, height: int) -> None:
        self._size = np.array([width, height])
        self._spreads: deque[Array] = deque(maxlen=_N_SPREADS)
        self._apart: deque[Array] = deque(maxlen=N_LOOKS)
        self._start(shot=0)

    def _start(self, shot: int) -> None:
        self._shot = shot
        self._image = OneEuro(min_cutoff_hz=_MIN_CUTOFF_HZ, beta=_BETA)
        self._world = OneEuro(min_cutoff_hz=_MIN_CUTOFF_HZ, beta=_BETA)
        self._outline = OneEuro(min_cutoff_hz=_MIN_CUTOFF_HZ, beta=_BETA)
        self._last_seen: _LastSeen | None = None
        self._recent: deque[tuple[float, Array]] = deque()
        self._impossible = np.zeros(0, bool)
        self._torso_px = np.nan
        self._spreads.clear()
        self._apart.clear()

    def add(self, sighting: Sighting) -> Sighting:
        """Clean the next sighting.

        Parameters
        ----------
        sighting : Sighting
            As the model gave it.

        Returns
        -------
        Sighting
            Smoothed, with NaN where a landmark cannot be believed.
        """
        if sighting.shot != self._shot:
            self._start(sighting.shot)
        t_s = sighting.t_s
        points = np.concatenate([sighting.image, sighting.world], axis=1).astype(float)
        points[is_hidden(sighting.image, sighting.visibility, self._size)] = np.nan
        points = self._repair(points, t_s)
        points = self._hide_impossible(points, t_s)
        unit = self._torso_length(points)
        image = self._image(t_s, points[:, :2], unit)
        if sighting.second is not None and np.isfinite(sighting.second).any():
            self.compare(sighting.second, image)
        return replace(
            sighting,
            image=image,
            world=self._world(t_s, points[:, 2:], 0.5),
            outline=self._smooth_outline(sighting, unit),
            spread=self._median_spread(sighting),
            second=image + nan_median(np.array(self._apart)) if self._apart else None,
        )

    def compare(self, second: Array, image: Array) -> None:
        """Take a look of the second model; it counts from the next frame on.

        Parameters
        ----------
        second : ndarray, shape (33, 2)
            Pixels where the second model found the landmarks in some frame.
        image : ndarray, shape (33, 2)
            Where they are in that frame, cleaned.
        """
        self._apart.append((line_up(second[None], image[None])[0] - image)[WITH_TIPS])

    def _repair(self, points: Array, t_s: float) -> Array:
        """Exchange left and right back, and fill short gaps with what was seen last."""
        if self._last_seen is None:
            self._last_seen = _LastSeen(points.copy(), np.full(len(points), t_s, float))
            return points
        last = self._last_seen
        two = np.stack([last.points, points])
        repair_swaps(two, np.array([np.nanmax(last.seen_s), t_s]))
        repaired = two[1]
        if np.array_equal(repaired, points, equal_nan=True):
            last.swapped_since_s = None
        elif last.swapped_since_s is None:
            last.swapped_since_s = t_s
        elif t_s - last.swapped_since_s > _SWAPPED_S:
            repaired, last.swapped_since_s = points, None
        seen = np.isfinite(repaired).all(axis=1)
        last.points[seen], last.seen_s[seen] = repaired[seen], t_s
        forgotten = t_s - last.seen_s > MAX_GAP_S
        last.points[forgotten] = np.nan
        return last.points.copy()

    def _hide_impossible(self, points: Array, t_s: float) -> Array:
        """Hide the far ends of limbs whose length jumped, found every `_LIMBS_EVERY_S` seconds."""
        if self._recent and t_s - self._recent[-1][0] < _LIMBS_EVERY_S:
            return np.where(self._impossible, np.nan, points)
        rows = np.stack([*(row for _, row in self._recent), points])
        hide_impossible_limbs(rows, np.array([*(time for time, _ in self._recent), t_s]))
        self._recent.append((t_s, points))
        while t_s - self._recent[0][0] > _LIMBS_S:
            self._recent.popleft()
        self._impossible = np.isnan(rows[-1]) & np.isfinite(points)
        return rows[-1]

    def _torso_length(self, points: Array) -> float:
        shoulder = midpoint(points[Landmark.left_shoulder], points[Landmark.right_shoulder])
        hip = midpoint(points[Landmark.left_hip], points[Landmark.right_hip])
        torso = float(length((shoulder - hip)[:2]))
        # Bent, it is shorter on the screen: what was the longest recent counts.
        if np.isfinite(torso):
            self._torso_px = float(np.fmax(torso, _TORSO_DECAY * self._torso_px))
        known = np.isfinite(self._torso_px)
        return self._torso_px if known else float(self._size.max()) / 4

    def _smooth_outline(self, sighting: Sighting, unit: float) -> Array | None:
        if sighting.outline is None:
            return None
        flat = sighting.outline.astype(float).reshape(-1, 1)
        return self._outline(sighting.t_s, flat, unit).reshape(sighting.outline.shape)

    def _median_spread(self, sighting: Sighting) -> Array | None:
        """The median of the last spreads; NaN while no frame was detected twice."""
        if sighting.spread is None:
            return None
        if np.isfinite(sighting.spread).any():
            self._spreads.append(sighting.spread)
        return np.median(self._spreads, axis=0) if self._spreads else sighting.spread
