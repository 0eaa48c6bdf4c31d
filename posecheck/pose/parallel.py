"""A recording analysed in segments, each by a process of its own.

MediaPipe works on about one core. So a long recording is cut into segments: this process analyses
the first one, and a worker the rest, of which it may give segments to workers of its own in turn.
A tracker that begins anew needs a while to settle, and may have found another person. So no
process stops where the next segment begins, but where both have seen the same for some frames; if
they never do, this process simply goes on to the end. A recording of one segment is analysed in
the same way, with nobody to wait for.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np

from posecheck.core.errors import PosecheckError, SourceError
from posecheck.core.geometry import length
from posecheck.core.limits import DEFAULT_TIME_LIMIT_S, current_deadline, time_limit
from posecheck.media.frame_selector import Fps, frame_selector
from posecheck.media.frames import Frame, Source
from posecheck.media.open import every_core_busy, open_source
from posecheck.pose.augmentation import torso_px
from posecheck.pose.frame_results import Ending, FrameResult, FrameResults, find_in_frames
from posecheck.pose.sighting import ANALYSIS_SIDE_PX
from posecheck.pose.tracker import PersonTracker
from posecheck.pose.worker import Worker

LEAST_SEGMENT_S = 20.0  # a process takes two seconds to begin, and half a gigabyte
_SETTLE_S = 1.0  # before a new tracker is believed
_N_AGREEING = 3  # frames that follow each other
_NEAR = 0.02  # median distance of the landmarks, in lengths of the trunk
_ALL_NEAR = 0.1  # the same of each landmark that is seen well
_SEEN_WELL = 0.5
_SAME_TIME_S = 1e-6

_GONE = object()  # in the place of a worker's next result when there is none

OnFrame = Callable[[Frame], None]


@dataclass(frozen=True)
class Segments:
    """What to analyse and how, for one process after the other.

    Attributes
    ----------
    path, model : Path
        The recording, and the `.task` file.
    second_model : Path or None
        MoveNet Thunder's file.
    outline : bool
        Whether to measure the outline of the trunk.
    fps : float, "auto" or "all"
        As for `posecheck.media.frame_selector.frame_selector`.
    limit_s : float
        Seconds that are left.
    starts_s : tuple of float
        Where the segments begin; the first one is for the process that has this, the others are
        for its workers.
    """

    path: Path
    model: Path
    second_model: Path | None
    outline: bool
    fps: Fps
    limit_s: float
    starts_s: tuple[float, ...]


def segment_starts(source: Source, workers: int) -> tuple[float, ...]:
    """Where the segments of a recording begin: as many segments as are worth their while.

    Parameters
    ----------
    source : Source
        The opened recording; only one that is `seekable` has more than one segment.
    workers : int
        The most processes.

    Returns
    -------
    tuple of float
        Seconds, from 0.
    """
    duration_s = source.facts.duration_s or 0.0
    n_worth = int(duration_s / LEAST_SEGMENT_S)
    n_segments = max(1, min(workers, n_worth)) if source.seekable else 1
    # Evenly, the settling counted, in which two processes analyse the same frames.
    return tuple(k * (duration_s - _SETTLE_S) / n_segments for k in range(n_segments))


def find_in_segments(
    source: Source,
    model: Path,
    starts_s: tuple[float, ...],
    *,
    second_model: Path | None = None,
    outline: bool = False,
    fps: Fps = "auto",
    on_frame: OnFrame | None = None,
) -> FrameResults:
    """Track one person through a recording, with a process for each segment.

    Parameters
    ----------
    source : Source
        That is `seekable`, where there is more than one segment.
    model : Path
        The `.task` file.
    starts_s : tuple of float
        Where the segments begin, from 0; this process alone analyses a single one.
    second_model : Path, optional
        MoveNet Thunder's file.
    outline : bool
        Measure the outline of the trunk too (costs a mask per frame).
    fps : float, "auto" or "all"
        As for `posecheck.media.frame_selector.frame_selector`.
    on_frame : callable, optional
        Called with each frame that this process has analysed. Its time is stretched over the whole
        recording, because the segments advance side by side.

    Yields
    ------
    FrameResult or Ending
        As one process alone would have found them, within what the model's trembling makes.

    Raises
    ------
    SourceError
        The recording cannot be read to its end in time, or a worker died.
    ModelError
        The model cannot be loaded.
    """
    deadline = current_deadline()
    limit_s = DEFAULT_TIME_LIMIT_S if deadline is None else deadline.left_s
    segments = Segments(
        *(Path(source.facts.path), model, second_model, outline, fps, limit_s, starts_s)
    )
    yield from _find(source, segments, _stretched(on_frame, source, len(starts_s)))


def _stretched(on_frame: OnFrame | None, source: Source, n_segments: int) -> OnFrame | None:
    if on_frame is None or n_segments == 1:
        return on_frame

    def tell(frame: Frame) -> None:
        t_s = min(frame.t_s * n_segments, source.facts.duration_s or frame.t_s)
        on_frame(replace(frame, t_s=t_s))

    return tell


def _find(source: Source, segments: Segments, on_frame: OnFrame | None = None) -> FrameResults:
    """Analyse the first segment until a worker has seen the same, and hand on the worker's."""
    own = _find_from(source, segments, on_frame)
    if len(segments.starts_s) == 1:
        yield from own
        return
    with LaterSegments(replace(segments, starts_s=segments.starts_s[1:])) as later:
        with closing(own):
            for last in own:
                yield last
                if isinstance(last, Ending):
                    return
                # What is damaged is read in one go: where a decoder begins changes what it gives.
                if not source.damaged and later.has_seen_the_same(last):
                    break
            else:
                return
        yield from later.results_after(last)


def _find_from(source: Source, segments: Segments, on_frame: OnFrame | None) -> FrameResults:
    """Analyse the recording from the first segment's start, to its end if nobody stops it."""
    selector = frame_selector(segments.fps)
    width, video = source.facts.width, source.facts.kind != "photo"
    frames = source.frames(ANALYSIS_SIDE_PX, selector=selector, start_s=segments.starts_s[0])
    with PersonTracker(
        segments.model, segments.second_model, video=video, outline=segments.outline
    ) as tracker:
        for result in find_in_frames(
            frames, tracker, width=width, selector=selector, on_frame=on_frame
        ):
            if isinstance(result, Ending):  # only now is it known what was wrong with the file
                yield replace(result, warnings=tuple(source.warnings))
            else:
                yield result


def find_in_worker(segments: Segments) -> FrameResults:
    """What a worker does: open the recording anew and analyse the segments that are left to it.

    Parameters
    ----------
    segments : Segments
        The first one is its own.

    Yields
    ------
    FrameResult or Ending
    """
    with every_core_busy(), time_limit(segments.limit_s), open_source(segments.path) as source:
        yield from _find(source, segments)


class LaterSegments:
    """The segments after this process's own, analysed by a worker for the length of a `with` block.

    Parameters
    ----------
    segments : Segments
        Those of the worker.
    """

    def __init__(self, segments: Segments) -> None:
        self._segments = segments
        self._worker = Worker(find_in_worker, segments)
        self._next: object = None  # the worker's first result that was not passed over
        self._n_agreeing = 0

    def __enter__(self) -> Self:
        self._worker.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._worker.__exit__(*error)

    def has_seen_the_same(self, ours: FrameResult) -> bool:
        """Whether the worker has seen the same as this process for a while, up to this frame.

        Parameters
        ----------
        ours : FrameResult

        Returns
        -------
        bool
        """
        if ours.sighting.t_s < self._segments.starts_s[0] + _SETTLE_S:
            return False
        theirs = self._result_at(ours.sighting.t_s)
        if theirs is not None:
            self._n_agreeing = self._n_agreeing + 1 if _agree(ours, theirs) else 0
        return theirs is not None and self._n_agreeing >= _N_AGREEING

    def _result_at(self, t_s: float) -> FrameResult | None:
        """The worker's result of the same frame, if it analysed it.

        It began when this process did and has not far to go until here. Waiting for it makes the
        seam fall where the recording puts it, not where the machine's load does.
        """
        while self._next is None or (
            isinstance(self._next, FrameResult) and self._next.sighting.t_s <= t_s - _SAME_TIME_S
        ):
            self._next = self._worker.receive() or _GONE
        if not isinstance(self._next, FrameResult):
            return None  # it failed or is done: this process goes on alone
        return self._next if self._next.sighting.t_s < t_s + _SAME_TIME_S else None

    def results_after(self, ours: FrameResult) -> FrameResults:
        """The worker's results after the frame in which both saw the same.

        Parameters
        ----------
        ours : FrameResult
            This process's result of that frame.

        Yields
        ------
        FrameResult or Ending
            With the shots numbered on from this process's.

        Raises
        ------
        PosecheckError
            Which the worker raised, or that it died.
        """
        assert isinstance(self._next, FrameResult)
        n_shots = ours.sighting.shot - self._next.sighting.shot
        while isinstance(theirs := self._worker.receive(), FrameResult):
            sighting = replace(theirs.sighting, shot=theirs.sighting.shot + n_shots)
            yield replace(theirs, sighting=sighting)
        if isinstance(theirs, PosecheckError):
            raise theirs
        if not isinstance(theirs, Ending):
            raise SourceError(
                "a process that analysed a segment of it died, perhaps for want of memory",
                where=self._segments.path,
                hint="--workers 1 needs less.",
            )
        yield theirs


def _agree(ours: FrameResult, theirs: FrameResult) -> bool:
    """Whether both see one person, alone, in the same place."""
    a, b = ours.sighting, theirs.sighting
    if not (ours.company.alone and theirs.company.alone):
        return False
    apart = length(a.image - b.image) / torso_px(a.image)  # NaN where nobody was found
    seen_well = np.minimum(a.visibility, b.visibility) > _SEEN_WELL
    return bool(np.median(apart) < _NEAR and (apart[seen_well] < _ALL_NEAR).all())
