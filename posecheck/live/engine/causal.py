"""Cleaning without a look ahead: hide, repair, fill and smooth one frame after the other.

The same rules as `posecheck.measures.clean`, as far as the past alone can tell: gaps are filled by
what was last seen instead of by a line to what comes, and One-Euro takes the place of the filter
that runs both ways.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

import numpy as np

from posecheck.core.geometry import Array, length, midpoint
from posecheck.landmarks.series import Landmark
from posecheck.live.engine.smoothing import OneEuro
from posecheck.measures.clean import MAX_GAP_S, hide_impossible_limbs, is_hidden, repair_swaps
from posecheck.pose.detector import Sighting

# At rest a landmark trembles by 1-2 % of the torso; a slow bend moves it by half a torso a second.
_MIN_CUTOFF_HZ = 2.5
_BETA = 6.0  # Hz for every torso length a second
_STUBBORN_S = 1.0  # sides that the model has changed for so long have changed
_LIMBS_S, _LIMBS_EVERY_S = 4.0, 0.25  # over which a limb's usual length is taken, and how often
_FORGETS = 0.995  # of the longest torso so far, from frame to frame
_LOOKS = 5  # of the second looks, whose median is the spread


@dataclass
class _Limbs:
    """What is needed to tell limbs that changed places: where they were last, and since when."""

    points: Array
    seen_s: Array
    swapped_since_s: float | None = None


class CausalCleaner:
    """Cleans one sighting after the other.

    Parameters
    ----------
    width, height : int
        The picture's size in the sightings' pixels.
    """

    def __init__(self, width: int, height: int) -> None:
        self._size = np.array([width, height])
        self._spreads: deque[Array] = deque(maxlen=_LOOKS)
        self._start(shot=0)

    def _start(self, shot: int) -> None:
        self._shot = shot
        self._image = OneEuro(min_cutoff_hz=_MIN_CUTOFF_HZ, beta=_BETA)
        self._world = OneEuro(min_cutoff_hz=_MIN_CUTOFF_HZ, beta=_BETA)
        self._outline = OneEuro(min_cutoff_hz=_MIN_CUTOFF_HZ, beta=_BETA)
        self._limbs: _Limbs | None = None
        self._recent: deque[tuple[float, Array]] = deque()
        self._impossible = np.zeros(0, bool)
        self._torso_px = np.nan
        self._spreads.clear()

    def add(self, sighting: Sighting) -> Sighting:
        """Return the sighting as it can be believed."""
        if sighting.shot != self._shot:
            self._start(sighting.shot)
        t_s = sighting.t_s
        points = np.concatenate([sighting.image, sighting.world], axis=1).astype(float)
        points[is_hidden(sighting.image, sighting.visibility, self._size)] = np.nan
        points = self._repaired(points, t_s)
        points = self._possible(points, t_s)
        unit = self._torso_length(points)
        return replace(
            sighting,
            image=self._image(t_s, points[:, :2], unit),
            world=self._world(t_s, points[:, 2:], 0.5),
            outline=self._smooth_outline(sighting, unit),
            spread=self._usual_spread(sighting),
        )

    def _repaired(self, points: Array, t_s: float) -> Array:
        """Left and right exchanged back, and short gaps filled by what was last seen."""
        if self._limbs is None:
            self._limbs = _Limbs(points.copy(), np.full(len(points), t_s, float))
            return points
        limbs = self._limbs
        two = np.stack([limbs.points, points])
        repair_swaps(two, np.array([np.nanmax(limbs.seen_s), t_s]))
        repaired = two[1]
        if np.array_equal(repaired, points, equal_nan=True):
            limbs.swapped_since_s = None
        elif limbs.swapped_since_s is None:
            limbs.swapped_since_s = t_s
        elif t_s - limbs.swapped_since_s > _STUBBORN_S:
            repaired, limbs.swapped_since_s = points, None
        seen = np.isfinite(repaired).all(axis=1)
        limbs.points[seen], limbs.seen_s[seen] = repaired[seen], t_s
        forgotten = t_s - limbs.seen_s > MAX_GAP_S
        limbs.points[forgotten] = np.nan
        return limbs.points.copy()

    def _possible(self, points: Array, t_s: float) -> Array:
        """Without the far ends of limbs whose length jumped, as it was when last asked."""
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
        # Bent, it is shorter on the screen: what was the longest lately counts.
        if np.isfinite(torso):
            self._torso_px = float(np.fmax(torso, _FORGETS * self._torso_px))
        known = np.isfinite(self._torso_px)
        return self._torso_px if known else float(self._size.max()) / 4

    def _smooth_outline(self, sighting: Sighting, unit: float) -> Array | None:
        if sighting.outline is None:
            return None
        flat = sighting.outline.astype(float).reshape(-1, 1)
        return self._outline(sighting.t_s, flat, unit).reshape(sighting.outline.shape)

    def _usual_spread(self, sighting: Sighting) -> Array | None:
        """The median of the last looks; NaN while nothing was looked at twice."""
        if sighting.spread is None:
            return None
        if np.isfinite(sighting.spread).any():
            self._spreads.append(sighting.spread)
        return np.median(self._spreads, axis=0) if self._spreads else sighting.spread
