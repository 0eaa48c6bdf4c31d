"""The recording with the findings drawn on it: a video that browsers play, or a picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path

import cv2

from posecheck.assess.report import Report
from posecheck.core.errors import SourceError
from posecheck.core.files import SHARED, atomic_write
from posecheck.media.open import Frame, VideoWriter, open_source, prefetch
from posecheck.media.writer import PICTURES, check_drawing_name, refuse_overwriting
from posecheck.report.overlay import Overlay

MAX_SIDE_PX = 1280
_PHOTO_SHOWN_S = 2.0


def annotate(
    report: Report, path: str | Path, *, on_frame: Callable[[Frame], None] | None = None
) -> Path:
    """Draw skeleton, angles, cues and the hold's clock on the recording.

    Parameters
    ----------
    report : Report
        Its recording is read again from where it was.
    path : str or Path
        `.mp4` for H.264 video; for a photo also `.png` or `.jpg`.
    on_frame : callable, optional
        Called with every frame that is done.

    Returns
    -------
    Path
    """
    path = Path(path)
    source_path = Path(report.series.source.path)
    refuse_overwriting(source_path, path)
    with open_source(source_path) as source:
        check_drawing_name(path, source.facts.kind)
        with closing(prefetch(source.frames(max_side=MAX_SIDE_PX))) as frames:
            if source.facts.kind == "photo":
                return _annotate_photo(report, next(frames), path)
            return _annotate_video(report, frames, path, on_frame)


def _annotate_video(
    report: Report, frames: Iterator[Frame], path: Path, on_frame: Callable[[Frame], None] | None
) -> Path:
    times = report.series.t_s
    overlay = Overlay(report)
    row = 0
    first = next(frames, None)
    if first is None:
        raise SourceError("the recording has no frames any more", where=report.series.source.path)
    height, width = first.image.shape[:2]
    with VideoWriter(
        path, width=width, height=height, fps=report.series.source.fps or 30
    ) as writer:
        for frame in chain([first], frames):
            # With --fps there are fewer rows than frames: each frame shows the row before it.
            while row + 1 < len(times) and times[row + 1] <= frame.t_s + 1e-6:
                row += 1
            writer.write(overlay.draw(frame.image, row), frame.t_s)
            if on_frame is not None:
                on_frame(frame)
    return path


def _annotate_photo(report: Report, frame: Frame, path: Path) -> Path:
    drawn = Overlay(report).draw(frame.image, 0)
    if path.suffix.lower() in PICTURES:
        with atomic_write(path, what="the picture", mode=SHARED) as part:
            part.write_bytes(cv2.imencode(path.suffix.lower(), drawn)[1].tobytes())
        return path
    height, width = drawn.shape[:2]
    with VideoWriter(path, width=width, height=height, fps=10) as writer:
        for tenth in range(int(_PHOTO_SHOWN_S * 10)):
            writer.write(drawn, tenth / 10)
    return path
