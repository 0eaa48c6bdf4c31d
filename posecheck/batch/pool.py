"""A process pool on this machine that survives files which crash or hang a worker.

Every worker is a process with a pipe of its own, so that when one dies it is known which clip it
had. That clip is tried once more in a new process, because the system may have killed the worker
for memory that another clip had taken; the second time the clip is given up, and the rest goes on.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, TypeVar

from posecheck.core.errors import PosecheckError

J = TypeVar("J")
R = TypeVar("R")

_TRIES = 2
_GRACE_S = 3.0  # to remove temporary files
_SAFE_PATH = "PYTHONSAFEPATH"
_LONG_S = 3600.0  # the system cannot wait for ever
# MediaPipe's threads and locks do not survive a fork.
_CONTEXT = multiprocessing.get_context("spawn")


def run_in_processes(
    jobs: Iterable[J],
    work: Callable[[J], R],
    give_up: Callable[[J, str], R],
    *,
    workers: int,
    limit_s: float,
) -> Generator[tuple[J, R]]:
    """Do all jobs and yield each with its result, in the order in which they are done.

    Parameters
    ----------
    jobs : iterable
    work : callable
        Turns a job into a result; it is pickled for the processes, as are jobs and results.
    give_up : callable
        Makes a result from a job and the reason why it was given up: its process died twice, or it
        took too long.
    workers : int
        How many processes.
    limit_s : float
        Longest time for one job, in seconds.

    Yields
    ------
    job, result : tuple

    Raises
    ------
    PosecheckError
        What `work` raised: it concerns more than one job.
    """
    waiting = deque((job, 1) for job in jobs)
    cores = _cores(min(workers, len(waiting)))
    pool: list[_Worker[J, R]] = []
    done: list[tuple[J, R]] = []
    try:
        while True:
            _assign_jobs(pool, waiting, work, cores, limit_s)
            yield from done  # every worker is busy while the caller stores these
            if all(worker.job is None for worker in pool):
                return
            done = []
            for worker in _wait_for_news(pool):
                try:
                    done += worker.receive()
                except _WorkerDiedError as died:
                    pool.remove(worker)
                    if worker.job is None:
                        continue  # it had nothing to do
                    if not worker.is_overdue and worker.tries < _TRIES:
                        waiting.appendleft((worker.job, worker.tries + 1))
                    else:
                        why = f"The process that worked on it {died}."
                        done.append((worker.job, give_up(worker.job, why)))
                except PosecheckError:
                    yield from done  # what came before it is kept
                    raise
    finally:
        _stop_all(pool)


class _WorkerDiedError(Exception):
    """A worker process is gone; the message says how."""


class _Worker(Generic[J, R]):
    """A process that does one job after another."""

    def __init__(self, work: Callable[[J], R], core: int | None) -> None:
        self.pipe, theirs = _CONTEXT.Pipe()
        self.core = core
        self.process = _CONTEXT.Process(target=_serve, args=(theirs, work, core), daemon=True)
        self.job: J | None = None
        self.tries = 0
        self.overdue_at_s = 0.0
        self.is_overdue = False
        self._limit_s = 0.0
        self._has_begun = False
        with _ignoring_interrupts(), _safe_path():
            self.process.start()
        theirs.close()  # so that the pipe ends when the process does

    def send(self, job: J, tries: int, limit_s: float) -> None:
        """Send the worker a job."""
        self.job, self.tries = job, tries
        self.overdue_at_s = time.monotonic() + limit_s
        self._limit_s = limit_s
        with suppress(OSError):  # it died meanwhile, which shows in `receive`
            self.pipe.send(job)

    def receive(self) -> list[tuple[J, R]]:
        """The job with its result; nothing when the process only reports that it has begun."""
        try:
            answer: Any = self.pipe.recv()
        except (EOFError, OSError) as error:
            raise self._died() from error
        if isinstance(answer, PosecheckError):
            raise answer
        if not self._has_begun:
            self._has_begun = True
            return []
        job, self.job = self.job, None
        return [] if job is None else [(job, answer)]

    def _died(self) -> Exception:
        self.process.join(_GRACE_S)
        if self.is_overdue:
            return _WorkerDiedError(f"took longer than {self._limit_s:g} s and was stopped")
        code = self.process.exitcode or 0
        how = f"ended by itself (status {code})"
        if code < 0:
            how = f"was ended by the system ({signal.Signals(-code).name})"
        if code == -getattr(signal, "SIGKILL", 0):
            how += ", perhaps because memory ran out"
        if not self._has_begun:
            return PosecheckError(
                f"a worker process {how} before it could begin",
                hint="`posecheck doctor` looks for what is wrong; --workers 1 needs less memory.",
            )
        return _WorkerDiedError(how)


def _cores(workers: int) -> list[int | None]:
    """The core that each process is pinned to, where there are enough processes to fill them all.

    A process has several threads, of which mostly one works. Without pinning they move between the
    cores and wait for each other, which costs a twentieth of the time.
    """
    if not hasattr(os, "sched_setaffinity"):
        return [None] * workers
    cores = sorted(os.sched_getaffinity(0))
    return [cores[k % len(cores)] if workers >= len(cores) else None for k in range(workers)]


def _assign_jobs(
    pool: list[_Worker[J, R]],
    waiting: deque[tuple[J, int]],
    work: Callable[[J], R],
    cores: list[int | None],
    limit_s: float,
) -> None:
    """Send every idle worker a job, and start more workers while jobs are left."""
    idle = [worker for worker in pool if worker.job is None]
    while waiting and (idle or len(pool) < len(cores)):
        if not idle:
            free = Counter(cores) - Counter(worker.core for worker in pool)
            idle.append(_Worker(work, next(iter(free))))
            pool += idle
        idle.pop().send(*waiting.popleft(), limit_s)


def _wait_for_news(pool: list[_Worker[J, R]]) -> list[_Worker[J, R]]:
    """Wait until a worker answers or dies, and kill those that take too long."""
    busy = [worker for worker in pool if worker.job is not None and not worker.is_overdue]
    left_s = min((worker.overdue_at_s - time.monotonic() for worker in busy), default=_LONG_S)
    ready = wait([worker.pipe for worker in pool], min(max(0.0, left_s), _LONG_S))
    for worker in busy:
        if worker.pipe not in ready and time.monotonic() >= worker.overdue_at_s:
            worker.is_overdue = True
            worker.process.kill()
    return [worker for worker in pool if worker.pipe in ready]


def _stop_all(pool: list[_Worker[J, R]]) -> None:
    for worker in pool:
        if worker.job is None:
            worker.process.kill()  # it has no temporary files
        else:
            worker.process.terminate()
    until_s = time.monotonic() + _GRACE_S
    for worker in pool:
        worker.process.join(max(0.0, until_s - time.monotonic()))
        worker.process.kill()
        worker.process.join()
        worker.pipe.close()


@contextmanager
def _ignoring_interrupts() -> Iterator[None]:
    """Ctrl-C reaches all processes of a terminal; workers started here inherit ignoring it."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may choose, and only it is interrupted
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _safe_path() -> Iterator[None]:
    """Start Python without the current folder among the places that it imports from.

    multiprocessing begins a worker with `python -c`, which puts that folder first: a file named
    `numpy.py` beside the clips would be run.
    """
    before = os.environ.get(_SAFE_PATH)
    os.environ[_SAFE_PATH] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_SAFE_PATH]
        else:
            os.environ[_SAFE_PATH] = before


def _serve(pipe: Connection, work: Callable[[J], R], core: int | None) -> None:
    """Run in a worker process: do one job after another until the pipe ends."""
    if core is not None:
        with suppress(OSError):  # the core was taken away meanwhile
            os.sched_setaffinity(0, {core})
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # temporary files are removed
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _silence_native_code()
    with suppress(EOFError, ConnectionError):  # the parent is gone
        pipe.send(None)
        while True:
            pipe.send(_answer(work, pipe.recv()))


def _answer(work: Callable[[J], R], job: J) -> object:
    try:
        return work(job)
    except PosecheckError as error:
        return error


def _silence_native_code() -> None:
    """Drop what MediaPipe writes to file descriptor 2, across the bar; keep Python's own stderr."""
    sys.stderr = os.fdopen(os.dup(2), "w", buffering=1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def _end_with_parent() -> None:
    """End the worker when its parent was killed, because no one is left to take its results."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE_S)
    os._exit(1)
