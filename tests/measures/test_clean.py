"""Cleaning: what is hidden, what is filled, what is repaired, and what must be left alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from posecheck.core.geometry import Array
from posecheck.landmarks.series import Landmark, LandmarkSeries
from posecheck.measures.clean import clean_landmarks
from tests.fixtures.bodies import STANDING, SUPINE, Pose, Sides, stick_figure, swapped, times

FPS = 30.0
KNEE = Landmark.right_knee
LEGS = [m for m in Landmark if m >= Landmark.left_knee]
ARMS = [m for m in Landmark if Landmark.left_elbow <= m <= Landmark.right_thumb]


def hidden(series: LandmarkSeries, frames: slice, mark: Landmark = KNEE) -> LandmarkSeries:
    visibility = series.visibility.copy()
    visibility[frames, mark] = 0.2
    return replace(series, visibility=visibility)


def missing(series: LandmarkSeries, mark: Landmark = KNEE) -> list[int]:
    """Frames where the landmark is NaN, in the picture and in the world alike."""
    image, world = (np.isnan(v[:, mark]).any(axis=1) for v in (series.image, series.world))
    assert np.array_equal(image, world)
    return np.flatnonzero(image).tolist()


def walking_x(x: Array, t_s: Array, **figure: object) -> LandmarkSeries:
    """The whole figure moved sideways, in pixels."""
    return stick_figure(t_s=t_s, hip_px=(960 + x, 540.0), **figure)  # type: ignore[arg-type]


def x_of(series: LandmarkSeries, mark: Landmark = Landmark.nose) -> Array:
    return series.image[:, mark, 0] - stick_figure().image[0, mark, 0]


# --- hiding -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("visibility", "gone"), [(0.0, True), (0.39, True), (0.4, False)])
def test_what_is_hardly_visible_is_hidden(visibility: float, gone: bool) -> None:
    series = stick_figure()
    series.visibility[0, KNEE] = visibility
    cleaned = clean_landmarks(series)
    assert missing(cleaned) == ([0] if gone else [])
    assert missing(cleaned, Landmark.left_knee) == []


def test_how_visible_it_must_be_can_be_chosen() -> None:
    series = stick_figure()
    series.visibility[0, KNEE] = 0.7
    assert missing(clean_landmarks(series, min_visibility=0.8)) == [0]


@pytest.mark.parametrize("place", [[-1, 500], [1921, 500], [500, -1], [500, 1081]])
def test_what_is_outside_the_picture_is_hidden(place: list[float]) -> None:
    series = stick_figure()
    series.image[0, KNEE] = place
    assert missing(clean_landmarks(series)) == [0]


def test_where_nobody_was_seen_nobody_appears() -> None:
    series = stick_figure(t_s=times(2))
    for values in (series.image, series.world, series.visibility):
        values[20:40] = np.nan
    cleaned = clean_landmarks(series)
    for mark in (KNEE, Landmark.nose):
        assert missing(cleaned, mark) == list(range(20, 40))
    assert np.isfinite(cleaned.image[:20]).all()


# --- filling ------------------------------------------------------------------------------------


def test_short_gaps_are_filled_with_a_straight_line() -> None:
    t_s = times(2)
    series = walking_x(100 * t_s, t_s)
    cleaned = clean_landmarks(hidden(series, slice(20, 26)))
    assert missing(cleaned) == []
    assert cleaned.image[20:26, KNEE] == pytest.approx(series.image[20:26, KNEE], abs=1.5)
    assert cleaned.world[20:26, KNEE] == pytest.approx(series.world[20:26, KNEE], abs=0.01)


def test_long_gaps_stay() -> None:
    cleaned = clean_landmarks(hidden(stick_figure(t_s=times(2)), slice(20, 28)))
    assert missing(cleaned) == list(range(20, 28))
    assert missing(cleaned, Landmark.left_knee) == []


@pytest.mark.parametrize("fps", [10.0, 20.0, 24.0, 60.0, 120.0])
def test_a_gap_is_measured_in_seconds(fps: float) -> None:
    longest = int(0.25 * fps + 1e-6)  # steps from the last frame seen to the next
    for start in range(5, 20):
        for steps, filled in ((longest, True), (longest + 1, False)):
            gap = slice(start + 1, start + steps)
            series = hidden(stick_figure(t_s=times(60 / fps, fps)), gap)
            expected = [] if filled else list(range(gap.start, gap.stop))
            assert missing(clean_landmarks(series)) == expected, (start, steps)


def test_how_long_a_gap_may_be_can_be_chosen() -> None:
    series = hidden(stick_figure(t_s=times(2)), slice(20, 28))
    assert missing(clean_landmarks(series, max_gap_s=0.5)) == []


def test_gaps_at_the_ends_are_not_filled() -> None:
    series = hidden(hidden(stick_figure(t_s=times(2)), slice(0, 3)), slice(58, 60))
    assert missing(clean_landmarks(series)) == [0, 1, 2, 58, 59]


def test_nothing_is_filled_across_a_cut() -> None:
    series = hidden(stick_figure(t_s=times(2)), slice(28, 32))
    assert missing(clean_landmarks(series)) == []
    cut = replace(series, shot=(np.arange(60) >= 30).astype(int))
    assert missing(clean_landmarks(cut)) == [28, 29, 30, 31]


# --- smoothing ----------------------------------------------------------------------------------


def test_nothing_is_smoothed_across_a_cut() -> None:
    t_s = times(2)
    series = walking_x(np.where(t_s < 1, 0.0, 300.0), t_s)
    cut = replace(series, shot=(t_s >= 1).astype(int))
    assert clean_landmarks(cut).image == pytest.approx(series.image, abs=0.01)
    assert abs(x_of(clean_landmarks(series)) - x_of(series)).max() > 20


def tone(hz: float, fps: float = 60.0, seconds: float = 6.0) -> tuple[Array, Array]:
    t_s = times(seconds, fps)
    return t_s, 40 * np.sin(2 * np.pi * hz * t_s + 0.4)


def amplitude(t_s: Array, values: Array, hz: float) -> complex:
    """Size and phase of one tone, the ends of the recording left out."""
    inner = (t_s > 1) & (t_s < t_s[-1] - 1)
    phase = 2 * np.pi * hz * t_s[inner]
    basis = np.stack([np.sin(phase), np.cos(phase), np.ones(phase.shape)], axis=1)
    sine, cosine, _ = np.linalg.lstsq(basis, values[inner], rcond=None)[0]
    return complex(sine, cosine)


@pytest.mark.parametrize("fps", [25.0, 30.0, 60.0, 120.0])
@pytest.mark.parametrize("hz", [0.2, 1.0])
def test_slow_movement_is_kept_in_size_and_time(hz: float, fps: float) -> None:
    t_s, x = tone(hz, fps)
    kept = amplitude(t_s, x_of(clean_landmarks(walking_x(x, t_s))), hz)
    assert abs(kept) == pytest.approx(40, rel=0.02)
    shift_s = (np.angle(kept) - 0.4) / (2 * np.pi * hz)
    assert shift_s == pytest.approx(0, abs=0.002)


@pytest.mark.parametrize("fps", [50.0, 60.0, 120.0])
def test_fast_jitter_is_gone(fps: float) -> None:
    t_s, x = tone(15.0, fps)
    left = amplitude(t_s, x_of(clean_landmarks(walking_x(x, t_s))), 15.0)
    assert 20 * np.log10(40 / abs(left)) > 20


def test_the_cut_off_is_where_it_says() -> None:
    t_s, x = tone(6.0, 120.0)
    left = amplitude(t_s, x_of(clean_landmarks(walking_x(x, t_s))), 6.0)
    assert 20 * np.log10(40 / abs(left)) == pytest.approx(3, abs=0.3)
    left = amplitude(t_s, x_of(clean_landmarks(walking_x(x, t_s), cutoff_hz=12.0)), 6.0)
    assert 20 * np.log10(40 / abs(left)) < 0.5


def test_the_world_is_smoothed_alike() -> None:
    t_s, wobble = tone(15.0)
    series = stick_figure(t_s=t_s)
    noisy = replace(series, world=series.world + 0.001 * wobble[:, None, None])
    assert abs(clean_landmarks(noisy).world - series.world)[60:-60].max() < 0.004


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_varying_frame_rate(seed: int) -> None:
    random = np.random.default_rng(seed)
    t_s = np.cumsum(random.uniform(0.5, 1.5, 240)) / 40
    for hz, least, most in ((0.5, 39.2, 40.8), (1.0, 39.2, 40.8), (15.0, 0.0, 5.0)):
        x = 40 * np.sin(2 * np.pi * hz * t_s + 0.4)
        kept = amplitude(t_s, x_of(clean_landmarks(walking_x(x, t_s))), hz)
        assert least <= abs(kept) <= most, hz
        if hz < 2:
            assert (np.angle(kept) - 0.4) / (2 * np.pi * hz) == pytest.approx(0, abs=0.003)


def test_a_frame_rate_that_drops_in_dim_light() -> None:
    t_s = np.concatenate([np.arange(480) / 120, 4 + np.arange(120) / 24])
    x = 40 * np.sin(2 * np.pi * t_s)
    assert x_of(clean_landmarks(walking_x(x, t_s)))[50:-25] == pytest.approx(x[50:-25], abs=0.8)


def test_a_varying_frame_rate_holds_to_the_last_frame() -> None:
    t_s = np.cumsum(np.random.default_rng(4).uniform(0.5, 1.5, 90)) / 30
    series = walking_x(200 * t_s, t_s)
    assert x_of(clean_landmarks(series)) == pytest.approx(200 * t_s, abs=1.5)


def test_few_frames_are_left_as_they_are() -> None:
    for t_s in (times(0.3), times(6, fps=5)):
        wobbly = walking_x(10 * np.sin(40 * t_s), t_s)
        assert np.array_equal(clean_landmarks(wobbly).image, wobbly.image)


def test_the_outline_is_filled_and_smoothed_too() -> None:
    t_s, wobble = tone(15.0)
    outline = np.full((len(t_s), 2, 21), 50.0) + wobble[:, None, None]
    outline[100:104, 0], outline[200:260, 1] = np.nan, np.nan
    cleaned = clean_landmarks(replace(stick_figure(t_s=t_s), outline=outline)).outline
    assert cleaned is not None
    assert np.isfinite(cleaned[:, 0]).all()
    assert np.isnan(cleaned[200:260, 1]).all()
    assert abs(cleaned[120:180, 0] - 50).max() < 5


# --- impossible limbs ---------------------------------------------------------------------------


@pytest.mark.parametrize("mark", [Landmark.right_ankle, Landmark.left_wrist, KNEE])
def test_a_limb_that_jumps_in_length_is_not_believed(mark: Landmark) -> None:
    series = stick_figure(t_s=times(3))
    series.image[40:52, mark] += [130, 60]
    cleaned = clean_landmarks(series)
    assert missing(cleaned, mark) == list(range(40, 52))


@pytest.mark.parametrize("share", [1.45, 0.6])
def test_a_limb_that_changes_its_length_for_a_moment_is_not_believed(share: float) -> None:
    series = stick_figure(t_s=times(3))
    knee, ankle = series.point("right_knee"), series.point("right_ankle")
    series.image[40:52, Landmark.right_ankle] = (knee + share * (ankle - knee))[40:52]
    assert missing(clean_landmarks(series), Landmark.right_ankle) == list(range(40, 52))


def test_one_wild_frame_is_bridged() -> None:
    series = stick_figure(t_s=times(3))
    clean = series.image.copy()
    series.image[40, Landmark.right_ankle] += [200, 0]
    assert clean_landmarks(series).image == pytest.approx(clean, abs=0.5)


def test_limbs_that_bend_and_come_nearer_are_believed() -> None:
    t_s = times(4)
    bend = 60 - 60 * np.cos(np.pi * t_s / 2)
    pose = Pose(trunk=-90, hip=bend * 0.8, knee=bend, shoulder=bend, elbow=bend / 2)
    growing = stick_figure(pose, t_s=t_s, px_per_m=np.linspace(200, 280, len(t_s)))
    cleaned = clean_landmarks(growing)
    assert np.isfinite(cleaned.image).all()
    assert cleaned.image == pytest.approx(growing.image, abs=3)


# --- left and right -----------------------------------------------------------------------------

SCISSORS = Pose(trunk=-90, hip=Sides(80, 10), shoulder=Sides(150, 20))


@pytest.mark.parametrize("marks", [LEGS, ARMS, LEGS + ARMS], ids=["legs", "arms", "both"])
@pytest.mark.parametrize("span", [slice(30, 31), slice(20, 40), slice(0, 25), slice(70, 90)])
def test_a_swap_of_left_and_right_is_repaired(marks: list[Landmark], span: slice) -> None:
    random = np.random.default_rng(0)
    series = stick_figure(SCISSORS, t_s=times(3))
    series = replace(series, image=series.image + random.normal(0, 1, series.image.shape))
    repaired = clean_landmarks(swapped(series, span, marks))
    assert np.isfinite(repaired.image).all()
    assert repaired.image == pytest.approx(clean_landmarks(series).image, abs=1e-6)
    assert repaired.world == pytest.approx(clean_landmarks(series).world, abs=1e-6)


def test_a_swap_while_the_legs_move_is_repaired() -> None:
    t_s = times(4)
    pose = Pose(trunk=-90, hip=Sides(55 + 30 * np.sin(2 * t_s), 5.0), knee=Sides(20.0, 0.0))
    series = stick_figure(pose, t_s=t_s)
    repaired = clean_landmarks(swapped(series, slice(50, 70), LEGS))
    assert repaired.image == pytest.approx(clean_landmarks(series).image, abs=1e-6)


def test_a_swap_that_outlasts_a_meeting_of_the_legs_is_repaired() -> None:
    t_s = times(6)
    lift = np.interp(t_s, [0, 1.5, 2, 3.5], [60, 8, 8, 60])
    series = stick_figure(Pose(trunk=-90, hip=Sides(lift, 5.0)), t_s=t_s)
    repaired = clean_landmarks(swapped(series, slice(15, 90), LEGS))
    assert repaired.image == pytest.approx(clean_landmarks(series).image, abs=1e-6)


@pytest.mark.parametrize("seconds", [1.0, 2.0, 6.0])
@pytest.mark.parametrize("noise_px", [0.0, 2.0])
@pytest.mark.parametrize("bend", [0.0, 25.0])
def test_legs_that_cross_are_left_alone(seconds: float, noise_px: float, bend: float) -> None:
    t_s = times(seconds)
    swing = 35 * np.cos(np.pi * t_s / seconds)  # from 35 degrees ahead to 35 behind
    pose = Pose(hip=Sides(15 + swing, 15 - swing), knee=Sides(bend, 0.0))
    series = stick_figure(pose, t_s=t_s)
    random = np.random.default_rng(1)
    noisy = replace(series, image=series.image + random.normal(0, noise_px, series.image.shape))
    cleaned = clean_landmarks(noisy)
    for side in ("left", "right"):
        ankle = Landmark[f"{side}_ankle"]
        assert cleaned.image[:, ankle] == pytest.approx(
            series.image[:, ankle], abs=4 + 3 * noise_px
        )


@pytest.mark.parametrize("seed", range(4))
def test_legs_that_lie_on_each_other_keep_their_names(seed: int) -> None:
    """In a straight side view one leg hides the other; then one of them is lifted."""
    t_s = times(6)
    lift = np.interp(t_s, [1, 1.5, 2, 2.5, 4, 4.5, 5, 5.5], [0, 80, 80, 0, 0, 80, 80, 0])
    series = stick_figure(replace(SUPINE, hip=Sides(lift, 0.0)), t_s=t_s)
    random = np.random.default_rng(seed)
    noisy = replace(series, image=series.image + random.normal(0, 2, series.image.shape))
    cleaned = clean_landmarks(noisy)
    ankle = Landmark.left_ankle
    assert cleaned.image[:, ankle] == pytest.approx(series.image[:, ankle], abs=12)


# --- manners ------------------------------------------------------------------------------------


def rough() -> LandmarkSeries:
    random = np.random.default_rng(3)
    series = swapped(stick_figure(SCISSORS, t_s=times(3)), slice(20, 40), LEGS)
    series = hidden(series, slice(50, 54))
    image = series.image + random.normal(0, 2, series.image.shape)
    image[60:65, Landmark.left_ankle] += 150
    return replace(series, image=image, outline=random.random((90, 2, 21)) * 60)


def test_the_input_is_untouched() -> None:
    series = rough()
    before = {k: v.copy() for k, v in vars(series).items() if isinstance(v, np.ndarray)}
    clean_landmarks(series)
    for name, values in before.items():
        assert np.array_equal(getattr(series, name), values, equal_nan=True), name
    assert not series.cleaned


def test_cleaning_twice_is_cleaning_once() -> None:
    once = clean_landmarks(rough())
    assert once.cleaned
    twice = clean_landmarks(once)
    assert np.array_equal(twice.image, once.image, equal_nan=True)
    assert twice.cleaned


def test_what_is_not_cleaned_is_kept() -> None:
    series = replace(rough(), warnings=("a word",))
    cleaned = clean_landmarks(series)
    assert np.array_equal(cleaned.t_s, series.t_s)
    assert np.array_equal(cleaned.visibility, series.visibility, equal_nan=True)
    assert (cleaned.source, cleaned.warnings) == (series.source, ("a word",))


def test_how_the_numbers_lie_in_memory_does_not_matter() -> None:
    series = rough()
    turned = replace(
        series,
        image=np.asfortranarray(series.image),
        world=np.asfortranarray(series.world),
        outline=np.asfortranarray(series.outline),
    )
    a, b = clean_landmarks(series), clean_landmarks(turned)
    assert np.array_equal(a.image, b.image, equal_nan=True)
    assert np.array_equal(a.outline, b.outline, equal_nan=True)  # type: ignore[arg-type]


@pytest.mark.parametrize("n", [0, 1, 2, 3, 5, 12, 13, 14])
def test_any_number_of_frames(n: int) -> None:
    series = stick_figure(STANDING, t_s=np.arange(n) / 30)
    cleaned = clean_landmarks(replace(series, outline=np.full((n, 2, 21), 30.0)))
    assert cleaned.image == pytest.approx(series.image)
    assert len(cleaned) == n


def test_a_landmark_that_is_elsewhere_for_a_frame_is_put_back() -> None:
    t_s = np.arange(60) / 15
    series = walking_x(np.zeros(60), t_s)
    image = series.image.copy()
    image[30, Landmark.left_knee] += 80
    spiked = clean_landmarks(replace(series, image=image))
    np.testing.assert_allclose(spiked.image, clean_landmarks(series).image, atol=1)
