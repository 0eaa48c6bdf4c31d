"""What a person can take away, and how it is read back.

A folder with `history.json` (everything, read back by `import_`), the same as tables for people and
other programs (CSV, Parquet), and the landmarks.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Literal

import pandas as pd
from pydantic import ValidationError

from posecheck.core.errors import HistoryError, UsageError
from posecheck.core.paths import private_folder
from posecheck.core.regular_file import file_fault
from posecheck.landmarks.parquet import load_landmarks
from posecheck.landmarks.series import LandmarkSeries
from posecheck.sessions.names import clean_name
from posecheck.sessions.records import Record, SessionRecord, landmarks_sha256
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


def export(store: Store, name: str, folder: Path) -> Path:
    """Write a person's sessions to a new folder, which is there whole or not at all."""
    folder = folder.expanduser().absolute()
    if folder.exists():
        raise UsageError("this is there already", where=folder, hint="Name a new folder.")
    if not store.has_person(name):
        raise UsageError(
            "there is nobody of this name", hint="`posecheck history` lists everybody."
        )
    part = folder.with_name(f".{folder.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        _write(store, name, private_folder(part))
        return part.rename(folder)
    except OSError as error:
        raise HistoryError(
            f"the export cannot be written ({error.strerror or error})",
            where=folder,
            hint="Choose a folder that you may write to.",
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _write(store: Store, name: str, folder: Path) -> None:
    kept = [kept for uid in store.uids(name) if (kept := store.kept(uid))]
    data = Export(person=name, sessions=tuple(one.record for one in kept))
    (folder / _JSON).write_text(data.model_dump_json(indent=1), encoding="utf-8")
    (folder / _README).write_text(_ABOUT, encoding="utf-8")
    with store.database.reading() as rows:
        for title, table in (
            ("sessions", session_table(rows, name)),
            ("cues", cue_table(rows, name, None)),
            ("rom", rom_table(rows, name, None)),
        ):
            _write_table(table, folder / title)
    landmarks = private_folder(folder / _LANDMARKS)
    for one in kept:
        if found := store.landmarks.find(one.record.uid):
            shutil.copy(found, landmarks / found.name)


def _write_table(table: pd.DataFrame, path: Path) -> None:
    table.to_csv(path.with_suffix(".csv"), index=False)
    table.to_parquet(path.with_suffix(".parquet"), index=False)


def import_(store: Store, folder: Path, name: str | None) -> int:
    """Read what `export` wrote and keep the sessions that are not here yet; how many there were."""
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
    # All landmarks are read before any session is kept: a damaged folder changes nothing.
    for record in data.sessions:
        _landmarks(folder, record)
    kept = [
        store.keep(record, name, _landmarks(folder, record), again=True) for record in data.sessions
    ]
    return sum(number is not None for number in kept)


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
