"""The figures, read back: the line is the measure, the band is the limits."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from posecheck.assess.cue_result import CueResult
from posecheck.assess.report import Report
from posecheck.report.figures import plot_cue, plot_photo, plot_report
from posecheck.report.style import BLUE, GREEN, GREY, VERMILION, YELLOW
from posecheck.stretches import load_stretch
from tests.fixtures.bodies import FOLD, LEGS_UP
from tests.fixtures.films import film, hidden, joined, nobody, photo
from tests.fixtures.reports import form


def cue_of(check: Report, cue: str) -> CueResult:
    return next(c for c in check.cues if c.id == cue)


def spans(ax: Axes, colour: str) -> list[Rectangle]:
    return [
        p
        for p in ax.patches
        if isinstance(p, Rectangle) and to_hex(p.get_facecolor()) == colour.lower()
    ]


def drawn(check: Report, cue: str) -> Axes:
    return plot_cue(check, cue_of(check, cue))


def texts(ax: Axes) -> str:
    return " ".join([*(t.get_text() for t in ax.texts), ax.get_title(loc="left")])


def saved(figure: Any) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


@pytest.fixture(autouse=True)
def _close() -> Any:
    yield
    plt.close("all")


def test_line_is_the_measure_in_the_colour_of_the_status() -> None:
    for hip, colour in ((90.0, GREEN), (60.0, VERMILION)):
        check = form(replace(LEGS_UP, hip=hip))
        line = drawn(check, "hips-at-90").lines[0]
        np.testing.assert_array_equal(line.get_xdata(), check.series.t_s)
        np.testing.assert_array_equal(line.get_ydata(), check.measures["right_hip_flexion"])
        assert line.get_color() == colour


def test_hold_is_shaded_where_it_is() -> None:
    check = form(joined(film(replace(LEGS_UP, hip=0.0), 2), film(LEGS_UP, 5)))
    (shade,) = spans(drawn(check, "hips-at-90"), YELLOW)
    (hold,) = check.holds
    assert shade.get_x() == pytest.approx(hold.start_s)
    assert shade.get_x() + shade.get_width() == pytest.approx(hold.end_s)
    assert hold.start_s > 1


def test_band_is_what_passes_and_target_is_a_line() -> None:
    ax = drawn(form(replace(LEGS_UP, hip=60.0)), "hips-at-90")
    (band,) = spans(ax, BLUE)
    assert (band.get_y(), band.get_y() + band.get_height()) == (80, 100)
    levels = {float(np.asarray(line.get_ydata())[0]) for line in ax.lines[1:]}
    assert levels == {90.0, 60.0}, "the target and what was read"


def test_band_with_an_open_end_reaches_the_edge() -> None:
    ax = drawn(form(LEGS_UP), "feet-flexed")
    light, dark = spans(ax, BLUE)
    assert (light.get_y(), dark.get_y()) == (-25, -10)
    for band in (light, dark):
        assert band.get_y() + band.get_height() == pytest.approx(ax.get_ylim()[1])


def test_everything_measured_is_in_the_axes() -> None:
    for hip in (40.0, 90.0, 135.0):
        check = form(replace(LEGS_UP, hip=hip))
        ax = drawn(check, "hips-at-90")
        bottom, top = ax.get_ylim()
        assert bottom < min(hip, 80) < max(hip, 100) < top
        assert ax.get_xlim() == (check.series.t_s[0], check.series.t_s[-1])


def test_cue_about_change_has_no_band_but_words() -> None:
    ax = drawn(form(FOLD, "forward-fold"), "still")
    assert not spans(ax, BLUE)
    assert "sway (SD): 0°; asked for at most 3°" in texts(ax)


def test_hidden_measure_says_so() -> None:
    ax = drawn(form(hidden(film(), [32])), "feet-flexed")
    assert "not seen" in texts(ax)
    assert "not assessed" in texts(ax)
    assert ax.lines[0].get_color() == GREY


def test_cuts_are_marked() -> None:
    check = form(joined(film(), film(), cut=True))
    ax = drawn(check, "hips-at-90")
    starts = [np.asarray(line.get_xdata())[0] for line in ax.lines if line.get_linestyle() == ":"]
    assert starts == [pytest.approx(6.0)]


def test_draws_on_the_axes_it_is_given() -> None:
    _, ax = plt.subplots()
    check = form(LEGS_UP)
    assert plot_cue(check, check.cues[0], ax=ax) is ax
    assert ax.lines
    _, other = plt.subplots()
    picture = form(photo())
    assert plot_photo(picture, ax=other) is other
    assert other.lines


def test_form_has_a_panel_a_judged_cue() -> None:
    figure = plot_report(form(LEGS_UP))
    titles = [ax.get_title(loc="left") for ax in figure.axes]
    assert titles == [
        "Hips at a right angle, right: pass",
        "Feet flexed, right: pass",
        "Knees towards straight, right: reached",
    ]
    assert figure.get_suptitle() == "Legs up the wall"
    assert figure.number not in plt.get_fignums(), "a notebook would show it twice"
    assert saved(figure).startswith(b"\x89PNG")


def test_photo_shows_how_far_from_the_limit() -> None:
    figure = plot_report(form(photo(replace(LEGS_UP, hip=60.0))))
    (ax,) = figure.axes
    points = [line for line in ax.lines if line.get_marker() == "o"]
    places = [float(np.asarray(point.get_xdata())[0]) for point in points]
    assert places == pytest.approx([-20 / 15, 25 / 15, 10 / 15], abs=0.02)
    assert [point.get_color() for point in points] == [VERMILION, GREEN, GREEN]
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels[0].startswith("Hips at a right angle")
    saved(figure)


def test_photo_with_a_cue_that_is_not_assessed() -> None:
    figure = plot_report(form(photo(FOLD), "forward-fold"))
    assert "not assessed" in texts(figure.axes[0])
    saved(figure)


@pytest.mark.parametrize("series", [nobody(), film(yaw_deg=85.0), photo(yaw_deg=85.0)])
def test_nothing_assessed(series: Any) -> None:
    saved(plot_report(form(series)))


def test_nobody_says_so() -> None:
    check = replace(form(nobody()), cues=())
    assert "Nothing could be assessed" in texts(plot_report(check).axes[0])


@pytest.mark.parametrize("series", [film(), photo()])
def test_words_of_an_own_definition_are_no_formula(series: Any) -> None:
    """A dollar sign begins a formula for matplotlib, which stumbles over an unknown one."""
    stretch = load_stretch("legs-up-the-wall")
    cue = stretch.cues[0].model_copy(update={"title": r"a $\nonsense{$ b"})
    stretch = stretch.model_copy(update={"name": r"$\what$", "cues": (cue,)})
    from posecheck.assess.judge import check_series

    saved(plot_report(check_series(series, stretch)))
