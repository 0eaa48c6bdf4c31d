"""The first version."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

MOMENT = sa.DateTime(timezone=True)
KEEP_NUMBERS = {"sqlite_autoincrement": True}


def upgrade() -> None:
    """Make all tables."""
    op.create_table(
        "person",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("name_sha256", sa.String, nullable=False, unique=True),
        **KEEP_NUMBERS,
    )
    op.create_table(
        "definition",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("sha256", sa.String, nullable=False, unique=True),
        sa.Column("stretch", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("text", sa.String, nullable=False),
    )
    _make_session()
    _make_result()
    _make_findings()


def _make_session() -> None:
    op.create_table(
        "session",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uid", sa.String, nullable=False, unique=True),
        sa.Column(
            "person_id", sa.Integer, sa.ForeignKey("person.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("stretch", sa.String, nullable=False),
        sa.Column("started", MOMENT, nullable=False),
        sa.Column("saved", MOMENT, nullable=False),
        sa.Column("side", sa.String),
        sa.Column("corrected", sa.Boolean, nullable=False),
        sa.Column("prop", sa.String, nullable=False),
        sa.Column("pain_before", sa.Integer),
        sa.Column("pain_after", sa.Integer),
        sa.Column("note", sa.String, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("source_kind", sa.String, nullable=False),
        sa.Column("source_sha256", sa.String, index=True),
        sa.Column("landmarks_sha256", sa.String, nullable=False, index=True),
        sa.Column("model", sa.String, nullable=False),
        sa.Column("model_sha256", sa.String, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        **KEEP_NUMBERS,
    )
    op.create_index("ix_session_person", "session", ["person_id", "stretch", "started"])


def _make_result() -> None:
    op.create_table(
        "result",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "session_id",
            sa.Integer,
            sa.ForeignKey("session.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("checked", MOMENT, nullable=False),
        sa.Column("software", sa.String, nullable=False),
        sa.Column("method_sha256", sa.String, nullable=False),
        sa.Column(
            "definition_id",
            sa.Integer,
            sa.ForeignKey("definition.id"),
            nullable=False,
            index=True,
        ),
        sa.Column("verdict", sa.String, nullable=False),
        sa.Column("view", sa.String, nullable=False),
        sa.Column("near_side", sa.String),
        sa.Column("yaw_deg", sa.Double),
        sa.Column("variant", sa.String, nullable=False),
        sa.Column("held_s", sa.Double),
        sa.Column("asked_s", sa.Double),
        sa.Column("n_reps", sa.Integer, nullable=False),
        sa.Column("asked_reps", sa.Integer),
        sa.Column("dose_met", sa.Boolean),
        sa.UniqueConstraint("session_id", "revision"),
    )


def _make_findings() -> None:
    op.create_table(
        "cue",
        *_place_in_result(),
        sa.Column("cue", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("side", sa.String),
        sa.Column("held", sa.String),
        sa.Column("measure", sa.String),
        sa.Column("observed", sa.Double),
        sa.Column("unit", sa.String),
        sa.Column("target_low", sa.Double),
        sa.Column("target_high", sa.Double),
        sa.Column("tolerance", sa.Double),
        sa.Column("coverage", sa.Double, nullable=False),
        sa.Column("advice", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
    )
    op.create_table(
        "rom",
        *_place_in_result(),
        sa.Column("measure", sa.String, nullable=False),
        sa.Column("statistic", sa.String, nullable=False),
        sa.Column("side", sa.String),
        sa.Column("held", sa.String),
        sa.Column("value", sa.Double, nullable=False),
        sa.Column("unit", sa.String, nullable=False),
        sa.Column("sem", sa.Double),
        sa.Column("better", sa.String, nullable=False),
    )


def _place_in_result() -> tuple[sa.Column[int], sa.Column[int]]:
    return (
        sa.Column(
            "result_id",
            sa.Integer,
            sa.ForeignKey("result.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    )
