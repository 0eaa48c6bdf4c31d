"""What phones really make: of every kind of file, hold seconds and orientation are right.

One clip is put into all of them: somebody stands, bends forward, and holds that from 4.0 to 8.5 s.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

import posecheck as pc
from posecheck.assess.report import Report
from posecheck.core.errors import SourceError
from posecheck.media.frame_selector import Fps
from posecheck.media.open import Frame, open_source
from posecheck.pose.model.locate import ModelFacts
from tests.fixtures.composed import FPS, RENDERED, Image, pictures
from tests.fixtures.videos import make_sound, make_sound_with_cover

CLIP = RENDERED["forward-fold"]
HOLD_S = (4.0, 8.5)
TICKS = 30_000  # a second
needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")


@dataclass(frozen=True)
class Coding:
    """How a clip is put into a file; `curve` is that of HDR, as ITU-T H.273 numbers them."""

    codec: str = "libx264"
    pix_fmt: str = "yuv420p"
    rotation: int = 0
    curve: int = 0
    options: tuple[tuple[str, str], ...] = (("preset", "ultrafast"),)


H264 = Coding()
HEVC = ("x265-params", "log-level=none"), ("preset", "ultrafast")


def write(path: Path, images: list[Image], times_s: list[float], coding: Coding = H264) -> Path:
    """Pictures at their times; a rotation is how far a player turns them, counter-clockwise."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(coding.codec, rate=30, options=dict(coding.options))
        assert isinstance(stream, av.VideoStream)
        turned = [np.ascontiguousarray(np.rot90(i, -coding.rotation // 90)) for i in images]
        stream.height, stream.width = turned[0].shape[:2]
        stream.pix_fmt = coding.pix_fmt
        stream.codec_context.time_base = Fraction(1, TICKS)
        if coding.rotation:
            stream.set_display_rotation(coding.rotation)
        if coding.curve:
            context = stream.codec_context
            context.color_primaries, context.color_trc, context.colorspace = 9, coding.curve, 9
        for image, t_s in zip(turned, times_s, strict=True):
            frame = as_hdr(image, coding) if coding.curve else usual(image, coding)
            frame.pts, frame.time_base = round(t_s * TICKS), Fraction(1, TICKS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def usual(image: Image, coding: Coding) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(image, format="bgr24").reformat(format=coding.pix_fmt)


def as_hdr(image: Image, coding: Coding) -> av.VideoFrame:
    """The light of a picture, white at 203 nits, in 10 bits of an HDR curve."""
    grey = image[:, :, ::-1] / 255
    light = np.where(grey <= 0.04045, grey / 12.92, ((grey + 0.055) / 1.055) ** 2.4)
    if coding.curve == 16:  # PQ
        y = (203 * light / 10_000) ** 0.1593017578125
        signal = ((0.8359375 + 18.8515625 * y) / (1 + 18.6875 * y)) ** 78.84375
    else:  # HLG
        scene = (0.203 * light) ** (1 / 1.2)
        high = 0.17883277 * np.log(np.maximum(12 * scene - 0.28466892, 1e-9)) + 0.55991073
        signal = np.where(scene <= 1 / 12, np.sqrt(3 * scene), high)
    code = np.round(65535 * signal).astype(np.uint16)
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(code), format="rgb48le")
    frame = frame.reformat(format=coding.pix_fmt, dst_colorspace=9)
    frame.color_primaries, frame.color_trc, frame.colorspace = 9, coding.curve, 9
    return frame


def clip(step: int = 1) -> tuple[list[Image], list[float]]:
    images = pictures("forward-fold", step=step)
    return images, [k * step / FPS for k in range(len(images))]


def portrait(step: int = 1) -> tuple[list[Image], list[float]]:
    images, times_s = clip(step)
    return [np.ascontiguousarray(image[:, 180:480]) for image in images], times_s


def read(path: Path, max_side: int | None = None) -> tuple[list[Frame], list[str]]:
    with open_source(path) as source:
        return list(source.frames(max_side)), source.warnings


def likeness(image: Image, other: Image) -> float:
    """Correlation of two pictures, scaled to one size."""
    small = [cv2.resize(i, (64, 48), interpolation=cv2.INTER_AREA).ravel() for i in (image, other)]
    return float(np.corrcoef(*small)[0, 1])


def checked(path: Path, model: ModelFacts, fps: Fps = 4.0) -> Report:
    return pc.check(path, "forward-fold", model=model.path, fps=fps)


def assert_held(report: Report, start_s: float, end_s: float, *, within_s: float = 0.4) -> None:
    assert report.verdict == "good"
    (hold,) = report.holds
    assert hold.start_s == pytest.approx(start_s, abs=within_s)
    assert hold.end_s == pytest.approx(end_s, abs=within_s)


def test_the_clip_itself(model: ModelFacts) -> None:
    assert_held(checked(CLIP, model), *HOLD_S)


# ------------------------------------------------------------------------------ orientation


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_portrait_with_rotation_metadata(model: ModelFacts, tmp_path: Path, rotation: int) -> None:
    images, times_s = portrait(3)
    path = write(tmp_path / "IMG_0001.MOV", images, times_s, Coding(rotation=rotation))
    report = checked(path, model)
    assert (report.series.source.width, report.series.source.height) == (300, 480)
    assert report.series.source.rotation_deg == -rotation % 360
    frames, notes = read(path)
    assert likeness(frames[0].image, images[0]) > 0.98 and notes == []
    assert_held(report, *HOLD_S)


# ------------------------------------------------------------------------------------- time


def test_variable_frame_rate(model: ModelFacts, tmp_path: Path) -> None:
    # In the dark of a room a phone halves its rate: here for the first part only, so that counting
    # frames would place the hold elsewhere.
    images, times_s = clip()
    keep = [k for k, t_s in enumerate(times_s) if t_s > 3.5 or k % 3 == 0]
    path = write(tmp_path / "vfr.mp4", [images[k] for k in keep], [times_s[k] for k in keep])
    frames, notes = read(path, 64)
    np.testing.assert_allclose([f.t_s for f in frames], [times_s[k] for k in keep], atol=1e-3)
    assert notes == []
    assert_held(checked(path, model), *HOLD_S)


def test_slow_motion_at_240_fps(model: ModelFacts, tmp_path: Path) -> None:
    images, _ = clip()
    small = [cv2.resize(image, (320, 240)) for image in images[24:]]  # from 2.0 s on
    slow = [image for image in small for _ in range(20)]
    path = write(tmp_path / "slow.mov", slow, [k / 240 for k in range(len(slow))])
    with open_source(path) as source:
        assert source.facts.fps == pytest.approx(240, rel=0.01)
        assert source.facts.duration_s == pytest.approx(6.5, abs=0.05)
    report = checked(path, model)
    assert len(report.series) < 30
    assert_held(report, 2.0, 6.5)


@needs_ffmpeg
def test_an_edit_list(model: ModelFacts, tmp_path: Path) -> None:
    # Trimmed on the phone: all frames since the last whole one are still there, but not shown.
    images, times_s = clip()
    options = (("g", "250"), ("bf", "2"), ("preset", "veryfast"))
    whole = write(tmp_path / "whole.mp4", images, times_s, Coding(options=options))
    trimmed = tmp_path / "trimmed.mp4"
    cut = ["-ss", "2.5", "-i", str(whole), "-c", "copy", str(trimmed)]
    subprocess.run(["ffmpeg", "-loglevel", "error", *cut], check=True)
    assert b"elst" in trimmed.read_bytes()
    frames, notes = read(trimmed)
    assert len(frames) == 72 and frames[0].t_s == 0.0 and notes == []
    assert frames[-1].t_s == pytest.approx(5.917, abs=0.05)
    assert likeness(frames[0].image, images[30]) > 0.995
    assert_held(checked(trimmed, model), HOLD_S[0] - 2.5, HOLD_S[1] - 2.5)


@pytest.mark.parametrize("name", ["late.mp4", "late.mkv", "late.ts"])
def test_a_start_time_that_is_not_zero(tmp_path: Path, name: str) -> None:
    images, times_s = clip(6)
    path = write(tmp_path / name, images, [t_s + 7.25 for t_s in times_s])
    frames, notes = read(path, 64)
    np.testing.assert_allclose([f.t_s for f in frames], times_s, atol=1e-3)
    assert notes == []


# ----------------------------------------------------------------------------- kinds of files


@pytest.mark.parametrize("curve", [16, 18], ids=["PQ", "HLG"])
def test_hevc_10_bit_hdr(model: ModelFacts, tmp_path: Path, curve: int) -> None:
    images, times_s = portrait(3)
    coding = Coding("libx265", "yuv420p10le", rotation=270, curve=curve, options=HEVC)
    path = write(tmp_path / "IMG_0002.MOV", images, times_s, coding)
    frames, notes = read(path)
    assert frames[0].image.shape == images[0].shape and notes == []
    # As bright and as rich in contrast as the picture it was made from, but for a little.
    assert frames[0].image.mean() == pytest.approx(images[0].mean(), abs=25)
    assert frames[0].image.std() > 0.75 * images[0].std()
    assert likeness(frames[0].image, images[0]) > 0.97
    assert_held(checked(path, model), *HOLD_S)


@pytest.mark.parametrize(
    ("name", "coding"),
    [
        ("clip.mov", H264),
        ("clip.webm", Coding("libvpx", options=(("deadline", "realtime"), ("cpu-used", "8")))),
        ("clip.webm", Coding("libvpx-vp9", options=(("deadline", "realtime"), ("cpu-used", "8")))),
        ("clip.3gp", H264),
        ("clip.3gp", Coding("mpeg4", options=())),
    ],
    ids=["mov", "webm-vp8", "webm-vp9", "3gp-h264", "3gp-mpeg4"],
)
def test_containers_of_phones(tmp_path: Path, name: str, coding: Coding) -> None:
    images, times_s = portrait(6)
    path = write(tmp_path / name, images, times_s, coding)
    frames, notes = read(path)
    np.testing.assert_allclose([f.t_s for f in frames], times_s, atol=2e-3)
    assert all(likeness(f.image, i) > 0.98 for f, i in zip(frames, images, strict=True))
    assert notes == []


def test_a_screen_recording(model: ModelFacts, tmp_path: Path) -> None:
    # An odd size, B-frames, and a frame only when something changes on the screen.
    images, times_s = clip()
    screen = [cv2.copyMakeBorder(i, 61, 60, 0, 1, cv2.BORDER_CONSTANT, value=30) for i in images]
    moved = [
        0,
        *(k for k, (a, b) in enumerate(pairwise(screen), 1) if cv2.absdiff(a, b).mean() > 0.2),
    ]
    kept = sorted({*moved, *range(0, len(screen), 24), len(screen) - 1})
    coding = Coding(pix_fmt="yuv444p", options=(("bf", "3"), ("preset", "veryfast")))
    path = write(
        tmp_path / "rec.mkv", [screen[k] for k in kept], [times_s[k] for k in kept], coding
    )
    frames, notes = read(path)
    assert frames[0].image.shape == (601, 641, 3) and notes == []
    np.testing.assert_allclose([f.t_s for f in frames], [times_s[k] for k in kept], atol=2e-3)
    assert_held(checked(path, model), *HOLD_S, within_s=1.1)


def test_4k(model: ModelFacts, tmp_path: Path) -> None:
    images, times_s = clip(3)
    images, times_s = images[8:], [t_s - 2.0 for t_s in times_s[8:]]
    wide = [cv2.copyMakeBorder(i, 0, 0, 107, 107, cv2.BORDER_REPLICATE) for i in images]
    large = [cv2.resize(i, (3840, 2160), interpolation=cv2.INTER_LINEAR) for i in wide]
    path = write(tmp_path / "4k.mp4", large, times_s)
    report = checked(path, model, fps="all")
    assert (report.series.source.width, report.series.source.height) == (3840, 2160)
    assert np.nanmax(report.series.image[..., 0]) > 1920, "pixels are those of the recording"
    assert_held(report, 2.0, 6.5)


def test_audio_only(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="only sound"):
        open_source(make_sound(tmp_path / "memo.m4a"))


def test_cover_art_is_not_the_video(tmp_path: Path) -> None:
    frames, _ = read(make_sound_with_cover(tmp_path / "film.mp4", moving=True))
    assert [f.image.shape for f in frames] == [(96, 160, 3)] * 5
    with pytest.raises(SourceError, match="only sound"):
        open_source(make_sound_with_cover(tmp_path / "song.mp4", moving=False))


# -------------------------------------------------------------------------- not complete (yet)


def test_a_missing_index(tmp_path: Path) -> None:
    images, times_s = clip(6)
    late = write(tmp_path / "late.mov", images, times_s).read_bytes()
    path = tmp_path / "cut.mov"
    path.write_bytes(late[: late.index(b"moov") - 4])  # a phone that ran out of power
    with pytest.raises(SourceError, match="not finished or not copied completely") as caught:
        open_source(path)
    assert "Copy it again" in str(caught.value)


@pytest.mark.parametrize("name", ["growing.ts", "growing.mkv"])
def test_a_file_still_being_written(tmp_path: Path, name: str) -> None:
    images, times_s = clip(2)
    whole = write(tmp_path / f"whole-{name}", images, times_s).read_bytes()
    path = tmp_path / name
    path.write_bytes(whole[: len(whole) // 2])
    with open_source(path) as source:
        reading = source.frames(64)
        first = [next(reading).t_s for _ in range(5)]
        with path.open("ab") as file:
            file.write(whole[len(whole) // 2 : 3 * len(whole) // 4])
        times = [*first, *(frame.t_s for frame in reading)]
        assert any("still being written" in words for words in source.warnings)
    assert 10 < len(times) < len(images)
    np.testing.assert_allclose(times, times_s[: len(times)], atol=2e-3)


# ------------------------------------------------------------------------------------- names

NAMES: list[str | bytes] = [
    "🧘‍♀️ stretch 💪.mp4",
    "تمرين الظهر\u202e4pm.mp4",
    "下犬式 Übung עברית.mp4",
    "two\nlines.mp4",
    "-clip.mp4",
    "--help.mp4",
    "[red]a:x:b.mp4",
    "é" * 98 + ".mp4",
    "n" * 200 + ".mp4",
    b"half\xff\xfe.mp4",
    " .mp4",
    "%d 100%s.mp4",
]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse some of these names")
@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_names_in_any_script(tmp_path: Path, name: str | bytes) -> None:
    path = tmp_path / os.fsdecode(name)
    path.write_bytes(CLIP.read_bytes())
    with open_source(path) as source:
        assert next(source.frames(64)).t_s == 0.0
        assert source.facts.path == str(path)
    path.write_bytes(b"no video")
    with pytest.raises(SourceError) as caught:
        open_source(path)
    assert str(path) in str(caught.value)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_name_that_is_no_text_reaches_every_output(model: ModelFacts, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"half\xff\n.mp4")
    path.write_bytes(CLIP.read_bytes())
    report = checked(path, model, fps=1)
    report.to_json(tmp_path / "report.json")
    report.to_html(tmp_path / "report.html")
    report.series.save(str(tmp_path / "l.parquet"))
    assert "half\\udcff\\n.mp4" in (tmp_path / "report.json").read_text(encoding="utf-8")
    assert pc.load_landmarks(tmp_path / "l.parquet").source.path == str(path)
