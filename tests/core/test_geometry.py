"""Plane geometry: what must stay when points are moved, turned, scaled or mirrored."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from posecheck.core.geometry import (
    angle_at,
    at_right_angles,
    distance_to_segment,
    length,
    midpoint,
    turn,
    unit,
    wrap,
)

FEW = settings(max_examples=80, deadline=None, derandomize=True, database=None)
COORDINATES = st.floats(-2000, 2000, allow_nan=False)
POINTS = st.tuples(COORDINATES, COORDINATES).map(np.array)
DEGREES = st.floats(-360, 360)
SCALES = st.floats(0.05, 20)
RIGHT, DOWN, LEFT, UP = ([1, 0], [0, 1], [-1, 0], [0, -1])


def rotation(degrees: float) -> np.ndarray:
    """Matrix that turns clockwise on a screen whose y points down."""
    a = np.radians(degrees)
    return np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])


def apart(*points: np.ndarray) -> None:
    """Leave out points so close together that their direction is rounding."""
    for i, a in enumerate(points):
        for b in points[i + 1 :]:
            assume(np.hypot(*(a - b)) > 1)


@given(a=POINTS, v=POINTS, b=POINTS, shift=POINTS, degrees=DEGREES, scale=SCALES)
@FEW
def test_an_angle_does_not_change_when_everything_moves(
    a: np.ndarray, v: np.ndarray, b: np.ndarray, shift: np.ndarray, degrees: float, scale: float
) -> None:
    apart(a, v, b)
    moved = [scale * rotation(degrees) @ p + shift for p in (a, v, b)]
    assert angle_at(*moved) == pytest.approx(angle_at(a, v, b), abs=1e-4)


@given(a=POINTS, v=POINTS, b=POINTS)
@FEW
def test_an_angle_is_the_same_in_a_mirror_and_from_the_other_end(
    a: np.ndarray, v: np.ndarray, b: np.ndarray
) -> None:
    apart(a, v, b)
    angle = angle_at(a, v, b)
    assert 0 <= angle <= 180
    assert angle_at(b, v, a) == pytest.approx(angle)
    assert angle_at(a * [-1, 1], v * [-1, 1], b * [-1, 1]) == pytest.approx(angle)


@given(a=POINTS, degrees=st.floats(-179, 179), scale=SCALES)
@FEW
def test_turn_finds_the_turn_that_was_made(a: np.ndarray, degrees: float, scale: float) -> None:
    assume(np.hypot(*a) > 1)
    assert turn(a, scale * rotation(degrees) @ a) == pytest.approx(degrees, abs=1e-6)


@given(a=POINTS, b=POINTS)
@FEW
def test_turn_changes_its_sign_in_a_mirror_and_backwards(a: np.ndarray, b: np.ndarray) -> None:
    assume(min(np.hypot(*a), np.hypot(*b)) > 1)
    there = turn(a, b)
    assume(abs(there) < 179.9)
    assert turn(b, a) == pytest.approx(-there)
    assert turn(a * [-1, 1], b * [-1, 1]) == pytest.approx(-there)


@pytest.mark.parametrize(
    ("start", "end", "degrees"),
    [
        (RIGHT, DOWN, 90),
        (RIGHT, UP, -90),
        (UP, RIGHT, 90),
        (DOWN, LEFT, 90),
        (UP, UP, 0),
        (RIGHT, LEFT, 180),
        (UP, [1, -1], 45),
    ],
)
def test_turn_is_positive_clockwise_on_the_screen(
    start: list[int], end: list[int], degrees: float
) -> None:
    assert turn(start, end) == pytest.approx(degrees)


def test_known_angles() -> None:
    assert angle_at(RIGHT, [0, 0], DOWN) == pytest.approx(90)
    assert angle_at([5, 5], [5, 0], [5, -7]) == pytest.approx(180)
    assert angle_at([3, 0], [0, 0], [9, 0]) == pytest.approx(0)
    # Pixels, not shares of a wide picture: 45 degrees is 45 degrees.
    assert angle_at([300, 200], [200, 200], [300, 100]) == pytest.approx(45)


def test_a_line_without_length_has_no_angle() -> None:
    assert np.isnan(angle_at([1, 1], [1, 1], [2, 2]))
    assert np.isnan(turn([0, 0], [1, 0]))
    assert np.isnan(turn([1, 0], [0, 0]))


def test_arrays_of_any_shape_give_one_angle_a_point() -> None:
    start, end = np.zeros((4, 3, 2)) + RIGHT, np.zeros((4, 3, 2)) + DOWN
    assert turn(start, end).shape == (4, 3)
    assert angle_at(start, np.zeros(2), end) == pytest.approx(np.full((4, 3), 90.0))


def test_nan_spreads_and_stays_in_its_row() -> None:
    points = np.array([[1.0, 0.0], [np.nan, 0.0], [1.0, np.nan]])
    hidden = [False, True, True]
    v, b = np.zeros((3, 2)), np.tile([0.0, 1.0], (3, 1))
    for angles in (angle_at(points, v, b), angle_at(b, v, points), angle_at(v, points, b)):
        assert np.isnan(angles).tolist() == hidden
    assert np.isnan(turn(points, b)).tolist() == hidden
    assert np.isnan(length(points)).tolist() == hidden
    for args in ((points, v, b), (v, points, b), (v, b, points)):
        assert np.isnan(distance_to_segment(*args)).tolist() == hidden


@given(angle=st.floats(-2000, 2000), lowest=st.floats(-360, 360))
@FEW
def test_wrap_keeps_the_direction_and_the_range(angle: float, lowest: float) -> None:
    wrapped = wrap(angle, lowest=lowest)
    assert lowest - 1e-9 <= wrapped <= lowest + 360 + 1e-9
    turns = (wrapped - angle) / 360
    assert turns == pytest.approx(round(float(turns)), abs=1e-9)


def test_wrap_at_its_ends() -> None:
    assert wrap([-90, 270, 269, -91], lowest=-90).tolist() == [-90, -90, 269, 269]


@given(point=POINTS, a=POINTS, b=POINTS)
@FEW
def test_distance_to_a_segment_is_the_shortest_way(
    point: np.ndarray, a: np.ndarray, b: np.ndarray
) -> None:
    on_segment = a + np.linspace(0, 1, 501)[:, None] * (b - a)
    ways = np.hypot(*(on_segment - point).T)
    distance = float(distance_to_segment(point, a, b))
    assert distance <= ways.min() + 1e-6
    assert distance >= ways.min() - np.hypot(*(b - a)) / 500 - 1e-6
    assert distance_to_segment(point, b, a) == pytest.approx(distance, abs=1e-6)


def test_distance_beside_and_beyond_a_segment() -> None:
    a, b = [0, 0], [10, 0]
    assert distance_to_segment([5, 3], a, b) == pytest.approx(3)
    assert distance_to_segment([13, 4], a, b) == pytest.approx(5)
    assert distance_to_segment([-3, -4], a, b) == pytest.approx(5)
    assert distance_to_segment([4, 0], a, b) == pytest.approx(0)
    assert distance_to_segment([3, 4], a, a) == pytest.approx(5)


def test_midpoint_and_length() -> None:
    assert midpoint([0, 2], [4, 8]).tolist() == [2, 5]
    assert length([[3, 4], [0, 0]]).tolist() == [5, 0]


def test_unit_vectors_and_what_is_at_right_angles() -> None:
    vectors = np.array([[3.0, 4.0, 0.0], [0.0, 0.0, 2.0], [0.0, 0.0, 0.0]])
    assert length(unit(vectors))[:2] == pytest.approx(1)
    assert np.isnan(unit(vectors)[2]).all()
    across = at_right_angles(vectors[:2], np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]))
    assert across == pytest.approx(np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]))
