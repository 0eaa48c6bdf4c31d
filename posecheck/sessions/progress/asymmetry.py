"""Left against right, with the noise of their difference."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

import numpy as np

from posecheck.sessions.progress.change import N_BASELINE
from posecheck.sessions.progress.series import SeriesProgress


@dataclass(frozen=True, eq=False)
class Asymmetry:
    """Left minus right of one measure, each side the median of its last three sittings.

    Attributes
    ----------
    left, right : SeriesProgress
    difference : float
        In the unit of the measure.
    mdc : float
        Smallest real difference: the root of the sum of both sides' squared MDCs, because both are
        read with noise.
    """

    left: SeriesProgress
    right: SeriesProgress
    difference: float
    mdc: float

    @property
    def real(self) -> bool:
        """Whether the difference is beyond measurement noise."""
        return abs(self.difference) > self.mdc

    def sentence(self) -> str:
        """The comparison as a sentence."""
        side = "left" if self.difference > 0 else "right"
        size, limit = self.left.show(abs(self.difference)), self.left.show(self.mdc)
        if self.real:
            return f"{self.left.name}: {side} is {size} larger, more than noise makes ({limit})."
        return f"{self.left.name}: left and right are alike within measurement noise ({limit})."


def compute_asymmetries(series: Iterable[SeriesProgress]) -> tuple[Asymmetry, ...]:
    """Compare current series of the left side with those of the right.

    Only series that were filmed under mirrored conditions are compared: with the left side near the
    camera for the left, and with the right side near it for the right.

    Parameters
    ----------
    series : iterable of SeriesProgress

    Returns
    -------
    tuple of Asymmetry
        One per measure that both sides have.
    """
    known = [one for one in series if one.current and one.mdc is not None]
    left = [one for one in known if (one.side or one.held) == "left"]
    return tuple(_asymmetry(a, b) for a, b in product(left, known) if _mirrored(a) == _facts(b))


_MIRROR = {"left": "right", "right": "left"}


def _facts(one: SeriesProgress) -> dict[str, str | None]:
    what = {name: getattr(one, name) for name in ("stretch", "measure", "statistic", "unit")}
    return {**what, "side": one.side, "held": one.held, **one.conditions}


def _mirrored(one: SeriesProgress) -> dict[str, str | None]:
    """What the same series of the other side would be; the other side is then the near one."""
    facts = _facts(one)
    sides = {name: facts[name] for name in ("side", "held", "near_side")}
    return facts | {name: _MIRROR.get(side or "", side) for name, side in sides.items()}


def _asymmetry(left: SeriesProgress, right: SeriesProgress) -> Asymmetry:
    a, b = (float(np.median(one.values[-N_BASELINE:])) for one in (left, right))
    assert left.mdc is not None and right.mdc is not None
    return Asymmetry(left, right, a - b, float(np.hypot(left.mdc, right.mdc)))
