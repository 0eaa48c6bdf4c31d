"""A thread of its own for the engine: jobs in order, and of the waiting frames only the newest."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable

Job = Callable[[], None]

logger = logging.getLogger(__name__)


class Worker:
    """Does one job after the other, in the order in which they came.

    A frame waits in a place of its own: a newer one takes it, and any other job empties it, because
    what was seen before a pause or a stop no longer matters after it.
    """

    def __init__(self, name: str) -> None:
        self._jobs: deque[Job] = deque()
        self._frame: Job | None = None
        self._on_frame = False
        self._closed = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def do(self, job: Job) -> None:
        """Do this after everything that was asked for before; forget a frame that waits.

        Parameters
        ----------
        job : Job
        """
        with self._changed:
            self._jobs.append(job)
            self._frame = None
            self._changed.notify()

    def do_and_wait(self, job: Job) -> None:
        """Do this after everything that was asked for before, and return when it is done.

        After `close` there is nobody to do it.

        Parameters
        ----------
        job : Job
        """
        done = threading.Event()

        def both() -> None:
            try:
                job()
            finally:
                done.set()

        with self._changed:
            if self._closed:
                return
            self.do(both)
        done.wait()

    def do_newest(self, job: Job) -> None:
        """Do this when nothing else is left to do, unless a newer one comes first.

        Parameters
        ----------
        job : Job
        """
        with self._changed:
            self._frame = job
            self._changed.notify()

    @property
    def has_frame(self) -> bool:
        """Whether a frame waits or is being looked at."""
        with self._changed:
            return self._frame is not None or self._on_frame

    def close(self) -> None:
        """End the thread when it has done the jobs that wait."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def join(self, timeout: float | None = None) -> None:
        """Wait for the end of the thread, after `close`.

        Parameters
        ----------
        timeout : float or None
        """
        self._thread.join(timeout)

    def _next(self) -> Job | None:
        with self._changed:
            self._on_frame = False
            while not (self._jobs or self._frame or self._closed):
                self._changed.wait()
            if self._jobs:
                return self._jobs.popleft()
            job, self._frame = self._frame, None
            self._on_frame = job is not None
            return None if self._closed else job

    def _run(self) -> None:
        while (job := self._next()) is not None:
            try:
                job()
            except Exception:
                # One job that fails must not end the thread: whoever asked for it would wait for
                # ever. Where the cause lies stands in the log, which a notebook shows.
                logger.exception("the live coach's worker met an error")
