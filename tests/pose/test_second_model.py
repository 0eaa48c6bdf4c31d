"""The second model sees a person whichever way the picture is turned, and when it is time to."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

import posecheck as pc
from posecheck.landmarks.series import Landmark, LandmarkSeries
from posecheck.pose.augmentation import torso_px
from posecheck.pose.estimate import ONE_MODEL
from posecheck.pose.model.thunder import find_second_model
from posecheck.pose.second_model import COCO, SecondLookSchedule, SecondModel
from tests.fixtures.composed import photo
from tests.fixtures.paths import DATA, SAMPLES

BODY = [mark for mark in COCO if mark >= Landmark.left_shoulder]
STILL = "cat-cow-cat-2"


@pytest.fixture(scope="module")
def path() -> Path:
    found = find_second_model()
    if found is None:
        pytest.skip("MoveNet Thunder cannot be had here")
    return found


@pytest.fixture(scope="module")
def model(path: Path) -> Iterator[SecondModel]:
    model = SecondModel(path)
    yield model
    model.close()


@pytest.fixture(scope="module")
def person() -> np.ndarray:
    return pc.estimate(DATA / f"{STILL}.jpg", second_model=False).image[0]


@pytest.mark.parametrize("quarter_turns", range(4))
@pytest.mark.parametrize("scale", [1.0, 0.6, 2.5])
def test_the_same_points_however_the_picture_lies_and_how_large_it_is(
    model: SecondModel, person: np.ndarray, quarter_turns: int, scale: float
) -> None:
    rgb = np.ascontiguousarray(photo(STILL)[..., ::-1])
    plain = model.look(rgb, person)
    height, width = rgb.shape[:2]
    turned = np.ascontiguousarray(np.rot90(rgb, -quarter_turns))
    points = person
    for _ in range(quarter_turns):  # clockwise: (x, y) -> (height - y, x)
        points = np.column_stack([height - points[:, 1], points[:, 0]])
        height, width = width, height
    size = round(width * scale), round(height * scale)
    found = model.look(cv2.resize(turned, size, interpolation=cv2.INTER_AREA), points * scale)
    for _ in range(quarter_turns):
        found = np.column_stack([found[:, 1], width * scale - found[:, 0]])
        height, width = width, height
    off = np.linalg.norm(found / scale - plain, axis=1)[BODY]
    assert np.median(off) < 0.05 * torso_px(person)
    assert np.sort(off)[-2] < 0.2 * torso_px(person)  # the far wrist is a guess


def test_it_finds_the_joints_where_the_first_model_does(
    model: SecondModel, person: np.ndarray
) -> None:
    found = model.look(np.ascontiguousarray(photo(STILL)[..., ::-1]), person)
    assert np.isnan(found[[m for m in Landmark if m not in COCO]]).all()
    near = [m for m in BODY if m.name.startswith("left")]
    off = np.linalg.norm(found - person, axis=1)[near] / torso_px(person)
    assert np.median(off) < 0.1


def test_a_body_far_out_of_the_picture_is_no_error(model: SecondModel, person: np.ndarray) -> None:
    rgb = np.ascontiguousarray(photo(STILL)[..., ::-1])
    assert np.isfinite(model.look(rgb, person + 5000.0)[BODY]).all()
    assert np.isfinite(model.look(rgb, np.zeros_like(person))[BODY]).all()


# --- when it looks --------------------------------------------------------------------------------


def looks(t_s: np.ndarray, people: list[np.ndarray], *, moving: bool = True) -> list[float]:
    schedule = SecondLookSchedule(moving=moving)
    return [float(t) for t, p in zip(t_s, people, strict=True) if schedule.is_due(float(t), p)]


def test_at_rest_it_looks_every_second_and_a_half(person: np.ndarray) -> None:
    t_s = np.arange(60) / 10
    assert looks(t_s, [person] * 60) == [0.0, 1.5, 3.0, 4.5]


def test_whoever_moves_is_looked_at_more_often(person: np.ndarray) -> None:
    t_s = np.arange(60) / 10
    people = [person + 0.05 * k * torso_px(person) for k in range(60)]
    times = looks(t_s, people)
    assert 10 <= len(times) <= 14
    assert np.diff(times).min() >= 0.4
    assert looks(t_s, people, moving=False) == [0.0, 1.5, 3.0, 4.5]


# --- in a series ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def series(path: Path) -> LandmarkSeries:
    return pc.estimate(SAMPLES / "bridge.mp4", outline=False)


def test_a_video_has_looks_now_and_then(series: LandmarkSeries) -> None:
    assert series.second is not None
    looked = np.isfinite(series.second[:, Landmark.left_hip, 0])
    assert 6 <= looked.sum() <= 30
    assert np.diff(series.t_s[looked]).max() < 1.6
    assert series.models == "full+thunder"
    assert ONE_MODEL not in series.warnings


def test_it_comes_back_from_a_file(series: LandmarkSeries, tmp_path: Path) -> None:
    series.save(tmp_path / "it.parquet")
    again = pc.load_landmarks(tmp_path / "it.parquet")
    assert again.second is not None and series.second is not None
    assert np.array_equal(again.second, series.second.astype(float), equal_nan=True)


def test_without_it_everything_works_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("posecheck.pose.estimate.find_second_model", lambda: None)
    report = pc.check(SAMPLES / "bridge.jpg", "bridge")
    assert report.series.second is None
    assert ONE_MODEL in report.warnings
    assert report.to_dict()["model"]["second"] is None
    assert any(cue.status == "pass" for cue in report.cues)
    assert "posecheck model thunder" in report.to_html()


def test_it_reports_nothing_to_its_maker(path: Path, tmp_path: Path) -> None:
    """Onnxruntime leaves an identity and a queue of events in the home folder where it reports."""
    code = (
        "import sys, time; from pathlib import Path; from posecheck.pose.thunder import Thunder\n"
    )
    code += "import numpy as np; model = Thunder(Path(sys.argv[1]))\n"
    code += "model.points(np.zeros((256, 256, 3), np.uint8)); model.close()"
    home = {name: str(tmp_path) for name in ("HOME", "XDG_CACHE_HOME", "LOCALAPPDATA")}
    subprocess.run([sys.executable, "-c", code, str(path)], env=os.environ | home, check=True)
    assert list(tmp_path.rglob("*")) == []


def test_a_mirrored_look_finds_the_same_sides(model: SecondModel, person: np.ndarray) -> None:
    rgb = np.ascontiguousarray(photo(STILL)[..., ::-1])
    plain, mirrored = model.look(rgb, person), model.look(rgb, person, mirrored=True)
    near = [m for m in BODY if m.name.startswith("left")]
    assert np.median(np.linalg.norm(plain - mirrored, axis=1)[near]) < 0.1 * torso_px(person)
    both = model.look_both_ways(rgb, person)
    np.testing.assert_allclose(both[BODY], ((plain + mirrored) / 2)[BODY], atol=1e-4)
