"""A child process that works through one task and streams what it finds.

It is started so that nothing but posecheck decides what runs and what arrives:

- `-P` keeps the current folder off the child's module path, so a `numpy.py` that lies beside the
  recordings is not executed.
- Results travel through a pipe of their own, because any imported module may print to standard
  output.
- The end of the results is always told, however the child ends.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Self

import posecheck
from posecheck.core.errors import PosecheckError

_MAIN = "from posecheck.pose.worker import main; main()"
_DEAD_AFTER_S = 5.0  # what a dead child has sent arrives within this time, on a busy machine too


class Worker:
    """A child process that runs `work(task)`, for the length of a `with` block.

    Parameters
    ----------
    work : callable
        A function at the top of a module; it yields results until it is done.
    task : object
        What to do. It is pickled, as the results are.
    """

    def __init__(self, work: Callable[[Any], Iterable[object]], task: object) -> None:
        self._job = pickle.dumps((work, task))
        # What came, still packed, which takes a quarter of the memory; None where no more will.
        self._inbox: SimpleQueue[bytes | None] = SimpleQueue()

    def __enter__(self) -> Self:
        self._results, sender = Pipe(duplex=False)
        with sender:  # the child's end is closed here: once the child is gone, nobody holds it
            self._process = _start(sender)
        assert self._process.stdin is not None
        with suppress(BrokenPipeError), self._process.stdin as pipe:
            pipe.write(self._job)
        # Read as it comes: a process that waits for its reader does no work.
        Thread(target=self._read, name="posecheck-worker", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def receive(self) -> object:
        """Wait for the next result.

        Returns
        -------
        object
            What `work` yielded, the `PosecheckError` that it raised, or None when nothing more
            comes because the process ended.
        """
        while True:
            dead = self._process.poll() is not None
            with suppress(Empty):
                data = self._inbox.get(timeout=_DEAD_AFTER_S)
                return None if data is None else pickle.loads(data)  # our own process wrote it
            # The pipe outlives the child where another process inherited its end.
            if dead:
                return None

    def _read(self) -> None:
        try:
            with self._results, suppress(EOFError, OSError):  # OSError: cut short, or no message
                while True:
                    self._inbox.put(self._results.recv_bytes())
        finally:
            self._inbox.put(None)


def _start(sender: Connection) -> subprocess.Popen[bytes]:
    """Start the child; it inherits the sending end of the pipe and is told its number."""
    home = str(Path(posecheck.__file__).parent.parent)
    path = os.pathsep.join([home, *filter(None, [os.environ.get("PYTHONPATH")])])
    handle = sender.fileno()
    inherited: dict[str, Any] = {"pass_fds": (handle,)}
    if sys.platform == "win32":
        os.set_handle_inheritable(handle, True)
        startup = subprocess.STARTUPINFO(lpAttributeList={"handle_list": [handle]})
        inherited = {"startupinfo": startup}
    return subprocess.Popen(
        [sys.executable, "-P", "-c", _MAIN, str(handle)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,  # MediaPipe talks there; what goes wrong comes as an error
        env={**os.environ, "PYTHONPATH": path},
        **inherited,
    )


def _sender(handle: int) -> Connection:
    if sys.platform == "win32":
        # It exists there alone.
        from multiprocessing.connection import PipeConnection  # noqa: PLC0415

        return PipeConnection(handle, readable=False)
    return Connection(handle, readable=False)


def main() -> None:
    """Do the job that comes on standard input; the results go to the inherited pipe."""
    with _sender(int(sys.argv[1])) as sender, suppress(BrokenPipeError):
        work, task = pickle.load(sys.stdin.buffer)  # the process that began this one wrote it
        try:
            for result in work(task):
                sender.send_bytes(pickle.dumps(result))
        except PosecheckError as error:
            sender.send_bytes(pickle.dumps(error))
