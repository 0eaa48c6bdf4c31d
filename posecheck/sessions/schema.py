"""The tables. A change here needs a revision in `migrations/versions`; a test compares the two."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect, Double, ForeignKey, Index, TypeDecorator, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

_KEEP_NUMBERS = {"sqlite_autoincrement": True}  # the number of a forgotten row is not given again


class Utc(TypeDecorator[datetime]):
    """A time with its time zone; SQLite stores none, so there the time is UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From Python to the database."""
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database to Python."""
        if value is None or value.tzinfo is not None:
            return value and value.astimezone(UTC)
        return value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """All tables."""

    type_annotation_map = {datetime: Utc, float: Double}  # noqa: RUF012


class Person(Base):
    """A person who stretches.

    A name may be longer than an index can hold, so a person is found by its hash.
    """

    __tablename__ = "person"
    __table_args__ = _KEEP_NUMBERS

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_sha256: Mapped[str] = mapped_column(unique=True)


class Definition(Base):
    """The text of a stretch's definition by which results were judged."""

    __tablename__ = "definition"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(unique=True)
    stretch: Mapped[str]
    version: Mapped[int]
    text: Mapped[str]


class Session(Base):
    """One recording that was saved. `uid` names its landmark file."""

    __tablename__ = "session"
    __table_args__ = (
        Index("ix_session_person", "person_id", "stretch", "started"),
        _KEEP_NUMBERS,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    stretch: Mapped[str]
    started: Mapped[datetime]
    saved: Mapped[datetime]
    side: Mapped[str | None]
    corrected: Mapped[bool]
    prop: Mapped[str]
    pain_before: Mapped[int | None]
    pain_after: Mapped[int | None]
    note: Mapped[str]
    source: Mapped[str]
    source_kind: Mapped[str]
    source_sha256: Mapped[str | None] = mapped_column(index=True)
    landmarks_sha256: Mapped[str] = mapped_column(index=True)
    model: Mapped[str]
    model_sha256: Mapped[str]
    revision: Mapped[int]

    person: Mapped[Person] = relationship()
    results: Mapped[list[Result]] = relationship(order_by="Result.revision")


class Result(Base):
    """The result of one check of a session; a recheck adds a revision and keeps the older ones."""

    __tablename__ = "result"
    __table_args__ = (UniqueConstraint("session_id", "revision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"))
    revision: Mapped[int]
    checked: Mapped[datetime]
    software: Mapped[str]
    method_sha256: Mapped[str]
    definition_id: Mapped[int] = mapped_column(ForeignKey("definition.id"), index=True)
    verdict: Mapped[str]
    view: Mapped[str]
    near_side: Mapped[str | None]
    yaw_deg: Mapped[float | None]
    variant: Mapped[str]
    held_s: Mapped[float | None]
    asked_s: Mapped[float | None]
    n_reps: Mapped[int]
    asked_reps: Mapped[int | None]
    dose_met: Mapped[bool | None]

    definition: Mapped[Definition] = relationship()
    cues: Mapped[list[Cue]] = relationship(order_by="Cue.position")
    rom: Mapped[list[Rom]] = relationship(order_by="Rom.position")


class OfResult:
    """Rows that belong to a result, in the order in which the check found them."""

    result_id: Mapped[int] = mapped_column(
        ForeignKey("result.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)


class Cue(OfResult, Base):
    """The result of one cue."""

    __tablename__ = "cue"

    cue: Mapped[str]
    kind: Mapped[str]
    status: Mapped[str]
    side: Mapped[str | None]
    held: Mapped[str | None]
    measure: Mapped[str | None]
    observed: Mapped[float | None]
    unit: Mapped[str | None]
    target_low: Mapped[float | None]
    target_high: Mapped[float | None]
    tolerance: Mapped[float | None]
    coverage: Mapped[float]
    advice: Mapped[str]
    reason: Mapped[str]


class Rom(OfResult, Base):
    """One range-of-motion value."""

    __tablename__ = "rom"

    measure: Mapped[str]
    statistic: Mapped[str]
    side: Mapped[str | None]
    held: Mapped[str | None]
    value: Mapped[float]
    unit: Mapped[str]
    sem: Mapped[float | None]
    better: Mapped[str]
