"""Progress from tables of readings: series of like with like, sittings, sides, adherence, words."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

import posecheck as pc
from posecheck.cli.progress import print_progress
from posecheck.core.errors import UsageError
from posecheck.sessions.progress.adherence import compute_adherence, local_times
from posecheck.sessions.progress.change import MDC_PER_SEM
from posecheck.sessions.progress.demo import PEOPLE, simulate_rom, simulate_sessions
from posecheck.sessions.progress.progress import SIMULATED, Progress
from posecheck.sessions.progress.series import (
    CONDITIONS,
    SeriesProgress,
    compute_sittings,
    explain_exclusions,
)
from posecheck.stretches.reader import load_stretch
from posecheck.stretches.schema import Rom
from tests.fixtures.histories import (
    AVOIDED,
    GAINED,
    MEASURE,
    START,
    both,
    reading,
    rom,
    sessions_done,
)


def only(progress: Progress) -> SeriesProgress:
    (one,) = progress.current
    return one


# --- the answer -----------------------------------------------------------------------------------


def test_answer_has_baseline_sem_mdc_and_verdict() -> None:
    found = pc.progress(rom(GAINED))
    one = only(found)
    assert one.baseline == 60
    assert one.mdc == pytest.approx(MDC_PER_SEM * 4.0)
    assert one.verdict == "real gain"
    (row,) = found.to_frame().to_dict("records")
    assert row["change"] == 22
    assert (row["side"], row["sessions"], row["verdict"]) == ("left", 7, "real gain")
    assert one.sem == row["sem"] > 0
    assert "real gain" in found._repr_html_()
    assert "22° larger than your baseline of 60°" in one.sentence()


def test_function_is_no_module() -> None:
    """`posecheck.progress` must stay callable whatever of the package was imported."""
    assert callable(pc.progress)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_baseline_is_built_first(n: int) -> None:
    one = only(pc.progress(rom([60.0] * n)))
    assert one.verdict == "building baseline"
    assert one.mdc is None
    assert (one.baseline is None) == (n < 3)
    assert "building baseline" in one.sentence()


@settings(max_examples=30)
@given(st.floats(-1e6, 1e6), st.integers(1, 6))
def test_one_sitting_never_gives_a_verdict(value: float, n_trials: int) -> None:
    """However many recordings of one evening there are."""
    rows = [reading(k / 96, value * k) for k in range(n_trials)]
    assert only(pc.progress(pd.DataFrame(rows))).verdict == "building baseline"


def test_nothing_known_is_no_error() -> None:
    empty = rom([60.0]).iloc[:0]
    for table in (
        empty,
        rom([60.0]).assign(value=np.nan),
        rom([60.0]).assign(started=pd.to_datetime(["NaT"])),
    ):
        found = pc.progress(table, pd.DataFrame({"session": [], "started": []}))
        assert found.series == ()
        assert found.adherence is None
        assert found.to_frame().empty
        assert "No session" in found._repr_html_()
        assert found.pain_after == 0


def test_missing_column_is_named() -> None:
    with pytest.raises(UsageError, match="value"):
        pc.progress(rom([60.0]).drop(columns="value"))


def test_least_that_is_needed() -> None:
    needed = ["session", "started", "stretch", "measure", "value"]
    one = only(pc.progress(rom(GAINED)[needed]))
    assert one.verdict == "real gain"
    assert (one.side, one.unit, one.better) == (None, "deg", "more")
    assert one.floor == pytest.approx(MDC_PER_SEM * pc.MEASURES[MEASURE].sem)


def test_counted_seconds_have_a_floor_of_time() -> None:
    table = rom([30.0, 31, 30, 30, 31, 45, 46], measure="body_line", unit="s", sem=np.nan)
    one = only(pc.progress(table.assign(statistic="seconds")))
    assert one.floor == pytest.approx(0.277)
    assert one.verdict == "real gain"
    assert one.name.endswith("(time in position)")


def test_missing_and_endless_values_are_left_out() -> None:
    table = both(rom(GAINED), pd.DataFrame([reading(2.4, None), reading(2.6, np.inf)]))
    assert list(only(pc.progress(table)).values) == GAINED


@settings(max_examples=30)
@given(st.randoms(use_true_random=False))
def test_order_of_the_rows_does_not_matter(random: Any) -> None:
    table = both(rom(GAINED), rom([50.0, 70, 80, 40], side="right", near_side="right"))
    order = list(range(len(table)))
    random.shuffle(order)
    expected, found = (
        pc.progress(t).to_frame().sort_values("side", ignore_index=True)
        for t in (table, table.iloc[order])
    )
    pd.testing.assert_frame_equal(expected, found)


@settings(max_examples=30)
@given(st.lists(st.integers(0, 6), max_size=8))
def test_rows_twice_count_once(again: list[int]) -> None:
    table = rom(GAINED)
    assert list(only(pc.progress(both(table, table.iloc[again]))).values) == GAINED


# --- sittings -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trials", "worth"), [([70.0], 70), ([60.0, 70], 70), ([60.0, 70, 90, 74], 74)]
)
def test_first_trial_is_dropped_and_the_rest_has_a_median(
    trials: list[float], worth: float
) -> None:
    for apart_days, session in ((0.0, "one"), (1 / 96, None)):
        rows = [
            reading(5 + k * apart_days, value) | ({"session": session} if session else {})
            for k, value in enumerate(trials)
        ]
        (sitting,) = compute_sittings(pd.DataFrame(rows)).to_dict("records")
        assert (sitting["value"], sitting["n_trials"]) == (worth, len(trials))
        assert sitting["started"] == START + pd.Timedelta(days=5)


def test_morning_and_evening_are_two_sittings() -> None:
    rows = [reading(0, 60.0), reading(0.4, 70.0)]
    assert len(compute_sittings(pd.DataFrame(rows))) == 2


def test_three_recordings_of_an_evening_are_no_baseline() -> None:
    rows = [reading(k / 96, 60.0) for k in range(3)]
    assert only(pc.progress(pd.DataFrame(rows))).baseline is None


# --- like with like -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"view": "front"}, "filmed from the front view"),
        ({"near_side": "right"}, "with the right side to the camera"),
        ({"model": "lite"}, "read by the lite model"),
        ({"variant": "propped"}, "done as propped"),
        ({"prop": "strap"}, "with strap"),
        ({"corrected": False}, "with corrected angles: False"),
        ({"definition_version": 2}, "measured by another definition (version 2)"),
    ],
)
def test_other_conditions_are_a_series_of_their_own(change: dict[str, Any], words: str) -> None:
    early = rom([10.0, 20, 30, 40], **change).assign(started=START - pd.Timedelta(days=9))
    early["started"] += pd.to_timedelta(range(4), unit="D")
    early["session"] = "early" + early["session"]
    found = pc.progress(both(early, rom(GAINED)))
    assert len(found.series) == 2
    one = only(found)
    assert list(one.values) == GAINED
    assert one.excluded == (f"4 sessions {words} are kept apart: only like is compared with like.",)
    assert one.excluded[0] in found.sentences()
    assert str(found).splitlines() == found.sentences()
    assert len(repr(found)) < 400


def test_going_back_goes_on_with_the_old_series() -> None:
    away = rom([10.0], view="front").assign(session="x", started=START + pd.Timedelta(days=2.5))
    one = only(pc.progress(both(rom(GAINED), away)))
    assert list(one.values) == GAINED


def test_last_sitting_tells_which_series_is_current() -> None:
    away = rom([10.0], view="front").assign(session="x", started=START + pd.Timedelta(days=99))
    one = only(pc.progress(both(rom(GAINED), away)))
    assert one.conditions["view"] == "front"
    assert one.verdict == "building baseline"
    assert one.excluded[0].startswith("7 sessions filmed from the side view")


def test_every_condition_has_words() -> None:
    assert set(CONDITIONS) <= set(rom(GAINED)) | {"meaning"}
    unknown = ("",) * len(CONDITIONS)
    (line,) = explain_exclusions(("x",) * len(CONDITIONS), [(unknown, 1)])
    assert line.startswith("1 session filmed from an unknown side and ")
    assert "without a prop" in line


def test_statistics_of_one_measure_are_two_series() -> None:
    table = both(rom([100.0] * 4, statistic="max"), rom([-10.0] * 4, statistic="min"))
    names = [one.name for one in pc.progress(table).current]
    assert names == ["straight-leg raise (highest)", "straight-leg raise (lowest)"]


# --- the definition's part ------------------------------------------------------------------------


@pytest.fixture
def knees(monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    """Falling knee flexion, in a catalogue that says that less is better since version 3."""
    stretch = load_stretch("legs-up-the-wall")
    kept = Rom(measure="knee_flexion", better="less", since=3)
    known = stretch.model_copy(update={"rom": (kept,)})
    monkeypatch.setattr("posecheck.sessions.progress.series.load_stretch", lambda _: known)
    return rom([40.0, 41, 39, 40, 20, 21], stretch=stretch.id, measure="knee_flexion").assign(
        definition_version=3
    )


def test_definition_says_what_is_better(knees: pd.DataFrame) -> None:
    one = only(pc.progress(knees))
    assert (one.better, one.verdict) == ("less", "real gain")
    assert "smaller than your baseline" in one.sentence()


def test_own_definition_keeps_its_better_with_the_reading() -> None:
    assert only(pc.progress(rom(GAINED, better="less"))).verdict == "real loss"


def test_version_counts_only_where_it_changes_the_measure(knees: pd.DataFrame) -> None:
    found = pc.progress(knees.assign(definition_version=[3, 4, 3, 5, 5, 6]))
    assert len(found.series) == 1
    found = pc.progress(knees.assign(definition_version=[1, 2, 3, 3, 3, 3]))
    assert sorted(len(one.sittings) for one in found.series) == [2, 4]
    assert "before version 3" in only(found).excluded[0]


# --- left and right -------------------------------------------------------------------------------


def sides(left: float, right: float, **of_the_right: Any) -> Progress:
    facts = {"side": "right", "held": "right", "near_side": "right", **of_the_right}
    return pc.progress(both(rom([left] * 5), rom([right] * 5, **facts)))


def test_difference_has_noise_of_its_own() -> None:
    limit = np.sqrt(2) * MDC_PER_SEM * 4.0
    for gap, real in ((limit - 0.1, False), (limit + 0.1, True), (-limit - 0.1, True)):
        (found,) = sides(60 + gap, 60).asymmetries
        assert found.mdc == pytest.approx(limit)
        assert found.difference == pytest.approx(gap)
        assert found.real == real
    assert "right is 16° larger" in found.sentence()
    assert "within measurement noise" in sides(60, 61).asymmetries[0].sentence()


def test_near_side_is_not_compared_with_the_far_one() -> None:
    assert sides(60, 90, near_side="left").asymmetries == ()
    assert sides(60, 90, view="front").asymmetries == ()
    assert pc.progress(both(rom([60.0] * 2), rom([90.0] * 2, side="right"))).asymmetries == ()


def test_sides_of_a_measure_without_sides_are_those_held() -> None:
    left = rom([60.0] * 5, side=None, near_side="left")
    right = rom([60.0] * 5, side=None, held="right", near_side="right")
    found = pc.progress(both(left, right))
    assert [one.where for one in found.current] == ["left", "right"]
    assert len(found.asymmetries) == 1


# --- pain and adherence ---------------------------------------------------------------------------


def test_pain_stands_beside_each_value() -> None:
    found = pc.progress(rom(GAINED[:6]), sessions_done())
    assert list(only(found).sittings["pain_after"]) == [0, 1, 2, 3, 4, 5]
    assert found.pain_after == 5
    assert any("Pain after the last session: 5 of 10" in line for line in found.notes())


def test_pain_with_the_readings_is_enough() -> None:
    found = pc.progress(rom(GAINED, pain_after=3.0))
    assert found.pain_after == 3


def test_pain_of_a_sitting_is_that_before_the_first_and_after_the_last() -> None:
    rows = [
        reading(0, 60.0, pain_before=2, pain_after=None),
        reading(0.01, 61.0, pain_before=3, pain_after=4),
    ]
    (sitting,) = compute_sittings(pd.DataFrame(rows)).to_dict("records")
    assert (sitting["pain_before"], sitting["pain_after"]) == (2, 4)


def test_adherence_counts_the_last_four_weeks() -> None:
    found = compute_adherence(sessions_done(10))
    assert found is not None
    assert (found.n_sessions, found.n_days, found.weeks) == (4, 4, 4)
    assert found.per_week == pytest.approx(1)
    assert (found.held_s, found.n_met, found.n_with_dose) == (240, 2, 4)
    assert "dose was met in 2 of 4" in found.sentence()


@given(st.integers(1, 60), st.integers(0, 23 * 60))
def test_no_week_has_more_than_seven_days(n: int, minutes: int) -> None:
    started = [START + pd.Timedelta(days=day, minutes=minutes) for day in range(n)]
    found = compute_adherence(sessions_done(n, started=started))
    assert found is not None
    assert found.n_days == min(n, 28)
    assert found.per_week == pytest.approx(min(n, 7))


def test_adherence_until_a_day() -> None:
    late = compute_adherence(sessions_done(10), until=START + pd.Timedelta(weeks=30))
    assert late is not None
    assert late.n_sessions == 0
    assert compute_adherence(sessions_done(3), until=START - pd.Timedelta(days=1)) is None


def test_adherence_with_hardly_anything_known() -> None:
    found = compute_adherence(sessions_done(1)[["started"]])
    assert found is not None
    assert (found.n_sessions, found.held_s, found.n_with_dose, found.weeks) == (1, 0, 0, 1)
    assert found.sentence() == "1 day in the first week."


def test_sessions_twice_count_once() -> None:
    assert compute_adherence(both(sessions_done(), sessions_done())) == compute_adherence(
        sessions_done()
    )


def test_local_times_are_those_of_the_clock() -> None:
    times = pd.Series([START])
    expected = START.to_pydatetime().astimezone().replace(tzinfo=None)
    assert local_times(times)[0] == expected
    assert local_times(times[:0]).empty


# --- the simulated history, and what is printed ---------------------------------------------------


@pytest.fixture(scope="module", params=PEOPLE)
def simulated(request: pytest.FixtureRequest) -> Progress:
    return pc.progress(simulate_rom(request.param), simulate_sessions(request.param))


def test_simulated_history_says_so_everywhere(simulated: Progress) -> None:
    assert simulated.simulated
    assert simulated.notes()[0] == SIMULATED
    assert SIMULATED.split(":")[0] in simulated._repr_html_()
    assert not pc.progress(rom(GAINED)).simulated


def test_simulated_history_is_the_same_every_time() -> None:
    pd.testing.assert_frame_equal(simulate_rom(), simulate_rom())
    assert set(simulate_rom()["session"]) <= set(simulate_sessions()["session"])


def test_simulated_people_differ() -> None:
    moved = [
        sum(one.verdict.startswith("real") for one in pc.progress(simulate_rom(person)).current)
        for person in PEOPLE
    ]
    assert moved[0] >= 2
    assert moved[1] == 0


def test_words_make_no_medical_claim(simulated: Progress) -> None:
    said = " ".join(simulated.sentences()).lower()
    assert not [word for word in AVOIDED if word in said]


@pytest.mark.parametrize("width", [80, 140])
def test_printed_table(simulated: Progress, width: int) -> None:
    console = Console(width=width, record=True, file=io.StringIO())
    print_progress(simulated, console)
    text = console.export_text()
    assert SIMULATED in text
    for one in simulated.current:
        assert one.verdict in text
        assert one.stretch in text


def test_names_are_shown_as_text() -> None:
    found = pc.progress(rom(GAINED, stretch="[red]<b>x</b>", measure="<i>y"))
    assert "<b>x" not in found._repr_html_()
    console = Console(width=120, record=True, file=io.StringIO())
    print_progress(found, console)
    assert "[red]<b>x</b>" in console.export_text()
