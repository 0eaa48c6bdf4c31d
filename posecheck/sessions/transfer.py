"""What leaves the history as files, and what is read back.

An export is a folder about one person with `history.json` (everything, read back by `import_`), the
same as tables for people and other programs (CSV, Parquet), and the landmarks. A backup is a copy
of a whole SQLite history that `History` opens.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Literal

import pandas as pd
from pydantic import ValidationError
from sqlalchemy import select

from posecheck.core.errors import HistoryError, UsageError
from posecheck.core.files import atomic_folder, atomic_write, file_fault, private_folder
from posecheck.landmarks.parquet import load_landmarks
from posecheck.landmarks.series import LandmarkSeries
from posecheck.sessions.database import Database
from posecheck.sessions.landmark_store import LandmarkStore
from posecheck.sessions.records import Record, SessionRecord, clean_name, landmarks_sha256
from posecheck.sessions.schema import Session
from posecheck.sessions.store import Store
from posecheck.sessions.tables import cue_table, rom_table, session_table

_JSON, _LANDMARKS, _README = "history.json", "landmarks", "README.txt"
_ABOUT = """Everything posecheck keeps of one person.

sessions, cues, rom (.csv, .parquet)   the newest results as tables; times are UTC
history.json                           everything, older results and definitions too
landmarks/                             where the joints were, one Parquet file a session (uid)

`posecheck import FOLDER` reads it back.
"""


class Export(Record):
    """All sessions of one person, as `history.json` has them."""

    format: Literal["posecheck.history/1"] = "posecheck.history/1"
    person: str
    sessions: tuple[SessionRecord, ...]


def export(
    store: Store, name: str, folder: Path, *, add: Callable[[Path], None] | None = None
) -> Path:
    """Write a person's sessions to a new folder, whole or not at all.

    Parameters
    ----------
    store : Store
    name : str
        The clean name of the person.
    folder : Path
        Must not exist.
    add : callable, optional
        Writes more into the folder, at a temporary path, before it gets its name.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    UsageError
        When the folder exists, or the person has no sessions.
    HistoryError
        When it cannot be written.
    """
    folder = folder.expanduser().absolute()
    if folder.exists():
        raise UsageError("this is there already", where=folder, hint="Name a new folder.")
    if not store.has_person(name):
        raise UsageError(
            "there is nobody of this name", hint="`posecheck history` lists everybody."
        )
    with atomic_folder(folder, what="the export", error=HistoryError) as part:
        _write(store, name, part)
        if add is not None:
            add(part)
    return folder


def _write(store: Store, name: str, folder: Path) -> None:
    stored = [one for uid in store.uids(name) if (one := store.load(uid))]
    data = Export(person=name, sessions=tuple(one.record for one in stored))
    (folder / _JSON).write_text(data.model_dump_json(indent=1), encoding="utf-8")
    (folder / _README).write_text(_ABOUT, encoding="utf-8")
    with store.database.reading() as db:
        for title, table in (
            ("sessions", session_table(db, name)),
            ("cues", cue_table(db, name, None)),
            ("rom", rom_table(db, name, None)),
        ):
            _write_table(table, folder / title)
    landmarks = private_folder(folder / _LANDMARKS)
    for one in stored:
        if found := store.landmarks.find(one.record.uid):
            shutil.copy(found, landmarks / found.name)


def _write_table(table: pd.DataFrame, path: Path) -> None:
    table.to_csv(path.with_suffix(".csv"), index=False)
    table.to_parquet(path.with_suffix(".parquet"), index=False)


def import_(store: Store, folder: Path, name: str | None) -> int:
    """Read what `export` wrote, and save the sessions that are not here yet.

    Parameters
    ----------
    store : Store
    folder : Path
    name : str or None
        The clean name of the person they go to; by default the name in the export.

    Returns
    -------
    int
        How many sessions were new.

    Raises
    ------
    UsageError
        When the folder is no export.
    HistoryError
        When the export is damaged; nothing is saved then.
    """
    path = folder / _JSON
    hint = "Give the folder that `posecheck export` wrote."
    if (fault := file_fault(path, "the folder that `posecheck export` wrote")) is not None:
        raise UsageError(f"this is no exported history ({fault.what})", where=path, hint=hint)
    try:
        data = Export.model_validate_json(path.read_bytes())
    except OSError as error:
        raise UsageError(
            f"this is no exported history ({error.strerror})",
            where=path,
            hint=hint,
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise HistoryError(
            f"this is no exported history, or it is damaged ({place}: {first['msg']})",
            where=path,
            hint="Export it again.",
        ) from error
    name = name or clean_name(data.person)
    # All landmarks are read before any session is saved, so that a damaged folder changes nothing.
    for record in data.sessions:
        _landmarks(folder, record)
    numbers = [
        store.save(record, name, _landmarks(folder, record), again=True) for record in data.sessions
    ]
    return sum(number is not None for number in numbers)


def _landmarks(folder: Path, record: SessionRecord) -> LandmarkSeries | None:
    path = folder / _LANDMARKS / f"{record.uid}.parquet"
    if not path.exists():
        return None
    series = load_landmarks(path)
    if landmarks_sha256(series) != record.landmarks_sha256:
        raise HistoryError(
            "these are not the landmarks of this session", where=path, hint="Export it again."
        )
    return series


def back_up(store: Store, path: Path) -> Path:
    """Copy the database to a new file, and the landmarks of its sessions to a folder beside it.

    The file gets its name last, so that a file of that name is complete.

    Parameters
    ----------
    store : Store
    path : Path
        Must not exist.

    Returns
    -------
    Path
        The new file.

    Raises
    ------
    UsageError
        When the file exists, or the history is not in SQLite.
    HistoryError
        When the copy cannot be written.
    """
    path = path.expanduser().absolute()
    if path.exists():
        raise UsageError("this file is there already", where=path, hint="Give a new name.")
    with atomic_write(path, what="the copy", error=HistoryError) as part:
        store.database.copy_to(part)
        with closing(Database(part)) as copy, copy.reading() as db:
            uids = db.scalars(select(Session.uid)).all()
        target = LandmarkStore(Database.landmarks_of(path))
        for uid in uids:
            if found := store.landmarks.find(uid):
                shutil.copy(found, target.folder / found.name)
    return path
