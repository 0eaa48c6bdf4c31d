"""Bring a database to the version of the tables that this posecheck knows."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Engine, inspect, text

from posecheck.core.errors import HistoryError

VERSION_TABLE = "posecheck_version"  # the database may hold more, with an Alembic of its own
NEWEST = "0001"
MIGRATIONS = Path(__file__).parent / "migrations"


def version_of(connection: Connection) -> str | None:
    """The version of the tables in a database; None where there are none.

    Parameters
    ----------
    connection : sqlalchemy.Connection

    Returns
    -------
    str or None
    """
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))


def bring_up_to_date(readers: Engine, writers: Engine, *, where: str) -> None:
    """Bring the tables of a database to the newest version, under the lock of a writer.

    Parameters
    ----------
    readers, writers : Engine
        Engines for reading, and for changing the database under the lock that one writer holds.
    where : str
        How an error names the database.

    Raises
    ------
    HistoryError
        When a newer posecheck wrote the tables.
    """
    with readers.connect() as connection:
        if version_of(connection) == NEWEST:
            return
    with writers.connect() as connection:
        _set_foreign_keys(connection, "OFF")  # changing a table means copying it
        with connection.begin():
            _upgrade(connection, where=where)
        _set_foreign_keys(connection, "ON")


def _upgrade(connection: Connection, *, where: str) -> None:
    """Bring the tables to the newest version, in the transaction that is open."""
    # 0.1 s to load, and only a database that is new or old needs it.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    found = version_of(connection)
    if found is not None and found not in known:
        raise HistoryError(
            f"a newer posecheck wrote this history (its tables are of version {found}, this "
            f"posecheck knows them up to {NEWEST})",
            where=where,
            hint="Install the newer posecheck: pip install --upgrade posecheck.",
        )
    command.upgrade(config, NEWEST)


def _set_foreign_keys(connection: Connection, state: Literal["ON", "OFF"]) -> None:
    """Let SQLite check foreign keys or not, which can be set only outside of a transaction."""
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.dbapi_connection
        driver.execute(f"PRAGMA foreign_keys = {state}")
