"""Reading and writing: real files, made here."""

from __future__ import annotations

import gc
import os
import shutil
import struct
import subprocess
import sys
import threading
import time
import tracemalloc
import zlib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from posecheck.core.errors import SourceError
from posecheck.media import decoder, video
from posecheck.media.open import Frame, VideoWriter, open_source, prefetch
from tests.fixtures.videos import (
    COLOURS,
    HEIGHT,
    WIDTH,
    corner_image,
    make_sound,
    make_sound_with_cover,
    make_video,
)


def corners(image: np.ndarray) -> str:
    """The colours of the corners in reading order."""
    height, width = image.shape[:2]
    places = [
        (y, x) for y in (height // 5, height - height // 5) for x in (width // 5, -width // 5)
    ]
    names = []
    for y, x in places:
        seen = tuple(255 if v > 128 else 0 for v in image[y, x])
        names.append(next((k for k, colour in COLOURS.items() if colour == seen), "?"))
    return "".join(names)


def read(path: Path, max_side: int | None = None) -> tuple[list[Frame], list[str]]:
    with open_source(path) as source:
        return list(source.frames(max_side)), source.warnings


def assert_refused(path: Path, *words: str) -> SourceError:
    with pytest.raises(SourceError) as caught:
        read(path)
    for word in words:
        assert word in str(caught.value)
    assert str(path) in str(caught.value)
    return caught.value


# ------------------------------------------------------------------------------- containers


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.mp4", "libx264"),
        ("a.mov", "libx264"),
        ("a.mkv", "libx264"),
        ("a.ts", "libx264"),
        ("a.webm", "libvpx-vp9"),
        ("a.avi", "mjpeg"),
        ("a.mp4", "libx265"),
    ],
)
def test_containers_and_codecs(tmp_path: Path, name: str, codec: str) -> None:
    pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    quiet = {"x265-params": "log-level=none"} if codec == "libx265" else {}
    path = make_video(tmp_path / name, codec=codec, pix_fmt=pix_fmt, options=quiet)
    with open_source(path) as source:
        assert source.facts.kind == "video"
        assert (source.facts.width, source.facts.height) == (WIDTH, HEIGHT)
        frames = list(source.frames())
        assert source.warnings == []
    assert [f.index for f in frames] == list(range(10))
    np.testing.assert_allclose([f.t_s for f in frames], np.arange(10) * 0.04, atol=1e-3)
    for frame in frames:
        assert frame.image.shape == (HEIGHT, WIDTH, 3)
        assert frame.image.dtype == np.uint8
        assert frame.image.flags.writeable and frame.image.flags.c_contiguous
        assert corners(frame.image) == "RGBW"


def test_content_decides_not_the_name(tmp_path: Path) -> None:
    moving = make_video(tmp_path / "a.jpg", container_format="mp4")
    assert len(read(moving)[0]) == 10
    Image.new("RGB", (40, 30)).save(tmp_path / "b.mp4", format="JPEG")
    with open_source(tmp_path / "b.mp4") as source:
        assert source.facts.kind == "photo"


def test_facts_of_a_video(tmp_path: Path) -> None:
    with open_source(str(make_video(tmp_path / "a.mp4"))) as source:
        facts = source.facts
    assert facts.path == str(tmp_path / "a.mp4")
    assert facts.fps == pytest.approx(25, rel=0.12)
    assert facts.duration_s == pytest.approx(0.4, abs=0.05)
    assert facts.n_frames == pytest.approx(10, abs=1)
    assert facts.rotation_deg == 0


def test_non_ascii_name(tmp_path: Path) -> None:
    path = tmp_path / "Übung – 下犬式 100%d.mp4"
    make_video(tmp_path / "plain.mp4").rename(path)
    assert len(read(path)[0]) == 10
    with VideoWriter(path, width=64, height=48, fps=30) as writer:
        writer.write(corner_image(64, 48), 0.0)
    assert len(read(path)[0]) == 1


def test_frames_can_be_read_again_and_not_after_closing(tmp_path: Path) -> None:
    with open_source(make_video(tmp_path / "a.mp4")) as source:
        half = source.frames()
        next(half)
        assert len(list(source.frames())) == len(list(source.frames())) == 10
        half.close()
    with pytest.raises(SourceError, match="closed"):
        next(source.frames())


# ------------------------------------------------------------------------------ orientation


@pytest.mark.parametrize("rotation", [0, 90, 180, -90])
@pytest.mark.parametrize("hflip", [False, True])
def test_rotation_and_mirroring(tmp_path: Path, rotation: int, hflip: bool) -> None:
    # set_display_rotation turns counter-clockwise, then mirrors.
    upright = corner_image()
    path = make_video(tmp_path / "a.mp4", image=upright, rotation=rotation, hflip=hflip)
    expected = np.rot90(upright, rotation // 90)
    if hflip:
        expected = expected[:, ::-1]
    with open_source(path) as source:
        facts, frames = source.facts, list(source.frames())
        small = next(source.frames(max_side=80))
    assert facts.rotation_deg == -rotation % 360
    assert (facts.height, facts.width) == expected.shape[:2]
    assert frames[0].image.shape == expected.shape
    assert {corners(f.image) for f in frames} == {corners(expected)}
    assert max(small.image.shape) == 80
    assert corners(small.image) == corners(expected)


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
@pytest.mark.parametrize("rotate", ["90", "180", "270"])
def test_rotation_agrees_with_ffmpeg(tmp_path: Path, rotate: str) -> None:
    make_video(tmp_path / "a.mp4")
    turned, still = tmp_path / "turned.mp4", tmp_path / "still.png"
    ffmpeg = ["ffmpeg", "-loglevel", "error", "-i"]
    tag = ["-c", "copy", "-metadata:s:v:0", f"rotate={rotate}"]
    subprocess.run([*ffmpeg, str(tmp_path / "a.mp4"), *tag, str(turned)], check=True)
    subprocess.run([*ffmpeg, str(turned), "-frames:v", "1", str(still)], check=True)
    with open_source(turned) as source:
        if source.facts.rotation_deg == 0:
            pytest.skip("this ffmpeg no longer writes the rotate tag")
    assert corners(read(turned)[0][0].image) == corners(read(still)[0][0].image)


def test_pixels_that_are_not_square(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4", aspect=Fraction(3, 2))
    with open_source(path) as source:
        assert (source.facts.width, source.facts.height) == (240, HEIGHT)
        assert next(source.frames()).image.shape == (HEIGHT, 240, 3)


@pytest.mark.parametrize(("max_side", "shape"), [(80, (48, 80)), (1000, (96, 160)), (1, (1, 1))])
def test_max_side_only_scales_down(tmp_path: Path, max_side: int, shape: tuple[int, int]) -> None:
    path = make_video(tmp_path / "a.mp4")
    Image.fromarray(corner_image()[:, :, ::-1]).save(tmp_path / "a.png")
    for source in (path, tmp_path / "a.png"):
        frames, _ = read(source, max_side)
        assert frames[0].image.shape[:2] == shape
    with pytest.raises(SourceError, match="max_side"):
        read(path, 0)


def test_ten_bit_hdr(tmp_path: Path) -> None:
    quiet = {"x265-params": "log-level=none:colorprim=9:transfer=18:colormatrix=9"}
    path = make_video(tmp_path / "a.mp4", codec="libx265", pix_fmt="yuv420p10le", options=quiet)
    frames, notes = read(path)
    assert len(frames) == 10 and notes == []
    assert corners(frames[0].image) == "RGBW"


# ------------------------------------------------------------------------------------- time


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts"])
@pytest.mark.parametrize("start_ms", [0, 1500])
def test_variable_frame_rate_and_late_start(tmp_path: Path, name: str, start_ms: int) -> None:
    times_ms = [0, 33, 50, 150, 151, 900, 1000, 1033]
    path = make_video(tmp_path / name, times_ms=[start_ms + t for t in times_ms])
    frames, notes = read(path)
    np.testing.assert_allclose([f.t_s for f in frames], np.array(times_ms) / 1000, atol=1e-3)
    assert frames[0].t_s == 0.0
    assert notes == []


def test_frames_without_time_stamps_get_the_average_rate(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.h264", container_format="h264")
    frames, _ = read(path)
    times = [f.t_s for f in frames]
    assert len(times) == 10 and times[0] == 0.0
    steps = np.diff(times)
    assert np.all(steps > 0) and np.ptp(steps) < 1e-9


class FakePicture:
    def __init__(self, pts: int | None, dts: int | None = None) -> None:
        self.pts, self.dts = pts, dts


class FakeStream:
    guessed_rate = average_rate = Fraction(10)
    time_base = Fraction(1, 100)


def clock_times(pictures: list[FakePicture]) -> list[float | None]:
    clock = decoder._Clock(FakeStream())  # type: ignore[arg-type]
    return [clock.time_of(picture) for picture in pictures]  # type: ignore[arg-type]


def test_clock_drops_what_does_not_advance_and_bridges_missing_stamps() -> None:
    stamps = [50, 60, 60, 55, None, 75]
    times = clock_times([FakePicture(pts) for pts in stamps])
    assert times == pytest.approx([0.0, 0.1, None, None, 0.2, 0.25])
    assert clock_times([FakePicture(None), FakePicture(5)]) == pytest.approx([0.0, 0.1])


def test_clock_trusts_decoding_stamps_when_the_others_jump_about() -> None:
    pictures = [FakePicture(p, 2 * d) for d, p in enumerate([2, 6, 4, 8, 14, 12, 10, 18, 16, 20])]
    times = [t for t in clock_times(pictures) if t is not None]
    assert len(times) >= 7
    assert times == sorted(times)


def test_not_advancing_frames_are_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_video(tmp_path / "a.mp4")
    answers = iter([0.0, 0.0, None, None, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7])
    monkeypatch.setattr(decoder._Clock, "time_of", lambda self, picture: next(answers))
    frames, notes = read(path)
    assert len(frames) == 8
    assert any("2 frames were dropped" in note for note in notes)


# -------------------------------------------------------------------------- what is refused


def test_refusals(tmp_path: Path) -> None:
    assert_refused(tmp_path / "missing.mp4", "No such file")
    assert_refused(tmp_path, "folder")
    (tmp_path / "empty.mp4").touch()
    assert_refused(tmp_path / "empty.mp4", "empty (0 bytes)")
    for name, content in [
        ("text.mp4", b"these are words\n" * 50),
        ("text.txt", b"these are words\n" * 50),
        ("a.pdf", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n" * 30),
        ("random.mkv", np.random.default_rng(1).bytes(20_000)),
        ("list.m3u8", b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n#EXT-X-ENDLIST\n"),
        ("one.mp4", b"\0"),
    ]:
        (tmp_path / name).write_bytes(content)
        assert_refused(tmp_path / name)
    (tmp_path / "p.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200))
    assert_refused(tmp_path / "p.heic", "HEIC", "JPEG")


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_video(tmp_path / "a.mp4")

    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")  # chmod does not stop root

    monkeypatch.setattr(Path, "open", refuse)
    assert_refused(path, "No permission")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    assert_refused(tmp_path / "pipe.mp4", "not a regular file")


def test_only_sound(tmp_path: Path) -> None:
    assert_refused(make_sound(tmp_path / "a.wav"), "no video", "only sound")


def test_cover_art_is_not_the_video(tmp_path: Path) -> None:
    frames, _ = read(make_sound_with_cover(tmp_path / "film.mp4", moving=True))
    assert len(frames) == 5
    assert frames[0].image.shape == (HEIGHT, WIDTH, 3)
    assert_refused(make_sound_with_cover(tmp_path / "song.mp4", moving=False), "only sound")


def test_too_many_pixels(tmp_path: Path) -> None:
    head = b"IHDR" + struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))
    (tmp_path / "bomb.png").write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk + b"\0\0\0\x20IDAT" + bytes(50)
    )
    assert_refused(tmp_path / "bomb.png", "megapixels")
    Image.new("1", (10_001, 10_000)).save(tmp_path / "large.png")
    assert_refused(tmp_path / "large.png", "10001 x 10000", "100 megapixels")


def test_video_that_claims_too_many_pixels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_video(tmp_path / "a.mp4")
    monkeypatch.setattr(decoder, "MAX_VIDEO_PIXELS", WIDTH * HEIGHT - 1)
    assert_refused(path, f"{WIDTH} x {HEIGHT}", "megapixels")


def test_ffmpeg_refuses_to_decode_more_pixels_than_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A stream may grow after its header: then the decoder itself has to refuse.
    path = make_video(tmp_path / "a.mp4")
    monkeypatch.setattr(decoder, "MAX_VIDEO_PIXELS", WIDTH * HEIGHT - 1)
    for module in (decoder, video):
        monkeypatch.setattr(module, "check_size", lambda *args: None)
    assert_refused(path)


# -------------------------------------------------------------------------------- damage


LONG_MS = [i * 40 for i in range(100)]


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_cut_file_gives_what_it_holds(tmp_path: Path, name: str) -> None:
    path = make_video(tmp_path / name, times_ms=LONG_MS, noise=True, movflags="faststart")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 3])
    frames, notes = read(path)
    assert 20 < len(frames) < 45
    assert any(n.startswith("the file ends early: read 1.") and "of 4.0 s" in n for n in notes)


def test_cut_transport_stream_gives_what_it_holds(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.ts", times_ms=LONG_MS, noise=True)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])
    assert 20 < len(read(path)[0]) < 45


@pytest.mark.parametrize("keep", [0.3, 0.9])
def test_mp4_without_index(tmp_path: Path, keep: float) -> None:
    path = make_video(tmp_path / "a.mp4", times_ms=LONG_MS, noise=True)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])
    assert_refused(path, "not finished or not copied completely", "Copy it again")


def test_mp4_cut_inside_or_right_after_its_index(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4", times_ms=LONG_MS, movflags="faststart")
    whole = path.read_bytes()
    index = whole.index(b"moov")
    path.write_bytes(whole[: index + 200])
    assert_refused(path, "Copy it again")
    path.write_bytes(whole[: whole.index(b"mdat") + 4])
    assert_refused(path, "Copy it again")


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts"])
def test_damage_in_the_middle_is_skipped_and_counted(tmp_path: Path, name: str) -> None:
    path = make_video(
        tmp_path / name, times_ms=LONG_MS, noise=True, options={"g": "10"}, movflags="faststart"
    )
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + len(data) // 20] = bytes(len(data) // 20)
    path.write_bytes(data)
    with open_source(path) as source:
        frames = list(source.frames())
        again = list(source.frames())
        notes = source.warnings
    assert len(frames) == len(again) > 60
    assert frames[-1].t_s == pytest.approx(3.96, abs=0.01)
    # A transport stream is read on at the next whole piece, which leaves no trace.
    assert sum("damaged" in note for note in notes) == (name != "a.ts")  # not once per reading


def test_longer_sound_is_not_a_cut_video(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        sound = container.add_stream("aac", rate=44100)
        for _ in range(10):
            frame = av.VideoFrame.from_ndarray(corner_image(), format="bgr24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        for i in range(130):
            silence = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), "fltp", "stereo")
            silence.sample_rate, silence.pts = 44100, i * 1024
            container.mux(sound.encode(silence))
        container.mux(sound.encode(None))
    frames, notes = read(path)
    assert len(frames) == 10 and notes == []


def test_nothing_on_stderr(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    test_damage_in_the_middle_is_skipped_and_counted(tmp_path, "a.mkv")
    test_mp4_without_index(tmp_path, 0.5)
    out, err = capfd.readouterr()
    assert "h264" not in out + err and "moov" not in out + err


# -------------------------------------------------------------------------------- photos


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.bmp", "a.tiff", "a.gif"])
def test_photo_formats(tmp_path: Path, name: str) -> None:
    Image.fromarray(corner_image()[:, :, ::-1]).save(tmp_path / name)
    with open_source(tmp_path / name) as source:
        facts = source.facts
        (frame,) = source.frames()
    assert (facts.kind, facts.width, facts.height) == ("photo", WIDTH, HEIGHT)
    assert (facts.fps, facts.duration_s, facts.n_frames) == (None, None, 1)
    assert (frame.index, frame.t_s) == (0, 0.0)
    assert corners(frame.image) == "RGBW"
    assert frame.image.flags.writeable


@pytest.mark.parametrize(
    ("orientation", "expected", "rotation_deg"),
    [
        (1, "RGBW", 0),
        (2, "GRWB", 0),
        (3, "WBGR", 180),
        (4, "BWRG", 180),
        (5, "RBGW", 90),
        (6, "BRWG", 90),
        (7, "WGBR", 270),
        (8, "GWRB", 270),
    ],
)
def test_exif_orientation(
    tmp_path: Path, orientation: int, expected: str, rotation_deg: int
) -> None:
    photo = Image.fromarray(corner_image()[:, :, ::-1])
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo.save(tmp_path / "a.jpg", exif=exif, quality=95)
    with open_source(tmp_path / "a.jpg") as source:
        (frame,) = source.frames()
        assert source.facts.rotation_deg == rotation_deg
        assert (source.facts.height, source.facts.width) == frame.image.shape[:2]
    assert corners(frame.image) == expected
    assert frame.image.shape[:2] == ((HEIGHT, WIDTH) if orientation < 5 else (WIDTH, HEIGHT))


def test_photo_modes(tmp_path: Path) -> None:
    grey = np.tile(np.linspace(0, 255, WIDTH).astype(np.uint8), (HEIGHT, 1))
    Image.fromarray(grey).save(tmp_path / "grey.png")
    Image.fromarray(grey.astype(np.uint16) * 257).save(tmp_path / "grey16.png")
    Image.fromarray(grey.astype(np.float32) / 255).save(tmp_path / "float.tiff")
    for name in ("grey.png", "grey16.png", "float.tiff"):
        image = read(tmp_path / name)[0][0].image
        np.testing.assert_allclose(image, np.repeat(grey[:, :, None], 3, axis=2), atol=1)

    colour = Image.fromarray(corner_image()[:, :, ::-1])
    colour.convert("CMYK").save(tmp_path / "cmyk.jpg", quality=95)
    colour.convert("P").save(tmp_path / "palette.png")
    for name in ("cmyk.jpg", "palette.png"):
        assert corners(read(tmp_path / name)[0][0].image) == "RGBW"


def test_transparent_is_white(tmp_path: Path) -> None:
    clear = np.zeros((20, 30, 4), np.uint8)
    clear[:10] = (255, 0, 0, 255)
    Image.fromarray(clear).save(tmp_path / "a.png")
    image = read(tmp_path / "a.png")[0][0].image
    assert tuple(image[2, 2]) == (0, 0, 255)
    assert tuple(image[15, 2]) == (255, 255, 255)


def test_broken_exif_does_not_spoil_the_photo(
    tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = "some words that are long", 6
    Image.fromarray(corner_image()).save(tmp_path / "a.jpg", exif=exif)
    data = bytearray((tmp_path / "a.jpg").read_bytes())
    words = data.index(b"MM\0*") + 8
    data[words + 2 + 4 : words + 2 + 8] = b"\x00\xff\xff\xff"  # the text claims 16 MB
    (tmp_path / "a.jpg").write_bytes(data)
    frames, notes = read(tmp_path / "a.jpg")
    assert len(frames) == 1 and len(notes) >= 1
    assert len(recwarn) == 0


def test_cut_photo_is_refused(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (200, 200, 3), np.uint8)
    for name in ("a.jpg", "a.png"):
        Image.fromarray(noise).save(tmp_path / name)
        data = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(data[: len(data) // 2])
        assert_refused(tmp_path / name, "damaged or cut short")


def test_animations(tmp_path: Path) -> None:
    pictures = [Image.new("RGB", (64, 48), (30 * i, 0, 0)) for i in range(5)]
    for name in ("a.gif", "a.png", "a.webp"):
        pictures[0].save(tmp_path / name, save_all=True, append_images=pictures[1:], duration=100)
        with open_source(tmp_path / name) as source:
            frames = list(source.frames())
            if source.facts.kind == "video":
                assert [f.t_s for f in frames] == pytest.approx([0, 0.1, 0.2, 0.3, 0.4])
            else:
                assert len(frames) == 1
                assert "first picture" in source.warnings[0]


# ------------------------------------------------------------------------------- prefetch


def decoding_threads() -> list[str]:
    return [t.name for t in threading.enumerate() if t.name.startswith("posecheck-decode")]


def numbers(n: int, log: list[int] | None = None) -> Iterator[Frame]:
    for i in range(n):
        if log is not None:
            log.append(i)
        yield Frame(i, float(i), np.zeros((1, 1, 3), np.uint8))


@pytest.mark.parametrize("ahead", [1, 4, 100])
def test_prefetch_keeps_the_order(ahead: int) -> None:
    assert [f.index for f in prefetch(numbers(50), ahead)] == list(range(50))
    assert list(prefetch(iter([]), ahead)) == []
    assert decoding_threads() == []


def test_prefetch_is_bounded() -> None:
    log: list[int] = []
    ahead = prefetch(numbers(50, log), 3)
    next(ahead)
    time.sleep(0.1)
    assert len(log) <= 4
    ahead.close()


def test_prefetch_passes_exceptions_on() -> None:
    def failing() -> Iterator[Frame]:
        yield from numbers(2)
        raise SourceError("It broke", where="here")

    seen = []
    with pytest.raises(SourceError, match="It broke"):
        for frame in prefetch(failing()):
            seen.append(frame.index)
    assert seen == [0, 1]
    assert decoding_threads() == []


def test_prefetch_that_the_garbage_collector_ends_does_not_hang() -> None:
    """As where an error kept its frame, and with it the generator, in a circle."""
    code = (
        "import gc; from posecheck.media.open import prefetch\n"
        "class Holder: pass\n"
        "for _ in range(20):\n"
        "    holder = Holder(); holder.me = holder\n"
        "    holder.frames = prefetch(n for n in range(50)); next(holder.frames); del holder\n"
        "    gc.collect()\n"
        "print('over')"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert ended.stdout == "over\n"


def test_prefetch_stops_when_the_consumer_does(tmp_path: Path) -> None:
    with open_source(make_video(tmp_path / "a.mp4", times_ms=LONG_MS)) as source:
        frames = source.frames()
        for frame in prefetch(frames):
            if frame.index == 3:
                break
        gc.collect()
        assert decoding_threads() == []
        assert next(frames, None) is None  # closed, so its file is free
        ahead = prefetch(source.frames())
        next(ahead)
        started = time.perf_counter()
        ahead.close()
        assert time.perf_counter() - started < 1.0
        assert decoding_threads() == []


def test_memory_stays_flat(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4", times_ms=[i * 40 for i in range(400)])
    tracemalloc.start()
    try:
        with open_source(path) as source:
            n_frames = sum(1 for _ in prefetch(source.frames()))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert n_frames == 400
    assert peak < 30 * WIDTH * HEIGHT * 3


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_process_memory_stays_flat(tmp_path: Path) -> None:
    def resident_mb() -> float:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    image = corner_image(1280, 720)
    path = make_video(tmp_path / "a.mp4", image=image, times_ms=[i * 40 for i in range(80)])
    with open_source(path) as source:
        for frame in source.frames():
            if frame.index == 20:
                before = resident_mb()
    assert resident_mb() - before < 50  # all frames together are 220 MB


# --------------------------------------------------------------------------------- writer


def box_order(path: Path) -> list[str]:
    data, position, names = path.read_bytes(), 0, []
    while position < len(data):
        names.append(data[position + 4 : position + 8].decode("ascii"))
        position += int.from_bytes(data[position : position + 4], "big")
    return names


def test_written_video_suits_browsers(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    with VideoWriter(path, width=WIDTH, height=HEIGHT, fps=30) as writer:
        for i in range(30):
            writer.write(corner_image(), i / 30)
    order = box_order(path)
    assert order.index("moov") < order.index("mdat")
    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        assert (context.name, context.pix_fmt) == ("h264", "yuv420p")
    with open_source(path) as source:
        assert source.facts.duration_s == pytest.approx(1.0, abs=0.005)
        assert source.facts.fps == pytest.approx(30, rel=0.01)
        frames = list(source.frames())
    assert len(frames) == 30
    # The middles of the coloured fields, away from the blurred edges.
    error = frames[5].image[12::48, 20::80].astype(int) - corner_image()[12::48, 20::80]
    assert np.abs(error).max() < 12
    assert [p.name for p in tmp_path.iterdir()] == ["out.mp4"]


def test_variable_frame_rate_survives_the_round_trip(tmp_path: Path) -> None:
    times_s = [0.0, 0.0333, 0.05, 0.15, 0.1511, 0.9, 1.0, 61.0334]
    path = tmp_path / "out.mp4"
    with VideoWriter(path, width=64, height=48, fps=30) as writer:
        for t_s in times_s:
            writer.write(corner_image(64, 48), t_s)
    frames, notes = read(path)
    np.testing.assert_allclose([f.t_s for f in frames], times_s, atol=1e-4)
    assert notes == []


@pytest.mark.parametrize(("width", "height"), [(65, 49), (1, 1), (64, 47)])
def test_odd_sizes_become_even(tmp_path: Path, width: int, height: int) -> None:
    path = tmp_path / "out.mp4"
    with VideoWriter(path, width=width, height=height, fps=30) as writer:
        writer.write(corner_image(width, height), 0.0)
    with open_source(path) as source:
        assert source.facts.width == width + width % 2
        assert source.facts.height == height + height % 2


def test_photo_as_video(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "out.mp4", width=64, height=48, fps=float("nan")) as writer:
        writer.write(corner_image(64, 48), 0.0)
    assert len(read(tmp_path / "out.mp4")[0]) == 1


def test_failed_writing_leaves_nothing(tmp_path: Path) -> None:
    target = tmp_path / "out.mp4"
    with pytest.raises(ZeroDivisionError), VideoWriter(target, width=64, height=48, fps=30) as w:
        w.write(corner_image(64, 48), 0.0)
        _ = 1 / 0
    assert list(tmp_path.iterdir()) == []

    target.write_bytes(b"older")
    with (
        pytest.raises(SourceError, match="does not fit"),
        VideoWriter(target, width=64, height=48, fps=30) as writer,
    ):
        writer.write(corner_image(64, 50), 0.0)
    assert target.read_bytes() == b"older"  # replaced only by a complete one
    assert len(list(tmp_path.iterdir())) == 1


def test_writer_refusals(tmp_path: Path) -> None:
    image = corner_image(64, 48)

    def attempt(path: Path, times_s: tuple[float, ...] = (0.0,)) -> None:
        with VideoWriter(path, width=64, height=48, fps=30) as writer:
            for t_s in times_s:
                writer.write(image, t_s)

    with pytest.raises(SourceError, match="does not exist"):
        attempt(tmp_path / "no" / "out.mp4")
    with pytest.raises(SourceError, match="folder"):
        attempt(tmp_path)
    with pytest.raises(SourceError, match="does not come after"):
        attempt(tmp_path / "out.mp4", (0.1, 0.1))
    with pytest.raises(SourceError, match="No frame"):
        attempt(tmp_path / "out.mp4", ())
    with pytest.raises(SourceError, match="has no picture"):
        VideoWriter(tmp_path / "out.mp4", width=0, height=48, fps=30)
    with pytest.raises(SourceError, match="with"):
        VideoWriter(tmp_path / "out.mp4", width=64, height=48, fps=30).write(image, 0.0)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("error", "words"),
    [(PermissionError(13, "no"), "no permission"), (OSError(28, "full"), "no space is left")],
)
def test_writer_cannot_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, words: str
) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise error

    monkeypatch.setattr("posecheck.media.writer.av.open", refuse)
    with (
        pytest.raises(SourceError, match=words),
        VideoWriter(tmp_path / "out.mp4", width=64, height=48, fps=30),
    ):
        pass


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_disk_full_while_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (480, 640, 3), np.uint8)
    to_file = av.open
    monkeypatch.setattr(av, "open", lambda _, *how, **set_up: to_file("/dev/full", *how, **set_up))

    def fill() -> None:
        with VideoWriter(tmp_path / "out.mp4", width=640, height=480, fps=30) as out:
            for i in range(40):
                out.write(noise, i / 30)

    with pytest.raises(SourceError, match="cannot be written: no space is left on this disk"):
        fill()
    assert list(tmp_path.iterdir()) == []
