"""The child process: nothing foreign runs in it or arrives from it, and its end is told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from posecheck.core.errors import PosecheckError, SourceError
from posecheck.pose.worker import Worker


def received(work: Any, task: object = None) -> list[object]:
    """Everything that a worker sends until its end."""
    with Worker(work, task) as worker:
        return list(iter(worker.receive, None))


def count(n: int) -> Iterator[int]:
    yield from range(n)


def chatting(_: None) -> Iterator[str]:
    print("a line that is no result", flush=True)
    os.write(1, b"another one, past Python\n")
    yield "a result"


def where_numpy_is(_: None) -> Iterator[str]:
    import numpy

    yield str(numpy.__file__)


def refused(_: None) -> Iterator[int]:
    yield 1
    raise SourceError("it cannot be read", where="clip.mp4")


def broken(_: None) -> Iterator[int]:
    yield 1
    raise RuntimeError


def dying(_: None) -> Iterator[int]:
    yield 1
    os.kill(os.getpid(), signal.SIGKILL)


def dying_with_an_heir(_: None) -> Iterator[int]:
    """Another process inherits the pipe and outlives this one."""
    handle = int(sys.argv[1])
    os.set_inheritable(handle, True)
    yield subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(60)"], close_fds=False
    ).pid
    os.kill(os.getpid(), signal.SIGKILL)


def test_results_come_in_order() -> None:
    assert received(count, 1000) == list(range(1000))


def test_code_beside_the_clips_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "numpy.py").write_text("open('run', 'w').close()\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    (home,) = received(where_numpy_is)
    assert not (tmp_path / "run").exists()
    assert Path(str(home)).parent != tmp_path


def test_stray_lines_on_standard_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('hello', flush=True)\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert received(chatting) == ["a result"]


def test_an_error_is_the_last_result() -> None:
    first, error = received(refused)
    assert first == 1
    assert isinstance(error, PosecheckError)
    assert str(error) == "clip.mp4: it cannot be read."


@pytest.mark.parametrize("work", [dying, broken])
def test_the_end_of_a_dead_child_is_told(work: Iterable[int]) -> None:
    assert received(work) == [1]


def test_a_dead_child_is_noticed_although_its_pipe_stays_open() -> None:
    begun_s = time.monotonic()
    (heir,) = received(dying_with_an_heir)
    os.kill(heir, signal.SIGKILL)  # type: ignore[arg-type]
    assert time.monotonic() - begun_s < 20
