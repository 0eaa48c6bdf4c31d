"""The landmarks of all sessions: one Parquet file each, in a folder beside the database.

A file is `unsettled` while the database may not have its session yet. Forgetting leaves a mark
there first, with the uids of the sessions, until nothing is left of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from posecheck.core.errors import HistoryError
from posecheck.core.files import atomic_write, private_folder, write_fault
from posecheck.landmarks.parquet import load_landmarks, save_landmarks
from posecheck.landmarks.series import LandmarkSeries

_TYPE = ".parquet"
_FORGETTING = "forgetting-"


class LandmarkStore:
    """The landmark files in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._unsettled = folder / "unsettled"
        try:
            private_folder(folder)
            private_folder(self._unsettled)
        except OSError as error:
            raise HistoryError(
                f"the folder for landmarks cannot be made: {write_fault(error).what}",
                where=folder,
                hint="Point POSECHECK_HOME at a folder you may write to.",
            ) from error

    def put(self, uid: str, series: LandmarkSeries) -> None:
        """Write the landmarks of a session that is not committed yet, as an unsettled file.

        Parameters
        ----------
        uid : str
            Identifies a session wherever its history goes.
        series : LandmarkSeries
        """
        save_landmarks(series, self._unsettled / f"{uid}{_TYPE}")

    def settle(self, uid: str) -> None:
        """Settle the file of a committed session; another process may have done so already.

        Parameters
        ----------
        uid : str
            Identifies a session wherever its history goes.
        """
        with suppress(FileNotFoundError):
            (self._unsettled / f"{uid}{_TYPE}").rename(self.folder / f"{uid}{_TYPE}")

    def find(self, uid: str) -> Path | None:
        """Find the file of a session's landmarks; None when it is not here.

        Parameters
        ----------
        uid : str
            Identifies a session wherever its history goes.

        Returns
        -------
        Path or None
        """
        # The first folder is tried again at the end: the file may be settled meanwhile.
        for folder in (self.folder, self._unsettled, self.folder):
            if (path := folder / f"{uid}{_TYPE}").exists():
                return path
        return None

    def load(self, uid: str) -> LandmarkSeries:
        """Load the landmarks of a session.

        Parameters
        ----------
        uid : str
            Identifies a session wherever its history goes.

        Returns
        -------
        LandmarkSeries

        Raises
        ------
        HistoryError
            When they are not here.
        LandmarkFileError
            When the file is damaged.
        """
        path = self.find(uid)
        if path is None:
            raise HistoryError(
                "the landmarks of this session are not here",
                where=self.folder / f"{uid}{_TYPE}",
                hint="They stay on the machine that saved the session; look there.",
            )
        return load_landmarks(path)

    def uids(self) -> set[str]:
        """The uids of the sessions whose landmarks are settled."""
        return {path.stem for path in self.folder.glob(f"*{_TYPE}")}

    def begin_forgetting(self, uids: Iterable[str]) -> None:
        """Leave a mark with the uids of sessions that are being forgotten.

        Parameters
        ----------
        uids : iterable of str
            Of sessions.
        """
        mark = self._unsettled / f"{_FORGETTING}{uuid4().hex}"
        with atomic_write(mark, error=HistoryError) as part:
            part.write_text("\n".join(uids))

    def forgets(self) -> set[Path]:
        """The marks of forgets that are not finished."""
        return set(self._unsettled.glob(f"{_FORGETTING}*"))

    def unsettled(self) -> set[str]:
        """The names of the files that a save or a forget has not finished with."""
        names = {path.name for path in self._unsettled.iterdir()}
        for mark in self.forgets():
            with suppress(FileNotFoundError):  # another process has just finished
                names |= {f"{uid}{_TYPE}" for uid in mark.read_text().split()}
        return {name for name in names if not name.startswith(_FORGETTING)}

    def sweep(self, names: set[str], known: Callable[[Iterable[str]], set[str]]) -> None:
        """Settle the files of sessions that exist, and delete the others.

        Parameters
        ----------
        names : set of str
            Names of files that no process is writing.
        known : callable
            Takes uids and returns those that the database has.
        """
        uids = {name.removesuffix(_TYPE) for name in names if name.endswith(_TYPE)}
        kept = known(uids)
        for uid in kept:
            self.settle(uid)
        for name in names - {f"{uid}{_TYPE}" for uid in kept}:
            # In this order: the process that saved it may be settling it right now.
            for folder in (self._unsettled, self.folder):
                (folder / name).unlink(missing_ok=True)

    def end_forgetting(self, forgets: set[Path]) -> None:
        """Remove the marks of forgets that are finished.

        Parameters
        ----------
        forgets : set of Path
        """
        for mark in forgets:
            mark.unlink(missing_ok=True)
