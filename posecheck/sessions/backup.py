"""A copy of a whole history while it is in use."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

from sqlalchemy import select

from posecheck.core.errors import HistoryError, UsageError
from posecheck.sessions.database import Database
from posecheck.sessions.landmark_store import LandmarkStore
from posecheck.sessions.schema import Session
from posecheck.sessions.store import Store


def back_up(store: Store, path: Path) -> Path:
    """Copy the database to a new file, and the landmarks of its sessions beside it.

    The file gets its name last, so that one that is there is complete.
    """
    path = path.expanduser().absolute()
    if path.exists():
        raise UsageError("this file is there already", where=path, hint="Give a new name.")
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    store.database.copy_to(part)
    with closing(Database(part)) as copy, copy.reading() as rows:
        uids = rows.scalars(select(Session.uid)).all()
    target = LandmarkStore(Database.landmarks_of(path))
    try:
        for uid in uids:
            if found := store.landmarks.find(uid):
                shutil.copy(found, target.folder / found.name)
        return part.rename(path)
    except OSError as error:
        raise HistoryError(f"the copy cannot be written ({error.strerror})", where=path) from error
