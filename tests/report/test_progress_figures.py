"""The figures of progress, read back: every value, band, mark and bar is what was computed."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import to_rgb
from matplotlib.dates import num2date
from matplotlib.patches import Rectangle

import posecheck as pc
from posecheck.report.progress_figures import (
    _AGAINST,
    _SIDES,
    plot_angle,
    plot_calendar,
    plot_overview,
    plot_progress,
    plot_rom,
)
from posecheck.sessions.progress.adherence import local_times
from posecheck.sessions.progress.demo import simulate_rom, simulate_sessions
from posecheck.sessions.progress.progress import Progress
from tests.fixtures.bodies import LEGS_UP
from tests.fixtures.films import film, joined, nobody
from tests.fixtures.histories import GAINED, START, both, rom, sessions_done
from tests.fixtures.reports import form


@pytest.fixture(autouse=True)
def _close() -> Any:
    yield
    plt.close("all")


def line(ax: Axes, label: str, *, nth: int = 0) -> tuple[list[Any], np.ndarray]:
    found = [one for one in ax.lines if one.get_label() == label][nth]
    return list(np.asarray(found.get_xdata())), np.asarray(found.get_ydata(), dtype=float)


def saved(figure: Any) -> None:
    figure.savefig(io.BytesIO(), format="png")


def two_sided() -> Progress:
    right = rom([70.0, 71, 69, 70, 70, 90], side="right", held="right", near_side="right")
    return pc.progress(both(rom(GAINED), right))


def test_values_baseline_and_band_are_those_computed() -> None:
    found = pc.progress(rom(GAINED))
    (one,) = found.current
    ax = plot_rom(found)
    times, values = line(ax, "_values")
    assert list(values) == GAINED
    assert list(pd.to_datetime(times)) == list(local_times(one.sittings["started"]))
    assert set(line(ax, "_baseline")[1]) == {60.0}
    limit = one.sittings["limit"].to_numpy()
    np.testing.assert_array_equal(line(ax, "_edge", nth=0)[1], 60 - limit)
    np.testing.assert_array_equal(line(ax, "_edge", nth=1)[1], 60 + limit)


def test_real_changes_are_filled_and_noise_is_hollow() -> None:
    ax = plot_rom(pc.progress(rom(GAINED)))
    assert list(line(ax, "_noise")[1]) == GAINED[:-1]
    assert list(line(ax, "_real")[1]) == GAINED[-1:]
    hollow = next(one for one in ax.lines if one.get_label() == "_noise")
    assert to_rgb(hollow.get_markerfacecolor()) == (1, 1, 1)


def test_left_and_right_differ_by_colour_mark_line_and_lightness() -> None:
    ax = plot_rom(two_sided())
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["left", "right"]
    assert list(line(ax, "_values", nth=1)[1]) == [70, 71, 69, 70, 70, 90]
    left, right = _SIDES["left"], _SIDES["right"]
    assert all(left[name] != right[name] for name in ("color", "marker", "ls"))
    grey = [np.dot(to_rgb(one["color"]), (0.2126, 0.7152, 0.0722)) for one in (left, right)]
    assert abs(grey[0] - grey[1]) > 0.05


def test_title_has_the_verdicts() -> None:
    assert plot_rom(two_sided()).get_title(loc="left").split("\n") == [
        "Straight-leg raise",
        "left: real gain",
        "right: within measurement noise",
    ]
    less = plot_rom(pc.progress(rom(GAINED, better="less")))
    assert "less is better" in less.get_title(loc="left")


def test_pain_is_a_bar_below_the_values() -> None:
    found = pc.progress(rom(GAINED[:6]), sessions_done())
    ax = plot_rom(found)
    (pain,) = [one for one in ax.figure.axes if one is not ax]
    bars = [bar for bar in pain.patches if isinstance(bar, Rectangle)]
    assert [bar.get_height() for bar in bars] == [0, 1, 2, 3, 4, 5]
    days = [num2date(bar.get_x() + bar.get_width() / 2).date() for bar in bars]
    assert days == list(local_times(found.current[0].sittings["started"]).dt.date)
    top_of_bars = ax.transData.inverted().transform(pain.transData.transform((0, 10)))[1]
    assert top_of_bars <= ax.get_ylim()[0] + np.ptp(ax.get_ylim()) / 5 + 1e-9
    assert len(plot_rom(pc.progress(rom(GAINED))).figure.axes) == 1, "no pain was noted"


def test_everything_is_in_the_axes() -> None:
    for values in (GAINED, [60.0], [60.0, 60.0, 60.0]):
        ax = plot_rom(pc.progress(rom(values)))
        bottom, top = ax.get_ylim()
        assert bottom < min(values) <= max(values) < top
        assert top - bottom >= pc.progress(rom(values)).current[0].floor - 1e-9


def test_draws_on_the_axes_it_is_given() -> None:
    for draw in (
        lambda ax: plot_rom(pc.progress(rom(GAINED)), ax=ax),
        lambda ax: plot_calendar(sessions_done(), ax=ax),
        lambda ax: plot_angle({"last": form(LEGS_UP)}, "right_hip_flexion", ax=ax),
    ):
        ax = plt.subplots()[1]
        assert draw(ax) is ax
        assert ax.lines


def test_nothing_says_so() -> None:
    nothing = pc.progress(rom(GAINED).iloc[:0])
    assert "No session" in plot_rom(nothing).texts[0].get_text()
    assert "No session" in plot_calendar(sessions_done(0)).texts[0].get_text()
    assert "No hold" in plot_angle({"last": form(nobody())}, "x").texts[0].get_text()
    saved(plot_progress(nothing))
    saved(plot_overview(nothing))


# --- angle over time ------------------------------------------------------------------------------


def test_angles_begin_where_the_hold_begins() -> None:
    early = form(film(LEGS_UP, 6))
    late = form(joined(film(replace(LEGS_UP, hip=0.0), 3), film(replace(LEGS_UP, hip=84.0), 6)))
    ax = plot_angle({"first": early, "last": late}, "right_hip_flexion")
    for name, check in (("first", early), ("last", late)):
        times, values = line(ax, name)
        np.testing.assert_array_equal(values, check.measures["right_hip_flexion"])
        np.testing.assert_allclose(times, check.series.t_s - check.holds[0].start_s)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["first", "last"]
    assert late.holds[0].start_s > 2


def test_sessions_worth_comparing() -> None:
    (one,) = pc.progress(rom([60.0, 90, 40, 70])).current
    assert one.first_best_last() == {"first": "s0", "best": "s1", "last": "s3"}
    (one,) = pc.progress(rom([60.0, 90, 40, 70], better="less")).current
    assert one.first_best_last()["best"] == "s2"
    assert set(one.first_best_last()) == set(_AGAINST)


# --- calendar -------------------------------------------------------------------------------------


def test_calendar_has_each_day_in_its_place() -> None:
    sessions = sessions_done(
        3, started=[START, START + pd.Timedelta(days=1), START + pd.Timedelta(days=8)]
    )
    ax = plot_calendar(sessions)
    (mesh,) = [one for one in ax.collections if isinstance(one, QuadMesh)]
    minutes = mesh.get_array().filled(np.nan)
    first = local_times(sessions["started"])[0]
    assert first.weekday() == START.weekday() == 0
    assert minutes[0, 0] == minutes[1, 0] == minutes[1, 1] == 1
    assert np.isfinite(minutes).sum() == 3
    assert [(text.get_position()[0], text.get_text()) for text in ax.texts] == [(0, "1"), (1, "2")]
    places = [np.asarray(dot.get_xydata(), dtype=float)[0] for dot in ax.lines]
    dots = [(int(x), round(y)) for x, y in places]
    assert dots == [(0, 0), (1, 1)], "the doses of the first and the third session were met"
    saved(ax.figure)


def test_sessions_of_a_day_are_added_up() -> None:
    sessions = sessions_done(3, started=START, dose_met=[True, False, True])
    ax = plot_calendar(sessions)
    (mesh,) = [one for one in ax.collections if isinstance(one, QuadMesh)]
    assert np.asarray(mesh.get_array())[0, 0] == 3
    assert not ax.lines, "not every dose of the day was met"


def test_calendar_without_seconds_or_doses() -> None:
    saved(plot_calendar(sessions_done()[["session", "started"]]).figure)


# --- overview -------------------------------------------------------------------------------------


def test_overview_has_a_panel_a_measure() -> None:
    found = pc.progress(simulate_rom(), simulate_sessions())
    figure = plot_overview(found)
    panels = [ax for ax in figure.axes if ax.lines]
    assert len(panels) == len(found.keys)
    for key, ax in zip(found.keys, panels, strict=True):
        for nth, one in enumerate(found.of(key).current):
            np.testing.assert_array_equal(line(ax, "_values", nth=nth)[1], one.values)
            assert one.verdict in ax.get_title(loc="left")
    assert len({ax.get_xlim() for ax in panels}) == 1
    assert figure.number not in plt.get_fignums(), "a notebook would show it twice"
    saved(figure)


def test_simulated_figures_say_so() -> None:
    found = pc.progress(simulate_rom(), simulate_sessions())
    assert "simulated" in plot_rom(found).get_title(loc="left")
    assert "simulated" in plot_overview(found).get_suptitle()
    assert "simulated" in plot_calendar(simulate_sessions()).get_title(loc="left")
    assert "simulated" not in plot_calendar(sessions_done()).get_title(loc="left")


def test_progress_plots_itself() -> None:
    figure = pc.progress(both(rom(GAINED), rom(GAINED, measure="trunk_elevation"))).plot()
    titles = [ax.get_title(loc="left") for ax in figure.axes]
    assert [title.split("\n")[0] for title in titles] == ["Straight-leg raise", "Trunk elevation"]
    assert figure.number not in plt.get_fignums()


def test_words_of_an_own_definition_are_no_formula() -> None:
    found = pc.progress(rom(GAINED, stretch=r"$\what$", measure=r"$\nonsense{$"))
    saved(plot_rom(found).figure)
    saved(plot_overview(found))
