"""One number for the values of a measure over some spans of time."""

from __future__ import annotations

import numpy as np

from posecheck.assess.interval import Interval
from posecheck.core.geometry import Array
from posecheck.measures.bands import Ends
from posecheck.stretches.schema import NEED_TIME, Statistic


def frames_of(holds: list[Interval]) -> np.ndarray:
    """Numbers of the frames that the holds cover.

    Parameters
    ----------
    holds : list of Interval
        One at least.

    Returns
    -------
    ndarray of int
    """
    return np.concatenate([np.arange(hold.start, hold.stop) for hold in holds])


def inside_holds(holds: list[Interval], n_frames: int) -> np.ndarray:
    """Which of all frames the holds cover.

    Parameters
    ----------
    holds : list of Interval
        One at least.
    n_frames : int

    Returns
    -------
    ndarray of bool, shape (n_frames,)
    """
    covered = np.zeros(n_frames, bool)
    covered[frames_of(holds)] = True
    return covered


def summarise(
    values: Array,
    holds: list[Interval],
    statistic: Statistic,
    target: Ends = (None, None),
) -> float:
    """Sum up the values in some holds as one number.

    `median`, `min` and `max` (5th and 95th percentile) and `worst` (what is exceeded for a tenth of
    the time, on the worse side of the target) are taken over all holds together; `range` (5th to
    95th percentile), `drift` (95th percentile of the distance from the median) and `sd` are taken
    hold by hold, then the median.

    Parameters
    ----------
    values : ndarray, shape (n_frames,)
        Of the whole clip; NaN is left out.
    holds : list of Interval
    statistic : str
    target : tuple
        The band asked for, which `worst` needs.

    Returns
    -------
    float
        NaN where nothing was seen.
    """
    parts = [values[hold.frames] for hold in holds]
    parts = [part[np.isfinite(part)] for part in parts]
    parts = [part for part in parts if len(part)]
    if not parts:
        return float("nan")
    if statistic in NEED_TIME:
        return float(np.median([_change(part, statistic) for part in parts]))
    together = np.concatenate(parts)
    if statistic == "worst":
        return _worst(together, target)
    return float(np.percentile(together, {"min": 5, "median": 50, "max": 95}[statistic]))


def _change(part: Array, statistic: Statistic) -> float:
    if statistic == "range":
        low, high = np.percentile(part, [5, 95])
        return float(high - low)
    if statistic == "drift":
        return float(np.percentile(np.abs(part - np.median(part)), 95))
    return float(np.std(part))


def _worst(values: Array, target: Ends) -> float:
    low, high = (
        np.inf * sign if end is None else end for end, sign in zip(target, (-1, 1), strict=True)
    )
    off = np.abs(values - np.clip(values, low, high))
    exceeded = float(np.percentile(off, 90))
    if exceeded == 0:
        return float(np.median(values))
    return float(values[np.argmin(np.abs(off - exceeded))])


def variation(seconds: Array, percent: Ends) -> tuple[float, Ends]:
    """How unevenly times went: their standard deviation, and the band for it, both in seconds.

    Parameters
    ----------
    seconds : ndarray, shape (n,)
    percent : tuple
        The band as a share of the mean time, in percent.
    """
    mean = float(np.mean(seconds))
    low, high = (None if end is None else round(end / 100 * mean, 2) for end in percent)
    return float(np.std(seconds, ddof=1)), (low, high)
