"""The outline of the trunk, on masks whose outline is known."""

from __future__ import annotations

import numpy as np
import pytest

from posecheck.core.geometry import Array
from posecheck.pose.silhouette import N_POINTS, measure_outline

HEIGHT, WIDTH = 400, 600
SHOULDER, HIP = np.array([200.0, 200.0]), np.array([400.0, 200.0])
# From shoulder to hip one walks to the right of the screen: the left hand points up.
UP, DOWN = 0, 1
CLOSE = 3.0  # px: the edge is looked for in steps of 1.4 px


def grid() -> tuple[Array, Array]:
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH].astype(float)
    return columns, rows


def rectangle(left: float, top: float, right: float, bottom: float) -> Array:
    x, y = grid()
    return ((x >= left) & (x <= right) & (y >= top) & (y <= bottom)).astype(np.float32)


def test_a_rectangle_is_even_on_both_sides() -> None:
    outline = measure_outline(rectangle(150, 160, 450, 225), SHOULDER, HIP)
    assert outline.shape == (2, N_POINTS)
    assert outline[UP] == pytest.approx(np.full(N_POINTS, 40.0), abs=CLOSE)
    assert outline[DOWN] == pytest.approx(np.full(N_POINTS, 25.0), abs=CLOSE)


def test_walking_the_other_way_exchanges_the_sides() -> None:
    mask = rectangle(150, 160, 450, 225)
    there, back = measure_outline(mask, SHOULDER, HIP), measure_outline(mask, HIP, SHOULDER)
    assert back[0] == pytest.approx(there[1][::-1], abs=CLOSE)
    assert back[1] == pytest.approx(there[0][::-1], abs=CLOSE)


def test_a_round_back_is_a_round_outline() -> None:
    x, y = grid()
    above = (y <= 200) & (np.hypot(x - 300, y - 200) <= 100)
    outline = measure_outline((above | (rectangle(150, 200, 450, 230) > 0)) * 1.0, SHOULDER, HIP)
    steps = np.linspace(-100, 100, N_POINTS)
    inner = slice(1, -1)  # a semicircle is upright at its ends
    assert outline[UP, inner] == pytest.approx(np.sqrt(100**2 - steps**2)[inner], abs=CLOSE)
    assert outline[DOWN] == pytest.approx(np.full(N_POINTS, 30.0), abs=CLOSE)


def test_points_run_from_the_shoulder_to_the_hip() -> None:
    x, y = grid()
    wedge = (y <= 210) & (y >= 200 - 0.3 * (x - 190)) & (x >= 190) & (x <= 410)
    up = measure_outline(wedge * 1.0, SHOULDER, HIP)[UP]
    assert up == pytest.approx(3 + 0.3 * np.linspace(0, 200, N_POINTS), abs=CLOSE)


@pytest.mark.parametrize("degrees", [30, 90, 145, 180, 270])
def test_turned_bodies_have_the_same_outline(degrees: float) -> None:
    x, y = grid()
    a, middle = np.radians(degrees), np.array([300.0, 200.0])
    turn = np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
    # Each pixel's place in the unturned picture: 45 px of back to the left hand, 20 to the right.
    u, v = np.einsum("ij,j...->i...", turn.T, np.stack([x - 300, y - 200]))
    mask = ((np.abs(u) <= 90) & (v >= -45) & (v <= 20)) * 1.0
    shoulder, hip = (middle + turn @ np.array([end, 0.0]) for end in (-60, 60))
    outline = measure_outline(mask, shoulder, hip)
    assert outline[0] == pytest.approx(np.full(N_POINTS, 45.0), abs=CLOSE)
    assert outline[1] == pytest.approx(np.full(N_POINTS, 20.0), abs=CLOSE)


def test_a_mask_cut_off_by_the_picture_has_no_edge_there() -> None:
    shoulder, hip = np.array([200.0, 60.0]), np.array([400.0, 60.0])
    outline = measure_outline(rectangle(150, 0, 450, 90), shoulder, hip)
    assert np.isnan(outline[UP]).all()
    assert outline[DOWN] == pytest.approx(np.full(N_POINTS, 30.0), abs=CLOSE)


def test_only_the_cut_off_part_is_missing() -> None:
    shoulder, hip = np.array([200.0, 60.0]), np.array([400.0, 60.0])
    mask = np.maximum(rectangle(150, 40, 450, 90), rectangle(350, 0, 450, 90))
    up = measure_outline(mask, shoulder, hip)[UP]
    assert up[:14] == pytest.approx(np.full(14, 20.0), abs=CLOSE)
    assert np.isnan(up[16:]).all()


def test_a_body_without_end_has_no_edge() -> None:
    outline = measure_outline(rectangle(0, 0, WIDTH, HEIGHT), np.array([280.0, 200]), HIP - [80, 0])
    assert np.isnan(outline).all()


def test_a_line_beside_the_body_has_no_height() -> None:
    assert measure_outline(rectangle(0, 300, WIDTH, 350), SHOULDER, HIP) == pytest.approx(
        np.zeros((2, N_POINTS)), abs=CLOSE
    )


@pytest.mark.parametrize(
    ("shoulder", "hip"),
    [
        ([np.nan, 200], [400, 200]),
        ([200, 200], [400, np.nan]),
        ([200, 200], [200, 200]),
        ([200, 200], [201, 200]),
        ([np.inf, 200], [400, 200]),
    ],
)
def test_without_a_line_there_is_no_outline(shoulder: list[float], hip: list[float]) -> None:
    outline = measure_outline(rectangle(150, 160, 450, 225), np.array(shoulder), np.array(hip))
    assert outline.shape == (2, N_POINTS)
    assert np.isnan(outline).all()


def test_a_line_outside_the_picture_finds_nothing() -> None:
    far = np.array([5000.0, 5000.0])
    assert np.isnan(measure_outline(rectangle(0, 0, 600, 400), far, 1.02 * far)).all()
