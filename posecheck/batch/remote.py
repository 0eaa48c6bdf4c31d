"""A folder on any URL that fsspec opens: object storage, a web server, an archive."""

from __future__ import annotations

import posixpath
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from posecheck.batch.files import Found, check_inside, said
from posecheck.core.errors import SourceError, UsageError

_TODO = "Is the URL right, and may this machine read it?"


@dataclass(frozen=True)
class RemoteFolder:
    """A folder on a URL; what is read from it is fetched to a temporary file first."""

    url: str

    @classmethod
    def at(cls, url: str) -> RemoteFolder:
        """The folder at a URL; whether it is there shows when it is used."""
        folder = cls(url)
        folder._open()
        return folder

    def files(self) -> Iterator[Found]:
        """Everything in it, however deep."""
        system, root = self._open()
        try:
            details = system.find(root, detail=True)
        except OSError as error:
            raise UsageError(
                f"the folder cannot be listed ({error})", where=self.url, hint=_TODO
            ) from error
        for path in details:
            file = path[len(root) :].lstrip("/") if path.startswith(root) else path
            if not any(part.startswith(".") for part in PurePosixPath(file).parts):
                yield self.find(file)

    def find(self, file: str) -> Found:
        """Look at one file, without reading it."""
        try:
            check_inside(file)
            system, root = self._open()
            return Found(file, str(system.ukey(posixpath.join(root, file))))
        except SourceError as error:
            return Found(file, problem=said(error))
        except FileNotFoundError:
            return Found(file, problem="No such file. Check the name.")
        except OSError as error:
            return Found(file, problem=f"It cannot be read ({error}).")

    @contextmanager
    def lent(self, file: str) -> Iterator[Path]:
        """A copy of the file on this machine, for as long as it is needed."""
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
                f"the file cannot be written ({error})", where=self.name(file), hint=_TODO
            ) from error

    def _open(self) -> tuple[Any, str]:
        """The file system, which fsspec keeps open, and the folder's path in it."""
        try:
            from fsspec.core import url_to_fs
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
