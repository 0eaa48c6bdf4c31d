"""Two models' joints brought to where a goniometer lies, and their mean, on posed figures."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posecheck.core.geometry import Array, length
from posecheck.landmarks.series import SIDES, Landmark, LandmarkSeries, Side, other_side
from posecheck.measures.body import Body
from posecheck.measures.calibration import FRAMES, Offsets
from posecheck.measures.camera_view import compute_view_track
from posecheck.measures.catalogue import MEASURES
from posecheck.measures.correction import Eyes, move_joints, segment_axes
from posecheck.measures.formulas import FORMULAS
from posecheck.measures.measured import CleanedClip, compute_measures
from posecheck.measures.reliability import MAX_APART, reference_px
from tests.fixtures.bodies import Pose, mirrored, stick_figure, times

FEW = settings(max_examples=40, deadline=None, derandomize=True, database=None)
BOTH = pytest.mark.parametrize("near", SIDES)
NEAR = st.sampled_from(SIDES)
EACH_JOINT = pytest.mark.parametrize("joint", FRAMES)
MOVES = st.floats(-0.1, 0.1)
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
STANDING = Pose(trunk=0, hip=0, knee=0, shoulder=0, elbow=0)
NOWHERE: Offsets = {"blazepose": {}, "thunder": {}}
TIPS = {"wrist": ("pinky", "index", "thumb"), "ankle": ("heel", "foot_index")}


def moved(series: LandmarkSeries, **joints: tuple[float, float]) -> LandmarkSeries:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return move_joints(series, compute_view_track(series), joints)


def with_second(series: LandmarkSeries, **pixels: Array) -> LandmarkSeries:
    """As the second model sees the figure: some joints elsewhere."""
    second = series.image.copy()
    for name, off in pixels.items():
        second[:, Landmark[name]] += off
    return replace(series, second=second)


def eyes(series: LandmarkSeries) -> Eyes:
    track = compute_view_track(series)
    return Eyes.of(series, track, Body.of(series, track).torso_px, NOWHERE)


# --- moving ---------------------------------------------------------------------------------------


@FEW
@given(pose=POSES, near=NEAR, yaw=st.floats(-35, 35))
def test_no_offset_changes_nothing(pose: Pose, near: Side, yaw: float) -> None:
    series = stick_figure(pose, near_side=near, yaw_deg=yaw)
    assert np.array_equal(moved(series).image, series.image)
    assert np.array_equal(moved(series, hip=(0.0, 0.0)).image, series.image)


@EACH_JOINT
@FEW
@given(pose=POSES, near=NEAR, along=MOVES, front=MOVES, roll=st.floats(-180, 180))
def test_a_joint_moves_along_its_segment_and_to_the_front_and_takes_its_tips(
    joint: str, pose: Pose, near: Side, along: float, front: float, roll: float
) -> None:
    before = stick_figure(pose, near_side=near, roll_deg=roll)
    change = (moved(before, **{joint: (along, front)}).image - before.image)[0]
    forward = np.array([1.0 if near == "right" else -1.0])
    axes = segment_axes(before.image, near, joint, forward)[0]
    wanted = (along * axes[0] + front * axes[1]) * reference_px(before, near)
    goes = [Landmark[f"{near}_{name}"] for name in (joint, *TIPS.get(joint, ()))]
    np.testing.assert_allclose(change[goes], np.tile(wanted, (len(goes), 1)), atol=1e-6)
    stays = [m for m in Landmark if m.name.startswith(near) and m not in goes]
    assert not change[stays].any()


@BOTH
@EACH_JOINT
def test_the_front_of_a_person_who_stands_is_where_the_nose_is(joint: str, near: Side) -> None:
    series = stick_figure(STANDING, near_side=near)
    forward = np.array([1.0 if near == "right" else -1.0])
    along, front = segment_axes(series.image, near, joint, forward)[0]
    nose = series.point("nose")[0] - series.point(f"{near}_shoulder")[0]
    assert front[0] * nose[0] > 0
    assert abs(along @ front) < 1e-9 and length(along) == pytest.approx(1)
    assert along[1] < 0 if joint in {"hip", "shoulder"} else along[1] > 0


@FEW
@given(pose=POSES, near=NEAR, front=MOVES)
def test_a_mirrored_picture_gives_the_same_angles(pose: Pose, near: Side, front: float) -> None:
    series = stick_figure(pose, near_side=near)
    other = mirrored(series)
    for name in ("hip_flexion", "knee_flexion"):
        values = [
            FORMULAS[name](Body.of(moved(s, hip=(0.02, front)), compute_view_track(s)), side)[0]
            for s, side in ((series, near), (other, other_side(near)))
        ]
        assert values[0] == pytest.approx(values[1], abs=1e-6)


def test_only_a_view_from_the_side_is_moved() -> None:
    series = stick_figure(BENT)
    track = replace(compute_view_track(series), view=np.array(["front"] * len(series)))
    assert np.array_equal(move_joints(series, track, {"hip": (0.1, 0.1)}).image, series.image)


def test_a_hidden_joint_moves_nothing_and_stays_hidden() -> None:
    series = stick_figure(BENT)
    image = series.image.copy()
    image[:, Landmark.right_knee] = np.nan
    after = moved(replace(series, image=image), knee=(0.1, 0.0), hip=(0.1, 0.0)).image
    assert np.isnan(after[:, Landmark.right_knee]).all()
    assert np.isfinite(after[:, Landmark.right_hip]).all()


# --- two models -----------------------------------------------------------------------------------


def test_one_model_alone_is_what_is_read() -> None:
    series = stick_figure(BENT)
    alone = eyes(series)
    assert np.array_equal(alone.both.series.image, series.image)
    assert np.isnan(alone.apart(MEASURES["hip_flexion"], "right")).all()


@FEW
@given(pose=POSES, near=NEAR, off=st.tuples(st.floats(-10, 10), st.floats(-10, 10)))
def test_the_mean_of_two_models_is_read(pose: Pose, near: Side, off: tuple[float, float]) -> None:
    series = with_second(stick_figure(pose, near_side=near), **{f"{near}_knee": np.array(off)})
    knee = eyes(series).both.series.point(f"{near}_knee")
    np.testing.assert_allclose(knee, series.point(f"{near}_knee") + np.array(off) / 2, atol=1e-9)


def test_where_the_second_model_did_not_look_the_first_is_read() -> None:
    series = with_second(stick_figure(BENT), right_knee=np.array([8.0, 0.0]))
    assert series.second is not None
    series.second[:] = np.nan
    assert np.array_equal(eyes(series).both.series.image, series.image)


def test_models_that_are_apart_across_the_half_circle_are_near() -> None:
    """-179 and 179 degrees are two degrees apart."""
    series = stick_figure(replace(STANDING, trunk=179.5))
    other = stick_figure(replace(STANDING, trunk=180.5))
    apart = eyes(replace(series, second=other.image)).apart(MEASURES["trunk_inclination"], None)
    assert apart == pytest.approx(1.0, abs=0.2)


@BOTH
def test_where_two_models_disagree_nothing_is_told(near: Side) -> None:
    series = stick_figure(BENT, near_side=near)
    agree = compute_measures(with_second(series)).iloc[0]
    assert np.isfinite(agree[f"{near}_knee_flexion"])
    apart = with_second(series, **{f"{near}_ankle": np.array([0.0, -150.0])})
    clip = CleanedClip.of(apart).seen_by("trunk")
    assert clip.models is not None
    assert clip.models.apart[f"{near}_knee_flexion"][0] > MAX_APART["deg"]
    assert np.isnan(clip.table[f"{near}_knee_flexion"]).all()
    assert np.isfinite(clip.table[f"{near}_hip_flexion"]).all()
    hidden = clip.why_hidden(MEASURES["knee_flexion"], near, np.array([0]))
    assert hidden.main is not None and hidden.main.name == "disagreement"


def test_what_the_second_model_saw_now_and_then_is_carried_between() -> None:
    """Two looks, three seconds apart, of a figure at rest: the difference goes over in a line."""
    series = stick_figure(BENT, t_s=times(91 / 30))
    second = np.full_like(series.image, np.nan)
    knee = Landmark.right_knee
    second[0], second[90] = series.image[0] + [6.0, 0.0], series.image[90] + [12.0, 0.0]
    clip = CleanedClip.of(replace(series, second=second))
    assert clip.cleaned.second is not None
    off = (clip.cleaned.second - clip.cleaned.image)[:, knee, 0]
    np.testing.assert_allclose(off, np.linspace(6, 12, 91), atol=1e-6)


def test_one_odd_look_of_three_counts_for_nothing() -> None:
    series = stick_figure(BENT, t_s=times(91 / 30))
    second = np.full_like(series.image, np.nan)
    second[[0, 45, 90]] = series.image[[0, 45, 90]]
    second[45] += 200.0
    clip = CleanedClip.of(replace(series, second=second))
    assert clip.cleaned.second is not None
    np.testing.assert_allclose(clip.cleaned.second, clip.cleaned.image, atol=1e-6)


def test_hands_and_feet_go_along_with_wrist_and_ankle() -> None:
    series = with_second(stick_figure(BENT), right_ankle=np.array([5.0, 3.0]))
    assert series.second is not None
    series.second[:, Landmark.right_heel] = np.nan
    clip = CleanedClip.of(series)
    assert clip.cleaned.second is not None
    off = clip.cleaned.second - clip.cleaned.image
    np.testing.assert_allclose(off[:, Landmark.right_heel], [[5.0, 3.0]], atol=1e-6)
