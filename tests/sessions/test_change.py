"""Baseline, SEM, smallest real change, verdict and trend; and how often they are wrong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from benchmarks import progress as simulation
from posecheck.sessions.progress.change import (
    MDC_PER_SEM,
    autocorrelation,
    compute_baseline,
    compute_limits,
    compute_trend,
    compute_verdicts,
    personal_mdc,
    personal_sem,
)

FLOOR = 12.0
SERIES = st.lists(
    st.integers(0, 1800).map(lambda tenths: tenths / 10), min_size=1, max_size=20
).map(np.array)


def judged(values: list[float], *, floor: float = FLOOR, better: str = "more") -> list[str]:
    read = np.array(values, dtype=float)
    return list(compute_verdicts(read, compute_limits(read, floor), better=better))  # type: ignore[arg-type]


def test_two_sittings_running_are_a_change() -> None:
    noise = "within measurement noise"
    verdicts = judged([60, 61, 59, 60, 60, 80, 81, 60])
    assert verdicts[:3] == ["building baseline"] * 3
    assert verdicts[3:] == [noise, noise, noise, "real gain", noise]


def test_where_less_is_better_a_fall_is_the_gain() -> None:
    values = [40.0, 41, 39, 20, 21]
    assert judged(values, better="less")[-1] == "real gain"
    assert judged(values)[-1] == "real loss"


def test_one_beyond_on_either_side_is_no_change() -> None:
    assert judged([60, 61, 59, 80, 40])[-1] == "within measurement noise"


def test_up_to_the_limit_is_noise() -> None:
    assert judged([60, 60, 60, 72, 72])[-1] == "within measurement noise"
    assert judged([60, 60, 60, 72.1, 72.1])[-1] == "real gain"


def test_baseline_is_the_middle_of_the_first_three() -> None:
    assert compute_baseline(np.array([60.0, 95, 62, 10, 10])) == 62
    assert np.isnan(compute_baseline(np.array([60.0, 62])))


def test_personal_sem_is_sd_of_differences_over_root_two() -> None:
    values = np.random.default_rng(3).normal(80, 5, 2000)
    sem, freedom = personal_sem(values)
    assert sem == pytest.approx(5, rel=0.05)
    assert sem == pytest.approx(np.diff(values).std() / np.sqrt(2), rel=0.01)
    assert personal_mdc(values) == pytest.approx(MDC_PER_SEM * sem, rel=0.01)
    assert freedom == pytest.approx(2 / 3 * len(values), rel=0.01)


def test_few_sittings_make_the_limit_wider() -> None:
    sem, freedom = personal_sem(np.array([60.0, 70, 60]))
    assert (sem, freedom) == (pytest.approx(np.sqrt(50)), pytest.approx(1.6))
    assert personal_mdc(np.array([60.0, 70, 60])) > 2 * MDC_PER_SEM * sem


def test_slow_gain_does_not_hide_itself() -> None:
    values = np.linspace(60, 90, 31)
    assert personal_sem(values)[0] < 1


def test_the_judged_have_no_say_in_their_limit() -> None:
    calm = np.array([60.0, 61, 59, 60, 61, 60])
    wild = np.append(calm[:-2], [160, 20])
    np.testing.assert_array_equal(compute_limits(calm, 0), compute_limits(wild, 0))


@given(SERIES, st.integers(-100, 100))
def test_shift_changes_no_verdict(values: np.ndarray, shift: int) -> None:
    assert judged(list(values)) == judged(list(values + shift)) or near_limit(values)


@given(SERIES, st.sampled_from([0.25, 2.0, 8.0]))
def test_scale_changes_no_verdict(values: np.ndarray, scale: float) -> None:
    assert judged(list(values)) == judged(list(values * scale), floor=FLOOR * scale)


@given(SERIES)
def test_mirror_turns_gain_into_loss(values: np.ndarray) -> None:
    other = {"real gain": "real loss", "real loss": "real gain"}
    assert [other.get(v, v) for v in judged(list(values))] == judged(list(-values))
    assert judged(list(values)) == judged(list(-values), better="less")


@given(SERIES)
def test_what_was_said_is_not_taken_back(values: np.ndarray) -> None:
    whole = judged(list(values))
    assert all(judged(list(values[: n + 1])) == whole[: n + 1] for n in range(len(values)))


@given(SERIES)
def test_nothing_is_real_below_the_floor(values: np.ndarray) -> None:
    verdicts = judged(list(values), floor=180.1)
    assert not any(verdict.startswith("real") for verdict in verdicts)


def near_limit(values: np.ndarray) -> bool:
    """Whether rounding may put a value on either side of its limit."""
    change = np.abs(values - compute_baseline(values)) - compute_limits(values, FLOOR)
    return bool((np.abs(change) < 1e-9).any())


# --- trend ----------------------------------------------------------------------------------------


@given(
    st.lists(st.integers(-50, 50), min_size=5, max_size=15),
    st.integers(-5, 5),
    st.sampled_from([0.5, 1.0, 4.0]),
)
def test_trend_follows_slope_and_scale(noise: list[int], slope: int, scale: float) -> None:
    days = np.arange(len(noise)) * 3.0
    flat, steep = (compute_trend(days, np.array(noise) + s * days) for s in (0, slope))
    assert flat is not None and steep is not None
    assert steep.per_week == pytest.approx(flat.per_week + 7 * slope)
    assert flat.low <= flat.per_week <= flat.high
    scaled = compute_trend(days, np.array(noise) * scale)
    assert scaled is not None
    assert scaled.per_week == pytest.approx(flat.per_week * scale)


def test_trend_is_that_of_theil_and_sen() -> None:
    random = np.random.default_rng(1)
    days = np.cumsum(random.uniform(1, 4, 40))
    values = random.normal(0, 3, 40) + 0.2 * days
    found = compute_trend(days, values)
    slope, _, low, high = stats.theilslopes(values, days)
    assert found is not None
    assert found.per_week == pytest.approx(7 * slope)
    if autocorrelation(values - slope * days) == 0:
        assert (found.low, found.high) == (pytest.approx(7 * low), pytest.approx(7 * high))
    else:
        assert found.low <= 7 * low < 7 * high <= found.high


def test_one_odd_value_does_not_turn_the_trend() -> None:
    days = np.arange(12) * 2.0
    values = np.full(12, 60.0)
    values[-1] = 160
    found = compute_trend(days, values)
    assert found is not None
    assert found.per_week == 0


def test_too_few_sittings_have_no_trend() -> None:
    assert compute_trend(np.arange(4.0), np.arange(4.0)) is None


def test_equal_values_have_a_trend_of_nothing() -> None:
    found = compute_trend(np.arange(6.0), np.full(6, 70.0))
    assert found is not None
    assert (found.per_week, found.low, found.high) == (0, 0, 0)


@pytest.mark.parametrize("likeness", [0.0, 0.5])
def test_interval_holds_the_true_slope(likeness: float) -> None:
    """Sittings that resemble their neighbours make the plain interval too narrow."""
    world = simulation.World(likeness=likeness, day_to_day=6.0, sem=2.0, factors=0)
    read = simulation.simulate(world, 300)[:, :20]
    days = np.arange(20) * 3.0
    found = [compute_trend(days, values) for values in read]
    held = np.mean([trend.low <= 0 <= trend.high for trend in found if trend])
    assert held > 0.88


# --- simulation: the small version of benchmarks/progress.py --------------------------------------


@pytest.mark.parametrize("name", ["knee flexion", "straight-leg raise"])
def test_false_gains_are_rare(name: str) -> None:
    world = simulation.by_measure()[name]
    assert simulation.ever(world, 1500, compute_limits) < 0.05


def test_false_gains_stay_rare_in_people_who_scatter_twice_as_much() -> None:
    world = simulation.stress()["everybody scatters 2 times as much"]
    assert simulation.ever(world, 1500, compute_limits) < 0.065
    assert simulation.ever(world, 1500, simulation.plain_limits) > 0.1, "why the rule is not plain"


def test_gain_of_twenty_degrees_is_seen() -> None:
    world = simulation.World()
    first = simulation.first_gain(simulation.simulate(world, 300, gain=20), world.sem)
    assert (first <= 30).mean() > 0.8
    assert (first > 4).all(), "a gain needs a baseline and two sittings"


def test_simulated_scatter_is_what_it_says() -> None:
    world = simulation.World(factors=0)
    read = simulation.simulate(world, 4000)
    assert read.std() == pytest.approx(np.hypot(world.sem, world.day_to_day), rel=0.02)
    gained = simulation.simulate(world, 50, gain=20) - simulation.simulate(world, 50)
    expected = np.tile([0, 0, 2, 20, 20], (50, 1))
    np.testing.assert_allclose(gained[:, [0, 2, 3, 12, 29]], expected, atol=1e-9)
