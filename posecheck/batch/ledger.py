"""The ledger of a batch: a small database beside the CSV that holds what is done.

A result that was added survives a kill and a power cut, whole or not at all, and each job has one
result at most. While one batch writes, no other can. Results are stored as JSON, so that a result
can gain a field without a change to the tables.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import ValidationError

from posecheck.batch.job import ClipResult
from posecheck.core.errors import UsageError
from posecheck.sessions.database import is_locked

_SUFFIX = ".state"
_VERSION = 1
_WAIT_S = 1.0


@dataclass(frozen=True)
class LedgerEntry:
    """A result with the seconds that it took, which differ from run to run."""

    result: ClipResult
    took_s: float


class Ledger:
    """The results that are done, by the keys of their jobs (`Settings.key`).

    Parameters
    ----------
    table : Path
        The CSV that the batch writes; the ledger is beside it.

    Raises
    ------
    UsageError
        When it cannot be opened, or another batch is writing to it.
    """

    def __init__(self, table: Path) -> None:
        self.path = _path(table)
        try:
            # Made before SQLite does, which would let others read it.
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
            self._database = sqlite3.connect(self.path, timeout=_WAIT_S, isolation_level=None)
            self._set_up()
        except (OSError, sqlite3.Error) as error:
            raise _refusal(self.path, error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def _set_up(self) -> None:
        run = self._database.execute
        run("PRAGMA locking_mode = EXCLUSIVE")  # held until it is closed, or its process ends
        run("PRAGMA synchronous = EXTRA")
        run("BEGIN EXCLUSIVE")
        run("CREATE TABLE IF NOT EXISTS done (key TEXT PRIMARY KEY, row TEXT, took_s REAL)")
        run(f"PRAGMA user_version = {_VERSION}")
        run("COMMIT")

    def add(self, key: str, result: ClipResult, took_s: float) -> None:
        """Store a result; it is on the disk when this returns.

        Parameters
        ----------
        key : str
        result : ClipResult
        took_s : float
            Seconds that it took.
        """
        try:
            self._database.execute(
                "INSERT OR REPLACE INTO done VALUES (?, ?, ?)",
                (key, result.model_dump_json(), round(took_s, 2)),
            )
        except sqlite3.Error as error:
            raise _refusal(self.path, error) from error

    def entries(self) -> dict[str, LedgerEntry]:
        """Every entry by the key of its job."""
        return _entries(self._database)


def look_up(table: Path) -> dict[str, LedgerEntry]:
    """Read the ledger beside a CSV without making one, and without locking it.

    Parameters
    ----------
    table : Path
        The CSV that the batch writes.

    Returns
    -------
    dict of str to LedgerEntry
        Empty where there is no ledger.

    Raises
    ------
    UsageError
        When it cannot be read, or another version of posecheck wrote it.
    """
    path = _path(table)
    if not path.exists():
        return {}
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            return _entries(database)
    except sqlite3.Error as error:
        raise _refusal(path, error) from error


def has_ledger(table: Path) -> bool:
    """Whether a CSV was written by a batch.

    Parameters
    ----------
    table : Path

    Returns
    -------
    bool
    """
    return _path(table).exists()


def _path(table: Path) -> Path:
    return table.with_name(f"{table.name}{_SUFFIX}")


def _entries(database: sqlite3.Connection) -> dict[str, LedgerEntry]:
    try:
        return {
            key: LedgerEntry(ClipResult.model_validate_json(row), took_s)
            for key, row, took_s in database.execute("SELECT key, row, took_s FROM done")
        }
    except ValidationError as error:
        raise UsageError(
            "another version of posecheck wrote the state of this batch",
            hint="Give another --csv, or go on with that version.",
        ) from error


def _refusal(path: Path, error: Exception) -> UsageError:
    if isinstance(error, sqlite3.Error) and is_locked(error):
        return UsageError(
            "another batch is writing to this file",
            where=path,
            hint="Wait until it has ended, or give another --csv.",
        )
    return UsageError(
        f"the state of the batch cannot be kept ({error})",
        where=path,
        hint="Give with --csv a file in a folder that you may write to.",
    )
