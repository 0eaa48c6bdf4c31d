"""Files: written whole or not at all, for their owner alone, and refused in words."""

from __future__ import annotations

import errno
import os
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from posecheck.core.errors import HistoryError, SourceError
from posecheck.core.files import (
    SHARED,
    Fault,
    atomic_folder,
    atomic_write,
    file_fault,
    private_folder,
    write_fault,
    write_text,
)
from posecheck.media.writer import VideoWriter

posix = pytest.mark.skipif(os.name != "posix", reason="permissions and pipes are POSIX")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*"))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


# --- atomic_write ---------------------------------------------------------------------------------


def test_a_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.TXT"
    with atomic_write(path) as part:
        assert part.parent == tmp_path
        assert part.suffix == ".txt"
        part.write_text("new")
        assert not path.exists()
    assert path.read_text() == "new"
    assert names(tmp_path) == ["a.TXT"]


@pytest.mark.parametrize("broken", [ZeroDivisionError, KeyboardInterrupt, GeneratorExit])
def test_an_error_leaves_what_was_there(tmp_path: Path, broken: type[BaseException]) -> None:
    path = tmp_path / "a.txt"
    path.write_text("older")
    with pytest.raises(broken), atomic_write(path) as part:
        part.write_text("half")
        raise broken
    assert path.read_text() == "older"
    assert names(tmp_path) == ["a.txt"]


def test_the_name_of_what_is_not_whole_cannot_be_foreseen(tmp_path: Path) -> None:
    with atomic_write(tmp_path / "a") as one, atomic_write(tmp_path / "a") as other:
        assert one.name.startswith(".")
        assert one != other


@posix
@pytest.mark.parametrize("mask", [0, 0o022, 0o077])
def test_modes(tmp_path: Path, mask: int) -> None:
    older = tmp_path / "older"
    older.write_text("older")
    older.chmod(0o640)
    with umask(mask):
        for name in ("own", "older"):
            with atomic_write(tmp_path / name) as part:
                assert mode(part) == 0o600
            assert mode(tmp_path / name) == 0o600
        older.chmod(0o640)
        with atomic_write(older, mode=SHARED):
            pass
        assert mode(older) == 0o640, "that of the older file"
        with atomic_write(tmp_path / "asked for", mode=SHARED):
            pass
        assert mode(tmp_path / "asked for") == 0o666 & ~mask


@posix
def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    link = tmp_path / "link.txt"
    link.symlink_to(Path("there", "real.txt"))
    for text in ("new", "newer"):
        write_text(link, text)
        assert link.is_symlink()
        assert (tmp_path / "there" / "real.txt").read_text() == text
    assert names(tmp_path) == ["link.txt", "real.txt", "there"]


@posix
def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    heard: list[str] = []
    reader = threading.Thread(target=lambda: heard.append(pipe.read_text()))
    reader.start()
    write_text(pipe, "through it")
    reader.join(timeout=10)
    assert heard == ["through it"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    write_text("/dev/null", "gone")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


@posix
def test_a_file_in_a_closed_folder_is_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "closed" / "a.txt"
    path.parent.mkdir()
    path.write_text("older")
    # chmod does not stop root
    monkeypatch.setattr(os, "access", lambda place, _: Path(place) != path.parent)
    write_text(path, "new")
    assert path.read_text() == "new"
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(SourceError, match="no permission"):
        write_text(path, "newer")
    assert path.read_text() == "new"


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a")
    for place, words in (
        ("none/a", "the folder does not exist. Make it first"),
        ("file/a", "a part of the path is a file"),
        ("", "this is a folder"),
        ("a" * 300, "the name is too long"),
    ):
        with (
            pytest.raises(HistoryError, match=words) as caught,
            atomic_write(tmp_path / place, what="the copy", error=HistoryError),
        ):
            pass
        assert "the copy cannot be written: " in str(caught.value)
        assert str(tmp_path / place) in str(caught.value)
    assert names(tmp_path) == ["file"]


@pytest.mark.parametrize("name", ["ENOSPC", "EDQUOT", "EROFS", "EACCES", "EIO", "EXDEV"])
def test_every_reason_says_what_to_do(name: str) -> None:
    fault = write_fault(OSError(getattr(errno, name), "as the system says it"))
    assert fault.hint.endswith(".")
    assert (fault.what == "as the system says it") == (name == "EXDEV")


# --- a full disk ----------------------------------------------------------------------------------


def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written turns out to have no room when it is sent to the disk."""

    def fail(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)


def cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel takes half a kilobyte of any file, then no more."""
    resource = pytest.importorskip("resource")
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (512, hard))


def text(path: Path) -> None:
    write_text(path, "x" * 10_000)


def video(path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (480, 640, 3), np.uint8)
    with VideoWriter(path, width=640, height=480, fps=30) as writer:
        for k in range(10):
            writer.write(noise, k / 30)


@pytest.fixture
def _limits() -> Iterator[None]:
    """Any limit to a file's size ends with the test."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("_limits")
@pytest.mark.parametrize("write", [text, video])
@pytest.mark.parametrize(
    ("stop", "words"),
    [
        (full_disk, "cannot be written: no space is left on this disk. Make room on it"),
        (cut_off, "cannot be written: the file is too large for this disk"),
    ],
)
def test_a_full_disk_leaves_what_was_there(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    write: Callable[[Path], None],
    stop: Callable[[pytest.MonkeyPatch], None],
    words: str,
) -> None:
    path = tmp_path / "result.mp4"
    path.write_bytes(b"older")
    stop(monkeypatch)
    with pytest.raises(SourceError, match=words):
        write(path)
    assert path.read_bytes() == b"older"
    assert names(tmp_path) == ["result.mp4"]


# --- folders --------------------------------------------------------------------------------------


def test_a_folder_appears_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "new"
    with atomic_folder(path) as part:
        (part / "inside").mkdir()
        (part / "inside" / "a").write_text("a")
        assert not path.exists()
    assert names(tmp_path) == ["a", "inside", "new"]
    if os.name == "posix":
        assert mode(path) == 0o700


def test_nothing_is_left_of_half_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ZeroDivisionError), atomic_folder(tmp_path / "new") as part:
        (part / "a").write_text("a")
        _ = 1 / 0
    full_disk(monkeypatch)
    with (
        pytest.raises(HistoryError, match="the export cannot be written: no space is left"),
        atomic_folder(tmp_path / "new", what="the export", error=HistoryError) as part,
    ):
        (part / "a").write_text("a")
    assert names(tmp_path) == []


@posix
def test_a_private_folder(tmp_path: Path) -> None:
    with umask(0):
        assert mode(private_folder(tmp_path / "a")) == 0o700


# --- reading --------------------------------------------------------------------------------------


def test_what_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"a")
    assert file_fault(path, "a picture") is None
    assert file_fault(tmp_path, "a picture") == Fault("This is a folder", "Give a picture.")
    assert file_fault(tmp_path / "b", "a picture") == Fault("No such file", "Check the name.")
    fault = file_fault(tmp_path / "a\0b", "a picture")
    assert fault is not None
    assert "null" in fault.what
    if os.name == "posix":
        os.mkfifo(tmp_path / "pipe")
        assert file_fault(tmp_path / "pipe", "a picture") == Fault(
            "This is not a regular file", "Give a picture."
        )
