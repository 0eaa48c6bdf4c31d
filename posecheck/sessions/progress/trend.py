"""The trend of a series: a slope that a few odd values cannot turn, with its interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from posecheck.core.geometry import Array

# Below, the interval holds all there is: Kendall's statistic of 4 values cannot reach 95 %.
MIN_SITTINGS = 5
_Z = 1.96


@dataclass(frozen=True)
class Trend:
    """Change a week, with its 95 % interval."""

    per_week: float
    low: float
    high: float


def compute_trend(days: Array, values: Array) -> Trend | None:
    """Theil-Sen slope with Sen's interval (Theil 1950; Sen 1968).

    The interval allows for equal values (Kendall's variance with ties) and for values that resemble
    their neighbours: the variance grows by (1 + r) / (1 - r), r being the correlation of neighbours
    once the trend is taken out (Bayley & Hammersley 1946).

    Parameters
    ----------
    days, values : ndarray, shape (n_sittings,)
        Days are rising.

    Returns
    -------
    Trend or None
        None with too few sittings for an interval.
    """
    n = len(values)
    if n < MIN_SITTINGS:
        return None
    first, second = np.triu_indices(n, 1)
    rises, runs = values[second] - values[first], days[second] - days[first]
    slopes = np.sort(rises[runs > 0] / runs[runs > 0]) * 7
    slope = float(np.median(slopes))
    r = neighbour_correlation(values - slope / 7 * days)
    reach = _Z * np.sqrt(_kendall_variance(values) * (1 + r) / (1 - r))
    low, high = round((len(slopes) - reach) / 2) - 1, round((len(slopes) + reach) / 2)
    if low < 0 or high >= len(slopes):
        return Trend(slope, -np.inf, np.inf)
    return Trend(slope, float(slopes[low]), float(slopes[high]))


def _kendall_variance(values: Array) -> float:
    n = len(values)
    ties = np.unique(values, return_counts=True)[1]
    whole = n * (n - 1) * (2 * n + 5)
    return float(whole - (ties * (ties - 1) * (2 * ties + 5)).sum()) / 18


def neighbour_correlation(rest: Array) -> float:
    """Correlation of each value with the next, between 0 and 0.8.

    In a short series it comes out too small by about (1 + 4 r) / n (Kendall 1954), which is added.
    """
    rest = rest - rest.mean()
    power = float(rest @ rest)
    if power == 0:
        return 0.0
    r = float(rest[1:] @ rest[:-1]) / power
    return float(np.clip(r + (1 + 4 * r) / len(rest), 0, 0.8))
