"""Pictures become a small H.264 file that looks like a phone's, and a poster."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from PIL import Image

from picture import encode_jpeg

MAX_VIDEO_BYTES = 900_000
MAX_POSTER_BYTES = 40_000
POSTER_WIDTH = 480

# Constant rate factors, best first: the first whose file is small enough is taken.
_RATES = (20, 22, 24, 26, 28, 30)


def write_video(
    path: Path, pictures: Callable[[], Iterable[np.ndarray]], fps: float, size: tuple[int, int]
) -> int:
    """Encode pictures (h, w, 3) uint8 RGB of `size` (width, height) and return the bytes.

    `pictures` gives them anew on every call: several qualities may be tried.
    """
    partial = path.with_suffix(".part.mp4")
    for rate in _RATES:
        _encode(partial, pictures(), fps, size, rate)
        if partial.stat().st_size <= MAX_VIDEO_BYTES:
            break
    partial.replace(path)
    return path.stat().st_size


def _encode(
    path: Path, pictures: Iterable[np.ndarray], fps: float, size: tuple[int, int], rate: int
) -> None:
    command = [
        "ffmpeg", "-y", "-loglevel", "error",
        "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{size[0]}x{size[1]}", "-r", f"{fps}",
        "-i", "-",
        "-vf", "scale=out_color_matrix=bt709:out_range=tv", "-colorspace", "bt709",
        "-color_primaries", "bt709", "-color_trc", "bt709",
        "-c:v", "libx264", "-preset", "slow", "-crf", f"{rate}", "-pix_fmt", "yuv420p",
        "-movflags", "+faststart", str(path),
    ]  # fmt: skip
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        for picture in pictures:
            process.stdin.write(np.ascontiguousarray(picture).tobytes())
        process.stdin.close()
        if process.wait():
            raise RuntimeError(f"ffmpeg failed on {path.name}")


def write_poster(path: Path, picture: np.ndarray) -> int:
    """A small JPEG of one picture; returns its bytes."""
    height = round(picture.shape[0] * POSTER_WIDTH / picture.shape[1])
    small = Image.fromarray(picture).resize((POSTER_WIDTH, height), Image.Resampling.LANCZOS)
    for quality in range(88, 30, -4):
        data = encode_jpeg(np.asarray(small), quality)
        if len(data) <= MAX_POSTER_BYTES:
            break
    path.write_bytes(data)
    return len(data)
