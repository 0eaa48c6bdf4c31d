"""The history as tables: one row per session, cue result or range-of-motion value."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import Select, select
from sqlalchemy.orm import Session as DbSession

from posecheck.sessions.records import clean_name
from posecheck.sessions.schema import Cue, Definition, Person, Result, Rom, Session
from posecheck.sessions.statements import is_person

_Any = tuple[Any, ...]

# The conditions that make values comparable stand beside every value.
_LIKE = (
    Result.view,
    Result.near_side,
    Session.model,
    Session.model_sha256,
    Result.variant,
    Session.prop,
    Session.corrected,
    Definition.version.label("definition_version"),
    Result.software,
    Result.method_sha256,
)
_WHEN = (Session.id.label("session"), Session.started, Session.stretch)
_PAIN = (Session.pain_before, Session.pain_after)


def session_table(db: DbSession, person: str | None) -> pd.DataFrame:
    """Read one row per session, oldest first, with its newest result.

    Parameters
    ----------
    db : sqlalchemy.orm.Session
        An open transaction.
    person : str or None
        A person's name; None for everybody.

    Returns
    -------
    DataFrame
    """
    columns = (
        *_WHEN[:2],
        Person.name.label("person"),
        Session.stretch,
        Session.side,
        Result.verdict,
        Result.held_s,
        Result.asked_s,
        Result.n_reps,
        Result.asked_reps,
        Result.dose_met,
        *_PAIN,
        Session.note,
        *_LIKE,
        Result.yaw_deg,
        Session.source,
        Session.source_kind,
        Session.saved,
        Result.checked,
        Result.revision,
        Session.uid,
    )
    return _table(db, _newest(select(*columns), person))


def rom_table(db: DbSession, person: str | None, stretch: str | None) -> pd.DataFrame:
    """Read one row per value of the newest results, oldest session first.

    Parameters
    ----------
    db : sqlalchemy.orm.Session
        An open transaction.
    person : str or None
        A person's name; None for everybody.
    stretch : str or None
        The id of a stretch; None for every one.

    Returns
    -------
    DataFrame
    """
    columns = (
        *_WHEN,
        Rom.measure,
        Rom.statistic,
        Rom.side,
        Rom.held,
        Rom.value,
        Rom.unit,
        Rom.sem,
        Rom.better,
        *_LIKE,
        *_PAIN,
    )
    query = _newest(select(*columns), person, stretch).join(Rom, Rom.result_id == Result.id)
    return _table(db, query.order_by(Rom.position))


def cue_table(db: DbSession, person: str | None, stretch: str | None) -> pd.DataFrame:
    """Read one row per cue of the newest results, oldest session first.

    Parameters
    ----------
    db : sqlalchemy.orm.Session
        An open transaction.
    person : str or None
        A person's name; None for everybody.
    stretch : str or None
        The id of a stretch; None for every one.

    Returns
    -------
    DataFrame
    """
    place = {"result_id", "position"}
    own = [column for column in Cue.__table__.columns if column.name not in place]
    query = _newest(select(*_WHEN, *own, *_LIKE), person, stretch)
    query = query.join(Cue, Cue.result_id == Result.id).order_by(Cue.position)
    return _table(db, query)


def _newest(query: Select[*_Any], person: str | None, stretch: str | None = None) -> Select[*_Any]:
    """Each session with its newest result, of one person and stretch where they are given."""
    query = (
        query.select_from(Session)
        .join(Person, Person.id == Session.person_id)
        .join(Result, (Result.session_id == Session.id) & (Result.revision == Session.revision))
        .join(Definition, Definition.id == Result.definition_id)
        .order_by(Session.started, Session.id)
    )
    if person is not None:
        query = query.where(is_person(clean_name(person)))
    return query if stretch is None else query.where(Session.stretch == stretch)


def _table(db: DbSession, query: Select[*_Any]) -> pd.DataFrame:
    found = db.execute(query)
    table = pd.DataFrame(found.all(), columns=list(found.keys()))
    for moment in {"started", "saved", "checked"} & set(table):
        table[moment] = pd.to_datetime(table[moment], utc=True)
    # A column whose numbers are all unknown stays a column of numbers.
    for number in _NUMBERS & set(table):
        table[number] = table[number].astype(float)
    return table


_NUMBERS = {
    "held_s", "asked_s", "asked_reps", "pain_before", "pain_after", "yaw_deg", "value", "sem",
    "observed", "target_low", "target_high", "tolerance",
}  # fmt: skip
