"""Frames out: H.264 video that browsers play, with the true times of a variable frame rate."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from posecheck.core.errors import SourceError, UsageError
from posecheck.core.files import SHARED, atomic_write, cannot_write

# Fine enough for the times of any camera, and a number of ticks every player accepts.
_TIME_BASE = Fraction(1, 90_000)
_BT709 = 1
_LIMITED_RANGE = 1

PICTURES = (".png", ".jpg", ".jpeg")


def refuse_overwriting(source: Path, path: Path) -> None:
    """Refuse to write over the recording itself, by whatever name it goes.

    Parameters
    ----------
    source : Path
        The recording.
    path : Path
        The file.
    """
    if path.exists() and source.exists() and path.samefile(source):
        raise UsageError(
            "this would overwrite the recording", where=path, hint="Choose a new name."
        )


def check_drawing_name(path: str | Path, kind: str) -> None:
    """Refuse a name that the drawn-on recording cannot have; `kind` is video or photo.

    Parameters
    ----------
    path : str or Path
        The file.
    kind : {"video", "photo"}
    """
    suffix = Path(path).suffix.lower()
    if kind == "photo" and suffix not in (*PICTURES, ".mp4"):
        raise UsageError("an annotated photo is .png, .jpg or .mp4", where=path, hint="Name it so.")
    if kind != "photo" and suffix != ".mp4":
        raise UsageError("an annotated video is an .mp4 file", where=path, hint="Name it .mp4.")


class VideoWriter:
    """Write a browser-playable MP4: H.264, yuv420p, index at the front.

    The video appears under its name only once it is complete; if anything fails, nothing is
    left behind.

    Parameters
    ----------
    path : str or pathlib.Path
        The file to write; an older one is replaced.
    width, height : int
        Size of the images given. H.264 needs even numbers: the last column or row of an odd
        size is repeated.
    fps : float
        Average frame rate. Only a hint: each frame brings its own time.

    Raises
    ------
    SourceError
        The folder does not exist or cannot be written, or the images do not fit.

    Examples
    --------
    >>> with VideoWriter("out.mp4", width=640, height=480, fps=30.0) as writer:  # doctest: +SKIP
    ...     writer.write(frame.image, frame.t_s)
    """

    def __init__(self, path: str | Path, *, width: int, height: int, fps: float) -> None:
        self.path = Path(path)
        if width < 1 or height < 1:
            raise SourceError(f"A video of {width} x {height} pixels has no picture", where=path)
        self._shape = (height, width, 3)
        # A photo has no rate, and a broken one may say 0 or nan.
        self._fps = float(fps) if 0 < fps <= 1000 else 30.0
        self._file = ExitStack()
        self._container: OutputContainer | None = None
        self._stream: VideoStream | None = None
        self._last_pts: int | None = None

    def __enter__(self) -> Self:
        with ExitStack() as file:
            part = file.enter_context(atomic_write(self.path, what="the video", mode=SHARED))
            file.callback(self._close)
            with self._explained():
                self._container = av.open(
                    str(part.absolute()), "w", format="mp4", options={"movflags": "+faststart"}
                )
                self._stream = self._add_stream(self._container)
            self._file = file.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is not None:
            self._file.__exit__(kind, error, traceback)
            return
        with self._file:
            self._finish()

    def write(self, image_bgr: NDArray[np.uint8], t_s: float) -> None:
        """Add one frame.

        Parameters
        ----------
        image_bgr : numpy.ndarray, shape (height, width, 3)
            uint8, BGR.
        t_s : float
            When it is shown, in seconds; later than the frame before.
        """
        if self._container is None or self._stream is None:
            raise SourceError(
                "The video is not open", where=self.path, hint="Write inside the `with` block."
            )
        if image_bgr.shape != self._shape or image_bgr.dtype != np.uint8:
            raise SourceError(
                f"An image of shape {image_bgr.shape} and type {image_bgr.dtype} does not fit "
                f"into a video of shape {self._shape} and type uint8",
                where=self.path,
            )
        frame = self._timed_frame(image_bgr, t_s)
        with self._explained():
            self._container.mux(self._stream.encode(frame))

    def _timed_frame(self, image_bgr: NDArray[np.uint8], t_s: float) -> VideoFrame:
        pts = round(t_s / _TIME_BASE)
        if self._last_pts is not None and pts <= self._last_pts:
            raise SourceError(
                f"The frame at {t_s} s does not come after the one before it", where=self.path
            )
        self._last_pts = pts
        frame = VideoFrame.from_ndarray(_even(image_bgr), format="bgr24").reformat(
            format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG", threads=1
        )
        frame.pts = pts
        frame.time_base = _TIME_BASE
        frame.duration = round(1 / self._fps / _TIME_BASE)  # how long the last one is shown
        return frame

    def _add_stream(self, container: OutputContainer) -> VideoStream:
        rate = Fraction(self._fps).limit_denominator(1001)
        options = {"crf": "23", "preset": "veryfast"}
        stream: VideoStream = container.add_stream("libx264", rate=rate, options=options)
        height, width = self._shape[:2]
        stream.width = width + width % 2
        stream.height = height + height % 2
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = _TIME_BASE
        stream.time_base = _TIME_BASE
        stream.gop_size = max(1, round(2 * self._fps))  # a key frame every 2 s, to jump about
        # Without these, players guess the colours from the size.
        stream.color_primaries = stream.color_trc = stream.colorspace = _BT709
        stream.color_range = _LIMITED_RANGE
        return stream

    def _finish(self) -> None:
        if self._container is None or self._stream is None:
            return
        if self._last_pts is None:
            raise SourceError("No frame was written, so there is no video", where=self.path)
        with self._explained():
            self._container.mux(self._stream.encode(None))
            self._container.close()
        self._container = None

    def _close(self) -> None:
        """Let go of a file that is thrown away."""
        container, self._container, self._stream = self._container, None, None
        if container is not None:
            # Closing writes an index, which fails where the rest did.
            with suppress(av.FFmpegError, OSError):
                container.close()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (av.FFmpegError, OSError) as error:
            raise cannot_write(self.path, error, what="the video") from error


def _even(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The image with an odd last column or row repeated."""
    height, width = image.shape[:2]
    if height % 2 or width % 2:
        image = np.pad(image, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    return np.ascontiguousarray(image)
