"""Alembic runs this for every command; the connection comes from `posecheck.history.upgrade`."""

from alembic import context

from posecheck.history.schema import Base
from posecheck.history.upgrade import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,  # SQLite changes a table by copying it
)
context.run_migrations()
