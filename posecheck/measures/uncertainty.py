"""How far off a reading may be: half of the interval that holds the truth nine times in ten.

One standard error for a measure would be too wide for a clear view and too narrow for a poor one.
So the half-width is a product: what the measure is usually off by, times a factor each for the
position of the body, how far the two pose models are apart, how far the camera is off the side,
how small the body is in the picture, and whether the far limb is read. The factors are those of a
quantile of the errors on bodies that nothing else is published of (benchmarks/uncertainty.py);
docs/accuracy.md says how many truths the intervals hold on others, and on people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

_NORMAL = 1.645  # standard errors to either side hold nine in ten
_USUAL_PX = 100.0  # torso length that changes nothing
_SQUARE_DEG = 10.0  # a camera so far off the side is as good as square to it
_USUAL_APART = {"deg": 5.0, "torso": 0.05}


class Measure(Protocol):
    """What must be known of a measure; the catalogue's have it."""

    @property
    def name(self) -> str:
        """Without the side."""
        ...

    @property
    def unit(self) -> str:
        """`deg` or `torso`."""
        ...

    @property
    def sem(self) -> float:
        """Standard error of measurement, in the unit."""
        ...


@dataclass(frozen=True)
class Circumstances:
    """How a reading was had.

    Attributes
    ----------
    position : str or None
        Of the body, as a definition names it.
    yaw_deg : float
        How far the camera is off the side; NaN where it is not seen from the side.
    apart : float
        How far the two pose models are apart, in the measure's unit; NaN where only one looked.
    torso_px : float
        Length of the torso in pixels.
    is_far : bool
        Whether the limb is that of the far side.
    """

    position: str | None
    yaw_deg: float = 0.0
    apart: float = float("nan")
    torso_px: float = _USUAL_PX
    is_far: bool = False


@dataclass(frozen=True)
class Uncertainty:
    """The factors of the half-width, as logarithms.

    Attributes
    ----------
    usual : mapping of measure to float
        Half-width in the measure's unit, near side, camera square, the models usually far apart.
    positions : mapping of str to float
        Of each position of the body.
    apart, yaw, small, far, one_model : float
        For each doubling of how far the models are apart beyond nothing, for 10 degrees of yaw, for
        each halving of the body's size, for the far side, and where only one model looked.
    """

    usual: Mapping[str, float] = field(default_factory=dict)
    positions: Mapping[str, float] = field(default_factory=dict)
    apart: float = 0.0
    yaw: float = 0.0
    small: float = 0.0
    far: float = 0.0
    one_model: float = 0.0

    def half_width(self, measure: Measure, at: Circumstances) -> float:
        """Half of the 90 % interval of a reading.

        Parameters
        ----------
        measure : Measure
        at : Circumstances

        Returns
        -------
        float
            In the measure's unit; of a measure that no width was learned of, from its standard
            error, as if errors were normal.
        """
        usual = self.usual.get(measure.name, _NORMAL * measure.sem)
        weights = [self.apart, self.yaw, self.small, self.far, self.one_model]
        log = float(np.dot(weights, features(measure.unit, at)))
        # Nobody knows about a position that was not measured: it is taken for the worst.
        log += self.positions.get(at.position or "", max(self.positions.values(), default=0.0))
        return float(usual * np.exp(log))

    def growth(self, measure: Measure, at: Circumstances) -> float:
        """By how much the half-width is larger than in good circumstances.

        Parameters
        ----------
        measure : Measure
        at : Circumstances

        Returns
        -------
        float
            In the measure's unit; good is from the near side, the camera at most 10 degrees off,
            the models as far apart as they usually are, where two looked.
        """
        two = np.isfinite(at.apart)
        usual = Circumstances(
            at.position,
            yaw_deg=min(at.yaw_deg, _SQUARE_DEG),
            apart=_USUAL_APART[measure.unit] if two else float("nan"),
            torso_px=at.torso_px,
        )
        return max(0.0, self.half_width(measure, at) - self.half_width(measure, usual))


def features(unit: str, at: Circumstances) -> list[float]:
    """What the factors are raised to: models apart, yaw, smallness, far side, one model.

    Parameters
    ----------
    unit : {"deg", "torso"}
    at : Circumstances

    Returns
    -------
    list of float
    """
    alone = not np.isfinite(at.apart)
    apart = 0.0 if alone else np.log2(1 + at.apart / _USUAL_APART[unit])
    yaw = at.yaw_deg / 10 if np.isfinite(at.yaw_deg) else 0.0
    small = np.log2(_USUAL_PX / at.torso_px) if np.isfinite(at.torso_px) else 0.0
    return [float(apart), float(yaw), float(small), float(at.is_far), float(alone)]
