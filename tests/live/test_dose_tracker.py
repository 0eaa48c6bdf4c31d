"""How far the person is in the dose."""

from __future__ import annotations

import pytest

import posecheck as pc
from posecheck.landmarks.series import Side
from posecheck.live.engine.dose_tracker import DoseTracker
from posecheck.live.engine.hold_tracker import Hold
from posecheck.stretches.schema import Dose


def walk(stretch: str, *doses: Dose, side: Side | None = None) -> DoseTracker:
    definition = pc.load_stretch(stretch)
    return DoseTracker(definition.model_copy(update={"doses": doses}), side)


def hold(start_s: float, seconds: float, side: Side | None = None) -> Hold:
    return Hold(side, start_s, seconds)


def test_one_hold_of_one_minute() -> None:
    dose = walk("childs-pose", Dose(source="A", seconds=60))
    assert dose.update(hold(0, 59.9), 0) is None
    assert dose.update(hold(0, 60.1), 0) == "done"
    assert dose.update(hold(0, 61), 0) is None  # told once
    assert dose.is_done


def test_a_time_that_was_nearly_held_counts() -> None:
    dose = walk("childs-pose", Dose(source="A", seconds=60))
    assert dose.end_hold(hold(0, 50), 0) is None
    assert dose.end_hold(hold(60, 58), 0) == "done"


def test_sets_with_rests_and_sides() -> None:
    dose = walk("single-knee-to-chest", Dose(source="A", seconds=30, sets=2, rest_s=15))
    assert dose.n_sets == 4
    assert dose.update(hold(0, 30, "left"), 0) == "switch"
    assert dose.next_side == "right"
    assert dose.update(hold(40, 30, "right"), 0) == "rest"
    assert dose.rest_left_s(75) == pytest.approx(10)
    assert dose.rest_left_s(99) == 0
    assert dose.update(hold(90, 30, "right"), 0) == "switch"
    assert dose.update(hold(130, 30, "left"), 0) == "done"
    assert dose.n_sets_met == 4


def test_one_side_asked_for_is_one_side_done() -> None:
    dose = walk("single-knee-to-chest", Dose(source="A", seconds=30), side="left")
    assert dose.update(hold(0, 30, "left"), 0) == "done"


def test_reps_go_on_over_a_break() -> None:
    dose = walk("cat-cow", Dose(source="A", reps=10))
    assert dose.update(hold(0, 30), 6) is None
    assert dose.end_hold(hold(0, 30), 6) is None
    assert dose.n_reps(None, 3) == 9
    assert dose.update(hold(50, 20), 4) == "done"


def test_without_a_dose_nothing_is_ever_done() -> None:
    dose = walk("childs-pose")
    assert dose.update(hold(0, 600), 0) is None
    assert not dose.is_done
