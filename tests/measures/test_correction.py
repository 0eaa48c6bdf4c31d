"""Moving the near side's joints, on figures posed with known angles and corrections made up."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posecheck.core.geometry import Array
from posecheck.landmarks.series import SIDES, Landmark, LandmarkSeries, Side, other_side
from posecheck.measures.body import Body
from posecheck.measures.calibration import SEGMENTS, Correction
from posecheck.measures.camera_view import compute_view_track
from posecheck.measures.correction import (
    correct_landmarks,
    seen_square,
    segment_axes,
    segment_features,
    slopes,
)
from posecheck.measures.formulas import FORMULAS
from posecheck.measures.reliability import reference_px
from tests.fixtures.bodies import LEGS_UP, Pose, mirrored, stick_figure, times

FEW = settings(max_examples=40, deadline=None, derandomize=True, database=None)
BOTH = pytest.mark.parametrize("near", SIDES)
NEAR = st.sampled_from(SIDES)
EACH_SEGMENT = pytest.mark.parametrize("segment", SEGMENTS)
MOVES = st.floats(-0.17, 0.17)  # both at once are within what is allowed
# Bent enough that no unsigned angle passes zero when a segment is turned.
POSES = st.builds(
    Pose,
    trunk=st.floats(-95, 120),
    hip=st.floats(0, 120),
    knee=st.floats(30, 120),
    ankle=st.floats(-30, 20),
    shoulder=st.floats(0, 150),
    elbow=st.floats(30, 120),
)
BENT = Pose(trunk=40, hip=70, knee=50, shoulder=80, elbow=40)
JOINTS = ("hip", "knee", "shoulder", "elbow")
LEARNED = {
    "shoulder": {"across": {"bias": 0.02, "cos_hip": 0.04, "squared_trunk": 0.005}},
    "knee": {"along": {"bias": 0.03}, "across": {"bias": -0.06, "squared_thigh": 0.01}},
    "ankle": {"along": {"cos_knee": 0.07}, "across": {"sin_trunk": -0.05}},
    "wrist": {"across": {"sin_elbow": 0.04}},
    "elbow": {"across": {"bias": 0.03, "cos_shoulder": -0.02}},
    "foot_index": {"across": {"bias": -0.05}},
}
JOINT_OF = {segment: end for segment, (_, end) in SEGMENTS.items()}
HAND = ("pinky", "index", "thumb")
# What goes along with each joint; of the head see a test of its own.
GOES_ALONG = {
    "shoulder": ("elbow", "wrist", *HAND),
    "elbow": ("wrist", *HAND),
    "wrist": HAND,
    "knee": (),
    "ankle": ("heel", "foot_index"),
    "foot_index": (),
}


def by(joint: str, along: float = 0.0, across: float = 0.0) -> Correction:
    return Correction(moves={joint: {"along": {"bias": along}, "across": {"bias": across}}})


def learned() -> Correction:
    """One that reads features of every kind; the middles are made up."""
    names = segment_features(stick_figure(), "right", np.array([[0.0, 0.0, 1.0]]))
    return Correction(middles=dict.fromkeys(names, 0.2), moves=LEARNED)


def corrected(series: LandmarkSeries, correction: Correction) -> LandmarkSeries:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return correct_landmarks(series, compute_view_track(series), correction)


def angle(series: LandmarkSeries, name: str, side: str) -> float:
    """A measure of the landmarks as they are, whatever calibration posecheck comes with."""
    return float(FORMULAS[name](Body.of(series, compute_view_track(series)), side)[0])


def change(after: float, before: float) -> float:
    return (after - before + 180) % 360 - 180


def marks(side: str, *joints: str) -> list[Landmark]:
    return [Landmark[f"{side}_{joint}"] for joint in joints]


def limbs(side: str) -> list[Landmark]:
    """All landmarks of a side but those of the head."""
    return [mark for mark in Landmark if mark.name.startswith(side) and mark > 10]


def hidden(series: LandmarkSeries, *gone: Landmark) -> LandmarkSeries:
    image, world = series.image.copy(), series.world.copy()
    image[:, gone], world[:, gone] = np.nan, np.nan
    return replace(series, image=image, world=world)


# --- moving ----------------------------------------------------------------------------------


@pytest.mark.parametrize("zero", [Correction(), by("knee")])
@FEW
@given(pose=POSES, near=NEAR, yaw=st.floats(-35, 35))
def test_no_correction_changes_nothing(
    zero: Correction, pose: Pose, near: Side, yaw: float
) -> None:
    series = stick_figure(pose, near_side=near, yaw_deg=yaw)
    assert np.array_equal(corrected(series, zero).image, series.image)


@EACH_SEGMENT
@FEW
@given(pose=POSES, near=NEAR, along=MOVES, across=MOVES, roll=st.floats(-180, 180))
def test_a_joint_moves_along_and_across_its_segment_and_takes_what_hangs_on_it(
    segment: str, pose: Pose, near: Side, along: float, across: float, roll: float
) -> None:
    before = stick_figure(pose, near_side=near, roll_deg=roll)
    joint = JOINT_OF[segment]
    moved = (corrected(before, by(joint, along, across)).image - before.image)[0]
    axes = segment_axes(before, near, segment)[0]
    wanted = (along * axes[0] + across * axes[1]) * reference_px(before, near)
    goes = marks(near, joint, *GOES_ALONG[joint])
    np.testing.assert_allclose(moved[goes], np.tile(wanted, (len(goes), 1)), atol=1e-6)
    stays = [m for m in (*limbs(near), *limbs(other_side(near))) if m not in goes]
    assert not moved[stays].any()


@BOTH
@EACH_SEGMENT
def test_the_axes_of_a_segment(segment: str, near: Side) -> None:
    series = stick_figure(BENT, near_side=near)
    along, across = segment_axes(series, near, segment)[0]
    start, end = (series.point(f"{near}_{joint}")[0] for joint in SEGMENTS[segment])
    np.testing.assert_allclose(along, (end - start) / np.linalg.norm(end - start))
    clockwise = np.array([-along[1], along[0]])
    np.testing.assert_allclose(across, clockwise if near == "right" else -clockwise)


@FEW
@given(pose=POSES, near=NEAR, across=MOVES)
def test_a_thigh_that_turns_leaves_the_ankle_where_it_was_found(
    pose: Pose, near: Side, across: float
) -> None:
    before = stick_figure(pose, near_side=near)
    after = corrected(before, by("knee", across=across))
    thigh_px = np.linalg.norm(before.point(f"{near}_knee") - before.point(f"{near}_hip"))
    turned = -np.degrees(np.arctan(across * reference_px(before, near)[0] / thigh_px))
    for name, wanted in (("hip_flexion", turned), ("body_line", 0), ("shoulder_flexion", 0)):
        found = change(angle(after, name, near), angle(before, name, near))
        assert found == pytest.approx(wanted, abs=1e-6), name


@BOTH
def test_the_slope_of_the_trunk_is_the_measures(near: Side) -> None:
    series = stick_figure(BENT, near_side=near)
    seen = slopes(series.image, near)
    for segment in ("trunk", "thigh", "shank", "upper_arm"):
        assert seen[segment][0] == pytest.approx(angle(series, f"{segment}_inclination", near))


@FEW
@given(pose=POSES, near=NEAR, yaw=st.floats(-35, 35))
def test_the_far_side_and_the_hip_stay(pose: Pose, near: Side, yaw: float) -> None:
    before = stick_figure(pose, near_side=near, yaw_deg=yaw)
    after = corrected(before, learned())
    stays = [*limbs(other_side(near)), *marks(near, "hip")]
    assert np.array_equal(after.image[:, stays], before.image[:, stays])
    assert not np.allclose(after.image, before.image)
    for name in ("world", "visibility", "t_s"):
        assert np.array_equal(getattr(after, name), getattr(before, name))


@BOTH
def test_the_head_goes_with_the_shoulder(near: Side) -> None:
    before = stick_figure(BENT, near_side=near)
    after = corrected(before, by("shoulder", across=0.1))
    moved = after.image - before.image
    head = [mark for mark in Landmark if mark < Landmark.left_shoulder]
    shoulder = Landmark[f"{near}_shoulder"]
    np.testing.assert_allclose(moved[0, head], np.tile(moved[0, shoulder], (len(head), 1)))
    assert np.linalg.norm(moved[0, shoulder]) > 10


@FEW
@given(pose=POSES, near=NEAR, yaw=st.floats(-30, 30), tilt=st.floats(-20, 20))
def test_a_mirrored_body_is_corrected_as_its_mirror_image(
    pose: Pose, near: Side, yaw: float, tilt: float
) -> None:
    series = stick_figure(pose, near_side=near, yaw_deg=yaw, tilt_deg=tilt)
    one = mirrored(corrected(series, learned()))
    other = corrected(mirrored(series), learned())
    np.testing.assert_allclose(one.image, other.image, atol=1e-6)


@EACH_SEGMENT
@pytest.mark.parametrize("far", [0.26, 0.9, 1e6, -0.26, -30.0])
def test_no_move_is_larger_than_a_quarter_of_the_torso(segment: str, far: float) -> None:
    series, joint = stick_figure(BENT), JOINT_OF[segment]
    moved = corrected(series, by(joint, along=far, across=far)).image - series.image
    length = np.linalg.norm(moved[0, marks("right", joint)])
    assert length == pytest.approx(0.25 * reference_px(series, "right")[0])
    each = np.sign(far) * 0.25 * np.sqrt(0.5)
    farthest = corrected(series, by(joint, along=each, across=each))
    np.testing.assert_allclose(moved, farthest.image - series.image, atol=1e-6)


def test_a_move_is_bias_and_weights_times_what_is_off_the_middle() -> None:
    across = {"bias": 5.0, "a": 2.0, "b": -1.0}
    correction = Correction({"a": 1.0, "b": 0.0}, {"knee": {"across": across}})
    features = {"a": np.array([1.0, 3.0, np.nan]), "b": np.array([0.0, 1.0, 2.0])}
    departures = correction.departures(features)
    assert correction.move_of("knee", departures)[:, 1].tolist() == [5.0, 8.0, 3.0]
    assert not correction.move_of("knee", departures)[:, 0].any()
    assert not correction.move_of("ankle", departures).any()


# --- what is hidden and what is no side view -------------------------------------------------


@pytest.mark.parametrize("gone", [mark for mark in limbs("right") if "hip" not in mark.name])
def test_a_hidden_landmark_stays_hidden_and_hides_no_other(gone: Landmark) -> None:
    whole = stick_figure(BENT)
    camera = compute_view_track(whole)
    seen = hidden(whole, gone)
    after = correct_landmarks(seen, camera, learned())
    assert np.array_equal(np.isnan(after.image), np.isnan(seen.image))


def test_what_hangs_on_a_hidden_joint_still_goes_with_the_segments_before_it() -> None:
    whole = stick_figure(BENT)
    seen = hidden(whole, Landmark.right_elbow)
    after = correct_landmarks(seen, compute_view_track(whole), by("shoulder", across=0.1))
    moved = after.image - seen.image
    np.testing.assert_allclose(moved[0, Landmark.right_wrist], moved[0, Landmark.right_shoulder])


def test_where_nobody_is_seen_nothing_appears() -> None:
    series = hidden(stick_figure(BENT, t_s=times(0.5)), *Landmark)
    assert np.isnan(corrected(series, learned()).image).all()


@pytest.mark.parametrize("yaw", [45.0, 90.0, 180.0 - 45.0])
def test_what_is_no_side_view_is_left_alone(yaw: float) -> None:
    series = stick_figure(BENT, yaw_deg=yaw)
    assert np.array_equal(corrected(series, learned()).image, series.image)


def test_every_frame_is_corrected_by_its_own_view_and_side() -> None:
    t_s = times(4.0)
    yaw = np.select([t_s < 1, t_s < 2, t_s < 3], [0.0, 90.0, 180.0], 10.0)
    shot = np.searchsorted([1, 2, 3], t_s, side="right")
    series = replace(stick_figure(BENT, t_s=t_s, yaw_deg=yaw), shot=shot)
    moved = np.abs(corrected(series, by("knee", across=0.1)).image - series.image).sum(axis=2) > 1
    right, left = (moved[:, Landmark[f"{side}_knee"]] for side in ("right", "left"))
    assert np.array_equal(right, (t_s < 1) | (t_s >= 3))
    assert np.array_equal(left, (t_s >= 2) & (t_s < 3))


def test_no_frames_are_no_trouble() -> None:
    empty = stick_figure(BENT).frames(np.zeros(1, bool))
    assert len(corrected(empty, learned())) == 0


def test_single_precision_stays_single_precision() -> None:
    series = stick_figure(BENT)
    single = replace(series, image=series.image.astype(np.float32))
    after = corrected(single, learned())
    assert after.image.dtype == np.float32
    np.testing.assert_allclose(after.image, corrected(series, learned()).image, atol=0.01)


# --- what the correction is made from --------------------------------------------------------


@FEW
@given(pose=POSES, near=NEAR, roll=st.floats(-180, 180))
def test_features_are_cosine_and_sine_of_the_joint_angles(
    pose: Pose, near: Side, roll: float
) -> None:
    series = stick_figure(pose, near_side=near, roll_deg=roll)
    features = segment_features(series, near, compute_view_track(series).across)
    for joint in JOINTS:
        bent = np.radians(angle(series, f"{joint}_flexion", near))
        assert features[f"cos_{joint}"][0] == pytest.approx(np.cos(bent), abs=1e-6), joint
        assert features[f"sin_{joint}"][0] == pytest.approx(np.sin(bent), abs=1e-6), joint


@BOTH
def test_the_trunks_features_tell_how_the_body_lies(near: Side) -> None:
    for trunk, cosine, sine in ((0, 1, 0), (90, 0, 1), (-90, 0, -1)):
        series = stick_figure(Pose(trunk=trunk), near_side=near)
        features = segment_features(series, near, compute_view_track(series).across)
        assert features["cos_trunk"][0] == pytest.approx(cosine, abs=1e-9)
        assert features["sin_trunk"][0] == pytest.approx(sine, abs=1e-9)


@FEW
@given(pose=POSES, near=NEAR, yaw=st.floats(-30, 30))
def test_features_of_a_mirror_image_are_the_same(pose: Pose, near: Side, yaw: float) -> None:
    series = stick_figure(pose, near_side=near, yaw_deg=yaw)
    one = segment_features(series, near, compute_view_track(series).across)
    mirror = mirrored(series)
    other = segment_features(mirror, other_side(near), compute_view_track(mirror).across)
    assert one.keys() == other.keys()
    for name, values in one.items():
        np.testing.assert_allclose(values, other[name], atol=1e-6, err_msg=name)


def test_a_hidden_knee_is_unknown_in_its_features_only() -> None:
    whole = stick_figure(BENT)
    seen = hidden(whole, Landmark.right_knee)
    features = segment_features(seen, "right", compute_view_track(whole).across)
    unknown = {name for name, values in features.items() if np.isnan(values).any()}
    assert unknown == {"cos_hip", "sin_hip", "cos_knee", "sin_knee",
                       "squared_thigh", "squared_shank"}  # fmt: skip


@FEW
@given(pose=POSES, near=NEAR, roll=st.floats(-180, 180))
def test_a_square_view_is_left_as_it_is(pose: Pose, near: Side, roll: float) -> None:
    series = stick_figure(pose, near_side=near, roll_deg=roll)
    across = compute_view_track(series).across
    np.testing.assert_allclose(seen_square(series, near, across), series.image, atol=1e-6)
    features = segment_features(series, near, across)
    assert max(abs(features[f"squared_{segment}"][0]) for segment in SEGMENTS) < 1e-6


def off_square(pose: Pose, near: Side, **camera: float) -> Array:
    """Degrees by which each segment's slope still is off when a slanted view is made square."""
    slanted = stick_figure(pose, near_side=near, **camera)  # type: ignore[arg-type]
    square = seen_square(slanted, near, compute_view_track(slanted).across)
    found, true = slopes(square, near), slopes(stick_figure(pose, near_side=near).image, near)
    return np.array([change(found[name][0], true[name][0]) for name in SEGMENTS])


@FEW
@given(pose=POSES, near=NEAR, yaw=st.floats(-35, 35))
def test_a_turned_body_is_seen_square(pose: Pose, near: Side, yaw: float) -> None:
    assert np.abs(off_square(pose, near, yaw_deg=yaw)).max() < 1


@FEW
@given(pose=POSES, near=NEAR, tilt=st.floats(-30, 30))
def test_a_body_seen_from_above_is_seen_square(pose: Pose, near: Side, tilt: float) -> None:
    assert np.abs(off_square(pose, near, tilt_deg=tilt)).max() < 1


@FEW
@given(pose=POSES, near=NEAR, yaw=st.floats(-25, 25), tilt=st.floats(-20, 20))
def test_a_body_turned_and_seen_from_above_is_seen_square(
    pose: Pose, near: Side, yaw: float, tilt: float
) -> None:
    assert np.abs(off_square(pose, near, yaw_deg=yaw, tilt_deg=tilt)).max() < 1


@BOTH
def test_squared_features_tell_by_how_much_a_segment_is_off(near: Side) -> None:
    pose, yaw = replace(LEGS_UP, knee=60), 20.0
    slanted = stick_figure(pose, near_side=near, yaw_deg=yaw)
    features = segment_features(slanted, near, compute_view_track(slanted).across)
    was = slopes(slanted.image, near)
    true = slopes(stick_figure(pose, near_side=near).image, near)
    for segment in SEGMENTS:
        wanted = np.clip(change(true[segment][0], was[segment][0]), -25, 25)
        assert features[f"squared_{segment}"][0] == pytest.approx(wanted, abs=1), segment


def test_squaring_alone_brings_a_slanted_view_back() -> None:
    pose = replace(BENT, trunk=-60)
    figure = stick_figure(pose)
    torso_px = reference_px(figure, "right")[0]
    moves = {}
    for segment in ("trunk", "thigh", "upper_arm", "forearm"):
        ends = (figure.point(f"right_{joint}")[0] for joint in SEGMENTS[segment])
        a_degree = np.radians(np.linalg.norm(np.subtract(*ends))) / torso_px
        # A trunk's slope is against up, which turns the other way.
        sign = 1 if segment == "trunk" else -1
        moves[JOINT_OF[segment]] = {"across": {f"squared_{segment}": sign * a_degree}}
    squaring = Correction(middles={f"squared_{s}": 0.0 for s in SEGMENTS}, moves=moves)
    for near in SIDES:
        slanted = stick_figure(pose, near_side=near, yaw_deg=25.0)
        square = stick_figure(pose, near_side=near)
        for name in ("hip_flexion", "elbow_flexion"):
            wanted = angle(square, name, near)
            assert angle(corrected(slanted, squaring), name, near) == pytest.approx(wanted, abs=1)
            assert abs(angle(slanted, name, near) - wanted) > 1, "there was something to do"
