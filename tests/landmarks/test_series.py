"""The landmark series: shapes are checked, frames are selected, it introduces itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from posecheck.landmarks.series import (
    LIMBS,
    N_LANDMARKS,
    SKELETON,
    Landmark,
    LandmarkSeries,
    other_side,
)
from tests.fixtures.bodies import stick_figure, times


@pytest.fixture
def series() -> LandmarkSeries:
    return stick_figure(t_s=times(1.0))


def test_landmarks_are_mediapipes() -> None:
    assert N_LANDMARKS == 33
    assert [mark.value for mark in Landmark] == list(range(33))
    known = {"nose": 0, "left_ear": 7, "mouth_right": 10, "left_shoulder": 11, "right_hip": 24}
    known |= {"left_knee": 25, "right_heel": 30, "right_foot_index": 32}
    assert {name: int(Landmark[name]) for name in known} == known


def test_skeleton_is_the_same_on_both_sides_and_has_every_limb() -> None:
    names = {frozenset((a.name, b.name)) for a, b in SKELETON}
    assert len(names) == len(SKELETON)
    for a, b in LIMBS:
        assert {frozenset((f"left_{a}", f"left_{b}")), frozenset((f"right_{a}", f"right_{b}"))} <= (
            names
        )
    flip = {"left": "right", "right": "left"}
    mirrored = {
        frozenset(f"{flip[name.split('_', 1)[0]]}_{name.split('_', 1)[1]}" for name in line)
        for line in names
    }
    assert mirrored == names


def test_other_side() -> None:
    assert other_side("left") == "right"
    assert other_side("right") == "left"


def test_every_wrong_shape_is_named_at_once(series: LandmarkSeries) -> None:
    with pytest.raises(ValueError) as caught:
        replace(series, image=series.image[:, :32], visibility=series.visibility[:-1])
    message = str(caught.value)
    assert "image is (30, 32, 2), not (30, 33, 2)" in message
    assert "visibility is (29, 33), not (30, 33)" in message
    assert "world" not in message
    with pytest.raises(ValueError, match=r"spread is \(30, 32\), not \(30, 33\)"):
        replace(series, spread=np.zeros((30, 32)))


@pytest.mark.parametrize(
    "times_s", [[0.0, 0.2, 0.2], [0.0, 0.2, 0.1], [0.0, np.nan, 0.2], [np.nan, 0.1, 0.2]]
)
def test_times_must_rise(times_s: list[float]) -> None:
    three = stick_figure(t_s=np.array([0.0, 0.1, 0.2]))
    with pytest.raises(ValueError, match="t_s does not rise"):
        replace(three, t_s=np.array(times_s))


def test_an_empty_series_is_a_series(series: LandmarkSeries) -> None:
    empty = series.frames(np.zeros(30, bool))
    assert len(empty) == 0
    assert empty.summary()["length"].startswith("empty")
    assert "<table>" in empty._repr_html_()
    assert "length: empty" in repr(empty)


def test_frames_selects_the_same_frames_everywhere(series: LandmarkSeries) -> None:
    moving = replace(
        series,
        image=series.image + np.arange(30)[:, None, None],
        outline=np.arange(30.0)[:, None, None] * np.ones((30, 2, 21)),
        spread=np.arange(30.0)[:, None] * np.ones((30, N_LANDMARKS)),
        warnings=("said once",),
    )
    keep = np.zeros(30, bool)
    keep[[3, 7, 20]] = True
    for chosen in (moving.frames(keep), moving.frames(np.array([3, 7, 20]))):
        assert chosen.t_s.tolist() == [moving.t_s[k] for k in (3, 7, 20)]
        assert np.array_equal(chosen.image, moving.image[[3, 7, 20]])
        assert np.array_equal(chosen.visibility, moving.visibility[[3, 7, 20]])
        assert chosen.outline is not None
        assert chosen.outline[:, 0, 0].tolist() == [3, 7, 20]
        assert chosen.spread is not None
        assert chosen.spread[:, 0].tolist() == [3, 7, 20]
        assert chosen.warnings == ("said once",)
        assert chosen.source == moving.source


def test_points_are_found_by_name(series: LandmarkSeries) -> None:
    assert np.array_equal(series.point("left_knee"), series.image[:, 25])
    assert np.array_equal(series.world_point("right_hip"), series.world[:, 24])
    with pytest.raises(KeyError):
        series.point("left_tail")


def test_seen_is_where_a_person_was_found(series: LandmarkSeries) -> None:
    visibility = series.visibility.copy()
    visibility[5:9] = np.nan
    visibility[12, 1:] = np.nan
    seen = replace(series, visibility=visibility).seen
    assert np.flatnonzero(~seen).tolist() == [5, 6, 7, 8]


def test_it_introduces_itself_without_believing_file_names(series: LandmarkSeries) -> None:
    visibility = series.visibility.copy()
    visibility[:10] = np.nan
    odd = replace(series.source, path="<script>alert(1)</script>.mp4")
    shown = replace(
        series, source=odd, visibility=visibility, shot=np.repeat([0, 1], 15)
    )._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
    for part in ("1920 x 1080 px", "30 frames, 2 shot(s)", "in 20 of 30 frames", "figure"):
        assert part in shown
    assert "as the model gave it" in shown
    assert "cleaned" in replace(series, cleaned=True)._repr_html_()
