"""What is hidden because it cannot be told: looks that wander, absurd lengths, slanted views."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posecheck.landmarks.series import SIDES, Landmark, LandmarkSeries, Side, other_side
from posecheck.measures.calibration import (
    SEGMENTS,
    Calibration,
    Limits,
    Neck,
    load_calibration,
)
from posecheck.measures.camera_view import compute_view_track
from posecheck.measures.catalogue import MEASURES
from posecheck.measures.measured import compute_measures
from posecheck.measures.reliability import (
    PROPORTIONS,
    disagreement,
    is_unreliable,
    reference_px,
    segment_shares,
    segments_of,
)
from posecheck.measures.uncertainty import Uncertainty
from tests.fixtures.bodies import SHANK_M, THIGH_M, TORSO_M, Pose, stick_figure, times

FEW = settings(max_examples=40, deadline=None, derandomize=True, database=None)
BOTH = pytest.mark.parametrize("near", SIDES)
EACH_SEGMENT = pytest.mark.parametrize("segment", PROPORTIONS)
BENT = Pose(trunk=-60, hip=70, knee=50, shoulder=80, elbow=40)
KNEE, REACH = MEASURES["knee_flexion"], MEASURES["wrist_knee_distance"]
PX = 300.0  # a metre of the figure
FROM_THE_SIDE = [m for m in MEASURES.values() if m.views == ("side",)]
# What else the segments lie on: further out, they go where its end goes.
OUTWARDS = {
    "trunk": ("shoulder", "elbow", "wrist"),
    "upper_arm": ("elbow", "wrist"),
    "forearm": ("wrist",),
    "thigh": ("knee", "ankle"),
    "shank": ("ankle",),
}


def limited(name: str, *, max_doubt: float = 1e9, max_yaw_deg: float = 90.0) -> Calibration:
    """A calibration that knows one measure only."""
    limits = {name: Limits(5.0, (5.0, 5.0, 6.0, 8.0), max_doubt, max_yaw_deg)}
    return Calibration({}, {}, Neck(), limits, Uncertainty())


NO_LIMITS = Calibration({}, {}, Neck(), {}, Uncertainty())


def spread_out(series: LandmarkSeries, **pixels: float) -> LandmarkSeries:
    """Looks that disagree on the named landmarks by so many pixels, on the others not at all."""
    spread = np.zeros(series.visibility.shape)
    for name, apart in pixels.items():
        spread[:, Landmark[name]] = apart
    return replace(series, spread=spread)


def with_share(series: LandmarkSeries, side: str, segment: str, share: float) -> LandmarkSeries:
    """One segment made so long, against what the body's proportions ask for."""
    image = series.image.copy()
    a, b = (Landmark[f"{side}_{end}"] for end in SEGMENTS[segment])
    line = image[:, b] - image[:, a]
    factor = share / segment_shares(series, side)[segment]
    moved = [Landmark[f"{side}_{joint}"] for joint in OUTWARDS[segment]]
    image[:, moved] += ((factor - 1)[:, None] * line)[:, None]
    return replace(series, image=image)


def hidden(
    series: LandmarkSeries, calibration: Calibration = NO_LIMITS, name: str = KNEE.name
) -> dict[str, list[bool]]:
    """By side, where a measure is hidden."""
    camera = compute_view_track(series)
    return {
        s: is_unreliable(MEASURES[name], s, series, camera, calibration).tolist() for s in SIDES
    }


# --- how far the looks disagree -------------------------------------------------------------------


@BOTH
def test_doubt_of_an_angle_is_the_spread_of_its_lines_over_their_length(near: Side) -> None:
    apart = {f"{near}_hip": 3.0, f"{near}_knee": 4.0, f"{near}_ankle": 5.0, "nose": 99.0}
    series = spread_out(stick_figure(BENT, near_side=near), **apart)
    in_degrees = np.degrees((3 + 4) / (THIGH_M * PX)) + np.degrees((4 + 5) / (SHANK_M * PX))
    assert disagreement(KNEE, near, series) == pytest.approx(in_degrees)
    assert disagreement(KNEE, other_side(near), series) == pytest.approx(0)


@BOTH
def test_doubt_of_a_distance_is_in_trunk_lengths(near: Side) -> None:
    apart = {f"{near}_wrist": 9.0, f"{near}_knee": 6.0, f"{near}_elbow": 99.0}
    series = spread_out(stick_figure(BENT, near_side=near), **apart)
    assert disagreement(REACH, near, series) == pytest.approx(15 / reference_px(series, near))
    assert disagreement(REACH, near, series) == pytest.approx(15 / (TORSO_M * PX), rel=0.1)
    assert disagreement(REACH, other_side(near), series) == pytest.approx(0)


@given(
    st.sampled_from(sorted(MEASURES)),
    st.floats(0.2, 5),
    st.floats(-180, 180),
    st.integers(0, 99),
)
@FEW
def test_doubt_is_the_same_near_and_far_and_turned(
    name: str, scale: float, roll: float, seed: int
) -> None:
    spread = np.random.default_rng(seed).uniform(0, 10, (1, len(Landmark)))
    here = replace(stick_figure(BENT), spread=spread)
    there = stick_figure(BENT, px_per_m=scale * PX, roll_deg=roll)
    there = replace(there, spread=scale * spread)
    for side in SIDES:
        one, other = (disagreement(MEASURES[name], side, series) for series in (here, there))
        assert one == pytest.approx(other)
        assert one >= 0


def test_a_line_that_points_at_the_camera_has_much_doubt_but_not_endless() -> None:
    series = spread_out(with_share(stick_figure(BENT), "right", "shank", 0.0), right_ankle=3.0)
    found = float(disagreement(KNEE, "right", series)[0])
    assert found == pytest.approx(np.degrees(3 / (0.1 * reference_px(series, "right")[0])))


def test_an_unsided_landmark_counts_for_both_sides() -> None:
    series = spread_out(stick_figure(BENT), nose=7.0)
    for side in SIDES:
        assert disagreement(MEASURES["nose_height"], side, series)[0] > 0


@BOTH
def test_hidden_beyond_what_the_calibration_allows_and_not_within(near: Side) -> None:
    series = spread_out(stick_figure(BENT, near_side=near), **{f"{near}_ankle": 8.0})
    found = float(disagreement(KNEE, near, series)[0])
    far = other_side(near)
    for allowed, expected in ((0.99 * found, True), (1.01 * found, False)):
        told = hidden(series, limited(KNEE.name, max_doubt=allowed))
        assert (told[near], told[far]) == ([expected], [False])
    assert hidden(series, limited("hip_flexion", max_doubt=0)) == {near: [False], far: [False]}


def test_every_frame_has_its_own_doubt() -> None:
    series = spread_out(stick_figure(BENT, t_s=times(0.2)))
    assert series.spread is not None
    series.spread[2:4, Landmark.right_knee] = 50
    series.spread[5, Landmark.right_knee] = np.nan
    told = hidden(series, limited(KNEE.name, max_doubt=10))
    assert np.flatnonzero(told["right"]).tolist() == [2, 3]
    assert not any(told["left"])


def test_what_was_looked_at_once_is_not_hidden() -> None:
    series = stick_figure(BENT)
    unknown = replace(series, spread=np.full(series.visibility.shape, np.nan))
    for one in (series, unknown):
        assert np.isnan(disagreement(KNEE, "right", one)).all()
        assert hidden(one, limited(KNEE.name, max_doubt=0)) == {"left": [False], "right": [False]}


# --- the camera -----------------------------------------------------------------------------------


def test_hidden_where_the_camera_is_too_far_from_square() -> None:
    series = stick_figure(BENT, t_s=times(0.2))
    yaw = np.array([0.0, 24.9, 25.1, 39.0, np.nan, 25.0])
    camera = replace(compute_view_track(series), yaw_deg=yaw)
    told = is_unreliable(KNEE, "left", series, camera, limited(KNEE.name, max_yaw_deg=25))
    assert told.tolist() == [False, False, True, True, False, False]
    front = replace(camera, view=np.full(6, "front"), yaw_deg=np.full(6, 90.0))
    elbow = MEASURES["elbow_flexion"]
    told = is_unreliable(elbow, "left", series, front, limited(elbow.name, max_yaw_deg=25))
    assert not told.any(), "seen from the front it is as it should be"


# --- the body's proportions -----------------------------------------------------------------------


@BOTH
@EACH_SEGMENT
@pytest.mark.parametrize("share", [0.5, 1.6])
def test_hidden_are_the_measures_of_a_segment_too_short_or_too_long(
    segment: str, near: Side, share: float
) -> None:
    for side in SIDES:
        series = with_share(stick_figure(BENT, near_side=near), side, segment, share)
        for measure in FROM_THE_SIDE:
            told = hidden(series, name=measure.name)
            assert told[side] == [segment in segments_of(measure)], measure.name
            assert told[other_side(side)] == [False], measure.name


def test_every_segment_has_measures_to_hide() -> None:
    assert {s for measure in FROM_THE_SIDE for s in segments_of(measure)} == set(PROPORTIONS)


@EACH_SEGMENT
@pytest.mark.parametrize("share", [0.8, 1.0, 1.25])
def test_not_hidden_where_bodies_differ(segment: str, share: float) -> None:
    series = with_share(stick_figure(BENT), "right", segment, share)
    for measure in MEASURES.values():
        told = hidden(series, name=measure.name)
        assert told == {"left": [False], "right": [False]}, measure.name


def test_from_the_front_lengths_tell_nothing() -> None:
    series = with_share(stick_figure(BENT), "right", "forearm", 0.3)
    assert hidden(series, name="elbow_flexion")["right"] == [False]


@EACH_SEGMENT
@pytest.mark.parametrize("share", [0.1, 0.5, 1.6, 3.0])
def test_one_odd_segment_does_not_change_the_size_of_the_body(segment: str, share: float) -> None:
    series = stick_figure(BENT)
    odd = with_share(series, "right", segment, share)
    assert reference_px(odd, "right") == pytest.approx(reference_px(series, "right"), rel=0.1)
    assert segment_shares(odd, "right")[segment] == pytest.approx(share, rel=0.1)


def test_where_nobody_is_seen_nothing_is_said() -> None:
    series = stick_figure(BENT)
    gone = replace(series, image=np.full_like(series.image, np.nan))
    assert np.isnan(reference_px(gone, "right")).all()
    camera = compute_view_track(series)
    for measure in MEASURES.values():
        assert not is_unreliable(measure, "right", gone, camera, NO_LIMITS).any()


@pytest.mark.parametrize("gone", ["right_elbow", "right_ankle"])
def test_a_hidden_joint_does_not_hide_what_is_measured_elsewhere(gone: str) -> None:
    series = stick_figure(BENT)
    series.image[:, Landmark[gone]] = np.nan
    assert reference_px(series, "right") == pytest.approx(TORSO_M * PX, rel=0.1)
    assert hidden(series, name="hip_flexion")["right"] == [False]


# --- all together ---------------------------------------------------------------------------------


@BOTH
def test_a_doubtful_measure_is_missing_in_the_table(near: Side) -> None:
    """Whatever the calibration allows: nobody is so sure with a body's length of spread."""
    far = other_side(near)
    figure = stick_figure(BENT, near_side=near)
    sure = compute_measures(spread_out(figure)).iloc[0]
    assert sure.equals(compute_measures(figure).iloc[0])
    lost = {f"{near}_{joint}": 500.0 for joint in ("knee", "shoulder")}
    row = compute_measures(spread_out(figure, **lost)).iloc[0]
    for name in ("knee_flexion", "hip_flexion", "thigh_inclination", "shoulder_flexion"):
        assert name in load_calibration().limits
        assert np.isfinite(sure[f"{near}_{name}"]) and np.isnan(row[f"{near}_{name}"]), name
    # A measure without sides is that of the near one.
    assert np.isfinite(sure["trunk_inclination"]) and np.isnan(row["trunk_inclination"])
    lost = {f"{far}_shoulder": 500.0}
    assert np.isfinite(compute_measures(spread_out(figure, **lost))["trunk_inclination"]).all()
    assert np.isfinite(row[f"{far}_knee_flexion"])
