"""Alembic runs this for every command; the connection comes from `posecheck.sessions.upgrade`."""

from alembic import context

from posecheck.sessions.schema import Base
from posecheck.sessions.upgrade import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,  # SQLite changes a table by copying it
)
context.run_migrations()
