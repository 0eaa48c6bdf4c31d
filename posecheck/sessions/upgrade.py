"""Bring a database to the version of the tables that this posecheck knows."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from posecheck.core.errors import HistoryError

VERSION_TABLE = "posecheck_version"  # the database may hold more, with an Alembic of its own
NEWEST = "0001"
MIGRATIONS = Path(__file__).parent / "migrations"


def version_of(connection: Connection) -> str | None:
    """The version of the tables in a database; None where there are none."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))


def upgrade(connection: Connection, *, where: str) -> None:
    """Bring the tables to the newest version, in the transaction that is open.

    Raises
    ------
    HistoryError
        When a newer posecheck wrote them.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

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
