"""The folder where fetched models are kept, and when fetching is allowed.

`POSECHECK_OFFLINE=1` forbids every download.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from posecheck.core.errors import ModelError, SourceError
from posecheck.core.files import atomic_write, data_folder, private_folder, write_fault

OFFLINE_REASON = "POSECHECK_OFFLINE forbids fetching it"


def cache_folder() -> Path:
    """The folder of the models; it need not exist yet.

    Raises
    ------
    SourceError
        The data folder cannot be made.
    """
    return data_folder() / "models"


def is_offline() -> bool:
    """Whether `POSECHECK_OFFLINE` forbids using the network."""
    return os.environ.get("POSECHECK_OFFLINE", "").strip().lower() not in {"", "0", "false", "no"}


def store(target: Path, data: bytes, *, is_sound: Callable[[Path], bool]) -> None:
    """Put a file in place whole or not at all, with no lock: of two writers the last one wins.

    Parameters
    ----------
    target : Path
        In `cache_folder`.
    data : bytes
        All of the file.
    is_sound : callable
        Whether the file at a path is one that would do.

    Raises
    ------
    ModelError
        It cannot be written; what stood there before is untouched.
    """
    try:
        private_folder(target.parent)
        with atomic_write(target) as part:
            part.write_bytes(data)
    except (OSError, SourceError) as error:
        problem = error.__cause__ if isinstance(error, SourceError) else error
        # Windows refuses to replace a file in use; if somebody else just put a sound one there,
        # that is the model we wanted.
        if isinstance(problem, PermissionError) and is_sound(target):
            return
        raise ModelError(
            f"the pose model cannot be kept: {write_fault(problem).what}",
            where=target,
            hint="Make room there, or point POSECHECK_HOME at a folder you may write to.",
        ) from problem


def silent(message: str, done: int, total: int | None) -> None:
    """The progress where none was asked for."""
