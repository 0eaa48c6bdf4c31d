"""Where posecheck keeps what it must keep: one folder, readable by its owner only."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_data_path

from posecheck.errors import SourceError


def data_folder() -> Path:
    """The data folder, created with mode 0700 when it is not there yet.

    `POSECHECK_HOME` names it; otherwise it is the platform's user data folder.
    """
    folder = Path(os.environ.get("POSECHECK_HOME") or user_data_path("posecheck", appauthor=False))
    folder = folder.expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise SourceError(
            f"the data folder cannot be made ({error.strerror})",
            where=folder,
            todo="Point POSECHECK_HOME at a folder you may write to.",
        ) from error
    return folder
