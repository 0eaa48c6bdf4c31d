"""The drawing: in the right place, in the right colour, and never a stumble."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posecheck.assess.report import Report
from posecheck.landmarks.series import Landmark, LandmarkSeries
from posecheck.report import style
from posecheck.report.overlay import Overlay, _cues_of
from posecheck.stretches import stretch_ids
from tests.fixtures.bodies import FOLD, KNEE_IN, LEGS_UP, OTHER_KNEE_IN, STANDING, SUPINE
from tests.fixtures.films import drawn_film, film, hidden, joined, nobody, photo
from tests.fixtures.reports import form

BAD, GOOD = style.BAD.frame, style.GOOD.frame

Image = np.ndarray


def grey(height: int = 1080, width: int = 1920) -> Image:
    return np.full((height, width, 3), 90, np.uint8)


def has_colour(image: Image, colour: tuple[int, int, int], at: Any, radius: int) -> bool:
    x, y = np.asarray(at).astype(int)
    around = image[max(0, y - radius) : y + radius, max(0, x - radius) : x + radius].astype(int)
    return bool((np.abs(around - colour).max(axis=2) < 12).any())


def n_changed(image: Image) -> int:
    return int((image != 90).any(axis=2).sum())


@pytest.mark.parametrize(
    ("hip", "colour", "other"), [(90.0, GOOD, BAD), (60.0, BAD, GOOD), (120.0, BAD, GOOD)]
)
def test_joint_has_the_colour_of_its_status(hip: float, colour: Any, other: Any) -> None:
    check = form(replace(LEGS_UP, hip=hip))
    image = Overlay(check).draw(grey(), 30)
    corner = check.cleaned.point("right_hip")[30]
    # Along the thigh, which the knee's cue is drawn on too.
    knee = check.cleaned.point("right_knee")[30]
    assert has_colour(image, colour, 0.8 * corner + 0.2 * knee, 12)
    assert not has_colour(image, other, 0.8 * corner + 0.2 * knee, 12)


def test_colour_is_of_the_frame_not_of_the_cue() -> None:
    """While the hip was off, the frame shows it, though the cue as a whole passed."""
    hip = np.interp(np.arange(72), [40, 60], [90.0, 106.0])
    check = form(replace(LEGS_UP, hip=hip))
    (cue, *_) = check.cues
    assert cue.status == "pass"
    corner = check.cleaned.point("right_hip")[65]
    shoulder = check.cleaned.point("right_shoulder")[65]
    assert has_colour(Overlay(check).draw(grey(), 65), BAD, 0.8 * corner + 0.2 * shoulder, 12)


def test_image_is_left_alone_and_the_drawing_is_new() -> None:
    image = grey()
    drawn = Overlay(form(LEGS_UP)).draw(image, 10)
    assert (image == 90).all()
    assert drawn.shape == image.shape
    assert drawn.dtype == np.uint8
    assert n_changed(drawn) > 2000


def test_scales_with_the_picture() -> None:
    check = form(LEGS_UP)
    half = Overlay(check).draw(grey(540, 960), 10)
    corner = check.cleaned.point("right_hip")[10] / 2
    knee = check.cleaned.point("right_knee")[10] / 2
    assert half.shape == (540, 960, 3)
    assert has_colour(half, GOOD, 0.8 * corner + 0.2 * knee, 8)


def test_outside_a_hold_no_cue_is_drawn() -> None:
    check = form(joined(film(STANDING, 3), film(LEGS_UP, 4)))
    image = Overlay(check).draw(grey(), 5)
    corner = check.cleaned.point("right_hip")[5]
    assert not has_colour(image, GOOD, corner, 60)
    assert not has_colour(image, BAD, corner, 60)


def test_text_stands_away_from_the_body() -> None:
    for x, free in ((500.0, slice(1500, None)), (1400.0, slice(0, 400))):
        image = Overlay(form(film(hip_px=(x, 560.0)))).draw(grey(), 10)
        assert n_changed(image[:200, free]) > 500


@pytest.mark.parametrize("stretch", sorted(stretch_ids()))
def test_every_frame_of_every_stretch_is_drawn(stretch: str) -> None:
    series = drawn_film(stretch)
    overlay = Overlay(form(series, stretch))
    for index in range(0, len(series), 6):
        overlay.draw(grey(270, 480), index)


@pytest.mark.parametrize("stretch", sorted(stretch_ids()))
def test_moment_without_anybody_inside_a_hold(stretch: str) -> None:
    series = drawn_film(stretch)
    series = hidden(series, list(Landmark), slice(30, 36))
    check = form(series, stretch)
    (hold, *_) = check.holds
    assert hold.start < 30
    assert hold.stop > 36
    for index in range(28, 38):
        Overlay(check).draw(grey(270, 480), index)


def test_nobody_is_drawn_with_words_only() -> None:
    overlay = Overlay(form(nobody()))
    assert n_changed(overlay.draw(grey(), 3)) > 500


def test_photo_has_no_clock() -> None:
    """The line with name and clock is shorter without a clock."""
    still, moving = (Overlay(form(s)).draw(grey(), 0)[:30] for s in (photo(), film()))
    assert 0 < n_changed(still) < n_changed(moving)


def test_cue_about_change_has_the_colour_of_the_whole() -> None:
    sway = 120 + 6 * np.sin(np.arange(72) * 2 * np.pi / 48)
    check = form(replace(FOLD, trunk=sway), "forward-fold")
    assert next(c.status for c in check.cues if c.id == "still") == "fail"
    middle = (check.cleaned.point("left_shoulder") + check.cleaned.point("right_shoulder"))[40] / 2
    hip = (check.cleaned.point("left_hip") + check.cleaned.point("right_hip"))[40] / 2
    assert has_colour(Overlay(check).draw(grey(), 40), BAD, (middle + hip) / 2, 12)


def moved(check: Report, image: np.ndarray) -> Report:
    """The same findings with landmarks anywhere."""
    cleaned: LandmarkSeries = replace(check.cleaned, image=image)
    return replace(check, measured=replace(check.measured, cleaned=cleaned))


@given(
    st.sampled_from([0.0, 1e3, 1e5, 1e7, 1e12]),
    st.integers(0, 99),
    st.sampled_from([(1, 1), (2, 300), (300, 2), (90, 160)]),
)
def test_points_anywhere_are_survived(scale: float, seed: int, size: tuple[int, int]) -> None:
    check = CHECK
    rng = np.random.default_rng(seed)
    image = scale * rng.normal(size=check.cleaned.image.shape)
    image[rng.uniform(size=image.shape[:2]) < 0.2] = np.nan
    drawn = Overlay(moved(check, image)).draw(grey(*size), 10)
    assert drawn.shape == (*size, 3)


CHECK = form(LEGS_UP)


def test_a_hold_shows_the_cues_of_its_own_side() -> None:
    """In a stretch of each side, what is judged on the left is not drawn on the right's hold."""
    both = joined(film(KNEE_IN, 5), film(SUPINE, 2), film(OTHER_KNEE_IN, 5))
    check = form(both, "single-knee-to-chest")
    assert [hold.side for hold in check.holds] == ["left", "right"]
    for hold in check.holds:
        drawn = [cue for cue in _cues_of(check, hold) if cue.kind != "reminder"]
        assert drawn
        assert {cue.held for cue in drawn} == {hold.side}
    assert len(_cues_of(check, None)) == len(check.cues)
