"""Where posecheck keeps what it must keep: folders that only their owner can read."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_data_path

from posecheck.core.errors import SourceError


def data_folder() -> Path:
    """The data folder, created with mode 0700 when it is not there yet.

    `POSECHECK_HOME` names it; otherwise it is the platform's user data folder.
    """
    folder = Path(os.environ.get("POSECHECK_HOME") or user_data_path("posecheck", appauthor=False))
    folder = folder.expanduser()
    try:
        private_folder(folder)
    except OSError as error:
        raise SourceError(
            f"the data folder cannot be made ({error.strerror})",
            where=folder,
            hint="Point POSECHECK_HOME at a folder you may write to.",
        ) from error
    return folder


def private_folder(folder: Path) -> Path:
    """Make a folder with mode 0700 when it is not there yet, and return it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def sync(path: Path) -> None:
    """Have a file, or the list of files in a folder, written to the disk before going on."""
    if path.is_dir() and os.name != "posix":
        return  # Windows cannot open a folder, and keeps its names by itself
    handle = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
