"""Frames in and out: videos and photos read upright, with true times, and clear errors.

Recordings are read with PyAV, stills with Pillow. What a file is, is decided by its content and
not by its name. Frames stream: one is decoded when one is asked for, so memory stays flat.

    with open_source("cobra.mp4") as source:
        for frame in prefetch(source.frames(max_side=640)):
            print(frame.t_s, frame.image.shape)
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TypeVar

from posecheck.core.errors import SourceError
from posecheck.landmarks.series import SourceFacts
from posecheck.media.file_checks import check_file
from posecheck.media.frames import Frame, Source
from posecheck.media.photo import PhotoSource, is_animated, open_photo
from posecheck.media.video import open_video
from posecheck.media.writer import VideoWriter

T = TypeVar("T")

_spare_core: ContextVar[bool] = ContextVar("spare_core", default=True)

__all__ = [
    "Frame",
    "Source",
    "SourceFacts",
    "VideoWriter",
    "every_core_busy",
    "open_source",
    "prefetch",
]


def open_source(path: str | Path) -> Source:
    """Open a video or a photo; which of the two is decided by its content.

    Parameters
    ----------
    path : str or pathlib.Path
        The file.

    Returns
    -------
    Source
        To be used as a context manager.

    Raises
    ------
    SourceError
        The file cannot be read as a video or a photo; the message says why.
    """
    path = Path(path)
    check_file(path)
    photo = open_photo(path)
    if photo is None:
        return open_video(path)
    if is_animated(photo):
        try:
            animation = open_video(path)
            photo.close()
            return animation
        except SourceError:  # an animation this FFmpeg cannot read still has a first picture
            source = PhotoSource(path, photo)
            source.warnings.insert(0, "the animation was read as a photo: its first picture only")
            return source
    return PhotoSource(path, photo)


@contextmanager
def every_core_busy() -> Iterator[None]:
    """Decode in no thread of its own inside a `with` block: it would only take time from others."""
    token = _spare_core.set(False)
    try:
        yield
    finally:
        _spare_core.reset(token)


def prefetch(frames: Iterator[T], ahead: int = 4) -> Generator[T]:
    """Decode in a background thread, up to `ahead` frames ahead of the consumer.

    Parameters
    ----------
    frames : iterator
        Frames, or what is made of them; closed at the end, when it is a generator.
    ahead : int, default 4
        Most frames held in memory.

    Yields
    ------
    object
        The same frames in the same order. An exception from `frames` is raised here.
    """
    if not _spare_core.get():
        yield from frames
        return
    waiting: deque[Future[T | None]] = deque()
    # One worker: an iterator may only be advanced by one thread at a time, and in order.
    worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="posecheck-decode")
    try:
        waiting.extend(worker.submit(next, frames, None) for _ in range(max(1, ahead)))
        while (frame := waiting.popleft().result()) is not None:
            yield frame
            waiting.append(worker.submit(next, frames, None))
    finally:
        # Nothing may be handed to the worker here: where the garbage collector ends this generator,
        # the worker's thread may be over already, and its answer would never come.
        worker.shutdown(cancel_futures=True)
        if isinstance(frames, Generator):
            frames.close()
