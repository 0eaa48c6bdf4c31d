"""Whatever is done to a file, reading it gives frames or a SourceError: nothing else, no hang."""

from __future__ import annotations

import time
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from posecheck.core.errors import SourceError
from posecheck.media.open import open_source

WIDTH, HEIGHT = 64, 48
PER_FORMAT = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
PLACES = st.floats(0, 1, exclude_max=True)
LENGTHS = st.integers(1, 400)
DAMAGE = st.one_of(
    st.tuples(st.just("flip"), PLACES, st.integers(1, 255)),
    # Headers and indexes are where a flipped byte does most.
    st.tuples(st.just("flip"), PLACES.map(lambda place: place / 20), st.integers(1, 255)),
    # A count or a size that is far too large.
    st.tuples(st.just("claim"), PLACES, st.sampled_from([0x7FFFFFFF, 0xFFFFFFFF, 40_000_000])),
    st.tuples(st.just("cut"), PLACES, LENGTHS),
    st.tuples(st.just("zero"), PLACES, LENGTHS),
    st.tuples(st.just("insert"), PLACES, LENGTHS),
    st.tuples(st.just("remove"), PLACES, LENGTHS),
)


def damaged(data: bytes, kind: str, place: float, amount: int) -> bytes:
    at = int(place * len(data))
    match kind:
        case "flip":
            return data[:at] + bytes(byte ^ amount for byte in data[at : at + 1]) + data[at + 1 :]
        case "claim":
            return data[:at] + amount.to_bytes(4, "big") + data[at + 4 :]
        case "cut":
            return data[:at]
        case "zero":
            return data[:at] + bytes(len(data[at : at + amount])) + data[at + amount :]
        case "insert":
            return data[:at] + np.random.default_rng(amount).bytes(amount) + data[at:]
        case _:
            return data[:at] + data[at + amount :]


def moving(path: Path, codec: str = "libx264", movflags: str = "") -> bytes:
    random = np.random.default_rng(0)
    options = {"movflags": movflags} if movflags else {}
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream(codec, rate=25, options={"g": "4"})
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        if path.suffix == ".mp4":
            stream.set_display_rotation(90)
        for i in range(8):
            picture = random.integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts, frame.time_base = 40 * i, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path.read_bytes()


def still(path: Path) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = np.random.default_rng(0).integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8)
    Image.fromarray(picture).save(path, exif=exif)
    return path.read_bytes()


def animation(path: Path) -> bytes:
    random = np.random.default_rng(0)
    pictures = [
        Image.fromarray(random.integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8)) for _ in range(4)
    ]
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=40, loop=0)
    return path.read_bytes()


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("originals")
    return {
        "mp4": moving(folder / "a.mp4"),
        "faststart": moving(folder / "b.mp4", movflags="faststart"),
        "mkv": moving(folder / "a.mkv"),
        "webm": moving(folder / "a.webm", codec="libvpx"),
        "mov": moving(folder / "a.mov"),
        "ts": moving(folder / "a.ts"),
        "tiff": still(folder / "a.tiff"),
        "webp": still(folder / "a.webp"),
        "jpg": still(folder / "a.jpg"),
        "png": still(folder / "a.png"),
        "gif": animation(folder / "a.gif"),
    }


def assert_frames_or_source_error(path: Path) -> None:
    started = time.perf_counter()
    try:
        with open_source(path) as source:
            times = []
            for frame in source.frames(max_side=32):
                assert frame.image.dtype == np.uint8
                assert frame.image.ndim == 3 and max(frame.image.shape) <= 32
                times.append(frame.t_s)
            assert times and times[0] == 0.0
            assert all(a < b for a, b in pairwise(times))
            assert all(isinstance(note, str) for note in source.warnings)
    except SourceError as error:
        assert str(path) in str(error)
    assert time.perf_counter() - started < 10


NAMES = ["mp4", "faststart", "mov", "mkv", "webm", "ts", "jpg", "png", "gif", "tiff", "webp"]


@pytest.mark.parametrize("name", NAMES)
@given(damage=st.lists(DAMAGE, min_size=1, max_size=4))
@PER_FORMAT
def test_damaged_files(
    originals: dict[str, bytes],
    tmp_path: Path,
    name: str,
    damage: list[tuple[str, float, int]],
) -> None:
    data = originals[name]
    for kind, place, amount in damage:
        data = damaged(data, kind, place, amount)
    path = tmp_path / "damaged"
    path.write_bytes(data)
    assert_frames_or_source_error(path)


@given(data=st.binary(max_size=300), head=st.sampled_from(["mp4", "mkv", "jpg", "png", "gif"]))
@settings(PER_FORMAT, max_examples=100)
def test_nonsense_with_a_true_head(
    originals: dict[str, bytes], tmp_path: Path, data: bytes, head: str
) -> None:
    path = tmp_path / "nonsense"
    path.write_bytes(originals[head][:32] + data)
    assert_frames_or_source_error(path)
