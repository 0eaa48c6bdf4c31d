"""Test-time augmentation: what is undone comes back where it was; detections agree or do not."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posecheck.core.errors import ModelError
from posecheck.core.geometry import Array
from posecheck.landmarks.series import N_LANDMARKS, SIDES, Landmark, LandmarkSeries
from posecheck.media.open import Frame
from posecheck.pose.augmentation import (
    AUGMENTATIONS,
    PLAIN,
    Augmentation,
    consensus,
    spread_of_two,
    torso_px,
)
from posecheck.pose.model.locate import resolve_model
from posecheck.pose.sighting import Picture, Sighting
from posecheck.pose.silhouette import N_POINTS
from tests.fixtures.bodies import Pose, mirrored, stick_figure
from tests.fixtures.composed import Image, augmented, photo
from tests.fixtures.paths import DATA

EACH = pytest.mark.parametrize("way", (PLAIN, *AUGMENTATIONS), ids=str)
FEW = settings(max_examples=40, deadline=None, derandomize=True, database=None)
WIDTH, HEIGHT = 320, 240
ANY = st.builds(
    Augmentation, mirrored=st.booleans(), turn_deg=st.floats(-30, 30), scale=st.floats(0.5, 1.2)
)
LEG = [Landmark[f"{s}_{j}"] for s in ("left", "right") for j in ("knee", "ankle", "foot_index")]
ARM = [Landmark[f"{s}_{j}"] for s in ("left", "right") for j in ("shoulder", "elbow", "wrist")]


def picture_of(rgb: Image) -> Picture:
    return Picture(Frame(0, 0.0, np.ascontiguousarray(rgb[..., ::-1])), rgb, np.zeros(1), False)


def dot(x: int, y: int, *, light: int = 255, ground: int = 60) -> Picture:
    """A round dot on a plain ground."""
    rgb = np.full((HEIGHT, WIDTH, 3), ground, np.uint8)
    cv2.circle(rgb, (x, y), 6, (light, light, light), -1)
    return picture_of(rgb)


def place_of_dot(rgb: Image) -> Array:
    """Its middle, as the model counts: 0 is the edge of the first pixel."""
    grey = rgb[..., 0].astype(float)
    rows, columns = np.nonzero(grey > (grey.min() + grey.max()) / 2)
    return np.array([columns.mean(), rows.mean()]) + 0.5


def sighting(image: Array, world: Array | None = None, visibility: Array | None = None) -> Sighting:
    world = np.zeros((N_LANDMARKS, 3)) if world is None else world
    visibility = np.ones(N_LANDMARKS) if visibility is None else visibility
    return Sighting(0.0, 0, image, world, visibility)


def sighting_of(series: LandmarkSeries) -> Sighting:
    return sighting(series.image[0], series.world[0], series.visibility[0])


def scattered(n: int, sigma: float, seed: int = 0) -> list[Sighting]:
    """The same body seen `n` times, each time a little elsewhere."""
    random, body = np.random.default_rng(seed), stick_figure().image[0]
    return [sighting(body + random.normal(0, sigma, body.shape)) for _ in range(n)]


# --- there and back --------------------------------------------------------------------------


@EACH
@FEW
@given(x=st.integers(70, WIDTH - 70), y=st.integers(70, HEIGHT - 70))
def test_a_dot_comes_back_to_where_it_was(way: Augmentation, x: int, y: int) -> None:
    shown = place_of_dot(way.apply(dot(x, y)).rgb)
    back = way.undo(sighting(np.tile(shown, (N_LANDMARKS, 1))), WIDTH, HEIGHT)
    assert np.abs(back.image - [x + 0.5, y + 0.5]).max() < 1


@EACH
def test_a_dot_in_the_middle_stays_and_others_move(way: Augmentation) -> None:
    middle, corner = (place_of_dot(way.apply(dot(*at)).rgb) for at in ((160, 120), (80, 70)))
    assert np.abs(middle - [160.5, 120.5]).max() < 1.1
    stays = way.turn_deg == 0 and not way.mirrored
    assert (np.abs(corner - [80.5, 70.5]).max() < 1) == stays


@FEW
@given(
    way=ANY,
    pose=st.builds(Pose, trunk=st.floats(-95, 130), hip=st.floats(0, 130), knee=st.floats(0, 130)),
    x=st.floats(300, 1500),
    y=st.floats(200, 900),
)
def test_a_body_comes_back_as_it_was(way: Augmentation, pose: Pose, x: float, y: float) -> None:
    body = stick_figure(pose, hip_px=(x, y))
    turn = np.radians(-way.turn_deg)  # clockwise on the screen
    c, s = way.scale * np.cos(turn), way.scale * np.sin(turn)
    hip = (960 + c * (x - 960) - s * (y - 540), 540 + s * (x - 960) + c * (y - 540))
    shown = stick_figure(pose, hip_px=hip, roll_deg=-way.turn_deg, px_per_m=300 * way.scale)
    back = way.undo(sighting_of(mirrored(shown) if way.mirrored else shown), 1920, 1080)
    np.testing.assert_allclose(back.image, body.image[0], atol=0.01)
    np.testing.assert_allclose(back.world, body.world[0], atol=1e-6)


def test_a_mirror_exchanges_left_and_right() -> None:
    way, random = Augmentation(mirrored=True), np.random.default_rng(0)
    image, world = (random.random((N_LANDMARKS, n)) for n in (2, 3))
    seen = sighting(image, world, random.random(N_LANDMARKS))
    back = way.undo(seen, WIDTH, HEIGHT)
    for one, other in (("left_knee", "right_knee"), ("mouth_right", "mouth_left"), ("nose",) * 2):
        here, there = Landmark[one], Landmark[other]
        assert back.visibility[here] == seen.visibility[there]
        np.testing.assert_allclose(back.image[here], [WIDTH, 0] + seen.image[there] * [-1, 1])
        np.testing.assert_allclose(back.world[here], seen.world[there] * [-1, 1, 1])
    again = way.undo(back, WIDTH, HEIGHT)
    np.testing.assert_allclose(again.image, seen.image)
    np.testing.assert_allclose(again.world, seen.world)


@EACH
def test_neither_the_picture_nor_the_sighting_is_written_into(way: Augmentation) -> None:
    picture, seen = dot(100, 100), sighting_of(stick_figure())
    before = picture.rgb.copy(), seen.image.copy(), seen.world.copy(), seen.visibility.copy()
    shown = way.apply(picture)
    way.undo(seen, WIDTH, HEIGHT)
    assert shown.rgb.shape == picture.rgb.shape and shown.rgb.dtype == np.uint8
    assert shown.rgb.flags.c_contiguous
    assert (shown.frame, shown.t_s) == (picture.frame, picture.t_s)
    after = picture.rgb, seen.image, seen.world, seen.visibility
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


def test_the_plain_one_changes_nothing() -> None:
    picture, seen = dot(100, 100), sighting_of(stick_figure())
    assert np.array_equal(PLAIN.apply(picture).rgb, picture.rgb)
    np.testing.assert_allclose(PLAIN.undo(seen, WIDTH, HEIGHT).image, seen.image)


def test_no_two_augmentations_are_alike() -> None:
    assert len({PLAIN, *AUGMENTATIONS}) == 1 + len(AUGMENTATIONS)


@pytest.mark.parametrize(("ground", "light"), [(20, 60), (60, 120), (190, 250)])
def test_light_and_dark_pictures_are_brought_nearer_to_grey(ground: int, light: int) -> None:
    picture = dot(160, 120, ground=ground, light=light)
    lit = Augmentation(lit=True).apply(picture).rgb
    assert abs(lit.mean() / 255 - 0.45) < abs(picture.rgb.mean() / 255 - 0.45)
    assert np.ptp(lit) > 20, "the dot is still there"


@pytest.mark.parametrize("level", [0, 255])
def test_a_blank_picture_stays_blank(level: int) -> None:
    blank = picture_of(np.full((HEIGHT, WIDTH, 3), level, np.uint8))
    for way in AUGMENTATIONS:
        assert np.ptp(way.apply(blank).rgb) == 0


# --- do they agree? --------------------------------------------------------------------------


def test_detections_that_agree_have_no_spread() -> None:
    seen = sighting_of(stick_figure())
    together = consensus([seen] * 5, 5)
    np.testing.assert_allclose(together.image, seen.image, rtol=1e-6)
    np.testing.assert_allclose(together.world, seen.world, rtol=1e-6)
    assert together.spread is not None
    assert together.spread.shape == (N_LANDMARKS,)
    assert np.abs(together.spread).max() < 1e-3


def test_the_middle_is_the_median() -> None:
    one, two, far = (sighting(np.full((N_LANDMARKS, 2), at)) for at in (10.0, 12.0, 500.0))
    together = consensus([far, one, two], 3)
    assert np.array_equal(together.image, np.full((N_LANDMARKS, 2), 12))
    assert together.spread is not None
    # 2, 0 and 488 px in x and in y
    np.testing.assert_allclose(together.spread, np.hypot(490, 490) / 3, rtol=1e-5)


def test_one_look_that_is_far_off_does_not_move_the_middle() -> None:
    looks = scattered(5, 2.0)
    astray = replace(looks[0], image=looks[0].image + 300)
    calm, told = consensus(looks, 5), consensus([astray, *looks[1:]], 5)
    assert calm.spread is not None and told.spread is not None
    assert np.abs(told.image - calm.image).max() < 8
    assert (told.spread > 10 * calm.spread).all()


@FEW
@given(order=st.permutations(range(5)))
def test_the_order_of_the_looks_does_not_matter(order: list[int]) -> None:
    looks = scattered(5, 3.0)
    one, other = consensus(looks, 5), consensus([looks[k] for k in order], 5)
    assert np.array_equal(one.image, other.image)
    np.testing.assert_allclose(np.asarray(one.spread), np.asarray(other.spread), rtol=1e-5)


def test_every_look_that_found_nobody_adds_to_the_spread() -> None:
    looks = scattered(5, 1.0)
    spreads = [np.asarray(consensus(looks[:4], n).spread) for n in (4, 5, 6)]
    assert (spreads[0] < spreads[1]).all() and (spreads[1] < spreads[2]).all()
    assert 0.02 < np.median(spreads[1] - spreads[0]) / torso_px(looks[0].image) < 0.05
    alone = np.asarray(consensus(looks[:1], 5).spread)
    np.testing.assert_allclose(alone, 0.12 * torso_px(looks[0].image), rtol=1e-5)


def test_the_first_looks_outline_is_kept() -> None:
    looks = scattered(3, 1.0)
    outline = np.ones((2, N_POINTS))
    assert consensus([replace(looks[0], outline=outline), *looks[1:]], 3).outline is outline
    assert consensus(looks, 3).outline is None


def test_two_augmented_still_the_same_place_have_no_spread() -> None:
    one, other = scattered(2, 2.0)
    assert not spread_of_two(one, one).any()
    assert np.mean(spread_of_two(one, other)) > 1


def test_an_augmentation_in_which_nobody_is_found_is_a_spread_of_all_landmarks() -> None:
    one = sighting_of(stick_figure())
    np.testing.assert_allclose(spread_of_two(one, None), 0.15 * torso_px(one.image), rtol=1e-5)


def test_an_augmentation_that_exchanges_the_legs_does_not_disagree() -> None:
    one = sighting_of(stick_figure())
    legs = [Landmark[f"{s}_{j}"] for s in SIDES for j in ("knee", "ankle", "heel", "foot_index")]
    image = one.image.copy()
    image[legs] = one.image[[*legs[4:], *legs[:4]]]
    assert not spread_of_two(one, replace(one, image=image)).any()


def test_a_torso_is_as_long_as_it_is() -> None:
    assert torso_px(stick_figure(px_per_m=300).image[0]) == pytest.approx(0.52 * 300)


# --- with the real model ---------------------------------------------------------------------


@pytest.fixture(scope="session")
def model_path() -> Path:
    try:
        return resolve_model("full")
    except ModelError as error:
        pytest.skip(f"no pose model: {error}")


STILLS = sorted(path.stem for path in DATA.glob("*.jpg"))


@cache
def augmented_still(model_path: Path, name: str) -> list[Sighting]:
    return augmented(model_path, photo(name))


def joints_of(name: str) -> dict[str, list[float]]:
    sidecar = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    joints: dict[str, list[float]] = sidecar["joints_px"]
    return joints


def off(seen: Sighting, name: str) -> Array:
    """Distance of every joint from the true one, in torso lengths."""
    joints = joints_of(name)
    marks = [Landmark[joint] for joint in joints]
    away = seen.image[marks] - np.array(list(joints.values()))
    return np.linalg.norm(away, axis=1) / torso_px(seen.image)


def test_every_augmentation_finds_the_person(model_path: Path) -> None:
    assert [len(augmented_still(model_path, name)) for name in STILLS] == [
        1 + len(AUGMENTATIONS)
    ] * len(STILLS)


def test_the_consensus_is_nearer_to_the_truth_than_the_plain_picture(
    model_path: Path,
) -> None:
    plain = [off(augmented_still(model_path, name)[0], name).mean() for name in STILLS]
    middle = [off(consensus(augmented_still(model_path, name), 5), name).mean() for name in STILLS]
    assert np.mean(middle) < np.mean(plain)
    assert np.mean(np.array(middle) <= plain) > 0.6, "in most of the pictures, too"


def test_joints_with_a_wide_spread_are_further_from_the_truth(model_path: Path) -> None:
    spreads, errors = [], []
    for name in STILLS:
        together = consensus(augmented_still(model_path, name), 5)
        marks = [Landmark[joint] for joint in joints_of(name)]
        spreads.append(np.asarray(together.spread)[marks] / torso_px(together.image))
        errors.append(off(together, name))
    spread, error = np.concatenate(spreads), np.concatenate(errors)
    wide = spread > np.quantile(spread, 0.8)
    assert np.median(error[wide]) > 1.5 * np.median(error[~wide])  # 0.13 and 0.06 when written


@pytest.mark.parametrize("name", ["cat-cow-cow-2", "forward-fold-2", "legs-up-the-wall-2"])
def test_legs_that_are_painted_over_have_a_wide_spread(model_path: Path, name: str) -> None:
    whole = np.asarray(consensus(augmented_still(model_path, name), 5).spread)
    seen = augmented(model_path, without_legs(model_path, name))
    hidden = np.asarray(consensus(seen, 5).spread)
    assert hidden[LEG].mean() > 1.5 * whole[LEG].mean()  # 1.8 to 7 times when written
    assert hidden[ARM].mean() < 1.4 * whole[ARM].mean(), "the arms are as they were"


def without_legs(model_path: Path, name: str) -> Image:
    """The picture with the legs from the middle of the thighs painted over like the wall."""
    image, joints = photo(name).copy(), joints_of(name)
    toes = augmented_still(model_path, name)[0].image
    mask = np.zeros(image.shape[:2], np.uint8)
    for side in ("left", "right"):
        hip, knee, ankle = (np.array(joints[f"{side}_{j}"]) for j in ("hip", "knee", "ankle"))
        leg = [(hip + knee) / 2, knee, ankle, toes[Landmark[f"{side}_foot_index"]]]
        cv2.polylines(mask, [np.array(leg).round().astype(np.int32)], False, 255, 70)
    image[mask > 0] = np.median(image[:40].reshape(-1, 3), axis=0)
    return image
