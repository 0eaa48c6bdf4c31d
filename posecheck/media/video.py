"""A recording as a `Source`: what it says about itself, and its frames upright and to size."""

from __future__ import annotations

from collections.abc import Generator
from fractions import Fraction
from functools import partial
from pathlib import Path

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from posecheck.core.errors import SourceError
from posecheck.core.limits import Deadline, check_length, current_deadline
from posecheck.landmarks.series import SourceFacts
from posecheck.media.decoder import Pass, Turn, can_seek, opened, sane_rate, thumbnail, turn_of
from posecheck.media.file_checks import COPY_AGAIN, MAX_VIDEO_PIXELS, check_size
from posecheck.media.frames import DARK_WORDS, Frame, FrameSelector, Source, fitted, is_dark, to_bgr
from posecheck.media.hdr import tone_mapped

_DARK_EVERY = 8  # frames: a room does not grow dark in between


def open_video(path: Path) -> Source:
    """Open a recording and decode its first picture, which says how to turn the others.

    Parameters
    ----------
    path : pathlib.Path
        A file that passed `check_file`.

    Returns
    -------
    Source
        Holds no open file until its frames are read.

    Raises
    ------
    SourceError
        There is no video in the file, or none that can be decoded.
    """
    deadline = current_deadline()
    this_deadline = deadline or Deadline()
    with opened(path, this_deadline) as (container, stream):
        this_pass = Pass(container, stream, path, this_deadline)
        first = next(this_pass.pictures(), None)
        if first is None:
            raise _no_frames(path)
        turn = turn_of(first[1])
        width, height = first[1].width, first[1].height
        check_size(path, width, height, MAX_VIDEO_PIXELS)
        width = max(1, round(width * _pixel_aspect(stream)))
        if turn.swap:
            width, height = height, width
        fps, duration_s, n_frames = _length(container, stream)
        origin_s = this_pass.origin_s if can_seek(container) else None
    facts = SourceFacts(
        str(path), "video", width, height, fps, duration_s, n_frames, turn.rotation_deg
    )
    return _VideoSource(path, facts, turn, origin_s, deadline)


class _VideoSource(Source):
    """A recording; each call of `frames` opens it anew."""

    def __init__(
        self,
        path: Path,
        facts: SourceFacts,
        turn: Turn,
        origin_s: Fraction | None,
        deadline: Deadline | None,
    ) -> None:
        super().__init__(facts, seekable=origin_s is not None)
        self._path = path
        self._turn = turn
        self._origin_s = origin_s
        self._deadline = deadline

    def frames(
        self,
        max_side: int | None = None,
        *,
        selector: FrameSelector | None = None,
        start_s: float = 0.0,
    ) -> Generator[Frame]:
        self._check_readable(max_side)
        self.warnings.clear()
        width, height = fitted(self.facts.width, self.facts.height, max_side)
        if self._turn.swap:
            width, height = height, width
        n_read = index = n_dark = 0
        path, deadline = self._path, self._deadline or Deadline()
        size = _bytes_in(path)
        with opened(path, deadline) as (container, stream):
            this_pass = Pass(container, stream, path, deadline)
            if start_s > 0 and self._origin_s is not None:
                this_pass.begin_at(start_s, self._origin_s)
            for t_s, picture in this_pass.pictures():
                n_read += 1
                self.damaged = this_pass.damaged
                check_length(path, n_frames=n_read, t_s=t_s)
                unchanged = () if selector is None else selector(t_s, partial(thumbnail, picture))
                if unchanged is None:
                    continue
                try:
                    image = tone_mapped(to_bgr(picture, width, height), picture)
                except (av.FFmpegError, ValueError):
                    this_pass.n_undecodable += 1
                    continue
                n_dark += index % _DARK_EVERY == 0 and is_dark(image)
                yield Frame(index, t_s, self._turn.apply(image), unchanged)
                index += 1
            self.warnings += this_pass.findings(self.facts.duration_s)
        if _bytes_in(path) != size:
            self.warnings.append("the file changed while it was read: it is still being written")
        if index == 0:
            raise _no_frames(path)
        if n_dark > 0.5 * index / _DARK_EVERY:
            self.warnings.append(DARK_WORDS)


def _pixel_aspect(stream: VideoStream) -> Fraction:
    """Width of a pixel over its height; anything beyond a factor of 4 is a broken header."""
    aspect = stream.sample_aspect_ratio
    return aspect if aspect and Fraction(1, 4) <= aspect <= 4 else Fraction(1)


def _length(
    container: InputContainer, stream: VideoStream
) -> tuple[float | None, float | None, int | None]:
    """Frames per second, seconds and number of frames, as far as the container knows."""
    fps = sane_rate(stream.average_rate) or sane_rate(stream.guessed_rate)
    duration_s = 0.0
    if stream.duration is not None and stream.time_base:
        duration_s = float(stream.duration * stream.time_base)
    elif container.duration is not None:
        duration_s = container.duration / av.time_base
        if "matroska" in container.format.name:  # counts from zero, not from the first frame
            duration_s -= (container.start_time or 0) / av.time_base
    if duration_s <= 0:
        return fps, None, stream.frames or None
    # A trimmed MP4 still counts the frames cut off, so the smaller number is the better one.
    counts = [stream.frames, round(duration_s * fps) if fps else 0]
    return fps, duration_s, min((n for n in counts if n > 0), default=None)


def _bytes_in(path: Path) -> int | None:
    """None where the file has gone: it was read to its end all the same."""
    try:
        return path.stat().st_size
    except OSError:
        return None


def _no_frames(path: Path) -> SourceError:
    return SourceError("No picture in this video can be decoded", where=path, hint=COPY_AGAIN)
