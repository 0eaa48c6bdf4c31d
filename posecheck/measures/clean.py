"""From what the model says to what can be believed: hide, repair, fill, smooth.

Each shot is cleaned for itself; nothing is filled or smoothed across a hard cut.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
import scipy  # scipy.signal takes half a second to load, and does so when it is first used
from scipy.ndimage import median_filter

from posecheck.core.geometry import Array, length, nan_median
from posecheck.landmarks.series import LIMBS, SIDES, Landmark, LandmarkSeries, frames_in

MIN_VISIBILITY = 0.4
MAX_GAP_S = 0.25
CUTOFF_HZ = 6.0

_LIMB_JUMP = 0.3  # change of a limb's length against its running median, as a share of the limb
_LIMB_RANGE = (0.35, 1.6)  # a limb's length against its median in the shot
_SWAP_GAIN = 0.4  # a swap must bring the limbs this much nearer to where they were
_TOGETHER = 0.25  # of a limb's length: limbs nearer to each other may cross or jitter past
_SAME_TIME_S = 1e-6  # 0.25 s may read 0.2500000000000004 s

# A filter run forwards and backwards is 3 dB down earlier than it was designed for.
# Winter, Biomechanics and Motor Control of Human Movement, on dual-pass Butterworth filters.
_DUAL_PASS = 0.802

_SPIKE = 0.12  # of the trunk's length: further from its running median, a landmark was mistaken
_SPIKE_FRAMES = 5
_SPIKES = 0.05  # share of the frames; what jumps more often trembles, which the filter is for
_HIPS = (Landmark.left_hip, Landmark.right_hip)
_SHOULDERS = (Landmark.left_shoulder, Landmark.right_shoulder)

_EXCHANGED = 0.5  # exchanging must bring the second model's joints so much nearer to the first's
N_LOOKS = 3  # of the second model, whose median counts
# Hands and feet, which the second model does not have, go along with wrist and ankle.
TIPS = {"wrist": ("pinky", "index", "thumb"), "ankle": ("heel", "foot_index")}
WITH_TIPS = list(range(len(Landmark)))
for _side in SIDES:
    for _joint, _tips in TIPS.items():
        for _tip in _tips:
            WITH_TIPS[Landmark[f"{_side}_{_tip}"]] = Landmark[f"{_side}_{_joint}"]

_ARM = ("elbow", "wrist", "pinky", "index", "thumb")
_LEG = ("knee", "ankle", "heel", "foot_index")


def clean_landmarks(
    series: LandmarkSeries,
    *,
    min_visibility: float = MIN_VISIBILITY,
    max_gap_s: float = MAX_GAP_S,
    cutoff_hz: float = CUTOFF_HZ,
) -> LandmarkSeries:
    """Repair swapped sides, hide what cannot be believed, fill short gaps, smooth.

    Parameters
    ----------
    series : LandmarkSeries
        As the model gave it.
    min_visibility : float
        Landmarks below it become NaN.
    max_gap_s : float
        Gaps up to this long are filled by straight lines; longer ones stay NaN.
    cutoff_hz : float
        Cut-off of the zero-phase low-pass (Butterworth, 4th order in all).

    Returns
    -------
    LandmarkSeries
        With `cleaned` set. `visibility` is left as it was.
    """
    if series.cleaned:
        return series
    points = np.concatenate([series.image, series.world], axis=2)
    _hide(points, series, min_visibility)
    second = None if series.second is None else np.array(series.second)
    for shot in _shots(series.shot):
        part, t_s = points[shot], series.t_s[shot]  # a view: what follows mends it in place
        repair_swaps(part, t_s)
        _hide_spikes(part)
        hide_impossible_limbs(part, t_s)
        _fill_gaps(part, t_s, max_gap_s)
        _smooth(part, t_s, cutoff_hz)
        if second is not None:
            second[shot] = line_up(second[shot], part[:, :, :2])
            second[shot] = _second_in_every_frame(second[shot], part[:, :, :2], t_s)
    outline = None if series.outline is None else _smooth_outline(series, max_gap_s, cutoff_hz)
    return replace(
        series,
        image=points[:, :, :2],
        world=points[:, :, 2:],
        outline=outline,
        spread=None if series.spread is None else _spread_between_augmentations(series),
        second=second,
        cleaned=True,
    )


def line_up(second: Array, image: Array) -> Array:
    """Exchange a joint's left and right where only that tells the two models apart.

    Which leg is left a single picture hardly shows; in a video the first model knows it from the
    frames before. Where both models have a joint in the same two places, they do not disagree.

    Parameters
    ----------
    second, image : ndarray, shape (n_frames, 33, 2)
        Pixels of the second and the first model.

    Returns
    -------
    ndarray
        Of the second model.
    """
    lined = np.array(second)
    for joint in (*_ARM[:2], *_LEG[:2]):
        left, right = (Landmark[f"{side}_{joint}"] for side in SIDES)
        as_is = length(second[:, left] - image[:, left]) + length(
            second[:, right] - image[:, right]
        )
        other = length(second[:, left] - image[:, right]) + length(
            second[:, right] - image[:, left]
        )
        rows = np.flatnonzero(other < _EXCHANGED * as_is)
        lined[rows, left], lined[rows, right] = second[rows, right], second[rows, left]
    return lined


def _second_in_every_frame(second: Array, image: Array, t_s: Array) -> Array:
    """The second model's points, where it looked now and then, for every frame.

    How far the two models are apart changes slowly: the median of three looks, in straight lines
    in between, is added to what the first model sees. Hands and feet, which the second model does
    not have, go along with wrist and ankle.
    """
    apart = (second - image)[:, WITH_TIPS]
    filled = np.full_like(image, np.nan)
    for mark in np.flatnonzero(np.isfinite(apart).any(axis=(0, 2))):
        looked = np.flatnonzero(np.isfinite(apart[:, mark]).all(axis=1))
        if len(looked):
            steady = median_filter(apart[looked, mark], size=(N_LOOKS, 1), mode="nearest")
            for axis in range(2):
                filled[:, mark, axis] = np.interp(t_s, t_s[looked], steady[:, axis])
    return image + filled


def _shots(shot: np.ndarray) -> Iterator[slice]:
    starts = np.flatnonzero(np.diff(shot, prepend=shot[:1] - 1))
    for start, end in pairwise([*starts, len(shot)]):
        yield slice(int(start), int(end))


def _hide(points: Array, series: LandmarkSeries, min_visibility: float) -> None:
    """NaN for what is hardly visible or outside the picture, which nobody saw, in place."""
    size = np.array([series.source.width, series.source.height])
    points[is_hidden(series.image, series.visibility, size, min_visibility)] = np.nan


def is_hidden(
    image: Array, visibility: Array, size: Array, min_visibility: float = MIN_VISIBILITY
) -> np.ndarray:
    """Which landmarks cannot be believed, shape (..., 33); `size` is the picture's, in pixels.

    Parameters
    ----------
    image : ndarray, shape (..., 33, 2)
        Pixels.
    visibility : ndarray, shape (..., 33)
    size : ndarray, shape (2,)
        Width and height of the picture, in pixels.
    min_visibility : float
        In [0, 1].

    Returns
    -------
    ndarray
    """
    with np.errstate(invalid="ignore"):
        outside = ((image < 0) | (image > size)).any(axis=-1)
        return np.asarray(outside | ~(visibility >= min_visibility))


def repair_swaps(part: Array, t_s: Array) -> None:
    """Exchange left and right where the model took one limb for the other, in place.

    A limb cannot change places with the other within a frame; where exchanging the two makes both
    stay where they were, they had been exchanged. Limbs that lie on each other tell nothing: they
    may cross. The labels of the longer time are kept.

    Parameters
    ----------
    part : ndarray, shape (n_frames, 33, n)
        Changed in place; the first two are pixels.
    t_s : ndarray
        Seconds.
    """
    for joints in (_ARM, _LEG):
        left = [Landmark[f"left_{j}"] for j in joints]
        right = [Landmark[f"right_{j}"] for j in joints]
        swapped = _swapped_frames(part[:, left[:2], :2], part[:, right[:2], :2], t_s)
        if swapped.mean() > 0.5:
            swapped = ~swapped
        rows = np.flatnonzero(swapped)[:, None]
        part[rows, left], part[rows, right] = part[rows, right], part[rows, left]


def _swapped_frames(left: Array, right: Array, t_s: Array) -> np.ndarray:
    swapped = np.zeros(len(t_s), bool)
    complete = np.isfinite(left).all(axis=(1, 2)) & np.isfinite(right).all(axis=(1, 2))
    if not complete.any():
        return swapped
    limb = np.median([length(p[complete, 1] - p[complete, 0]) for p in (left, right)])
    last = -1
    for i in np.flatnonzero(complete):
        if last >= 0 and t_s[i] - t_s[last] <= 2 * MAX_GAP_S:
            pair = (left[i], right[i])
            before = (right[last], left[last]) if swapped[last] else (left[last], right[last])
            keep = length(pair[0] - before[0]).sum() + length(pair[1] - before[1]).sum()
            swap = length(pair[1] - before[0]).sum() + length(pair[0] - before[1]).sum()
            apart = length(before[0] - before[1]).sum()
            jumped = keep - swap > _SWAP_GAIN * 2 * apart and keep > 0.5 * apart
            swapped[i] = jumped if apart > 2 * _TOGETHER * limb else swapped[last]
        last = int(i)
    return swapped


def _hide_spikes(part: Array) -> None:
    """NaN for a landmark that is elsewhere for a frame or two and back again, in place."""
    if len(part) < _SPIKE_FRAMES:
        return
    points = part[:, :, :2]
    hips, shoulders = (points[:, list(pair)].mean(axis=1) for pair in (_HIPS, _SHOULDERS))
    trunk = length(shoulders - hips)
    if not np.isfinite(trunk).any():
        return
    usual = median_filter(points, size=(_SPIKE_FRAMES, 1, 1), mode="mirror")
    with np.errstate(invalid="ignore"):
        elsewhere = length(points - usual) > _SPIKE * np.nanmedian(trunk)
    part[elsewhere & (elsewhere.mean(axis=0) < _SPIKES)] = np.nan


def hide_impossible_limbs(part: Array, t_s: Array) -> None:
    """NaN for the far end of a limb whose length jumps, in place: bones do not.

    Parameters
    ----------
    part : ndarray, shape (n_frames, 33, n)
        Changed in place; the first two are pixels.
    t_s : ndarray
        Seconds.
    """
    if len(t_s) < 5:
        return
    window = frames_in(t_s, 1.0)
    for near_end, far_end in LIMBS:
        a, b = ([Landmark[f"{side}_{end}"] for side in SIDES] for end in (near_end, far_end))
        limb = length(part[:, b, :2] - part[:, a, :2])  # (n_frames, 2)
        usual = nan_median(limb)
        running = median_filter(
            np.where(np.isfinite(limb), limb, usual), size=(window, 1), mode="nearest"
        )
        with np.errstate(invalid="ignore"):
            jumps = np.abs(limb - running) > _LIMB_JUMP * usual
            absurd = (limb < _LIMB_RANGE[0] * usual) | (limb > _LIMB_RANGE[1] * usual)
        rows, sides = np.nonzero(jumps | absurd)
        part[rows, np.array(b)[sides]] = np.nan


def _fill_gaps(part: Array, t_s: Array, max_gap_s: float) -> None:
    """Bridge short gaps with straight lines, in place."""
    for place in np.ndindex(part.shape[1:]):
        column = part[(slice(None), *place)]
        known = np.flatnonzero(np.isfinite(column))
        for k in np.flatnonzero(np.diff(known) > 1):
            before, after = known[k : k + 2]
            if t_s[after] - t_s[before] <= max_gap_s + _SAME_TIME_S:
                gap = slice(before + 1, after)
                column[gap] = np.interp(t_s[gap], t_s[[before, after]], column[[before, after]])


def _smooth(part: Array, t_s: Array, cutoff_hz: float) -> None:
    """Low-pass every unbroken run without shifting it in time, in place."""
    if len(t_s) < 3:
        return
    step = float(np.median(np.diff(t_s)))
    if 0.5 / step <= cutoff_hz / _DUAL_PASS:
        return  # so few frames a second hold nothing above the cut-off
    low_pass = scipy.signal.butter(2, cutoff_hz / _DUAL_PASS, fs=1 / step, output="sos")
    flat = part.reshape(len(part), part.shape[1], -1)
    for mark in range(flat.shape[1]):
        for run in _runs(np.asarray(np.isfinite(flat[:, mark]).all(axis=1))):
            if run.stop - run.start > 12:
                flat[run, mark] = _low_pass(flat[run, mark], t_s[run], step, low_pass)


def _low_pass(values: Array, t_s: Array, step: float, low_pass: Array) -> Array:
    if np.ptp(np.diff(t_s)) < 0.1 * step:
        return np.asarray(scipy.signal.sosfiltfilt(low_pass, values, axis=0))
    # Phones vary their frame rate; the filter needs even steps.
    even = np.linspace(t_s[0], t_s[-1], round((t_s[-1] - t_s[0]) / step) + 1)
    columns = [np.interp(even, t_s, column) for column in values.T]
    if len(even) <= 12:
        return values
    smooth = scipy.signal.sosfiltfilt(low_pass, np.array(columns), axis=1)
    return np.stack([np.interp(t_s, even, column) for column in smooth], axis=1)


def _smooth_outline(series: LandmarkSeries, max_gap_s: float, cutoff_hz: float) -> Array:
    outline = np.array(series.outline)
    for shot in _shots(series.shot):
        part = outline[shot].reshape(len(outline[shot]), -1, 1)
        _fill_gaps(part, series.t_s[shot], max_gap_s)
        _smooth(part, series.t_s[shot], cutoff_hz)
        outline[shot] = part.reshape(outline[shot].shape)
    return outline


def _spread_between_augmentations(series: LandmarkSeries) -> Array:
    """The spread in every frame: the median of five, in straight lines in between."""
    spread = np.array(series.spread)
    for shot in _shots(series.shot):
        looked = np.flatnonzero(np.isfinite(spread[shot]).any(axis=1))
        if len(looked):
            seen = median_filter(spread[shot][looked], size=(5, 1), mode="mirror")
            t_s = series.t_s[shot]
            for mark in range(seen.shape[1]):
                spread[shot, mark] = np.interp(t_s, t_s[looked], seen[:, mark])
    return spread


def _runs(good: np.ndarray) -> Iterator[slice]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], good, [False]]).astype(int)))
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        yield slice(int(start), int(end))
