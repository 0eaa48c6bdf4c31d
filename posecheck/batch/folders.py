"""A folder by its path or its URL."""

from __future__ import annotations

from pathlib import Path

from posecheck.batch.files import Folder, LocalFolder
from posecheck.batch.remote import RemoteFolder
from posecheck.core.errors import UsageError

_LOCAL = ("file://", "local://")


def open_folder(where: str) -> Folder:
    """The folder at a path or a URL.

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
    """As `open_folder`, for a place to write to: a folder of this machine is made."""
    if "://" not in where:
        try:
            Path(where).mkdir(exist_ok=True)
        except OSError as error:
            raise UsageError(
                f"the folder cannot be made ({error.strerror})",
                where=where,
                hint="Choose a folder that you may write to.",
            ) from error
    return open_folder(where)
