"""Files and folders: whether one can be read, where posecheck keeps its own, and writing safely.

Whatever posecheck writes goes through `atomic_write` or `atomic_folder`: a full disk, an error or a
kill leaves what stood there before untouched.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from platformdirs import user_data_path

from posecheck.core.errors import PosecheckError, SourceError

PRIVATE = 0o600  # its owner alone may read it: what tells something of a person
SHARED = 0o666  # as any program's file, less what the umask takes away: what was asked for by name

_PREFIX = ".posecheck-"  # of what is not whole yet; who lists a folder passes hidden names over


class Fault(NamedTuple):
    """What is wrong with a file, and what to do about it.

    Attributes
    ----------
    what : str
        Without a full stop.
    hint : str
        A sentence.
    """

    what: str
    hint: str


# --- reading --------------------------------------------------------------------------------------


def file_fault(path: Path, kind: str) -> Fault | None:
    """What keeps a file from being read to its end, if anything.

    Folders, pipes and devices are refused without opening them: a pipe may never end, and opening
    one may never return.

    Parameters
    ----------
    path : pathlib.Path
    kind : str
        What is wanted, as in "Give {kind}."

    Returns
    -------
    Fault or None
        None where the file can be read.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            is_folder = stat.S_ISDIR(status.st_mode)
            what = "This is a folder" if is_folder else "This is not a regular file"
            return Fault(what, f"Give {kind}.")
        with path.open("rb"):
            return None
    except FileNotFoundError:
        return Fault("No such file", "Check the name.")
    except PermissionError:
        return Fault("No permission to read this file", "Change its permissions.")
    except OSError as error:
        return Fault(f"Cannot be read ({error.strerror or error})", "Check the name.")
    except ValueError as error:  # a null character in the name, or half a character
        return Fault(f"Cannot be read ({error})", "Check the name.")


# --- folders --------------------------------------------------------------------------------------


def data_folder() -> Path:
    """The data folder, created with mode 0700 when it is not there yet.

    `POSECHECK_HOME` names it; otherwise it is the platform's user data folder.

    Raises
    ------
    SourceError
        It cannot be made.
    """
    folder = Path(os.environ.get("POSECHECK_HOME") or user_data_path("posecheck", appauthor=False))
    folder = folder.expanduser()
    try:
        private_folder(folder)
    except OSError as error:
        raise SourceError(
            f"the data folder cannot be made: {write_fault(error).what}",
            where=folder,
            hint="Point POSECHECK_HOME at a folder you may write to.",
        ) from error
    return folder


def private_folder(folder: Path) -> Path:
    """Make a folder with mode 0700 when it is not there yet, and return it.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    Path
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


# --- writing --------------------------------------------------------------------------------------


@contextmanager
def atomic_write(
    path: Path,
    *,
    what: str = "the file",
    mode: int = PRIVATE,
    error: type[PosecheckError] = SourceError,
) -> Iterator[Path]:
    """Lend a temporary file that becomes `path` when nothing goes wrong in the `with` block.

    What cannot be replaced is written to at the end instead: a pipe, a device, a file in a folder
    that is closed to new ones.

    Parameters
    ----------
    path : pathlib.Path
        In a folder that exists. A link is followed: it stays, and what it points to is replaced.
    what : str
        What is written, as in "{what} cannot be written".
    mode : int
        `PRIVATE`, or `SHARED`, which also keeps the permissions of a file that is there already.
    error : type
        What to raise when it cannot be written.

    Yields
    ------
    pathlib.Path
        An empty file, beside `path`, with an unpredictable name and the suffix of `path` in small
        letters, because some libraries go by that.

    Raises
    ------
    PosecheckError
        It cannot be written; what stood at `path` before is untouched.
    """
    try:
        in_place = _is_written_in_place(path)
        target = path if in_place else Path(os.path.realpath(path))
        part = _new_file(Path(tempfile.gettempdir()) if in_place else target.parent, path, mode)
        try:
            yield part
            if in_place:
                with part.open("rb") as written, target.open("wb") as there:
                    shutil.copyfileobj(written, there)
            else:
                _replace(part, target, mode)
        finally:
            with suppress(OSError):
                part.unlink()
    except OSError as problem:
        raise cannot_write(path, problem, what=what, error=error) from problem


def write_text(path: str | Path, text: str, *, what: str = "the report") -> None:
    """Write a text that was asked for, as UTF-8, with `atomic_write`.

    Parameters
    ----------
    path : str or Path
        The file.
    text : str
    what : str
        What is written, for the words of an error.

    Raises
    ------
    SourceError
        The file cannot be written.
    """
    with atomic_write(Path(path), what=what, mode=SHARED) as part:
        # A file's name need not be text: what is not stays readable, and valid in JSON.
        part.write_text(text, encoding="utf-8", errors="backslashreplace")


@contextmanager
def atomic_folder(
    path: Path, *, what: str = "the folder", error: type[PosecheckError] = SourceError
) -> Iterator[Path]:
    """Lend a temporary folder that becomes `path` when nothing goes wrong in the `with` block.

    Parameters
    ----------
    path : pathlib.Path
        A new folder in one that exists.
    what, error
        As for `atomic_write`.

    Yields
    ------
    pathlib.Path
        An empty folder with mode 0700, beside `path`.

    Raises
    ------
    PosecheckError
        It cannot be written; nothing is left of it.
    """
    try:
        part = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=path.parent))
        try:
            yield part
            for inside in part.rglob("*"):
                _sync(inside)
            part.rename(path)
            _sync(path.parent)
        finally:
            shutil.rmtree(part, ignore_errors=True)  # after success there is none
    except OSError as problem:
        raise cannot_write(path, problem, what=what, error=error) from problem


def cannot_write(
    path: Path,
    problem: Exception,
    *,
    what: str = "the file",
    error: type[PosecheckError] = SourceError,
) -> PosecheckError:
    """The error to raise when a file cannot be written.

    Parameters
    ----------
    path : pathlib.Path
        What was to be written.
    problem : Exception
        An OSError, or another library's error with an `errno`.
    what, error
        As for `atomic_write`.

    Returns
    -------
    PosecheckError
    """
    fault = write_fault(problem)
    return error(f"{what} cannot be written: {fault.what}", where=path, hint=fault.hint)


_ELSEWHERE = "Choose a folder that exists and that you may write to."
_WRITE_FAULTS = {
    errno.ENOSPC: Fault(
        "no space is left on this disk", "Make room on it, or choose a folder on another disk."
    ),
    errno.EDQUOT: Fault(
        "your share of this disk is used up", "Make room on it, or choose a folder on another disk."
    ),
    errno.EFBIG: Fault("the file is too large for this disk", "Choose a folder on another disk."),
    errno.EROFS: Fault("this disk is read-only", "Choose a folder on another disk."),
    errno.EACCES: Fault("no permission to write there", "Choose a folder that you may write to."),
    errno.EPERM: Fault("no permission to write there", "Choose a folder that you may write to."),
    errno.ENOENT: Fault("the folder does not exist", "Make it first, or choose another one."),
    errno.ENOTDIR: Fault("a part of the path is a file, not a folder", _ELSEWHERE),
    errno.EISDIR: Fault("this is a folder", "Give the name of a file in it."),
    errno.ENAMETOOLONG: Fault("the name is too long", "Choose a shorter one."),
    errno.EIO: Fault("the disk reports an error", "Choose a folder on another disk."),
}


def write_fault(problem: BaseException | None) -> Fault:
    """What the system says against writing, in words and with what to do about it.

    Parameters
    ----------
    problem : Exception
        An OSError, or another library's error with an `errno`.

    Returns
    -------
    Fault
    """
    known = _WRITE_FAULTS.get(getattr(problem, "errno", None) or 0)
    return known or Fault(str(getattr(problem, "strerror", None) or problem), _ELSEWHERE)


def _is_written_in_place(path: Path) -> bool:
    """Whether something stands at `path` that cannot be replaced, but perhaps written to."""
    try:
        kind = path.stat().st_mode
    except FileNotFoundError:
        return False
    if stat.S_ISDIR(kind):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not os.access(path, os.W_OK):  # replacing would get around what protects it
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    folder = Path(os.path.realpath(path)).parent
    return not (stat.S_ISREG(kind) and os.access(folder, os.W_OK))


def _new_file(folder: Path, path: Path, mode: int) -> Path:
    """An empty file that was not there before; `tempfile` would not ask the umask."""
    part = folder / f"{_PREFIX}{secrets.token_hex(8)}{path.suffix.lower()}"
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode))
    return part


def _replace(part: Path, target: Path, mode: int) -> None:
    if mode == SHARED:
        with suppress(FileNotFoundError):
            part.chmod(stat.S_IMODE(target.stat().st_mode))
    _sync(part)
    part.replace(target)
    _sync(target.parent)


def _sync(path: Path) -> None:
    """Have a file, or the list of files in a folder, written to the disk before going on."""
    is_folder = path.is_dir()
    if is_folder and os.name != "posix":
        return  # Windows cannot open a folder, and keeps its names by itself
    handle = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(handle)
    except OSError:
        if not is_folder:  # some network file systems cannot do this; the files are safe already
            raise
    finally:
        os.close(handle)
