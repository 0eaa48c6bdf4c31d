"""Cleaning that never looks ahead, and the One-Euro filter."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posecheck.landmarks.series import Landmark
from posecheck.live.engine.causal import CausalCleaner, OneEuro
from posecheck.pose.sighting import Sighting
from tests.fixtures.bodies import STANDING, stick_figure

FPS = 20.0

# --- One-Euro -------------------------------------------------------------------------------------


def smooth(values: np.ndarray) -> np.ndarray:
    one_euro = OneEuro(min_cutoff_hz=2.5, beta=6.0)
    return np.array([one_euro(k / FPS, np.array([[v]]))[0, 0] for k, v in enumerate(values)])


def test_noise_at_rest_is_calmed() -> None:
    noise = np.random.default_rng(1).normal(0, 0.01, 400)
    assert smooth(noise)[50:].std() < 0.7 * noise[50:].std()


def test_a_movement_is_followed_closely() -> None:
    ramp = np.clip(np.arange(60) / FPS - 1, 0, 1)  # a torso length in a second
    behind = (ramp - smooth(ramp))[25:40]
    assert behind.max() < 0.06  # so many seconds late, at that speed


def test_what_was_hidden_begins_anew() -> None:
    values = np.array([0.0, 0.0, np.nan, 5.0, 5.0])
    assert smooth(values).tolist() == pytest.approx([0, 0, np.nan, 5, 5], nan_ok=True)


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=30))
def test_smoothed_values_stay_within_what_was_seen(values: list[float]) -> None:
    smoothed = smooth(np.array(values))
    assert smoothed.min() >= min(values) - 1e-6
    assert smoothed.max() <= max(values) + 1e-6


# --- cleaning without a look ahead ----------------------------------------------------------------


def sighting(t_s: float, image: np.ndarray, visibility: float = 1.0) -> Sighting:
    return Sighting(t_s, 0, image, np.zeros((33, 3)), np.full(33, visibility))


LEG = [Landmark.left_knee, Landmark.left_ankle, Landmark.left_heel, Landmark.left_foot_index]
OTHER = [Landmark.right_knee, Landmark.right_ankle, Landmark.right_heel, Landmark.right_foot_index]


def striding() -> np.ndarray:
    """A body with its legs far apart, in pixels of a picture of 1000 x 1000."""
    image = stick_figure(STANDING, hip_px=(500, 500), size=(1000, 1000)).image[0].copy()
    image[LEG, 0] -= 40
    image[OTHER, 0] += 40
    return image


def exchanged(image: np.ndarray) -> np.ndarray:
    swapped = image.copy()
    swapped[LEG], swapped[OTHER] = image[OTHER], image[LEG]
    return swapped


def test_legs_that_changed_places_are_put_back() -> None:
    cleaner, image = CausalCleaner(1000, 1000), striding()
    for k in range(10):
        cleaner.add(sighting(k / FPS, image))
    cleaned = cleaner.add(sighting(10 / FPS, exchanged(image)))
    assert cleaned.image[LEG] == pytest.approx(image[LEG], abs=1)


def test_legs_that_stay_changed_are_believed() -> None:
    cleaner, image = CausalCleaner(1000, 1000), striding()
    cleaner.add(sighting(0, image))
    for k in range(1, 60):
        cleaned = cleaner.add(sighting(k / FPS, exchanged(image)))
    assert cleaned.image[LEG] == pytest.approx(image[OTHER], abs=1)


def test_a_blink_is_filled_and_a_long_gap_is_not() -> None:
    cleaner, image = CausalCleaner(1000, 1000), striding()
    cleaner.add(sighting(0, image))
    blink = cleaner.add(sighting(0.2, image, visibility=0.1))
    assert blink.image == pytest.approx(image, abs=1)
    gone = cleaner.add(sighting(0.4, image, visibility=0.1))
    assert np.isnan(gone.image).all()


def test_nobody_is_nobody() -> None:
    cleaner = CausalCleaner(1000, 1000)
    nothing = np.full((33, 2), np.nan)
    for k in range(5):
        cleaned = cleaner.add(sighting(k / FPS, nothing, visibility=np.nan))
    assert np.isnan(cleaned.image).all()


def test_another_shot_begins_anew() -> None:
    cleaner, image = CausalCleaner(1000, 1000), striding()
    cleaner.add(sighting(0, image))
    elsewhere = replace(sighting(0.1, image + 50), shot=1)
    assert cleaner.add(elsewhere).image == pytest.approx(image + 50)
