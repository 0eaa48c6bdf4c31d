"""The public `estimate`, with trackers that stand in for the model."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import av
import numpy as np
import pytest

import posecheck as pc
from posecheck.landmarks.series import N_LANDMARKS
from posecheck.media.open import Frame
from posecheck.pose import estimate, parallel
from posecheck.pose.detector import ANALYSIS_SIDE_PX, Picture, Sighting
from posecheck.pose.tracker import Company
from tests.conftest import REPO

DATA = REPO / "tests" / "data"


class FakeTracker:
    """Keeps the frames that it is given, and sees a crowd in each."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.options: dict[str, Any] = {}

    def __call__(self, model: Path, **options: Any) -> Self:
        self.frames, self.options = [], options
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def look(self, picture: Picture) -> Sighting:
        self.frames.append(picture.frame)
        nothing = np.full((N_LANDMARKS, 3), np.nan, np.float32)
        outline = np.full((2, 21), np.nan, np.float32) if self.options["outline"] else None
        spread = visibility = nothing[:, 0]
        return Sighting(picture.t_s, 0, nothing[:, :2], nothing, visibility, outline, spread)

    def company(self, t_s: float) -> Company:
        return Company(alone=False, crowd=True, refused=False)


@pytest.fixture
def tracker(monkeypatch: pytest.MonkeyPatch) -> FakeTracker:
    fake = FakeTracker()
    monkeypatch.setattr(parallel, "PersonWatcher", fake)
    return fake


def test_frames_are_scaled_and_thinned(tracker: FakeTracker) -> None:
    clip = DATA / "legs-up-the-wall-hips-60.mp4"
    series = pc.estimate(clip, fps=4.0)
    assert len(tracker.frames) == pytest.approx(8 * 4, abs=2)
    assert max(tracker.frames[0].image.shape) <= ANALYSIS_SIDE_PX
    assert series.source.path == str(clip)
    assert (series.source.width, series.source.height) == (640, 480)


@pytest.mark.parametrize(("stretch", "outline"), [("legs-up-the-wall", False), ("cat-cow", True)])
def test_outline_only_where_it_is_needed(tracker: FakeTracker, stretch: str, outline: bool) -> None:
    pc.check(DATA / "legs-up-the-wall-front.jpg", stretch)
    assert tracker.options["outline"] is outline


def test_damage_of_the_file_is_told(tracker: FakeTracker, tmp_path: Path) -> None:
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
    (of_people,) = pc.estimate(whole).warnings
    assert "More than one person" in of_people
    first, *_, last = pc.estimate(cut).warnings
    assert last == of_people
    assert first != last
    assert first in pc.check(cut, "legs-up-the-wall").warnings


def test_facts_without_reading() -> None:
    facts = estimate.recording_facts(DATA / "legs-up-the-wall-hips-60.mp4")
    assert (facts.kind, facts.width, facts.height) == ("video", 640, 480)
