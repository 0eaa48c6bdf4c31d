"""The whole check, on bodies whose form is known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posecheck.assess.cue_result import CueResult
from posecheck.assess.judge import check_series
from posecheck.assess.report import Report
from posecheck.landmarks.series import N_LANDMARKS, Landmark
from posecheck.measures.camera_view import NOBODY
from posecheck.measures.catalogue import MEASURES
from posecheck.stretches import Stretch, load_stretch, stretch_ids
from tests.fixtures.bodies import (
    ALL_FOURS,
    CHILD,
    FOLD,
    FOREARMS,
    GOOD,
    KNEE_IN,
    LEGS_UP,
    OTHER_KNEE_IN,
    PRONE,
    STANDING,
    SUPINE,
    Pose,
    Sides,
    mirrored,
)
from tests.fixtures.films import film, hidden, joined, nobody, photo, with_back
from tests.fixtures.reports import form


def statuses(check: Report, kind: str = "") -> dict[str, str]:
    return {c.id: c.status for c in check.cues if kind in {"", c.kind}}


def reasons(check: Report) -> set[str]:
    return {c.reason for c in check.cues if c.status == "not_assessed"}


# --- verdicts -------------------------------------------------------------------------------------


@pytest.mark.parametrize("stretch", GOOD)
def test_good_form_is_good(stretch: str) -> None:
    check = form(GOOD[stretch], stretch)
    assert check.verdict == "good"
    assert set(statuses(check, "alignment").values()) == {"pass"}
    assert len(check.holds) == 1
    assert check.camera.ok
    assert not check.camera.advice


@pytest.mark.parametrize("stretch", GOOD)
@pytest.mark.parametrize("near_side", ["left", "right"])
def test_the_mirror_image_gets_the_same_answer(stretch: str, near_side: Any) -> None:
    series = film(GOOD[stretch], near_side=near_side)
    one, two = form(series, stretch), form(mirrored(series), stretch)
    assert one.verdict == two.verdict == "good"
    values = [
        sorted((c.id, c.status, c.observed) for c in f.cues if c.observed) for f in (one, two)
    ]
    assert values[0] == values[1]
    assert one.camera.near_side == near_side != two.camera.near_side


def test_hips_at_60_need_work_there_and_only_there() -> None:
    check = form(replace(LEGS_UP, hip=60.0))
    assert check.verdict == "needs-work"
    assert statuses(check) == {
        "hips-at-90": "fail",
        "feet-flexed": "pass",
        "knees-straight": "reached",
        "breathe": "said",
    }
    cue = next(c for c in check.cues if c.id == "hips-at-90")
    assert cue.observed == pytest.approx(60, abs=1)
    assert "closer to the wall" in cue.advice


@given(st.floats(40, 135))
def test_hip_angle_is_read_and_judged(hip: float) -> None:
    check = form(photo(replace(LEGS_UP, hip=hip)))
    cue = next(c for c in check.cues if c.id == "hips-at-90")
    assert cue.observed == pytest.approx(hip, abs=0.2)
    if abs(abs(hip - 90) - 10) > 0.2:
        assert cue.status == ("pass" if abs(hip - 90) <= 10 else "fail")


@pytest.mark.parametrize(
    ("stretch", "pose", "cue"),
    [
        ("forward-fold", replace(FOLD, elbow=60.0), "arms-straight"),
        ("forward-fold", replace(FOLD, shoulder=80.0), "arms-hang"),
        ("childs-pose", replace(CHILD, knee=100.0, hip=110.0, trunk=95.0), "knees-folded"),
        ("childs-pose", replace(CHILD, shoulder=40.0), "arms-reach"),
        ("childs-pose", replace(CHILD, trunk=80.0, hip=115.0, head=-60.0, neck=-30.0), "head-down"),
        ("single-knee-to-chest", replace(KNEE_IN, shoulder=0.0, elbow=0.0), "hands-on-shin"),
        ("single-knee-to-chest", replace(KNEE_IN, hip=Sides(125, 80)), "other-leg-down"),
        ("legs-up-the-wall", replace(LEGS_UP, ankle=-40.0), "feet-flexed"),
    ],
)
def test_each_fault_is_found(stretch: str, pose: Pose, cue: str) -> None:
    check = form(pose, stretch)
    assert check.verdict == "needs-work"
    assert statuses(check)[cue] == "fail"
    assert next(c for c in check.cues if c.id == cue).advice


def test_bent_knees_are_coached_not_failed() -> None:
    check = form(replace(LEGS_UP, knee=35.0, hip=90.0))
    assert check.verdict == "good"
    assert statuses(check)["knees-straight"] == "short"


@pytest.mark.parametrize("stretch", GOOD)
def test_seen_from_the_front_is_not_assessed(stretch: str) -> None:
    check = form(film(GOOD[stretch], yaw_deg=85.0), stretch)
    assert check.verdict == "not-assessed"
    assert set(statuses(check).values()) == {"not_assessed", "said"}
    assert not check.camera.ok
    assert any("side-on" in text for text in check.camera.advice)
    whys = {cue.why for cue in check.cues if cue.status == "not_assessed"}
    assert {why.code for why in whys if why} == {"wrong_view"}
    assert all("side-on" in why.advice for why in whys if why)
    assert check.rom == ()


def test_nobody_is_not_assessed() -> None:
    check = form(nobody())
    assert check.verdict == "not-assessed"
    assert reasons(check) == {"nobody was found in the picture"}
    assert check.camera.advice == (NOBODY,)
    assert not check.holds


WRONG = {
    "legs-up-the-wall": [STANDING, CHILD, ALL_FOURS, SUPINE, PRONE, KNEE_IN],
    "childs-pose": [STANDING, LEGS_UP, ALL_FOURS, SUPINE, PRONE, FOLD],
    "forward-fold": [STANDING, LEGS_UP, CHILD, SUPINE, PRONE, ALL_FOURS],
    "cat-cow": [STANDING, LEGS_UP, CHILD, SUPINE, PRONE, FOLD, FOREARMS],
    "forearm-cat-cow": [STANDING, LEGS_UP, CHILD, SUPINE, PRONE, FOLD, ALL_FOURS],
    "single-knee-to-chest": [STANDING, LEGS_UP, CHILD, SUPINE, PRONE, ALL_FOURS],
}


@pytest.mark.parametrize("stretch", WRONG)
def test_another_stretch_is_never_good(stretch: str) -> None:
    for pose in WRONG[stretch]:
        check = form(pose, stretch)
        assert check.verdict != "good", pose
        if check.verdict == "not-assessed":
            (reason,) = reasons(check)
            assert load_stretch(stretch).name in reason
        else:
            assert all(c.advice for c in check.cues if c.status == "fail")


def test_too_short_says_so() -> None:
    series = joined(film(SUPINE, 0.4), film(LEGS_UP, 1.5))
    check = form(series)
    assert reasons(check) == {"Legs up the wall was not held for 2 s at a stretch"}


def test_getting_in_and_out_is_left_out() -> None:
    up = np.concatenate([np.zeros(24), np.linspace(0, 90, 24), np.full(60, 90.0)])
    hip = np.concatenate([up, up[::-1]])
    check = form(film(replace(LEGS_UP, hip=hip), t_s=np.arange(len(hip)) / 12))
    (hold,) = check.holds
    assert hold.start_s == pytest.approx(4, abs=0.6)
    assert hold.end_s == pytest.approx(14, abs=0.6)
    assert check.verdict == "good"


# --- sides ----------------------------------------------------------------------------------------


def test_one_side_done_is_noted() -> None:
    check = form(KNEE_IN, "single-knee-to-chest")
    assert {hold.side for hold in check.holds} == {"left"}
    assert any("Only the left side" in note and "right" in note for note in check.warnings)
    assert {c.side for c in check.cues if c.id == "hands-on-shin"} == {"left"}
    assert {c.side for c in check.cues if c.id == "other-leg-down"} == {"right"}


def test_both_sides_done_are_both_judged() -> None:
    check = form(joined(film(KNEE_IN, 5), film(SUPINE, 2), film(OTHER_KNEE_IN, 5)), KNEE)
    assert [hold.side for hold in check.holds] == ["left", "right"]
    assert not any("Only" in note for note in check.warnings)
    sides = [c.side for c in check.cues if c.id == "hands-on-shin"]
    assert sides == ["left", "right"]
    assert [c.id for c in check.cues if c.kind == "reminder"] == ["breathe"]
    assert {r.side for r in check.rom} == {"left", "right"}


KNEE = "single-knee-to-chest"


@pytest.mark.parametrize("side", ["left", "right"])
def test_only_the_side_asked_for(side: Any) -> None:
    check = form(joined(film(KNEE_IN, 5), film(SUPINE, 2), film(OTHER_KNEE_IN, 5)), KNEE, side=side)
    assert {hold.side for hold in check.holds} == {side}
    assert not any("Only" in note for note in check.warnings)
    assert set(check.dose.reps) <= {side}


def test_asking_for_the_side_that_was_not_done() -> None:
    check = form(film(KNEE_IN, 5), KNEE, side="right")
    assert check.verdict == "not-assessed"
    assert all("right" in reason for reason in reasons(check))


# --- dose -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "met"), [(280, False), (286, True), (320, True)])
def test_dose_in_seconds(seconds: float, met: bool) -> None:
    check = form(film(LEGS_UP, t_s=np.arange(0, seconds, 0.5)))
    assert check.dose.met is met
    assert check.dose.target_s == 300
    assert check.dose.holds == (("both", pytest.approx(seconds, abs=0.6)),)


def test_dose_needs_both_sides() -> None:
    t_s = np.arange(0, 61, 0.5)
    left, right = film(KNEE_IN, t_s=t_s), film(OTHER_KNEE_IN, t_s=t_s)
    assert form(left, KNEE).dose.met is False
    assert form(left, KNEE, side="left").dose.met is True
    rest = film(SUPINE, t_s=np.arange(0, 3, 0.5))
    assert form(joined(left, rest, right), KNEE).dose.met is True


def test_sets_are_counted() -> None:
    """Forearm cat-cow is asked for twice, with a break."""
    flow = film(FOREARMS, t_s=np.arange(0, 31, 0.5))
    rest = film(PRONE, t_s=np.arange(0, 5, 0.5))
    assert form(flow, "forearm-cat-cow").dose.met is False
    twice = form(joined(flow, rest, flow), "forearm-cat-cow")
    assert len(twice.dose.holds) == 2
    assert twice.dose.met is True


@pytest.mark.parametrize(("n", "met"), [(9, False), (10, True), (12, True)])
def test_dose_in_reps(n: int, met: bool) -> None:
    t_s = np.arange(0, n * 3, 0.1)
    wave = np.sin(2 * np.pi * t_s / 3)
    pose = replace(ALL_FOURS, head=20 * wave)
    check = form(with_back(film(pose, t_s=t_s), 0.15 * wave), "cat-cow")
    assert check.dose.reps == {"both": n}
    assert check.dose.met is met
    assert check.verdict == "good"
    assert statuses(check)["back-moves"] == "reached"
    assert sum(i.kind == "rep" for i in check.intervals) == n
    assert {i.name for i in check.intervals if i.kind == "phase"} == {"cat", "cow"}


def test_head_that_stays_is_told() -> None:
    t_s = np.arange(0, 12, 0.1)
    check = form(with_back(film(ALL_FOURS, t_s=t_s), 0.15 * np.sin(2 * t_s)), "cat-cow")
    assert statuses(check)["head-follows"] == "fail"


def test_photo_shows_no_time() -> None:
    check = form(photo())
    assert check.verdict == "good"
    assert check.dose.met is None
    assert check.dose.holds == ()
    assert check.rom
    still = form(photo(FOLD), "forward-fold")
    assert statuses(still) == {
        "arms-straight": "pass",
        "arms-hang": "pass",
        "still": "not_assessed",
        "do-not-force": "said",
    }


# --- range of motion ------------------------------------------------------------------------------


def test_rom_is_what_the_definition_lists() -> None:
    check = form(replace(LEGS_UP, hip=84.0, knee=12.0))
    assert [(r.measure, r.side, r.unit) for r in check.rom] == [
        ("knee_flexion", "right", "deg"),
        ("hip_flexion", "right", "deg"),
    ]
    assert [r.value for r in check.rom] == pytest.approx([12, 84], abs=0.5)
    assert all(r.sem == MEASURES[r.measure].sem for r in check.rom)


def test_range_needs_time() -> None:
    assert form(photo(ALL_FOURS), "cat-cow").rom == ()


# --- several shots --------------------------------------------------------------------------------


def test_a_shot_that_is_not_judged_is_named() -> None:
    series = joined(film(LEGS_UP, 4), nobody(3), film(STANDING, 3), cut=True)
    check = form(series)
    assert check.verdict == "good"
    assert [h.end_s for h in check.holds] == [pytest.approx(4, abs=0.2)]
    notes = [note for note in check.warnings if "shot" in note]
    assert len(notes) == 2
    assert "nobody in view" in notes[0]
    assert "not in Legs up the wall" in notes[1]


def test_the_series_own_warnings_come_along() -> None:
    check = form(replace(film(), warnings=("Two people.",)))
    assert "Two people." in check.warnings


# --- hidden landmarks -----------------------------------------------------------------------------


def joints_of(cue: CueResult) -> set[Landmark]:
    """Landmarks without which the measure of a result cannot be read."""
    name = (cue.measure or "").removeprefix("left_").removeprefix("right_")
    if name not in MEASURES:  # left_wrist and so on are part of no measure's name
        name = cue.measure or ""
    wanted = {"wrist_shin_distance": ("knee", "ankle"), "hip_flexion": ("knee",)}
    points = wanted.get(name, MEASURES[name].points)
    marks = set()
    for point in points:
        own = point if point in Landmark.__members__ else f"{cue.side}_{point}"
        if own in Landmark.__members__:
            marks.add(Landmark[own])
    return marks


@given(st.data())
def test_what_is_hidden_is_never_judged(data: st.DataObject) -> None:
    stretch = data.draw(st.sampled_from(sorted(GOOD)))
    marks = data.draw(st.sets(st.sampled_from(list(Landmark))))
    how = data.draw(st.sampled_from(["nan", "dim"]))
    share = data.draw(st.sampled_from([1.0, 0.6]))
    series = film(GOOD[stretch])
    n = round(share * len(series))
    series = hidden(series, sorted(marks), slice(0, n), how=how) if marks else series
    check = form(series, stretch)
    check.to_json()
    for cue in check.cues:
        if cue.status in {"pass", "fail", "reached", "short"}:
            assert cue.coverage >= 0.5
            assert cue.observed is not None
            if share == 1.0:
                assert not joints_of(cue) & marks
        elif cue.status == "not_assessed":
            assert cue.observed is None or cue.reason_code == "near_limit"
            assert cue.reason
            assert cue.why is not None and cue.advice
            assert cue.reason_code == cue.why.code
    if share == 1.0 and len(marks) == N_LANDMARKS:
        assert check.verdict == "not-assessed"


@given(st.data())
def test_any_gaps_anywhere_are_survived(data: st.DataObject) -> None:
    stretch = data.draw(st.sampled_from(sorted(stretch_ids())))
    pose = GOOD.get(stretch, ALL_FOURS)
    series = film(pose, 4)
    for _ in range(data.draw(st.integers(0, 5))):
        marks = data.draw(st.sets(st.sampled_from(list(Landmark)), min_size=1))
        start = data.draw(st.integers(0, len(series)))
        series = hidden(series, sorted(marks), slice(start, data.draw(st.integers(0, len(series)))))
    shot = np.sort(data.draw(st.lists(st.integers(0, 2), min_size=48, max_size=48)))
    check = form(replace(series, shot=shot), stretch)
    check.to_json()
    for cue in check.cues:
        assert cue.observed is None or np.isfinite(cue.observed)


@given(st.data())
def test_random_bodies_get_an_answer(data: st.DataObject) -> None:
    """Whatever the landmarks say, there is a report, and no value that is not finite."""
    n = data.draw(st.integers(1, 30))
    rng = np.random.default_rng(data.draw(st.integers(0, 10_000)))
    series = film(t_s=np.arange(n) / 5)
    scale = data.draw(st.sampled_from([0.0, 1.0, 300.0, 1e9]))
    series = replace(
        series,
        image=series.image + scale * rng.normal(size=series.image.shape),
        world=scale * rng.normal(size=series.world.shape),
        visibility=rng.uniform(size=series.visibility.shape),
    )
    check = form(series, data.draw(st.sampled_from(sorted(stretch_ids()))))
    check.to_json()


def test_a_hidden_leg_is_not_taken_for_a_straight_one() -> None:
    marks = [Landmark.right_knee, Landmark.left_knee]
    check = form(hidden(film(), marks))
    assert check.verdict == "not-assessed"
    assert any("hidden" in reason for reason in reasons(check))


def test_hidden_feet_cost_one_cue_only() -> None:
    check = form(hidden(film(), [Landmark.right_foot_index]))
    assert check.verdict == "good"
    assert statuses(check)["feet-flexed"] == "not_assessed"
    assert statuses(check)["hips-at-90"] == "pass"


# --- edges ----------------------------------------------------------------------------------------


def test_photo_from_an_angle_is_doubtful_not_wrong() -> None:
    """A hip at 90 that a turned camera shows as less is not called a fault."""
    check = form(photo(replace(LEGS_UP, hip=78.0), yaw_deg=30.0))
    cue = next(c for c in check.cues if c.id == "hips-at-90")
    assert cue.status in {"pass", "not_assessed"}


def test_cut_off_body_gets_advice() -> None:
    check = form(film(hip_px=(960.0, 100.0)))
    assert check.verdict != "good"
    assert not check.camera.whole_body
    assert any("outside the picture" in text for text in check.camera.advice)


def test_distances_scaled_by_the_leg_are_noted() -> None:
    check = form(photo(CHILD), "childs-pose")
    assert any("scaled by the leg" in note for note in check.warnings)
    assert not any("scaled by the leg" in note for note in form(photo()).warnings)


def test_definition_without_dose() -> None:
    stretch: Stretch = load_stretch("legs-up-the-wall").model_copy(update={"doses": ()})
    check = check_series(film(), stretch, correct=False)
    assert check.dose.met is None
    assert check.dose.target_s is None
    assert "Asked for" not in check.done()
