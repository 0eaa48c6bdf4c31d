"""When somebody is in the stretch: holds, and the reps and phases inside them.

A hold begins when every condition is inside its narrow band and the body has come to rest, and ends
when one leaves its wide band, so that a value that trembles on a threshold makes one hold, not ten.
Setting up and getting up are outside.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

import numpy as np

from posecheck.core.geometry import Array
from posecheck.landmarks.series import Side
from posecheck.stretches.schema import Condition, Position, Repeats

HoldSide = Literal["left", "right", "both"]

MAX_HIDDEN_S = (
    2.0  # a hold survives if a measure is hidden for no longer: a doubtful look hides 1.5 s
)
REST_S = 0.5  # window in which a body at rest stays within `still` degrees
_REST_LEAVE = 2.0  # how much more than `still` ends a hold
_LOW_SHARE, _HIGH_SHARE = 0.35, 0.65  # of the range, where a phase begins


@dataclass(frozen=True)
class Interval:
    """A stretch of time, with the frames it covers (`stop` is the first frame after it).

    `variant` is the id of the variant that a hold was done in; None is the stretch itself.
    """

    kind: Literal["hold", "rep", "phase"]
    name: str
    side: HoldSide
    start_s: float
    end_s: float
    start: int
    stop: int
    variant: str | None = None

    @property
    def seconds(self) -> float:
        """How long it lasted."""
        return self.end_s - self.start_s

    @property
    def frames(self) -> slice:
        """Rows of the measures table it covers."""
        return slice(self.start, self.stop)


@dataclass(frozen=True)
class Performed:
    """What was done on one side, or on both at once (`side` is None).

    `parts` are the reps and phases inside the holds.
    """

    side: Side | None
    holds: list[Interval]
    parts: list[Interval] = field(default_factory=list)

    def spans(self, phase: str | None) -> list[Interval]:
        """The holds, or the phases of one name inside them."""
        if phase is None:
            return self.holds
        return [part for part in self.parts if part.kind == "phase" and part.name == phase]

    def by_variant(self) -> list[Performed]:
        """The same, variant by variant in order of time."""
        alike: dict[str | None, list[Interval]] = {}
        for hold in self.holds:
            alike.setdefault(hold.variant, []).append(hold)
        return [
            Performed(
                self.side, holds, [p for p in self.parts if any(_inside(p, h) for h in holds)]
            )
            for holds in alike.values()
        ]


def _inside(part: Interval, hold: Interval) -> bool:
    return hold.start <= part.start and part.stop <= hold.stop


@dataclass(frozen=True, eq=False)
class ConditionValues:
    """The values of one condition, frame by frame, with the bands they are held against.

    `asked` is False in frames whose view cannot show the measure while another view of the stretch
    can: there the condition does not count.
    """

    condition: Condition
    label: str
    values: Array
    asked: np.ndarray


def find_holds(
    readings: list[ConditionValues],
    t_s: Array,
    shot: np.ndarray,
    position: Position,
    side: HoldSide,
) -> list[Interval]:
    """Find the times when all conditions hold together.

    Parameters
    ----------
    readings : list of ConditionValues
        Each with values of shape (n_frames,).
    t_s, shot : ndarray, shape (n_frames,)
        No hold goes across a cut.
    position : Position
    side : {"left", "right", "both"}
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


def _range_around(values: Array, window: int) -> Array:
    """Highest less lowest of the values around each one; NaN with fewer than two."""
    after = (window - 1) // 2
    padded = np.pad(values.astype(float), (window - 1 - after, after), constant_values=np.nan)
    around = np.lib.stride_tricks.sliding_window_view(padded, window)
    spread = np.fmax.reduce(around, axis=1) - np.fmin.reduce(around, axis=1)
    return np.where(np.isfinite(around).sum(axis=1) >= 2, spread, np.nan)


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
    """Tell for every frame whether a hold may begin or go on; arguments as for `find_holds`."""
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


def inside(values: Array, band: tuple[float | None, float | None]) -> np.ndarray:
    """Where values lie in the band; NaN lies nowhere."""
    low, high = band
    within = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        if low is not None:
            within = within & (values >= low)
        if high is not None:
            within = within & (values <= high)
    return within


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
        """Take the next frame; return (first frame, frame after the last) of a spell it ends."""
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


def find_reps(values: Array, t_s: Array, hold: Interval, repeats: Repeats) -> list[Interval]:
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
    list of Interval
        The phases and the reps, in order of time.
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
    return sorted([*named, *reps], key=lambda interval: (interval.start_s, interval.kind))


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
