"""The store: tables and landmark files in step, so that a session is in both or in neither."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from posecheck.core.errors import HistoryError, UsageError
from posecheck.landmarks.series import LandmarkSeries
from posecheck.sessions.database import Database
from posecheck.sessions.landmark_store import LandmarkStore
from posecheck.sessions.records import ResultRecord, SessionRecord
from posecheck.sessions.schema import Result, Session
from posecheck.sessions.statements import (
    add_result,
    add_session,
    delete_person,
    find_person,
    is_person,
    known_uids,
    refuse_twice,
)


@dataclass(frozen=True)
class StoredSession:
    """A session as it stands in the store, with its number and the person's clean name."""

    number: int
    person: str
    record: SessionRecord


class Store:
    """Sessions as records, found by the clean names of people and the uids of sessions.

    Parameters
    ----------
    where : str or Path, optional
        As for `Database`.
    """

    def __init__(self, where: str | Path | None = None) -> None:
        self.database = Database(where)
        self.landmarks = LandmarkStore(self.database.landmarks)
        forgets = self.landmarks.forgets()
        if self.landmarks.unsettled():
            self._sweep()
        if forgets:
            with suppress(HistoryError):  # another process is reading: the next one to open it will
                self._wipe(forgets)

    def close(self) -> None:
        """Close the database."""
        self.database.close()

    # --- keeping --------------------------------------------------------------------------------

    def save(
        self, record: SessionRecord, name: str, series: LandmarkSeries | None, *, again: bool
    ) -> int | None:
        """Save a session with its landmarks, whole or not at all.

        Parameters
        ----------
        record : SessionRecord
        name : str
            The clean name of the person.
        series : LandmarkSeries or None
            The landmarks; None where they are not known.
        again : bool
            Whether to save a recording that was saved for this stretch before.

        Returns
        -------
        int or None
            The number of the session; None when its uid is here already.

        Raises
        ------
        UsageError
            When the recording is saved already and `again` is False.
        HistoryError
            When it cannot be written.
        """
        with self.database.writing() as db:
            if known_uids(db, [record.uid]):
                return None
            if not again:
                refuse_twice(db, record.stretch, record.source_sha256, record.landmarks_sha256)
            if series is not None:
                self.landmarks.put(record.uid, series)
            number = add_session(db, record, name)
        self.landmarks.settle(record.uid)
        return number

    def refuse_twice(self, stretch: str, source_sha256: str | None) -> None:
        """Raise UsageError for a recording that was saved for this stretch before.

        Parameters
        ----------
        stretch : str
            The id of a stretch.
        source_sha256 : str or None
        """
        with self.database.reading() as db:
            refuse_twice(db, stretch, source_sha256, None)

    def add_result(self, uid: str, result: ResultRecord) -> bool:
        """Add a result to a session; False when the session was forgotten meanwhile.

        Parameters
        ----------
        uid : str
            Identifies a session wherever its history goes.
        result : ResultRecord

        Returns
        -------
        bool
        """
        with self.database.writing() as db:
            session = db.scalar(select(Session).where(Session.uid == uid))
            if session is None:
                return False
            session.revision += 1
            add_result(db, session.id, result, session.revision)
        return True

    # --- asking ---------------------------------------------------------------------------------

    def has_person(self, name: str) -> bool:
        """Whether a person of this clean name has sessions.

        Parameters
        ----------
        name : str

        Returns
        -------
        bool
        """
        with self.database.reading() as db:
            return find_person(db, name) is not None

    def uids(self, name: str | None = None, stretch: str | None = None) -> list[str]:
        """The uids of sessions, oldest first, of a person and a stretch where they are given.

        Parameters
        ----------
        name : str or None
        stretch : str or None
            The id of a stretch; None for every one.

        Returns
        -------
        list of str
        """
        query = select(Session.uid).join(Session.person).order_by(Session.started, Session.id)
        if name is not None:
            query = query.where(is_person(name))
        if stretch is not None:
            query = query.where(Session.stretch == stretch)
        with self.database.reading() as db:
            return list(db.scalars(query))

    def load(self, uid: str) -> StoredSession | None:
        """Load a session with all its results; None when it is not here.

        Parameters
        ----------
        uid : str
            Identifies a session wherever its history goes.

        Returns
        -------
        StoredSession or None
        """
        with self.database.reading() as db:
            found = db.scalar(select(Session).where(Session.uid == uid))
            if found is None:
                return None
            return StoredSession(found.id, found.person.name, SessionRecord.model_validate(found))

    def uid(self, number: int) -> str:
        """Find the uid of the session with this number, which may be a number of numpy.

        Parameters
        ----------
        number : int

        Returns
        -------
        str

        Raises
        ------
        UsageError
            When there is no such session.
        """
        with self.database.reading() as db:
            uid = db.scalar(select(Session.uid).where(Session.id == int(number)))
        if uid is None:
            raise UsageError(
                f"there is no session {number}", hint="`posecheck history` lists them."
            )
        return uid

    # --- forgetting and mending -----------------------------------------------------------------

    def forget(self, name: str) -> int:
        """Delete every trace of a person, and return how many sessions there were.

        Parameters
        ----------
        name : str

        Returns
        -------
        int
        """
        with self.database.writing() as db:
            uids = delete_person(db, name)
            self.landmarks.begin_forgetting(uids)
        forgets = self.landmarks.forgets()
        self._sweep()
        self._wipe(forgets)
        return len(uids)

    def problems(self) -> list[str]:
        """Describe in sentences what is broken or missing."""
        with self.database.reading() as db:
            known = set(db.scalars(select(Session.uid)))
            hollow = db.scalars(
                select(Session.id)
                .outerjoin(
                    Result,
                    (Result.session_id == Session.id) & (Result.revision == Session.revision),
                )
                .where(Result.id.is_(None))
            ).all()
        files = self.landmarks.uids()
        return [
            *self.database.problems(),
            *(f"session {number} has no result" for number in hollow),
            *(f"session {uid} has no landmarks here" for uid in sorted(known - files)),
            *(f"landmarks {uid} belong to no session" for uid in sorted(files - known)),
        ]

    def _sweep(self) -> None:
        """Finish in the landmark files what a save or a forget began."""
        # Listed before the commit: a process that was writing these has finished or died by then.
        names = self.landmarks.unsettled()
        self.database.make_certain()
        with self.database.writing() as db:
            self.landmarks.sweep(names, lambda uids: known_uids(db, uids))

    def _wipe(self, forgets: set[Path]) -> None:
        """Finish in the database what forgets began."""
        self.database.wipe()
        self.landmarks.end_forgetting(forgets)
