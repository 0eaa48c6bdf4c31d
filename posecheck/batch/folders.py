"""Where the recordings of a batch are: a folder of this machine, or one behind a URL.

fsspec opens the URLs: object storage, a web server, an archive.
"""

from __future__ import annotations

import os
import posixpath
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, Protocol

from posecheck.core.errors import SourceError, UsageError
from posecheck.core.files import atomic_write, write_fault
from posecheck.media.file_checks import check_file

_URL_HINT = "Is the URL right, and may this machine read it?"
_LOCAL = ("file://", "local://")
_LEADS_OUT = "This leads out of the folder of the batch"


class OutsideFolderError(SourceError):
    """A path or a link leads out of the folder of the batch."""


@dataclass(frozen=True)
class FoundFile:
    """A file below the folder.

    Attributes
    ----------
    file : str
        Its path below the folder, with `/` between the parts.
    stamp : str
        Changes when the file does.
    problem : str
        Why it cannot be read; empty where it can.
    is_folder : bool
        Whether this is a folder that cannot be listed.
    leads_out : bool
        Whether it is a link to a place outside the folder.
    """

    file: str
    stamp: str = ""
    problem: str = ""
    is_folder: bool = False
    leads_out: bool = False


class Folder(Protocol):
    """Where recordings come from or landmarks go; a folder can be sent to other processes."""

    def files(self) -> Iterator[FoundFile]:
        """Yield every file at any depth; hidden files are left out."""

    def find(self, file: str) -> FoundFile:
        """Look at one file.

        Parameters
        ----------
        file : str
            A path below the folder.

        Returns
        -------
        FoundFile
        """

    def as_local_path(self, file: str) -> AbstractContextManager[Path]:
        """Give a path on this machine at which the file can be read, while the context is open.

        Parameters
        ----------
        file : str
            A path below the folder.

        Returns
        -------
        AbstractContextManager[Path]
        """

    def name(self, file: str) -> str:
        """The whole path or URL of a file.

        Parameters
        ----------
        file : str
            A path below the folder.

        Returns
        -------
        str
        """

    def put(self, part: Path, file: str) -> None:
        """Copy a finished file to here, whole or not at all.

        Parameters
        ----------
        part : Path
        file : str
            A path below the folder.
        """


def check_inside(file: str) -> None:
    """Refuse a path that, by its text alone, is not below the folder.

    Parameters
    ----------
    file : str
        A path below the folder.

    Raises
    ------
    SourceError
        When it is no path; an `OutsideFolderError` when it leads out.
    """
    windows = PureWindowsPath(file)
    parts = [*PurePosixPath(file).parts, *windows.parts]
    if not file.strip() or "\0" in file:
        raise SourceError("This is no path of a file", where=repr(file))
    if file.startswith("/") or windows.drive or windows.root or "://" in file or ".." in parts:
        raise OutsideFolderError(_LEADS_OUT, where=file, hint="Give a path below the folder.")


@dataclass(frozen=True)
class LocalFolder:
    """A folder on this machine; symbolic links may not lead out of it."""

    root: str

    @classmethod
    def at(cls, path: Path) -> LocalFolder:
        """The folder at a path, which must be there.

        Parameters
        ----------
        path : Path
            The file.

        Returns
        -------
        LocalFolder
        """
        if not path.is_dir():
            raise UsageError(
                "there is no such folder", where=path, hint="Give the folder with the recordings."
            )
        return cls(str(path.resolve()))

    def files(self) -> Iterator[FoundFile]:
        """Yield every file at any depth; links to folders are not followed."""
        unreadable: list[OSError] = []
        for folder, folders, names in os.walk(self.root, onerror=unreadable.append):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in names:
                if not name.startswith("."):
                    yield self.find(Path(folder, name).relative_to(self.root).as_posix())
        for error in unreadable:
            file = Path(error.filename).relative_to(self.root).as_posix()
            why = f"This folder cannot be read ({error.strerror})."
            yield FoundFile(file, problem=why, is_folder=True)

    def find(self, file: str) -> FoundFile:
        """Look at one file, without reading it."""
        try:
            path = self._inside(file)
            check_file(path)
            status = path.stat()
        except SourceError as error:
            leads_out = isinstance(error, OutsideFolderError)
            return FoundFile(file, problem=error_text(error), leads_out=leads_out)
        except OSError as error:
            return FoundFile(file, problem=f"It cannot be read ({error.strerror}).")
        return FoundFile(file, f"{status.st_size} bytes, {status.st_mtime_ns} ns")

    @contextmanager
    def as_local_path(self, file: str) -> Iterator[Path]:
        """Give the file itself; it is checked again, because a link may have changed meanwhile."""
        yield self._inside(file)

    def name(self, file: str) -> str:
        """The whole path of a file."""
        return str(Path(self.root, file))

    def put(self, part: Path, file: str) -> None:
        """Copy a finished file to here, whole or not at all."""
        check_inside(file)
        path = Path(self.root, file)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SourceError(
                f"the folder cannot be made: {(fault := write_fault(error)).what}",
                where=path.parent,
                hint=fault.hint,
            ) from error
        self._inside(file)
        with atomic_write(path) as own:
            shutil.copyfile(part, own)

    def _inside(self, file: str) -> Path:
        check_inside(file)
        path = Path(self.root, file)
        try:
            inside = path.resolve().is_relative_to(self.root)
        except (OSError, RuntimeError) as error:  # a link that leads to itself
            raise SourceError(f"The link cannot be followed ({error})", where=file) from error
        if not inside:
            raise OutsideFolderError(_LEADS_OUT, where=file, hint="Put the recording itself there.")
        return path


@dataclass(frozen=True)
class RemoteFolder:
    """A folder behind a URL; a file is fetched to a temporary copy before it is read."""

    url: str

    @classmethod
    def at(cls, url: str) -> RemoteFolder:
        """The folder at a URL; whether it is there shows when it is used.

        Parameters
        ----------
        url : str

        Returns
        -------
        RemoteFolder
        """
        folder = cls(url)
        folder._open()
        return folder

    def files(self) -> Iterator[FoundFile]:
        """Yield every file at any depth."""
        system, root = self._open()
        try:
            details = system.find(root, detail=True)
        except OSError as error:
            raise UsageError(
                f"the folder cannot be listed ({error})", where=self.url, hint=_URL_HINT
            ) from error
        for path in details:
            file = path[len(root) :].lstrip("/") if path.startswith(root) else path
            if not any(part.startswith(".") for part in PurePosixPath(file).parts):
                yield self.find(file)

    def find(self, file: str) -> FoundFile:
        """Look at one file, without reading it."""
        try:
            check_inside(file)
            system, root = self._open()
            return FoundFile(file, str(system.ukey(posixpath.join(root, file))))
        except SourceError as error:
            return FoundFile(file, problem=error_text(error))
        except FileNotFoundError:
            return FoundFile(file, problem="No such file. Check the name.")
        except OSError as error:
            return FoundFile(file, problem=f"It cannot be read ({error}).")

    @contextmanager
    def as_local_path(self, file: str) -> Iterator[Path]:
        """Give a copy of the file on this machine, removed when the context closes."""
        check_inside(file)
        system, root = self._open()
        with tempfile.TemporaryDirectory(prefix="posecheck-") as folder:
            copy = Path(folder, "clip").with_suffix(PurePosixPath(file).suffix)
            try:
                system.get_file(posixpath.join(root, file), str(copy))
            except OSError as error:
                raise SourceError(
                    f"It cannot be fetched ({type(error).__name__})", where=self.name(file)
                ) from error
            yield copy

    def name(self, file: str) -> str:
        """The whole URL of a file."""
        return posixpath.join(self.url, file)

    def put(self, part: Path, file: str) -> None:
        """Copy a finished file to here."""
        check_inside(file)
        system, root = self._open()
        target = posixpath.join(root, file)
        try:
            system.makedirs(posixpath.dirname(target), exist_ok=True)
            system.put_file(str(part), target)
        except OSError as error:
            raise SourceError(
                f"the file cannot be written ({error})", where=self.name(file), hint=_URL_HINT
            ) from error

    def _open(self) -> tuple[Any, str]:
        """The file system, which fsspec keeps open, and the folder's path in it."""
        try:
            # It comes with the extra `cluster`, which a folder on this machine does without.
            from fsspec.core import url_to_fs  # noqa: PLC0415
        except ImportError as error:
            raise UsageError(
                "a folder on a URL needs a package that is not there",
                where=self.url,
                hint="pip install 'posecheck[cluster]'",
            ) from error
        try:
            system, root = url_to_fs(self.url)
        except (ImportError, ValueError, OSError) as error:
            raise UsageError(f"this URL cannot be opened ({error})", where=self.url) from error
        return system, str(root)


def open_folder(where: str) -> Folder:
    """Open the folder at a path or a URL.

    Parameters
    ----------
    where : str
        A path, or a URL that fsspec knows.

    Returns
    -------
    Folder

    Raises
    ------
    UsageError
        When there is no such folder, or a URL needs a package that is not there.
    """
    local = where
    for start in _LOCAL:
        local = local.removeprefix(start)
    if "://" not in local:
        return LocalFolder.at(Path(local))
    return RemoteFolder.at(where)


def make_folder(where: str) -> Folder:
    """Open a folder to write to; one on this machine is made where it is missing.

    Parameters
    ----------
    where : str
        As for `open_folder`.

    Returns
    -------
    Folder

    Raises
    ------
    UsageError
        When the folder cannot be made, or as for `open_folder`.
    """
    if "://" not in where:
        try:
            Path(where).mkdir(exist_ok=True)
        except OSError as error:
            raise UsageError(
                f"the folder cannot be made: {(fault := write_fault(error)).what}",
                where=where,
                hint=fault.hint,
            ) from error
    return open_folder(where)


def error_text(error: SourceError) -> str:
    """An error without its place, which the result names, and which differs between machines.

    Parameters
    ----------
    error : SourceError

    Returns
    -------
    str
    """
    return " ".join(filter(None, (f"{error.what}.", error.hint)))
