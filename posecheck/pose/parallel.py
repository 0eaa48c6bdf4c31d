"""A long recording looked at by several processes, each of which begins at another place.

MediaPipe works on about one core. So a recording is cut into parts: this process looks at the first
one, and another process at the rest, of which it may give parts to others in turn. A tracker that
begins anew needs a while to settle, and may have found somebody else. So nobody stops where the
next part begins, but where both have seen the same for some moments; if they never do, this process
simply goes on to the end, as it would have done alone.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import BinaryIO, Self

import numpy as np

import posecheck
from posecheck.core.errors import PosecheckError, SourceError
from posecheck.core.geometry import length
from posecheck.core.limits import DEFAULT_TIME_LIMIT_S, current_deadline, time_limit
from posecheck.landmarks.series import LandmarkSeries
from posecheck.media.frame_selector import Fps, pick_for
from posecheck.media.frames import Frame, Source
from posecheck.media.open import every_core_busy, open_source
from posecheck.pose.augmentation import torso_px
from posecheck.pose.estimate import ANALYSIS_SIDE_PX
from posecheck.pose.frame_results import Ending, Moment, look_at, series_of
from posecheck.pose.model.locate import ModelFacts
from posecheck.pose.tracker import PersonWatcher

LEAST_PART_S = 20.0  # a process takes two seconds to begin, and half a gigabyte
_SETTLE_S = 1.0  # before a new tracker is believed
_AGREEING = 3  # moments that follow each other
_NEAR = 0.02  # median distance of the landmarks, in lengths of the trunk
_ALL_NEAR = 0.1  # the same of each landmark that is seen well
_SEEN_WELL = 0.5
_SAME_TIME_S = 1e-6

Moments = Generator[Moment | Ending]


@dataclass(frozen=True)
class Task:
    """What to look at and how, for one process after the other.

    Attributes
    ----------
    path, model : Path
    outline : bool
    fps : float, "auto" or "all"
    limit_s : float
        Seconds that are left.
    starts_s : tuple of float
        Where the parts begin; the first one is that of the process that has this task.
    """

    path: Path
    model: Path
    outline: bool
    fps: Fps
    limit_s: float
    starts_s: tuple[float, ...] = (0.0,)


def part_starts(source: Source, workers: int) -> tuple[float, ...]:
    """Where the parts of a recording begin, in seconds: as many parts as are worth their while."""
    duration_s = source.facts.duration_s or 0.0
    n_parts = max(1, min(workers, int(duration_s / LEAST_PART_S))) if source.seekable else 1
    # Evenly, the settling counted, in which two look at the same.
    return tuple(k * (duration_s - _SETTLE_S) / n_parts for k in range(n_parts))


def estimate_in_parts(
    source: Source,
    model: ModelFacts,
    starts_s: tuple[float, ...],
    *,
    outline: bool = False,
    fps: Fps = "auto",
    on_frame: Callable[[Frame], None] | None = None,
) -> LandmarkSeries:
    """Find one person's landmarks with a process for each part.

    Parameters
    ----------
    source : Source
        That is `seekable`, where there is more than one part.
    model : ModelFacts
    starts_s : tuple of float
        Where the parts begin, from 0.
    outline
        As for `posecheck.pose.estimate.estimate_landmarks`.
    fps : float, "auto" or "all"
        As for `posecheck.media.frame_selector.pick_for`.
    on_frame : callable, optional
        Called with each frame that this process has looked at. Its time is stretched over the whole
        recording, because the parts advance side by side.

    Returns
    -------
    LandmarkSeries
        As one process alone would have found it, within what the model's trembling makes.
    """
    deadline = current_deadline()
    limit_s = DEFAULT_TIME_LIMIT_S if deadline is None else deadline.left_s
    task = Task(Path(source.facts.path), model.path, outline, fps, limit_s, starts_s)

    def tell(frame: Frame) -> None:
        if on_frame is not None:
            t_s = min(frame.t_s * len(starts_s), source.facts.duration_s or frame.t_s)
            on_frame(replace(frame, t_s=t_s))

    with every_core_busy(), closing(_look(source, task, tell)) as moments:
        return series_of(moments, source.facts, model, outline=outline)


def _look(source: Source, task: Task, on_frame: Callable[[Frame], None] | None = None) -> Moments:
    """Look at the first part, until others are found to have seen the same, and hand on theirs."""
    if len(task.starts_s) == 1:
        yield from _look_alone(source, task, on_frame)
        return
    with _Others(replace(task, starts_s=task.starts_s[1:])) as others:
        with closing(_look_alone(source, task, on_frame)) as own:
            for last in own:
                yield last
                if isinstance(last, Ending):
                    return
                # What is damaged is read in one go: where a decoder begins changes what it gives.
                if not source.damaged and others.saw_the_same(last):
                    break
            else:
                return
        yield from others.moments_after(last)


def _look_alone(source: Source, task: Task, on_frame: Callable[[Frame], None] | None) -> Moments:
    pick = pick_for(task.fps)
    width, video = source.facts.width, source.facts.kind != "photo"
    frames = source.frames(ANALYSIS_SIDE_PX, pick=pick, start_s=task.starts_s[0])
    with PersonWatcher(task.model, video=video, outline=task.outline) as watcher:
        for moment in look_at(frames, watcher, width=width, pick=pick, on_frame=on_frame):
            if isinstance(moment, Ending):  # only now is it known what was wrong with the file
                yield replace(moment, warnings=tuple(source.warnings))
            else:
                yield moment


class _Others:
    """The process that looks at what comes later; it runs for the length of a `with` block."""

    def __init__(self, task: Task) -> None:
        self._task = task
        # What came, still packed, which takes a quarter of the memory; None where no more will.
        self._inbox: SimpleQueue[bytes | None] = SimpleQueue()
        self._next: object = None  # the first of it that was not passed over
        self._n_agreeing = 0

    def __enter__(self) -> Self:
        home = str(Path(posecheck.__file__).parent.parent)
        path = os.pathsep.join([home, *filter(None, [os.environ.get("PYTHONPATH")])])
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from posecheck.pose.parallel import main; main()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # MediaPipe talks there; what goes wrong comes as an error
            env={**os.environ, "PYTHONPATH": path},
        )
        assert self._process.stdin is not None
        with self._process.stdin as pipe, suppress(BrokenPipeError):
            pickle.dump(self._task, pipe)
        # Read as it comes: a process that waits for its reader does no work.
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._reader.join()
        self._process.wait()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as pipe, suppress(EOFError, pickle.UnpicklingError):
            while True:
                self._inbox.put(pickle.load(pipe))  # our own process wrote it
        self._inbox.put(None)

    def saw_the_same(self, moment: Moment) -> bool:
        """Whether they have seen the same as we have for a while, up to this moment."""
        if moment.sighting.t_s < self._task.starts_s[0] + _SETTLE_S:
            return False
        theirs = self._moment_at(moment.sighting.t_s)
        if theirs is not None:
            self._n_agreeing = self._n_agreeing + 1 if _agree(moment, theirs) else 0
        return theirs is not None and self._n_agreeing >= _AGREEING

    def _moment_at(self, t_s: float) -> Moment | None:
        """Theirs of the same frame, if they looked at it.

        They began when we did and have not far to go until here. Waiting for them makes the seam
        fall where the recording puts it, not where the machine's load does.
        """
        while self._next is None or (
            isinstance(self._next, Moment) and self._next.sighting.t_s <= t_s - _SAME_TIME_S
        ):
            self._next = _unpacked(self._inbox.get())
        if not isinstance(self._next, Moment):
            return None  # they failed or are done: we go on alone
        return self._next if self._next.sighting.t_s < t_s + _SAME_TIME_S else None

    def moments_after(self, moment: Moment) -> Moments:
        """What they saw after the moment in which they saw the same."""
        assert isinstance(self._next, Moment)
        n_shots = moment.sighting.shot - self._next.sighting.shot
        while isinstance(theirs := _unpacked(self._inbox.get()), Moment):
            sighting = replace(theirs.sighting, shot=theirs.sighting.shot + n_shots)
            yield replace(theirs, sighting=sighting)
        if isinstance(theirs, PosecheckError):
            raise theirs
        if not isinstance(theirs, Ending):
            raise SourceError(
                "a process that looked at a part of it died, perhaps for want of memory",
                where=self._task.path,
                hint="--workers 1 needs less.",
            )
        yield theirs


def _send(thing: Moment | Ending | PosecheckError, pipe: BinaryIO) -> None:
    pickle.dump(pickle.dumps(thing), pipe)  # its reader takes the bytes, and keeps them as they are


def _unpacked(data: bytes | None) -> object:
    return EOFError() if data is None else pickle.loads(data)


def _agree(ours: Moment, theirs: Moment) -> bool:
    """Whether both see one person, alone, in the same place."""
    a, b = ours.sighting, theirs.sighting
    if not (ours.company.alone and theirs.company.alone):
        return False
    apart = length(a.image - b.image) / torso_px(a.image)  # NaN where nobody was found
    seen_well = np.minimum(a.visibility, b.visibility) > _SEEN_WELL
    return bool(np.median(apart) < _NEAR and (apart[seen_well] < _ALL_NEAR).all())


def main() -> None:
    """Do the task that comes on standard input; what is seen goes to standard output."""
    task: Task = pickle.load(sys.stdin.buffer)  # the process that began this one wrote it
    with os.fdopen(os.dup(1), "wb") as pipe, suppress(BrokenPipeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # whatever else prints does not go there
        try:
            with every_core_busy(), time_limit(task.limit_s), open_source(task.path) as source:
                for moment in _look(source, task):
                    _send(moment, pipe)
        except PosecheckError as error:
            _send(error, pipe)
