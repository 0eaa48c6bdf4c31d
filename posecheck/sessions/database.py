"""The database: where it is, how it is opened and locked, and how its errors are told."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.orm import Session as DbSession

from posecheck.core.errors import HistoryError, UsageError
from posecheck.core.files import data_folder, private_folder, write_fault
from posecheck.sessions.schema import Base
from posecheck.sessions.upgrade import bring_up_to_date

_WAIT_S = 20.0  # for another writer; a save takes milliseconds
_WRITERS = 0x706F7365  # key of the lock that writers on PostgreSQL take in turn


class Database:
    """The tables of one history, brought up to date when it is opened.

    Parameters
    ----------
    where : str or Path, optional
        A SQLAlchemy URL or the path of an SQLite file; by default what `POSECHECK_DB` says, else
        `history.sqlite` in the data folder.

    Raises
    ------
    UsageError
        When the URL is of no database that is supported.
    HistoryError
        When the database cannot be opened, or a newer posecheck wrote it; the methods raise it too.
    """

    def __init__(self, where: str | Path | None = None) -> None:
        self.url = _url(where)
        self.file = Path(self.url.database or "") if _is_sqlite(self.url) else None
        if self.file is not None:
            _make_private(self.file)
        self._engine = _engine(self.url)
        self._readers = self._engine
        if self.file is None:
            # Everything that one question reads is of one moment; in SQLite that is always so.
            self._readers = self._engine.execution_options(isolation_level="REPEATABLE READ")
        self._writers = self._engine.execution_options(writing=True)
        with self._explained():
            bring_up_to_date(self._engine, self._writers, where=str(self))

    def __str__(self) -> str:
        return str(self.file or self.url.render_as_string(hide_password=True))

    @property
    def landmarks(self) -> Path:
        """The folder of this database's landmarks."""
        if self.file is not None:
            return self.landmarks_of(self.file)
        place = f"{self.url.host}:{self.url.port}/{self.url.database}?{self.url.query.get('host')}"
        return data_folder() / f"landmarks-{hashlib.sha256(place.encode()).hexdigest()[:12]}"

    @staticmethod
    def landmarks_of(file: Path) -> Path:
        """The folder of landmarks that goes with an SQLite file.

        Parameters
        ----------
        file : Path
            A path below the folder.

        Returns
        -------
        Path
        """
        return file.with_name(f"{file.name}.landmarks")

    @contextmanager
    def reading(self) -> Iterator[DbSession]:
        """Open a database session to read the tables, all as they are at one moment."""
        with self._explained(), DbSession(self._readers) as db:
            yield db

    @contextmanager
    def writing(self) -> Iterator[DbSession]:
        """Open a database session to change the tables, alone; committed whole or not at all."""
        with self._explained(), DbSession(self._writers) as db, db.begin():
            db.connection()  # takes the lock now, not at the first statement
            yield db

    def make_certain(self) -> None:
        """Commit a write, so that an earlier kill can no longer change what the tables say.

        When a SQLite writer is killed in the middle of a commit, all of the commit may stand in the
        log. Processes that have the history open do not see it, but if none of them writes, the
        first to open it afterwards would. Any write goes over it. A server does not need this.
        """
        if self.file is not None:
            with self.writing() as db:
                db.execute(text("PRAGMA user_version = 0"))  # as it was: we use no other

    def wipe(self) -> None:
        """Leave nothing of deleted rows in the files."""
        if self.file is None:
            names = ", ".join(f'"{table}"' for table in Base.metadata.tables)
            with self._explained(), self._engine.connect() as connection:
                alone = connection.execution_options(isolation_level="AUTOCOMMIT")
                alone.exec_driver_sql(f"VACUUM FULL {names}")
            return
        with self._sqlite() as connection:
            connection.execute("VACUUM")
            wiped = _in_time(lambda: _empty_log(connection))
        if not wiped:
            raise HistoryError(
                "another program is reading the history, so traces of what was deleted stay",
                where=self,
                hint="Close it, then do the same again.",
            )

    def problems(self) -> list[str]:
        """Describe what is broken inside the database file; a server checks its own."""
        if self.file is None:
            return []
        with self._sqlite() as connection:
            found = [line for (line,) in connection.execute("PRAGMA integrity_check")]
            lost = connection.execute("PRAGMA foreign_key_check").fetchall()
        return [line for line in found if line != "ok"] + [f"no owner: {row}" for row in lost]

    def copy_to(self, path: Path) -> None:
        """Copy a SQLite database, as it is at one moment, while others use it.

        Parameters
        ----------
        path : Path
            The file.

        Raises
        ------
        UsageError
            When the database is not SQLite.
        """
        if self.file is None:
            raise UsageError(
                "only an SQLite history is backed up by posecheck",
                where=self,
                hint="Use pg_dump, and copy the folder of landmarks.",
            )
        _make_private(path)
        with self._sqlite() as connection, closing(sqlite3.connect(path)) as copy:
            connection.backup(copy)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextmanager
    def _sqlite(self) -> Iterator[sqlite3.Connection]:
        """SQLite itself, outside of any transaction."""
        with self._explained(), closing(self._engine.raw_connection()) as connection:
            driver: Any = connection.dbapi_connection
            yield driver

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, sqlite3.Error) as error:
            reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
            raise HistoryError(
                f"the history cannot be opened, read or written ({reason})",
                where=self,
                hint="POSECHECK_HOME and POSECHECK_DB say where it is; `posecheck doctor` looks.",
            ) from error


def is_locked(error: sqlite3.Error) -> bool:
    """Whether SQLite refused because another connection uses the database.

    Parameters
    ----------
    error : sqlite3.Error

    Returns
    -------
    bool
    """
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest says more about the same
    return code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _url(where: str | Path | None) -> URL:
    given = str(where or os.environ.get("POSECHECK_DB") or data_folder() / "history.sqlite")
    if "://" not in given:
        return URL.create("sqlite", database=str(Path(given).expanduser().absolute()))
    try:
        url = make_url(given)
    except (ArgumentError, ValueError) as error:
        raise UsageError("this is no URL of a database", hint=_URLS) from error
    if url.get_backend_name() == "postgres" or url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    if _is_sqlite(url) and url.database and url.database != ":memory:":
        return url.set(database=str(Path(url.database).expanduser().absolute()))
    if url.get_backend_name() != "postgresql":
        name = url.render_as_string(hide_password=True)
        raise UsageError("a history is kept in SQLite or PostgreSQL", where=name, hint=_URLS)
    return url


_URLS = "Give the path of an SQLite file, or postgresql://user@host/database."


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _make_private(file: Path) -> None:
    """Make the file before SQLite does, which would let others read it, as would its WAL."""
    try:
        private_folder(file.parent)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise HistoryError(
            f"the history cannot be opened: {write_fault(error).what}",
            where=file,
            hint="Point POSECHECK_HOME at a folder you may write to.",
        ) from error


def _engine(url: URL) -> Engine:
    try:
        engine = create_engine(url)
    except ImportError as error:
        raise HistoryError(
            f"a history in PostgreSQL needs a package that is not there ({error})",
            hint="pip install 'posecheck[postgres]'",
        ) from error
    if _is_sqlite(url):
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_in_sqlite)
    else:
        event.listen(engine, "begin", _begin_in_postgres)
    return engine


def _set_up_sqlite(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # transactions begin when we say so, and hold the schema too
    connection.execute(f"PRAGMA busy_timeout = {1000 * _WAIT_S:.0f}")
    _write_ahead(connection)
    connection.execute("PRAGMA synchronous = FULL")  # what is saved survives a power cut
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Let readers and a writer work side by side."""
    step = "PRAGMA journal_mode = WAL"

    def switched() -> bool:
        try:
            connection.execute(step)
        except sqlite3.OperationalError as error:
            if not is_locked(error):
                raise
            return False
        return True

    if not _in_time(switched):
        connection.execute(step)  # says why it cannot


def _empty_log(connection: sqlite3.Connection) -> bool:
    """Empty the write-ahead log; False while another connection reads it or empties it."""
    (busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


def _in_time(step: Callable[[], bool]) -> bool:
    """Repeat what SQLite does not wait for by itself until it succeeds; False when time is up."""
    until = time.monotonic() + _WAIT_S
    while not step():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def _begin_in_sqlite(connection: Connection) -> None:
    # A transaction that first reads and then wants to write would be refused, not made to wait.
    writing = connection.get_execution_options().get("writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _begin_in_postgres(connection: Connection) -> None:
    if connection.get_execution_options().get("writing"):
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITERS})
