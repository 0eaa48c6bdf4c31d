"""Whether a series of values changed or only scatters: baseline, SEM, MDC95, verdict and trend.

A change is real when two consecutive sittings differ from the baseline by more than the smallest
real change. docs/progress.md states the rule in words and how often it is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import stdtrit

from posecheck.core.geometry import Array

Verdict = Literal["building baseline", "within measurement noise", "real gain", "real loss"]

N_BASELINE = 3
N_RUNNING = 2
# 1.96 sqrt(2): two readings of something unchanged differ by at most this in 95 of 100 pairs.
MDC_PER_SEM = 2.77
_TAIL = 0.975
# Below, a trend's interval holds all there is: Kendall's statistic of 4 values cannot reach 95 %.
MIN_SITTINGS = 5
_Z = 1.96


def compute_baseline(values: Array) -> float:
    """Compute the median of the first three sittings, which one outlier hardly moves.

    Parameters
    ----------
    values : ndarray, shape (n_sittings,)

    Returns
    -------
    float
        NaN with fewer than three sittings.
    """
    return float(np.median(values[:N_BASELINE])) if len(values) >= N_BASELINE else np.nan


def personal_sem(values: Array) -> tuple[float, float]:
    """Compute the standard error of measurement of one person, with its degrees of freedom.

    The standard deviation of the differences from each sitting to the next over sqrt(2), to which
    a slow gain adds next to nothing (von Neumann et al. 1941: mean square successive difference).

    Parameters
    ----------
    values : ndarray, shape (n_sittings,)

    Returns
    -------
    sem, freedom : float
        The freedom is that of a chi-square of the same spread: 2 (n - 1)^2 / (3 n - 4). Both are
        NaN with fewer than three sittings.
    """
    n = len(values)
    if n < N_BASELINE:
        return np.nan, np.nan
    return float(np.sqrt(np.mean(np.diff(values) ** 2) / 2)), 2 * (n - 1) ** 2 / (3 * n - 4)


def personal_mdc(values: Array) -> float:
    """Compute the smallest real change from a person's own scatter: t sqrt(2) SEM.

    Student's t stands in place of 1.96, because an SEM from a few sittings is itself uncertain;
    with many sittings the result becomes the usual MDC95 = 2.77 SEM.

    Parameters
    ----------
    values : ndarray, shape (n_sittings,)

    Returns
    -------
    float
        NaN with fewer than three sittings.
    """
    sem, freedom = personal_sem(values)
    return float(stdtrit(freedom, _TAIL) * np.sqrt(2) * sem)


def n_unjudged(n_sittings: int) -> int:
    """How many of the first sittings give the SEM: all but the last two, which are judged.

    Parameters
    ----------
    n_sittings : int

    Returns
    -------
    int
    """
    return max(n_sittings - N_RUNNING, N_BASELINE)


def compute_limits(values: Array, floor: float) -> Array:
    """Compute the smallest real change at every sitting: max(floor, MDC95 of those before).

    The sittings that are being judged do not count towards their own limit.

    Parameters
    ----------
    values : ndarray, shape (n_sittings,)
    floor : float
        Smallest real change that the error of the measure allows, in the unit of the values.

    Returns
    -------
    ndarray, shape (n_sittings,)
        NaN in the baseline.
    """
    limits = np.full(len(values), np.nan)
    for judged in range(N_BASELINE, len(values)):
        limits[judged] = max(floor, personal_mdc(values[: n_unjudged(judged + 1)]))
    return limits


def compute_verdicts(
    values: Array, limits: Array, *, better: Literal["more", "less"] = "more"
) -> list[Verdict]:
    """Judge the change from the baseline after every sitting.

    Parameters
    ----------
    values, limits : ndarray, shape (n_sittings,)
    better : {"more", "less"}
        Which change counts as a gain.

    Returns
    -------
    list of Verdict
        One per sitting.
    """
    change = values - compute_baseline(values)
    beyond = np.where(np.abs(change) > np.nan_to_num(limits, nan=np.inf), np.sign(change), 0)
    beyond *= 1 if better == "more" else -1
    verdicts: list[Verdict] = []
    for judged in range(len(values)):
        running = set(beyond[max(judged - N_RUNNING + 1, 0) : judged + 1])
        if judged < N_BASELINE:
            verdicts.append("building baseline")
        elif running == {1}:
            verdicts.append("real gain")
        elif running == {-1}:
            verdicts.append("real loss")
        else:
            verdicts.append("within measurement noise")
    return verdicts


# --- trend ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Trend:
    """Change per week, with its 95 % interval."""

    per_week: float
    low: float
    high: float


def compute_trend(days: Array, values: Array) -> Trend | None:
    """Compute the Theil-Sen slope with Sen's interval (Theil 1950; Sen 1968).

    The interval allows for equal values (Kendall's variance with ties) and for autocorrelation: the
    variance grows by (1 + r) / (1 - r), where r is the lag-1 autocorrelation of the residuals
    (Bayley & Hammersley 1946).

    Parameters
    ----------
    days, values : ndarray, shape (n_sittings,)
        The days ascend.

    Returns
    -------
    Trend or None
        None with fewer than five sittings.
    """
    n = len(values)
    if n < MIN_SITTINGS:
        return None
    first, second = np.triu_indices(n, 1)
    rises, runs = values[second] - values[first], days[second] - days[first]
    slopes = np.sort(rises[runs > 0] / runs[runs > 0]) * 7
    slope = float(np.median(slopes))
    r = autocorrelation(values - slope / 7 * days)
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


def autocorrelation(rest: Array) -> float:
    """Compute the lag-1 autocorrelation of residuals, limited to 0 to 0.8.

    In a short series the estimate is too small by about (1 + 4 r) / n (Kendall 1954), which is
    added.

    Parameters
    ----------
    rest : ndarray

    Returns
    -------
    float
    """
    rest = rest - rest.mean()
    power = float(rest @ rest)
    if power == 0:
        return 0.0
    r = float(rest[1:] @ rest[:-1]) / power
    return float(np.clip(r + (1 + 4 * r) / len(rest), 0, 0.8))
