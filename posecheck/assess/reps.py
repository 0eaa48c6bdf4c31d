"""Reps and phases inside a hold: the to and fro of one measure."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from posecheck.assess.interval import Interval
from posecheck.core.geometry import Array
from posecheck.stretches.schema import Repeats

_LOW_SHARE, _HIGH_SHARE = 0.35, 0.65  # of the range, where a phase begins


def find_reps(
    values: Array, t_s: Array, hold: Interval, repeats: Repeats
) -> tuple[list[Interval], list[Interval]]:
    """Count the to and fro inside one hold.

    Parameters
    ----------
    values : ndarray, shape (n_frames,)
        The measure that goes up and down, of the whole clip.
    t_s : ndarray, shape (n_frames,)
    hold : Interval
        Where to look.
    repeats : Repeats

    Returns
    -------
    reps, phases : list of Interval
        In order of time.
    """
    inner, times = values[hold.frames], t_s[hold.frames]
    phases = _phases(inner, times, repeats)
    named = [
        Interval("phase", name, hold.side, *_span(times, first, stop, hold), hold.start + first,
                 hold.start + stop)
        for name, first, stop in phases
    ]  # fmt: skip
    starts_with = repeats.high if repeats.first == "high" else repeats.low
    reps = [
        Interval("rep", "rep", hold.side, one.start_s, two.end_s, one.start, two.stop)
        for one, two in _pairs(named, starts_with)
    ]
    return reps, named


def _phases(values: Array, times: Array, repeats: Repeats) -> list[tuple[str, int, int]]:
    """(name, first frame, frame after the last) of every high and low phase."""
    known = np.isfinite(values)
    if not known.any():
        return []
    low_end, high_end = np.percentile(values[known], [5, 95])
    span = high_end - low_end
    low, high = low_end + _LOW_SHARE * span, low_end + _HIGH_SHARE * span
    if span < repeats.min_range:  # it stayed in one place, or there is only a picture
        low = -np.inf if repeats.low_to is None else repeats.low_to
        high = np.inf if repeats.high_from is None else repeats.high_from
    states = np.where(values >= high, 1, np.where(values <= low, -1, 0))
    phases: list[tuple[str, int, int]] = []
    for i in np.flatnonzero(states != 0):
        name = repeats.high if states[i] > 0 else repeats.low
        if phases and phases[-1][0] == name:
            phases[-1] = (name, phases[-1][1], int(i) + 1)
        else:
            phases.append((name, int(i), int(i) + 1))
    is_picture = len(times) == 1
    long_enough = [
        p for p in phases if is_picture or times[p[2] - 1] - times[p[1]] >= repeats.min_s
    ]
    return _merged(long_enough)


def _merged(phases: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """Join neighbours of one name, between which a phase was too short to count."""
    merged: list[tuple[str, int, int]] = []
    for name, first, stop in phases:
        if merged and merged[-1][0] == name:
            merged[-1] = (name, merged[-1][1], stop)
        else:
            merged.append((name, first, stop))
    return merged


def _span(times: Array, first: int, stop: int, hold: Interval) -> tuple[float, float]:
    end = float(times[stop]) if stop < len(times) else hold.end_s
    return float(times[first]), end


def _pairs(phases: list[Interval], starts_with: str) -> list[tuple[Interval, Interval]]:
    """Phases two by two, beginning where most reps come out, by preference as the form says."""
    by_offset = [list(pairwise(phases[offset:]))[::2] for offset in (0, 1)]

    def merit(pairs: list[tuple[Interval, Interval]]) -> tuple[int, bool]:
        return len(pairs), bool(pairs) and pairs[0][0].name == starts_with

    return max(by_offset, key=merit)
