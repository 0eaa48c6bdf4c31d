"""`History`: saves people's sessions and answers questions about them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Self

import pandas as pd

from posecheck.assess.pain import check_pain, spare_depth
from posecheck.assess.report import Report
from posecheck.core.errors import UsageError
from posecheck.landmarks.series import LandmarkSeries
from posecheck.sessions.recheck import recheck
from posecheck.sessions.records import SessionRecord, clean_name, source_sha256
from posecheck.sessions.store import Store
from posecheck.sessions.tables import cue_table, rom_table, session_table
from posecheck.sessions.transfer import back_up, export, import_
from posecheck.stretches import Stretch


class History:
    """People's sessions over time, in a database with the landmarks beside it.

    Parameters
    ----------
    where : str or Path, optional
        The path of an SQLite file or a SQLAlchemy URL; by default what `POSECHECK_DB` says, else
        `history.sqlite` in the data folder.

    Raises
    ------
    HistoryError
        When it cannot be opened, or a newer posecheck wrote it.

    Examples
    --------
    >>> history = History()  # doctest: +SKIP
    >>> history.add(check("clip.mp4", "childs-pose"), person="me", pain_after=1)  # doctest: +SKIP
    1
    """

    def __init__(self, where: str | Path | None = None) -> None:
        self._store = Store(where)

    def __repr__(self) -> str:
        return f"History({str(self._store.database)!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the database."""
        self._store.close()

    # --- keeping --------------------------------------------------------------------------------

    def add(
        self,
        report: Report,
        *,
        person: str,
        pain_before: int | None = None,
        pain_after: int | None = None,
        note: str = "",
        started: datetime | None = None,
        prop: str = "",
        again: bool = False,
    ) -> int:
        """Save a report; it is on the disk with its landmarks when this returns.

        Parameters
        ----------
        report : Report
            What `posecheck.check` gave.
        person : str
            Whose it is: any text.
        pain_before, pain_after : int, optional
            Pain as the person rated it, 0 to 10. With any pain, depth cues are not judged.
        note, prop : str
            A remark; what was used (a strap, a block): only sessions with the same are compared.
        started : datetime, optional
            When it was recorded; without a time zone it is local time. By default now.
        again : bool
            Save a recording that was saved for this stretch before; it then counts twice.

        Returns
        -------
        int
            The session's number.

        Raises
        ------
        UsageError
            When the recording is saved already, or a value makes no sense.
        HistoryError
            When the database cannot be written.
        """
        check_pain(pain_before, "before")
        check_pain(pain_after, "after")
        name = clean_name(person)
        record = SessionRecord.of(
            spare_depth(report, pain_before, pain_after),
            started=started,
            prop=prop,
            pain_before=pain_before,
            pain_after=pain_after,
            note=note,
        )
        number = self._store.save(record, name, report.series, again=again)
        assert number is not None  # a new session has a uid that nobody has
        return number

    def refuse_twice(self, source: str | Path, stretch: str) -> None:
        """Raise UsageError for a recording that is saved already, before it is checked.

        Parameters
        ----------
        source : str or Path
            The recording.
        stretch : str
            The id of a stretch.
        """
        self._store.refuse_twice(stretch, source_sha256(source))

    # --- asking ---------------------------------------------------------------------------------

    def sessions(self, person: str | None = None) -> pd.DataFrame:
        """One row per session, oldest first, with its newest result; times are UTC.

        Parameters
        ----------
        person : str or None
            A person's name; None for everybody.

        Returns
        -------
        DataFrame
        """
        with self._store.database.reading() as db:
            return session_table(db, person)

    def rom(self, person: str | None = None, stretch: str | None = None) -> pd.DataFrame:
        """One row per range-of-motion value, oldest session first, with the conditions of filming.

        `side` was measured, `held` was stretched; `sem` is NaN for what was counted.

        Parameters
        ----------
        person : str or None
            A person's name; None for everybody.
        stretch : str or None
            The id of a stretch; None for every one.

        Returns
        -------
        DataFrame
        """
        with self._store.database.reading() as db:
            return rom_table(db, person, stretch)

    def cues(self, person: str | None = None, stretch: str | None = None) -> pd.DataFrame:
        """One row per cue result, oldest session first.

        Parameters
        ----------
        person : str or None
            A person's name; None for everybody.
        stretch : str or None
            The id of a stretch; None for every one.

        Returns
        -------
        DataFrame
        """
        with self._store.database.reading() as db:
            return cue_table(db, person, stretch)

    def landmarks(self, session: int) -> LandmarkSeries:
        """Load the landmarks of a session, as the model gave them.

        Parameters
        ----------
        session : int
            Number of a session.

        Returns
        -------
        LandmarkSeries
        """
        return self._store.landmarks.load(self._store.uid(session))

    def knows(self, person: str) -> bool:
        """Whether a person has sessions here.

        Parameters
        ----------
        person : str
            A person's name.

        Returns
        -------
        bool
        """
        return self._store.has_person(clean_name(person))

    def problems(self) -> list[str]:
        """Describe in sentences what is broken or missing in the database and landmark files."""
        return self._store.problems()

    # --- checking again -------------------------------------------------------------------------

    def recheck(
        self, person: str | None = None, stretch: str | Path | Stretch | None = None
    ) -> pd.DataFrame:
        """Check saved sessions again where the definition, the measures or posecheck changed.

        The new results are added and shown from then on; the older ones stay for `export`.

        Parameters
        ----------
        person : str, optional
            By default everybody.
        stretch : str, Path or Stretch, optional
            Only this one. A definition from a file has to be given, because no catalogue has it.

        Returns
        -------
        DataFrame
            One row per session: `outcome`, `changed` (what differs), verdict before and after.
        """
        name = None if person is None else clean_name(person)
        return recheck(self._store, name, stretch)

    # --- taking away and forgetting -------------------------------------------------------------

    def export(
        self, person: str, folder: str | Path, *, add: Callable[[Path], None] | None = None
    ) -> Path:
        """Write everything about a person to a new folder: CSV, Parquet, JSON and landmarks.

        Parameters
        ----------
        person : str
        folder : str or Path
            Must not exist yet; it is there whole or not at all.
        add : callable, optional
            Writes more into the folder, at a temporary path, before it gets its name.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        UsageError
            The folder is there already, or nobody has this name.
        HistoryError
            The folder cannot be written.
        """
        return export(self._store, clean_name(person), Path(folder), add=add)

    def import_(self, folder: str | Path, *, person: str | None = None) -> int:
        """Read what `export` wrote, and return how many sessions were new.

        `person` gives the sessions to a person of another name.

        Parameters
        ----------
        folder : str or Path
        person : str or None
            A person's name; None for everybody.

        Returns
        -------
        int
        """
        name = None if person is None else clean_name(person)
        return import_(self._store, Path(folder), name)

    def forget(self, person: str) -> int:
        """Delete every trace of a person from the database and the landmark files.

        What was exported or backed up elsewhere is not touched; nor are PostgreSQL's own logs.

        Parameters
        ----------
        person : str
            A person's name.

        Returns
        -------
        int
            How many sessions there were.
        """
        name = clean_name(person)
        known = self._store.has_person(name)
        n_sessions = self._store.forget(name)  # also where traces of an earlier one stayed
        if not known:
            raise UsageError(
                "there is nobody of this name", hint="`posecheck history` lists everybody."
            )
        return n_sessions

    def backup(self, path: str | Path) -> Path:
        """Copy a history in SQLite, also while others use it, to a file that `History` opens.

        The landmarks go to a folder beside it.

        Parameters
        ----------
        path : str or Path
            The file.

        Returns
        -------
        Path
        """
        return back_up(self._store, Path(path))
