"""The public `estimate`, with a detector that stands in for MediaPipe's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import av
import numpy as np
import pytest

import posecheck as pc
from posecheck.landmarks.series import N_LANDMARKS
from posecheck.media.open import VideoWriter
from posecheck.pose import detector_pair, estimate
from posecheck.pose.model.bundle import DETECTOR, LANDMARKER, zip_bundle
from posecheck.pose.sighting import ANALYSIS_SIDE_PX, Picture, Sighting
from posecheck.pose.silhouette import N_POINTS
from tests.fixtures.paths import DATA

# 33 points about a middle, of which the torso's are a torso's corners.
BODY = np.stack([np.tile([-20, 20, 0], 11), np.repeat(np.linspace(-80, 80, 11), 3)], axis=1).astype(
    np.float32
)
DOUBLE_AT = np.array([300, 0], np.float32)


class FakeDetector:
    """Finds one person, who stands wherever the picture is brightest, or that one and a double."""

    n_doubles = 0
    made: ClassVar[list[FakeDetector]] = []

    def __init__(self, model: Path, *, video: bool, n_people: int, outline: bool) -> None:
        self.model, self.video, self.outline = model, video, outline
        self.n_people = n_people
        self.pictures: list[Picture] = []
        self.closed = False
        self.made.append(self)

    def detect(self, picture: Picture) -> list[Sighting]:
        self.pictures.append(picture)
        rows, columns = np.nonzero(picture.rgb[..., 1] > 200)
        if not len(rows):
            return []
        points = BODY + np.array([columns.mean(), rows.mean()], np.float32)
        world, visibility = np.zeros((N_LANDMARKS, 3), np.float32), np.ones(N_LANDMARKS, np.float32)
        outline = np.ones((2, N_POINTS), np.float32) if self.outline else None
        everybody = [
            Sighting(picture.t_s, 0, points + k * DOUBLE_AT, world, visibility, outline)
            for k in range(1 + self.n_doubles)
        ]
        return everybody[: self.n_people]

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def detectors(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[FakeDetector]]:
    """The detectors that were made; all must have been closed at the end."""
    model = tmp_path / "fake.task"
    model.write_bytes(zip_bundle([(DETECTOR, b"a"), (LANDMARKER, b"b")]))
    monkeypatch.setenv("POSECHECK_MODEL", str(model))
    monkeypatch.setattr(FakeDetector, "made", [])
    monkeypatch.setattr(detector_pair, "open_detector", FakeDetector)
    yield FakeDetector.made
    assert all(detector.closed for detector in FakeDetector.made)


def bright_spot(path: Path, at_x: list[int], fps: int = 10) -> Path:
    """A clip of a bright spot that moves, twice as wide as what is analysed; -1 is dark."""
    with VideoWriter(path, width=1920, height=480, fps=fps) as writer:
        for k, x in enumerate(at_x):
            image = np.full((480, 1920, 3), 60, np.uint8)
            if x >= 0:
                image[200:280, x - 40 : x + 40] = 255
            writer.write(image, k / fps)
    return path


def test_any_detector_will_do(detectors: list[FakeDetector], tmp_path: Path) -> None:
    """What it finds is followed, brought to pixels of the recording, and told as its model's."""
    at_x = [400 + 10 * k for k in range(20)] + [-1] * 5
    series = pc.estimate(bright_spot(tmp_path / "a.mp4", at_x), outline=True, fps="all")
    assert len(series) == 25
    assert series.seen.tolist() == [True] * 20 + [False] * 5
    middle = np.tile(series.image[:20].mean(axis=1), 1)
    np.testing.assert_allclose(middle[:, 0], at_x[:20], atol=3)
    np.testing.assert_allclose(middle[:, 1], 240, atol=3)
    assert series.outline is not None
    np.testing.assert_allclose(series.outline[:20], 2)
    assert series.model_name == "fake"
    assert {detector.model.name for detector in detectors} == {"fake.task"}
    assert [detector.video for detector in detectors] == [True, False]


def test_frames_are_scaled_and_thinned(detectors: list[FakeDetector], tmp_path: Path) -> None:
    clip = bright_spot(tmp_path / "a.mp4", [400] * 40)
    series = pc.estimate(clip, fps=4.0)
    (tracking, _) = detectors
    assert len(tracking.pictures) == pytest.approx(4 * 4, abs=2)
    assert tracking.pictures[0].rgb.shape == (240, ANALYSIS_SIDE_PX, 3)
    assert series.source.path == str(clip)
    assert (series.source.width, series.source.height) == (1920, 480)


@pytest.mark.parametrize(("stretch", "outline"), [("legs-up-the-wall", False), ("cat-cow", True)])
def test_outline_only_where_it_is_needed(
    detectors: list[FakeDetector], stretch: str, outline: bool
) -> None:
    pc.check(DATA / "legs-up-the-wall-front.jpg", stretch)
    assert [detector.outline for detector in detectors] == [outline]


@pytest.mark.usefixtures("detectors")
def test_damage_of_the_file_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong is known only when the file has been read to its end."""
    whole, cut = tmp_path / "whole.mkv", tmp_path / "cut.mkv"
    with av.open(str(whole), "w") as container:
        stream = container.add_stream("libx264", rate=20)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for k in range(100):
            noise = np.random.default_rng(k).integers(0, 255, (48, 64, 3), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(noise, format="bgr24")))
        container.mux(stream.encode())
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    assert pc.estimate(whole).warnings == ()
    monkeypatch.setattr(FakeDetector, "n_doubles", 1)
    (of_people,) = pc.estimate(whole).warnings
    assert "More than one person" in of_people
    first, *_, last = pc.estimate(cut).warnings
    assert last == of_people
    assert first != last
    assert first in pc.check(cut, "legs-up-the-wall").warnings


def test_facts_without_reading() -> None:
    facts = estimate.recording_facts(DATA / "legs-up-the-wall-hips-60.mp4")
    assert (facts.kind, facts.width, facts.height) == ("video", 640, 480)
