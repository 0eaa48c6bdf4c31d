"""The picker of notebook 03, without a browser; and progress of a real history."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from rich.console import Console

import posecheck as pc
from posecheck.cli import progress
from posecheck.core.errors import UsageError
from posecheck.report.progress_picker import ProgressPicker, find_people, plot_first_best_last
from posecheck.sessions import History
from posecheck.sessions.progress.demo import PEOPLE
from tests.fixtures.bodies import LEGS_UP
from tests.fixtures.films import film
from tests.fixtures.histories import START
from tests.fixtures.reports import form

KNEES = (30, 31, 29, 30, 31, 5, 4)


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "history.sqlite")


@pytest.fixture
def kept(history: History) -> History:
    """Seven sessions of legs up the wall, with knees that become straighter."""
    for day, knee in enumerate(KNEES):
        check = form(film(replace(LEGS_UP, knee=float(knee)), 6))
        started = (START + timedelta(days=day)).to_pydatetime()
        history.add(check, person="Ann <b>", started=started, pain_after=day, again=True)
    return history


def knees(history: History) -> pc.progression.SeriesProgress:  # type: ignore[name-defined]
    found = pc.progress(history.rom("Ann <b>", "legs-up-the-wall"), history.sessions("Ann <b>"))
    return next(one for one in found.current if one.measure == "knee_flexion")


def test_new_machine_shows_the_simulated_history(history: History) -> None:
    picker = ProgressPicker(find_people(history), "me")
    assert picker.person.options == PEOPLE
    assert picker.person.value == PEOPLE[0]
    assert picker.progress.simulated
    assert bytes(picker.figure.value).startswith(b"\x89PNG")
    assert "Simulated history" in picker.words.value


def test_menus_follow_one_another(history: History) -> None:
    picker = ProgressPicker(find_people(history))
    seen = {bytes(picker.figure.value)}
    for stretch, _ in picker.stretch.options:
        picker.stretch.value = stretch
        assert picker.key is not None and picker.key[0] == stretch
        for _, key in picker.measure.options:
            picker.measure.value = key
            assert picker.progress.of(key).current[0].sentence().split(":")[0] in picker.words.value
            seen.add(bytes(picker.figure.value))
    assert len(seen) == len(picker.progress.keys)
    picker.person.value = PEOPLE[1]
    assert bytes(picker.figure.value) not in seen
    assert not plt.get_fignums(), "a notebook would show them a second time"


def test_person_of_the_history_comes_first(kept: History) -> None:
    picker = ProgressPicker(find_people(kept), "Ann <b>")
    assert picker.person.options == ("Ann <b>", *PEOPLE)
    assert picker.person.value == "Ann <b>"
    assert not picker.progress.simulated
    assert picker.stretch.value == "legs-up-the-wall"
    assert len(picker.sessions) == len(KNEES)
    assert ProgressPicker(find_people(kept), "nobody").person.value == PEOPLE[0]


def test_history_gives_what_progress_needs(kept: History) -> None:
    one = knees(kept)
    np.testing.assert_allclose(one.values, KNEES, atol=4)
    assert one.verdict.startswith("real")
    assert list(one.sittings["pain_after"]) == list(range(7))
    assert one.conditions["view"] == "side"
    assert one.conditions["model"] != ""
    assert one.sem is not None and one.sem < 2


def test_sessions_are_measured_anew_for_the_angle_over_time(kept: History) -> None:
    one = knees(kept)
    ax = plot_first_best_last(kept, one)
    lines = {line.get_label(): np.asarray(line.get_ydata(), dtype=float) for line in ax.lines}
    assert np.nanmedian(lines["first"]) == pytest.approx(one.values[0], abs=1)
    assert np.nanmedian(lines["last"]) == pytest.approx(one.values[-1], abs=1)
    plt.close("all")


def test_command_prints_the_table(
    kept: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSECHECK_DB", f"sqlite:///{tmp_path / 'history.sqlite'}")
    console = Console(width=100, record=True, quiet=True)
    monkeypatch.setattr(progress, "out", console)
    with console.capture() as printed:
        console.quiet = False
        progress.progress(person="Ann <b>", stretch=None)
    assert "knee flexion, right" in printed.get()
    assert "Pain after the last session: 6 of 10" in printed.get()
    with pytest.raises(UsageError, match="nobody"):
        progress.progress(person="nobody", stretch=None)
