"""When a stretch was held: the holds of each side, with their variants, reps and phases.

A hold begins when every condition is inside its narrow band and the body has come to rest, and ends
when one leaves its wide band, so that a value that trembles on a threshold makes one hold, not ten.
Setting up and getting up are outside.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from posecheck.assess.interval import Interval, Performed
from posecheck.assess.reps import find_reps
from posecheck.assess.stretch_measures import ConditionValues, StretchMeasures
from posecheck.core.geometry import Array
from posecheck.landmarks.series import Side
from posecheck.measures.bands import inside
from posecheck.stretches.schema import ByHold, Position, Reading

# A hold survives if a measure is hidden for no longer: a doubtful second look hides 1.5 s.
MAX_HIDDEN_S = 2.0
REST_S = 0.5  # window in which a body at rest stays within `still` degrees
_REST_LEAVE = 2.0  # how much more than `still` ends a hold


def find_performed(readings: StretchMeasures, sides: tuple[Side | None, ...]) -> list[Performed]:
    """Find the holds of each side, with the reps and phases inside them.

    Parameters
    ----------
    readings : StretchMeasures
    sides : tuple of {"left", "right", None}
        Those that are asked for; None is both at once.

    Returns
    -------
    list of Performed
        No side without a hold.
    """
    series = readings.series
    performed = []
    for side in sides:
        holds = find_holds(
            readings.conditions(side),
            series.t_s,
            series.shot,
            readings.stretch.hold,
            side,
        )
        if series.source.kind != "photo":  # one frame of a video lasts no time
            holds = [hold for hold in holds if hold.seconds > 0]
        holds = [replace(hold, variant=variant_of(readings, hold, side)) for hold in holds]
        if holds:
            performed.append(Performed(side, holds, *reps_and_phases(readings, holds, side)))
    return performed


def variant_of(readings: StretchMeasures, hold: Interval, side: Side | None) -> str | None:
    """Tell the variant of a hold: the first whose conditions are met for most of the time.

    Parameters
    ----------
    readings : StretchMeasures
    hold : Interval
    side : {"left", "right"} or None
        The side that is held.

    Returns
    -------
    str or None
        Its id; None is the stretch itself.
    """
    for variant in readings.stretch.variants:
        inside_all = np.ones(hold.stop - hold.start, bool)
        for within in variant.conditions:
            inside_all &= inside(readings.values(within, side)[hold.frames], within.band)
        if inside_all.mean() > 0.5:
            return variant.id
    return None


def reps_and_phases(
    readings: StretchMeasures, holds: list[Interval], side: Side | None
) -> tuple[list[Interval], list[Interval]]:
    """Find the reps and the phases inside the holds of one side.

    Parameters
    ----------
    readings : StretchMeasures
    holds : list of Interval
        One at least.
    side : {"left", "right"} or None

    Returns
    -------
    reps, phases : list of Interval
        In order of time.
    """
    repeats, series = readings.stretch.reps, readings.series
    if repeats is None or (isinstance(repeats, ByHold) and series.source.kind == "photo"):
        return [], []
    if isinstance(repeats, ByHold):
        return [replace(hold, kind="rep", name="rep") for hold in holds], []
    values = readings.values(Reading(measure=repeats.measure), side)
    found = [find_reps(values, series.t_s, hold, repeats) for hold in holds]
    return [rep for reps, _ in found for rep in reps], [
        one for _, phases in found for one in phases
    ]


def find_holds(
    readings: list[ConditionValues],
    t_s: Array,
    shot: np.ndarray,
    position: Position,
    side: Side | None,
) -> list[Interval]:
    """Find the times when all conditions hold together.

    Parameters
    ----------
    readings : list of ConditionValues
        Each with values of shape (n_frames,).
    t_s, shot : ndarray, shape (n_frames,)
        No hold goes across a cut.
    position : Position
    side : {"left", "right"} or None
        The side the readings belong to.

    Returns
    -------
    list of Interval
        In order of time, without overlap. One frame (a photo) makes a hold of no length.
    """
    states = hold_states(readings, t_s, shot, position.still)
    holds = []
    for start, stop in _spells(states, t_s, shot):
        end_s = _end_time(t_s, shot, stop)
        long_enough = end_s - t_s[start] >= position.min_s
        if long_enough or len(t_s) == 1:
            holds.append(
                Interval("hold", "hold", side, float(t_s[start]), end_s, int(start), int(stop))
            )
    return holds


@dataclass(frozen=True, eq=False)
class HoldStates:
    """What every frame means for a hold; bool, shape (n_frames,).

    Attributes
    ----------
    begins : ndarray
        A hold may begin.
    stays : ndarray
        A hold that goes on may go on.
    hidden : ndarray
        Something that it takes was not seen.
    """

    begins: np.ndarray
    stays: np.ndarray
    hidden: np.ndarray


def hold_states(
    readings: list[ConditionValues], t_s: Array, shot: np.ndarray, still: float | None
) -> HoldStates:
    """Tell for every frame whether a hold may begin or go on.

    Parameters
    ----------
    readings : list of ConditionValues
    t_s, shot : ndarray, shape (n_frames,)
    still : float or None
        Degrees that a body at rest stays within; None for a flow.

    Returns
    -------
    HoldStates
    """
    begins = np.ones(len(t_s), bool)
    stays = np.ones(len(t_s), bool)
    hidden = ~np.any([reading.asked for reading in readings], axis=0)
    begins &= ~hidden
    for reading in readings:
        values = reading.values
        unseen = ~np.isfinite(values)
        optional = reading.condition.if_seen | ~reading.asked
        begins &= inside(values, reading.condition.enter) | (unseen & optional)
        stays &= inside(values, reading.condition.leave) | unseen
        hidden |= unseen & ~optional
        if still is not None and reading.condition.what.unit == "deg" and len(t_s) > 1:
            unrest = _unrest(values, t_s, shot)
            begins &= (unrest <= still) | (unseen & optional)
            stays &= ~(unrest > _REST_LEAVE * still)
    return HoldStates(begins, stays, hidden)


def _unrest(values: Array, t_s: Array, shot: np.ndarray) -> Array:
    """Range of the values within half a second around each frame of the same shot."""
    unrest = np.full(len(values), np.nan)
    for number in np.unique(shot):
        rows = np.flatnonzero(shot == number)
        if len(rows) < 2:
            continue
        step = float(np.median(np.diff(t_s[rows])))
        window = max(3, round(REST_S / step) + 1)
        spread = _range_around(values[rows], window)
        # At a shot's ends half a window would see half the movement: take the nearest whole one.
        half = min(window // 2, (len(rows) - 1) // 2)
        unrest[rows] = spread[np.clip(np.arange(len(rows)), half, len(rows) - 1 - half)]
    return unrest


def _range_around(values: Array, window: int) -> Array:
    """Highest less lowest of the values around each one; NaN with fewer than two."""
    after = (window - 1) // 2
    padded = np.pad(values.astype(float), (window - 1 - after, after), constant_values=np.nan)
    around = np.lib.stride_tricks.sliding_window_view(padded, window)
    spread = np.fmax.reduce(around, axis=1) - np.fmin.reduce(around, axis=1)
    return np.where(np.isfinite(around).sum(axis=1) >= 2, spread, np.nan)


class HoldWalker:
    """Walks through the frames of one side, in order of time, and tells spells of being in it.

    Attributes
    ----------
    start, last_seen : tuple of (int, float) or None
        Frame and time of the spell's first frame (None outside of spells), and of the last one in
        which nothing was hidden.
    """

    def __init__(self) -> None:
        self.start: tuple[int, float] | None = None
        self.last_seen: tuple[int, float] = (0, 0.0)

    def step(
        self, frame: int, t_s: float, *, begins: bool, stays: bool, hidden: bool, cut: bool
    ) -> tuple[int, int] | None:
        """Take the next frame.

        Parameters
        ----------
        frame : int
            Its row.
        t_s : float
        begins, stays, hidden : bool
            Of this frame, from `hold_states`.
        cut : bool
            Whether it is the first frame of a shot.

        Returns
        -------
        tuple of int or None
            First frame, and frame after the last, of a spell that ends here.
        """
        ended = None
        if self.start is not None:
            hidden_too_long = hidden and t_s - self.last_seen[1] > MAX_HIDDEN_S
            if cut or hidden_too_long or not stays:
                ended = self.end()
        if self.start is None and begins:
            self.start = frame, t_s
        if not hidden:
            self.last_seen = frame, t_s
        return ended

    def end(self) -> tuple[int, int] | None:
        """End the spell that goes on, if one does."""
        ended = None if self.start is None else (self.start[0], self.last_seen[0] + 1)
        self.start = None
        return ended


def _spells(states: HoldStates, t_s: Array, shot: np.ndarray) -> Iterator[tuple[int, int]]:
    """(first frame, frame after the last) of every spell."""
    walker = HoldWalker()
    for i in range(len(t_s)):
        ended = walker.step(
            i,
            float(t_s[i]),
            begins=bool(states.begins[i]),
            stays=bool(states.stays[i]),
            hidden=bool(states.hidden[i]),
            cut=bool(i and shot[i] != shot[i - 1]),
        )
        if ended is not None:
            yield ended
    last = walker.end()
    if last is not None:
        yield last


def _end_time(t_s: Array, shot: np.ndarray, stop: int) -> float:
    """The last frame lasts until the next one begins, before a cut no longer than others do."""
    step = float(np.median(np.diff(t_s))) if len(t_s) > 1 else 0.0
    if stop == len(t_s):
        return float(t_s[stop - 1]) + step
    if shot[stop] == shot[stop - 1]:
        return float(t_s[stop])
    return min(float(t_s[stop - 1]) + step, float(t_s[stop]))
