"""The recording drawn on: playable, as long as before, frame by frame at the same time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from posecheck.assess.report import Report
from posecheck.core.errors import SourceError, UsageError
from posecheck.landmarks.series import SourceFacts
from posecheck.media.open import Frame
from posecheck.report.annotate import annotate
from tests.fixtures.bodies import LEGS_UP
from tests.fixtures.films import film
from tests.fixtures.films import photo as picture_of
from tests.fixtures.reports import form
from tests.fixtures.videos import TICKS, duration_s, make_uneven_video, time_of_s

WIDTH, HEIGHT = 320, 180
N = len(TICKS)


def times_and_frames(path: Path) -> tuple[np.ndarray, list[np.ndarray], dict[str, Any]]:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        about = {
            "codec": stream.codec_context.name,
            "format": stream.codec_context.pix_fmt,
            "size": (stream.width, stream.height),
            "seconds": duration_s(stream),
        }
        pictures = list(container.decode(video=0))
    t_s = np.array([time_of_s(p) for p in pictures])
    return t_s - t_s[0], [p.to_ndarray(format="bgr24") for p in pictures], about


def form_of(path: Path, t_s: np.ndarray | None = None, **facts: Any) -> Report:
    """A check of made-up landmarks, as if they came from the file."""
    t_s = np.array(TICKS) / 30_000 if t_s is None else t_s
    series = film(LEGS_UP, t_s=t_s, size=(WIDTH, HEIGHT), hip_px=(160.0, 100.0), px_per_m=95.0)
    source = SourceFacts(str(path), "video", WIDTH, HEIGHT, fps=20.0, duration_s=3.0)
    return form(replace(series, source=replace(source, **facts)))


def photo_form(path: Path) -> Report:
    series = picture_of(size=(WIDTH, HEIGHT), hip_px=(160.0, 100.0), px_per_m=95.0)
    return form(replace(series, source=replace(series.source, path=str(path))))


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    make_uneven_video(path)
    return path


@pytest.fixture
def still(tmp_path: Path) -> Path:
    path = tmp_path / "still.png"
    cv2.imwrite(str(path), np.full((HEIGHT, WIDTH, 3), 128, np.uint8))
    return path


def drawn_on(image: np.ndarray) -> bool:
    return bool((np.abs(image.astype(int) - 128).max(axis=2) > 30).sum() > 300)


def test_video_is_playable_and_keeps_its_times(clip: Path, tmp_path: Path) -> None:
    seen: list[Frame] = []
    out = annotate(form_of(clip), tmp_path / "out.mp4", on_frame=seen.append)
    before, _, old = times_and_frames(clip)
    after, images, about = times_and_frames(out)
    assert (about["codec"], about["format"]) == ("h264", "yuv420p")
    assert about["size"] == (WIDTH, HEIGHT)
    np.testing.assert_allclose(after, before, atol=1e-3)
    assert about["seconds"] == pytest.approx(old["seconds"], abs=0.2)
    assert all(drawn_on(image) for image in images)
    assert len(seen) == N


def test_the_recording_is_left_alone(clip: Path, tmp_path: Path) -> None:
    before = clip.read_bytes()
    annotate(form_of(clip), str(tmp_path / "out.mp4"))
    assert clip.read_bytes() == before


def test_fewer_rows_than_frames(clip: Path, tmp_path: Path) -> None:
    """With --fps only some frames were looked at; all are drawn."""
    every = form_of(clip, np.array(TICKS[::4]) / 30_000)
    after, images, _ = times_and_frames(annotate(every, tmp_path / "out.mp4"))
    assert len(after) == N
    assert all(drawn_on(image) for image in images)


def test_skeleton_is_where_it_was_at_that_time(clip: Path, tmp_path: Path) -> None:
    """The body walks to the right; the drawing goes with it."""
    t_s = np.array(TICKS) / 30_000
    x = np.linspace(100, 220, N)
    series = film(LEGS_UP, t_s=t_s, size=(WIDTH, HEIGHT), hip_px=(x, 100.0), px_per_m=60.0)
    source = replace(series.source, path=str(clip), fps=20.0)
    out = annotate(form(replace(series, source=source)), tmp_path / "out.mp4")
    _, images, _ = times_and_frames(out)
    for k in (2, 15, 28):
        columns = np.flatnonzero(
            (np.abs(images[k][102:106].astype(int) - 128) > 40).any(axis=(0, 2))
        )
        assert columns.min() == pytest.approx(x[k] - 60 * 0.64, abs=12)


def test_photo_as_picture_and_as_video(still: Path, tmp_path: Path) -> None:
    for name in ("out.png", "out.jpg", "OUT.JPEG"):
        out = annotate(photo_form(still), tmp_path / name)
        picture = cv2.imread(str(out))
        assert picture is not None
        assert drawn_on(picture)
    out = annotate(photo_form(still), tmp_path / "out.mp4")
    after, images, about = times_and_frames(out)
    assert (about["codec"], about["format"]) == ("h264", "yuv420p")
    assert about["seconds"] == pytest.approx(2, abs=0.11)
    assert all(drawn_on(image) for image in images)
    assert (np.diff(after) > 0).all()


@pytest.mark.parametrize("link", [False, True])
def test_never_overwrites_the_recording(clip: Path, tmp_path: Path, link: bool) -> None:
    before = clip.read_bytes()
    target = clip
    if link:
        target = tmp_path / "link.mp4"
        target.symlink_to(clip)
    with pytest.raises(UsageError, match="overwrite"):
        annotate(form_of(clip), target)
    assert clip.read_bytes() == before


@pytest.mark.parametrize("name", ["out.avi", "out", "out.png", "mp4"])
def test_video_needs_mp4(clip: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r"\.mp4"):
        annotate(form_of(clip), tmp_path / name)
    assert not (tmp_path / name).exists()


def test_photo_needs_a_known_suffix(still: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.png, \.jpg or \.mp4"):
        annotate(photo_form(still), tmp_path / "out.gif")


@pytest.mark.parametrize("name", ["out.png", "out.mp4"])
def test_folder_that_is_not_there(still: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceError):
        annotate(photo_form(still), tmp_path / "none" / name)


def test_recording_that_has_gone(clip: Path, tmp_path: Path) -> None:
    check = form_of(clip)
    clip.unlink()
    with pytest.raises(SourceError, match="No such file"):
        annotate(check, tmp_path / "out.mp4")
    assert not list(tmp_path.iterdir())


def test_large_recording_is_scaled_down(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    make_uneven_video(clip, width=1920, height=1080)
    series = film(t_s=np.array(TICKS) / 30_000)
    source = replace(series.source, path=str(clip))
    out = annotate(form(replace(series, source=source)), tmp_path / "out.mp4")
    _, images, about = times_and_frames(out)
    assert about["size"] == (1280, 720)
    assert drawn_on(images[5])
