"""The calibration that comes with posecheck: complete, and nothing in it that cannot be.

The numbers move whenever it is made anew; what is asked here holds for every one that is sound.
"""

from __future__ import annotations

import tomllib
from importlib import resources

import numpy as np
import pytest

from posecheck.landmarks.series import SIDES
from posecheck.measures.calibration import DIRECTIONS, SEGMENTS, load_calibration
from posecheck.measures.camera_view import MAX_YAW_DEG, compute_view_track
from posecheck.measures.catalogue import MEASURES
from posecheck.measures.correction import segment_features
from posecheck.stretches import load_stretch, stretch_ids
from tests.fixtures.bodies import LEGS_UP, stick_figure

CALIBRATION = load_calibration()
FEATURES = segment_features(stick_figure(), "right", compute_view_track(stick_figure()).across)
JOINTS = [end for _, end in SEGMENTS.values()]
EACH_JOINT = pytest.mark.parametrize("joint", JOINTS)
EACH_LIMIT = pytest.mark.parametrize("name", sorted(CALIBRATION.limits))


def test_it_says_what_it_was_made_from() -> None:
    made = CALIBRATION.made
    assert made["command"].startswith("python -m benchmarks.calibrate")
    assert len(made["model_sha256"]) == 64
    assert made["model"] in made["command"]
    assert set(made["train_bodies"]) and set(made["test_bodies"])
    assert not set(made["train_bodies"]) & set(made["test_bodies"])
    assert made["train_stills"] > 0 and made["test_stills"] > 0


# --- the correction -------------------------------------------------------------------------------


def test_no_joint_is_moved_that_does_not_exist() -> None:
    assert set(CALIBRATION.correction.moves) <= set(JOINTS)
    for directions in CALIBRATION.correction.moves.values():
        assert set(directions) <= set(DIRECTIONS)


@EACH_JOINT
def test_every_feature_that_is_read_exists(joint: str) -> None:
    for weights in CALIBRATION.correction.moves[joint].values():
        assert set(weights) - {"bias"} <= set(FEATURES)
        assert set(weights) - {"bias"} <= set(CALIBRATION.correction.middles)
        assert np.isfinite(list(weights.values())).all()


def test_middles_are_possible() -> None:
    for name, middle in CALIBRATION.correction.middles.items():
        assert name in FEATURES
        assert abs(middle) < (1 if name.startswith(("cos", "sin")) else 25), name


@EACH_JOINT
def test_an_average_body_is_moved_by_little(joint: str) -> None:
    """More than this and the model would not find joints but guess them."""
    middles = {name: np.array([m]) for name, m in CALIBRATION.correction.middles.items()}
    correction = CALIBRATION.correction
    assert np.linalg.norm(correction.move_of(joint, correction.departures(middles))) < 0.15


@pytest.mark.parametrize("near", SIDES)
@EACH_JOINT
def test_the_features_of_a_body_move_its_joints(joint: str, near: str) -> None:
    series = stick_figure(LEGS_UP, near_side=near)  # type: ignore[arg-type]
    features = segment_features(series, near, compute_view_track(series).across)
    correction = CALIBRATION.correction
    move = correction.move_of(joint, correction.departures(features))
    assert move.shape == (1, 2) and np.linalg.norm(move) < 0.25


def test_the_neck_bends_the_head() -> None:
    neck = CALIBRATION.neck
    assert abs(neck.level_deg) < 45
    assert 0.2 < neck.share < 2
    assert 0 < neck.rounded_deg < 90 and 0 < neck.arched_deg < 90
    assert abs(neck.arms) < 1


# --- errors and limits ----------------------------------------------------------------------------


@EACH_LIMIT
def test_errors_and_limits_can_be(name: str) -> None:
    limits, measure = CALIBRATION.limits[name], MEASURES[name]
    largest = 30 if measure.unit == "deg" else 0.5
    assert len(limits.sem_at_yaw) == 4
    assert 0 < limits.sem < largest
    assert limits.sem_at_yaw[0] > 0
    assert (np.diff(limits.sem_at_yaw) >= 0).all(), "a slanted camera does not help"
    assert 0 < limits.max_doubt < np.inf
    assert 0 < limits.max_yaw_deg <= MAX_YAW_DEG


@EACH_LIMIT
def test_yaw_is_only_asked_of_what_is_seen_from_the_side(name: str) -> None:
    assert "side" in MEASURES[name].views


def test_the_errors_of_the_measures_are_the_measured_ones() -> None:
    file = resources.files("posecheck.measures").joinpath("catalogue.toml")
    text = file.read_text(encoding="utf-8")
    published = tomllib.loads(text)
    assert CALIBRATION.limits.keys() | CALIBRATION.reported.keys() <= MEASURES.keys()
    assert not CALIBRATION.limits.keys() & CALIBRATION.reported.keys()
    for name, measure in MEASURES.items():
        limits = CALIBRATION.limits.get(name)
        if limits is None:
            sem = CALIBRATION.reported.get(name, published[name]["sem"])
            assert (measure.sem, measure.sem_at_yaw) == (sem, ())
        else:
            assert (measure.sem, measure.sem_at_yaw) == (limits.sem, limits.sem_at_yaw)
        assert measure.finest_tolerance == 2 * measure.sem


def test_every_range_of_motion_has_a_measured_error() -> None:
    """Seconds are counted, not measured."""
    measured = CALIBRATION.limits.keys() | CALIBRATION.reported.keys()
    for stretch in map(load_stretch, stretch_ids()):
        for rom in stretch.rom:
            assert rom.statistic == "seconds" or rom.measure in measured, (stretch.id, rom.measure)


def test_what_is_reported_is_off_by_what_can_be() -> None:
    for name, sem in CALIBRATION.reported.items():
        assert 0 < sem < (40 if MEASURES[name].unit == "deg" else 0.5), name


def test_the_joints_that_cues_are_about_have_a_measured_error() -> None:
    for joint in ("hip", "knee", "elbow", "shoulder"):
        assert MEASURES[f"{joint}_flexion"].sem_at_yaw, joint
