"""The parts put together: what is asked of them, and what they pass on."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import posecheck as pc
from posecheck.core.errors import PosecheckError, SourceError, UsageError
from posecheck.measures.catalogue import MEASURES
from posecheck.media.open import Frame
from tests.fixtures.bodies import KNEE_IN, LEGS_UP
from tests.fixtures.films import film, photo
from tests.fixtures.paths import DATA

IMAGE = np.zeros((2, 2, 3), np.uint8)


def frames(t_s: Any) -> list[Frame]:
    return [Frame(k, float(t), IMAGE) for k, t in enumerate(t_s)]


# --- what is asked --------------------------------------------------------------------------------


def test_landmarks_that_were_estimated_before() -> None:
    report = pc.check(film(LEGS_UP), "legs-up-the-wall")
    assert isinstance(report, pc.Report)
    assert report.verdict == "good"
    assert pc.check(photo(), pc.load_stretch("legs-up-the-wall")).verdict == "good"


def test_saved_landmarks_give_the_same_report(tmp_path: Path) -> None:
    series = film(replace(LEGS_UP, hip=75.0))
    series.save(str(tmp_path / "a.parquet"))
    loaded = pc.load_landmarks(tmp_path / "a.parquet")
    one, two = (pc.check(s, "legs-up-the-wall").to_dict() for s in (series, loaded))
    assert one == two


@pytest.mark.parametrize("side", ["left", "right"])
def test_side_of_a_stretch_done_with_both(side: str) -> None:
    with pytest.raises(UsageError, match="both sides at once"):
        pc.check(film(), "legs-up-the-wall", side=side)


def test_unknown_side() -> None:
    with pytest.raises(UsageError, match="no side 'up'"):
        pc.check(film(KNEE_IN), "single-knee-to-chest", side="up")
    assert pc.check(film(KNEE_IN), "single-knee-to-chest", side="left").verdict == "good"


def test_the_question_is_checked_before_the_work(tmp_path: Path) -> None:
    """The recording is not even there."""
    with pytest.raises(UsageError):
        pc.check(tmp_path / "none.mp4", "nonsense")
    with pytest.raises(UsageError):
        pc.check(tmp_path / "none.mp4", "legs-up-the-wall", side="left")
    with pytest.raises(SourceError, match="No such file"):
        pc.check(tmp_path / "none.mp4", "legs-up-the-wall")


# --- the package ----------------------------------------------------------------------------------


def test_public_names_are_there() -> None:
    for name in pc.__all__:
        assert getattr(pc, name) is not None
        assert name in dir(pc)
    with pytest.raises(AttributeError, match="attribute nonsense"):
        _ = pc.nonsense  # type: ignore[attr-defined]


def test_import_is_light() -> None:
    code = (
        "import sys, posecheck; posecheck.load_stretch('cat-cow');"
        "print([m for m in ('mediapipe', 'cv2', 'matplotlib', 'torch') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


def test_one_error_catches_all(tmp_path: Path) -> None:
    file = tmp_path / "a.mp4"
    file.write_text("not a video")
    with pytest.raises(PosecheckError):
        pc.check(file, "cat-cow")


# --- the real model -------------------------------------------------------------------------------


def test_photo_from_end_to_end() -> None:
    report = pc.check(DATA / "legs-up-the-wall-hips-60-2.jpg", "legs-up-the-wall")
    assert report.verdict == "needs-work"
    assert [cue.id for cue in report.to_change] == ["hips-at-90"]
    within = 2 * MEASURES["hip_flexion"].sem
    assert report.to_change[0].observed == pytest.approx(60.9, abs=within)
    assert report.series.source.kind == "photo"
    assert report.series.model_name == "full"
    assert len(report.series.model_sha256) == 64
