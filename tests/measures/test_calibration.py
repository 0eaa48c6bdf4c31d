"""The calibration that comes with posecheck: complete, and nothing in it that cannot be.

The numbers move whenever it is made anew; what is asked here holds for every one that is sound.
"""

from __future__ import annotations

import tomllib
from dataclasses import replace
from importlib import resources
from typing import Any

import numpy as np
import pytest

from posecheck.measures.calibration import FRAMES, load_calibration
from posecheck.measures.camera_view import MAX_YAW_DEG
from posecheck.measures.catalogue import MEASURES
from posecheck.measures.uncertainty import Circumstances, Uncertainty
from posecheck.stretches import load_stretch, stretch_ids

CALIBRATION = load_calibration()
EACH_LIMIT = pytest.mark.parametrize("name", sorted(CALIBRATION.limits))


def test_it_says_what_it_was_made_from() -> None:
    made = CALIBRATION.made
    assert made["command"].startswith("python -m benchmarks.calibrate")
    assert len(made["model_sha256"]) == 64
    assert made["bodies"] and made["stills"] > 0
    assert not any(body.startswith("unseen") for body in made["bodies"])


# --- the offsets ----------------------------------------------------------------------------------


def test_every_joint_that_is_moved_exists() -> None:
    assert set(CALIBRATION.offsets) == {"blazepose", "thunder"}
    for joints in CALIBRATION.offsets.values():
        assert set(joints) <= set(FRAMES)


def test_no_joint_is_moved_far() -> None:
    """More than this and it would not be where a joint lies that two models call by one name."""
    for joints in CALIBRATION.offsets.values():
        for offset in joints.values():
            assert np.linalg.norm(offset) < 0.1


# --- the intervals --------------------------------------------------------------------------------

KNOWN = CALIBRATION.uncertainty
GOOD = Circumstances("supine", apart=5.0)


@pytest.mark.parametrize("name", sorted(KNOWN.usual))
def test_the_interval_is_as_wide_as_errors_are(name: str) -> None:
    measure = MEASURES[name]
    width = KNOWN.half_width(measure, replace(GOOD, apart=5.0 if measure.unit == "deg" else 0.05))
    assert width is not None
    assert 0.5 * measure.sem < width < 4 * measure.sem


@pytest.mark.parametrize(
    "worse", [{"apart": 12.0}, {"yaw_deg": 25.0}, {"is_far": True}, {"position": "kneeling"}]
)
def test_worse_circumstances_make_it_wider(worse: dict[str, Any]) -> None:
    hip = MEASURES["hip_flexion"]
    good, bad = (KNOWN.half_width(hip, at) for at in (GOOD, replace(GOOD, **worse)))
    assert good is not None and bad is not None and bad > good
    grown = KNOWN.growth(hip, replace(GOOD, **worse))
    assert grown <= bad - good + 1e-9
    assert (grown > 0) == ("position" not in worse)  # it is the same for whoever kneels


def test_a_position_that_was_not_measured_is_taken_for_the_worst() -> None:
    hip = MEASURES["hip_flexion"]
    widths = [KNOWN.half_width(hip, replace(GOOD, position=p)) for p in [*KNOWN.positions, "new"]]
    assert widths[-1] == max(width for width in widths if width is not None)


def test_good_circumstances_have_no_doubt_beyond_the_tolerance() -> None:
    assert KNOWN.growth(MEASURES["hip_flexion"], GOOD) == 0
    assert KNOWN.growth(MEASURES["hip_flexion"], replace(GOOD, apart=1.0)) == 0


def test_what_no_width_was_learned_of_has_that_of_its_standard_error() -> None:
    hip = MEASURES["hip_flexion"]
    assert Uncertainty().half_width(hip, GOOD) == pytest.approx(1.645 * hip.sem)
    assert Uncertainty().growth(hip, GOOD) == 0


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
