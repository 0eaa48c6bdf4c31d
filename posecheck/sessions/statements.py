"""SQL statements inside a transaction: insert, find, refuse twice and delete."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, delete, insert, or_, select
from sqlalchemy.orm import Session as DbSession

from posecheck.core.errors import UsageError
from posecheck.sessions.records import (
    DefinitionRecord,
    Record,
    ResultRecord,
    SessionRecord,
    name_key,
)
from posecheck.sessions.schema import Base, Cue, Definition, Person, Result, Rom, Session

_MANY = 500  # values in one query: some builds of SQLite take 999 at most


def is_person(name: str) -> ColumnElement[bool]:
    """Condition that holds for the person of this clean name.

    Parameters
    ----------
    name : str

    Returns
    -------
    ColumnElement[bool]
    """
    return Person.name_sha256 == name_key(name)


def find_person(db: DbSession, name: str) -> int | None:
    """Find the number of a person by the clean name; None where there is none.

    Parameters
    ----------
    db : sqlalchemy.orm.Session
        An open transaction.
    name : str

    Returns
    -------
    int or None
    """
    return db.scalar(select(Person.id).where(is_person(name)))


def add_session(db: DbSession, record: SessionRecord, name: str) -> int:
    """Insert a session with all its results, and return its number.

    Parameters
    ----------
    db : sqlalchemy.orm.Session
        An open transaction.
    record : SessionRecord
    name : str

    Returns
    -------
    int
    """
    person = find_person(db, name)
    if person is None:
        person = _insert(db, Person, {"name": name, "name_sha256": name_key(name)})
    number = _insert(db, Session, _own(record) | {"person_id": person})
    for result in record.results:
        add_result(db, number, result, result.revision)
    return number


def add_result(db: DbSession, session: int, record: ResultRecord, revision: int) -> None:
    """Insert one result of a session under its revision.

    Parameters
    ----------
    db : sqlalchemy.orm.Session
        An open transaction.
    session : int
        Number of a session.
    record : ResultRecord
    revision : int
    """
    number = _insert(
        db,
        Result,
        _own(record)
        | {
            "session_id": session,
            "revision": revision,
            "definition_id": _definition(db, record.definition),
        },
    )
    for table, found in ((Cue, record.cues), (Rom, record.rom)):
        places = ({"result_id": number, "position": k} for k in range(len(found)))
        values = [_own(one) | place for one, place in zip(found, places, strict=True)]
        if values:
            db.execute(insert(table), values)


def refuse_twice(db: DbSession, stretch: str, *sha256: str | None) -> None:
    """Refuse a recording that is saved already, by the hash of its file or of its landmarks.

    Parameters
    ----------
    db : sqlalchemy.orm.Session
        An open transaction.
    stretch : str
        The id of a stretch.

    Raises
    ------
    UsageError
        It names the session and the person.
    """
    hashes = [one for one in sha256 if one]
    same = or_(Session.source_sha256.in_(hashes), Session.landmarks_sha256.in_(hashes))
    query = select(Session.id, Person.name).join(Session.person)
    found = db.execute(query.where(same, Session.stretch == stretch).limit(1)).first()
    if found:
        name = found.name if len(found.name) <= 40 else f"{found.name[:40]}..."
        raise UsageError(
            f"this recording is saved already, as session {found.id} of {name}",
            hint="To save it once more, which counts it twice, say --again (again=True).",
        )


def known_uids(db: DbSession, uids: Iterable[str]) -> set[str]:
    """Find which of these sessions the database has.

    Parameters
    ----------
    db : sqlalchemy.orm.Session
        An open transaction.
    uids : iterable of str
        Of sessions.

    Returns
    -------
    set of str
    """
    asked, found = list(uids), set()
    for k in range(0, len(asked), _MANY):
        found |= set(db.scalars(select(Session.uid).where(Session.uid.in_(asked[k : k + _MANY]))))
    return found


def delete_person(db: DbSession, name: str) -> list[str]:
    """Delete a person with all sessions, and return the uids of these.

    Parameters
    ----------
    db : sqlalchemy.orm.Session
        An open transaction.
    name : str

    Returns
    -------
    list of str
    """
    uids = list(db.scalars(select(Session.uid).join(Session.person).where(is_person(name))))
    db.execute(delete(Person).where(is_person(name)))
    # A definition from a file may name the person.
    db.execute(delete(Definition).where(Definition.id.not_in(select(Result.definition_id))))
    return uids


def _definition(db: DbSession, record: DefinitionRecord) -> int:
    found = db.scalar(select(Definition.id).where(Definition.sha256 == record.sha256))
    return _insert(db, Definition, _own(record)) if found is None else found


def _own(record: Record) -> dict[str, object]:
    """The fields of a record, without the records inside it."""
    return record.model_dump(exclude={"results", "definition", "cues", "rom"})


def _insert(db: DbSession, table: type[Base], values: dict[str, object]) -> int:
    """Insert a row and return its number."""
    own_number = table.__table__.c.id
    return int(db.execute(insert(table).values(values).returning(own_number)).scalar_one())
