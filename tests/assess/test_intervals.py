"""Holds and reps: where they begin and end, on signals whose answer is known."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posecheck.assess.holds import MAX_HIDDEN_S, find_holds
from posecheck.assess.interval import Interval
from posecheck.assess.reps import find_reps
from posecheck.assess.stretch_measures import ConditionValues
from posecheck.measures.bands import inside
from posecheck.stretches.schema import Condition, Position, Repeats

ENTER, LEAVE = (80.0, 100.0), (70.0, 110.0)
Array = np.ndarray


def band_reading(condition: Condition, values: np.ndarray) -> ConditionValues:
    return ConditionValues(condition, "hip", values, np.ones(len(values), bool))


def position(*, min_s: float = 2.0, still: float | None = None) -> Position:
    condition = {"measure": "hip_flexion", "enter": ENTER, "leave": LEAVE}
    return Position.model_validate({"min_s": min_s, "still": still, "while": [condition]})


def holds_of(
    *values: Array,
    t_s: Array | None = None,
    shot: Array | None = None,
    min_s: float = 2.0,
    still: float | None = None,
) -> list[Interval]:
    """Holds of one or more measures at ten frames a second, if nothing else is said."""
    n = len(values[0])
    where = position(min_s=min_s, still=still)
    readings = [band_reading(where.conditions[0], np.asarray(v, float)) for v in values]
    t_s = np.arange(n) / 10 if t_s is None else t_s
    shot = np.zeros(n, int) if shot is None else shot
    return find_holds(readings, t_s, shot, where, None)


def steps(*parts: tuple[float, float]) -> Array:
    """A signal of (value, seconds) at ten frames a second."""
    return np.concatenate([np.full(round(seconds * 10), value) for value, seconds in parts])


def spans(holds: list[Interval]) -> list[tuple[float, float]]:
    return [(round(h.start_s, 6), round(h.end_s, 6)) for h in holds]


# --- holds ----------------------------------------------------------------------------------------


def test_hold_is_where_the_value_is_inside() -> None:
    values = steps((0, 1), (90, 3), (0, 1), (90, 2.5), (0, 1))
    assert spans(holds_of(values)) == [(1.0, 4.0), (5.0, 7.5)]


def test_frames_of_a_hold_are_those_inside() -> None:
    (hold,) = holds_of(steps((0, 1), (90, 3), (0, 1)))
    assert (hold.start, hold.stop, hold.seconds) == (10, 40, pytest.approx(3.0))
    assert hold.frames == slice(10, 40)


@pytest.mark.parametrize(("seconds", "n"), [(1.9, 0), (2.0, 1)])
def test_too_short_is_no_hold(seconds: float, n: int) -> None:
    assert len(holds_of(steps((0, 1), (90, seconds), (0, 1)))) == n


@pytest.mark.parametrize("limit", [80.0, 100.0])
def test_trembling_on_the_threshold_makes_one_hold(limit: float) -> None:
    tremble = limit + 4 * np.sin(np.arange(60) * 1.7)
    values = np.concatenate([steps((0, 1)), tremble, steps((0, 1))])
    (hold,) = holds_of(values)
    assert hold.seconds > 5.5


def test_wide_band_only_keeps_it_does_not_begin() -> None:
    assert not holds_of(steps((0, 1), (75, 5)))
    assert spans(holds_of(steps((75, 2), (90, 1), (75, 2)))) == [(2.0, 5.0)]
    assert spans(holds_of(steps((90, 3), (69, 0.1), (90, 3)))) == [(0.0, 3.0), (3.1, 6.1)]


def test_all_conditions_together() -> None:
    first = steps((90, 4), (0, 4))
    second = steps((0, 1), (90, 7))
    assert spans(holds_of(first, second)) == [(1.0, 4.0)]


@pytest.mark.parametrize(
    ("hidden_s", "n"), [(0.2, 1), (MAX_HIDDEN_S - 0.1, 1), (MAX_HIDDEN_S + 0.2, 2), (5.0, 2)]
)
def test_short_hiding_is_survived(hidden_s: float, n: int) -> None:
    values = steps((0, 1), (90, 3), (np.nan, hidden_s), (90, 3), (0, 1))
    holds = holds_of(values)
    assert len(holds) == n
    assert holds[0].start_s == pytest.approx(1)
    assert holds[-1].end_s == pytest.approx(7 + hidden_s)
    if n == 2:
        assert holds[0].end_s == pytest.approx(4), "what was hidden is not counted"


def test_hidden_end_is_not_counted() -> None:
    assert spans(holds_of(steps((90, 3), (np.nan, 0.5), (0, 1)))) == [(0.0, 3.0)]
    assert spans(holds_of(steps((90, 3), (np.nan, 0.5)))) == [(0.0, 3.0)]


def test_hidden_from_the_start_is_no_hold() -> None:
    assert not holds_of(steps((np.nan, 5)))
    assert spans(holds_of(steps((np.nan, 1), (90, 3)))) == [(1.0, 4.0)]


def test_what_may_be_hidden_does_not_count_against_a_hold() -> None:
    where = position()
    optional = where.conditions[0].model_copy(update={"if_seen": True})
    t_s, shot = np.arange(60) / 10, np.zeros(60, int)
    for second, expected in (
        (steps((np.nan, 6)), [(0.0, 6.0)]),
        (steps((90, 3), (np.nan, 3)), [(0.0, 6.0)]),
        (steps((np.nan, 3), (0, 3)), [(0.0, 3.0)]),
        (steps((0, 6)), []),
    ):
        readings = [
            band_reading(where.conditions[0], steps((90, 6))),
            band_reading(optional, second),
        ]
        for still in (None, 5.0):
            rest = position(still=still)
            assert spans(find_holds(readings, t_s, shot, rest, None)) == expected


def test_setting_up_is_left_out_when_the_body_must_be_still() -> None:
    ramp = np.linspace(81, 99, 20)  # inside the band, but 9 degrees a second
    values = np.concatenate([ramp, steps((99, 4))])
    (moving,) = holds_of(values)
    (resting,) = holds_of(values, still=3.0)
    assert moving.start_s == 0
    assert 1.6 <= resting.start_s <= 2.1
    assert resting.end_s == moving.end_s


def test_moving_on_ends_a_still_hold() -> None:
    values = np.concatenate([steps((81, 4)), np.linspace(81, 99, 8), steps((99, 4))])
    first, second = holds_of(values, still=3.0)
    assert first.end_s <= 4.3
    assert second.start_s >= 4.5


def test_constant_movement_is_never_still() -> None:
    sway = 90 + 9 * np.sin(2 * np.pi * np.arange(80) / 10)
    assert not holds_of(sway, still=3.0)
    assert holds_of(sway)


def test_a_cut_ends_the_hold() -> None:
    shot = np.repeat([0, 1], [25, 30])
    assert spans(holds_of(steps((90, 5.5)), shot=shot)) == [(0.0, 2.5), (2.5, 5.5)]


def test_one_frame_makes_a_hold_of_no_length() -> None:
    (hold,) = holds_of(np.array([90.0]))
    assert (hold.start_s, hold.end_s, hold.start, hold.stop) == (0, 0, 0, 1)
    assert not holds_of(np.array([60.0]))
    assert not holds_of(np.array([np.nan]))


def test_one_still_frame() -> None:
    assert len(holds_of(np.array([90.0]), still=3.0)) == 1


def test_true_seconds_with_a_variable_frame_rate() -> None:
    """A phone that drops to 5 frames a second half-way through."""
    t_s = np.concatenate([np.arange(0, 4, 0.04), np.arange(4, 10, 0.2)])
    values = np.where((t_s >= 1.0 - 1e-9) & (t_s < 8.0 - 1e-9), 90.0, 0.0)
    ((start, end),) = spans(holds_of(values, t_s=t_s))
    assert (start, end) == (pytest.approx(1.0), pytest.approx(8.0))


def test_side_is_passed_on() -> None:
    where = position()
    reading = band_reading(where.conditions[0], steps((90, 3)))
    (hold,) = find_holds([reading], np.arange(30) / 10, np.zeros(30, int), where, "left")
    assert (hold.kind, hold.side) == ("hold", "left")


def test_inside_is_closed_and_open_ends_are_open() -> None:
    values = np.array([79.9, 80, 100, 100.1, np.nan, -1e9, 1e9])
    assert inside(values, (80, 100)).tolist() == [0, 1, 1, 0, 0, 0, 0]
    assert inside(values, (80, None)).tolist() == [0, 1, 1, 1, 0, 0, 1]
    assert inside(values, (None, 80)).tolist() == [1, 1, 0, 0, 0, 1, 0]


LEVELS = st.sampled_from([0.0, 72.0, 79.0, 81.0, 90.0, 99.0, 101.0, np.nan])


@st.composite
def clips(draw: st.DrawFn) -> dict[str, Array]:
    """A signal that jumps about, with uneven frame times, cuts and hidden stretches."""
    runs = draw(st.lists(st.tuples(LEVELS, st.integers(1, 25)), min_size=1, max_size=8))
    values = np.concatenate([np.full(n, level) for level, n in runs])
    gaps = st.sampled_from([0.01, 0.033, 0.1, 0.5])
    gap = np.array(draw(st.lists(gaps, min_size=len(values), max_size=len(values))))
    cuts = draw(st.lists(st.integers(0, len(values)), max_size=3))
    shot = (np.arange(len(values))[:, None] >= np.array([0, *cuts])).sum(axis=1)
    return {"values": values, "t_s": np.cumsum(gap) - gap[0], "shot": shot}


@given(clips(), st.sampled_from([None, 2.0, 8.0]), st.sampled_from([0.2, 1.0, 3.0]))
def test_holds_are_in_order_apart_inside_the_clip_and_long_enough(
    clip: dict[str, Array], still: float | None, min_s: float
) -> None:
    values, t_s, shot = clip["values"], clip["t_s"], clip["shot"]
    holds = holds_of(values, t_s=t_s, shot=shot, still=still, min_s=min_s)
    last_frame_s = float(np.median(np.diff(t_s))) if len(t_s) > 1 else 0.0
    for hold in holds:
        assert 0 <= hold.start < hold.stop <= len(t_s)
        assert hold.start_s == t_s[hold.start]
        assert t_s[hold.stop - 1] <= hold.end_s <= t_s[-1] + last_frame_s
        assert hold.seconds >= min_s or len(t_s) == 1
        assert len(set(shot[hold.frames])) == 1
        known = values[hold.frames][np.isfinite(values[hold.frames])]
        assert ((known >= LEAVE[0]) & (known <= LEAVE[1])).all()
        assert ENTER[0] <= values[hold.start] <= ENTER[1]
        assert np.isfinite(values[hold.stop - 1])
    for one, two in pairwise(holds):
        assert one.stop <= two.start
        assert one.end_s <= two.start_s


@given(clips())
def test_no_hold_goes_through_a_long_hiding(clip: dict[str, Array]) -> None:
    values, t_s = clip["values"], clip["t_s"]
    for hold in holds_of(values, t_s=t_s, shot=clip["shot"]):
        known = np.flatnonzero(np.isfinite(values[hold.frames])) + hold.start
        for before, after in pairwise(known):
            if after - before > 1:
                assert t_s[after - 1] - t_s[before] <= MAX_HIDDEN_S


# --- reps -----------------------------------------------------------------------------------------

REPEATS = Repeats(measure="back_bow", high="cat", low="cow", min_range=0.06)


def reps_of(
    values: Array, t_s: Array, repeats: Repeats = REPEATS
) -> tuple[list[Interval], list[Interval]]:
    hold = Interval("hold", "hold", None, t_s[0], t_s[-1], 0, len(t_s))
    reps, phases = find_reps(np.asarray(values, float), t_s, hold, repeats)
    parts = sorted([*reps, *phases], key=lambda one: (one.start_s, one.kind))
    return [p for p in parts if p.kind == "rep"], [p for p in parts if p.kind == "phase"]


@given(
    n=st.integers(1, 12),
    phase=st.floats(0, 2 * np.pi),
    fps=st.sampled_from([10.0, 12.0, 24.0, 29.97, 60.0]),
    period_s=st.floats(2.0, 8.0),
    height=st.floats(0.06, 0.4),
    noise=st.floats(0, 0.06 / 4),
    seed=st.integers(0, 99),
)
def test_n_cycles_are_n_reps(
    n: int, phase: float, fps: float, period_s: float, height: float, noise: float, seed: int
) -> None:
    t_s = np.arange(round(n * period_s * fps)) / fps
    wave = 0.55 * height * np.sin(2 * np.pi * t_s / period_s + phase)
    rough = np.random.default_rng(seed).uniform(-noise / 2, noise / 2, len(t_s))
    reps, phases = reps_of(0.25 + wave + rough, t_s)
    assert len(reps) == n
    for one, two in pairwise(phases):
        assert one.name != two.name
        assert one.end_s <= two.start_s


def test_rep_begins_with_the_phase_the_definition_names() -> None:
    t_s = np.arange(0, 12, 0.05)
    wave = np.sin(2 * np.pi * t_s / 4)
    for first, name in (("high", "cat"), ("low", "cow")):
        repeats = REPEATS.model_copy(update={"first": first})
        reps, phases = reps_of(np.cos(2 * np.pi * t_s / 4), t_s, repeats)
        starts = {p.start_s: p.name for p in phases}
        assert len(reps) == 3
        assert starts[reps[0].start_s] == ("cat" if first == "high" else name)
    # A clip with one phase too few for both orders keeps the order with more reps.
    reps, _ = reps_of(wave, t_s, REPEATS.model_copy(update={"first": "low"}))
    assert len(reps) == 3


def test_a_rep_is_two_phases_and_true_seconds() -> None:
    t_s = np.arange(0, 8, 0.1)
    values = np.where(t_s % 4 < 2 - 1e-9, 0.3, 0.1)
    reps, phases = reps_of(values, t_s)
    assert [p.name for p in phases] == ["cat", "cow", "cat", "cow"]
    assert spans(reps)[0] == (0.0, 4.0)
    assert reps[0].start == 0
    assert reps[0].stop == 40


@given(
    level=st.floats(-1, 1), noise=st.floats(0, 0.05), seed=st.integers(0, 99), n=st.integers(1, 200)
)
def test_flat_signal_has_no_reps(level: float, noise: float, seed: int, n: int) -> None:
    values = level + np.random.default_rng(seed).uniform(-noise / 2, noise / 2, n)
    assert reps_of(values, np.arange(n) / 10) == ([], [])


def test_short_flick_is_no_phase() -> None:
    t_s = np.arange(0, 10, 0.1)
    values = np.where(t_s < 5, 0.3, 0.1)
    values[20:22] = 0.1
    _, phases = reps_of(values, t_s)
    assert [p.name for p in phases] == ["cat", "cow"]


@given(st.data())
def test_hidden_stretches_never_make_reps_up(data: st.DataObject) -> None:
    t_s = np.arange(0, 20, 0.1)
    values = 0.2 + 0.1 * np.sin(2 * np.pi * t_s / 4)
    for _ in range(data.draw(st.integers(0, 4))):
        start = data.draw(st.integers(0, len(t_s)))
        values[start : start + data.draw(st.integers(0, 60))] = np.nan
    reps, phases = reps_of(values, t_s)
    assert len(reps) <= 5
    for part in [*reps, *phases]:
        assert np.isfinite(values[[part.start, part.stop - 1]]).all()
        assert part.start_s < part.end_s


@pytest.mark.parametrize("hidden_s", [0.2, 0.5, 1.0])
def test_short_hiding_costs_no_rep(hidden_s: float) -> None:
    t_s = np.arange(0, 20, 0.1)
    values = 0.2 + 0.1 * np.sin(2 * np.pi * t_s / 4)
    values[(t_s > 7) & (t_s < 7 + hidden_s)] = np.nan
    assert len(reps_of(values, t_s)[0]) == 5


def test_nothing_seen_has_no_reps() -> None:
    t_s = np.arange(0, 5, 0.1)
    assert reps_of(np.full(len(t_s), np.nan), t_s) == ([], [])


def test_reps_lie_inside_their_hold() -> None:
    t_s = np.arange(0, 30, 0.1)
    values = 0.2 + 0.1 * np.sin(2 * np.pi * t_s / 4)
    hold = Interval("hold", "hold", "left", 8.0, 20.0, 80, 200)
    reps, phases = find_reps(values, t_s, hold, REPEATS)
    parts = sorted([*reps, *phases], key=lambda one: one.start_s)
    assert sum(p.kind == "rep" for p in parts) == 3
    assert all(80 <= p.start < p.stop <= 200 and p.side == "left" for p in parts)
    assert max(p.end_s for p in parts) <= 20.0
    assert reps == sorted(reps, key=lambda p: p.start_s)
    assert phases == sorted(phases, key=lambda p: p.start_s)
