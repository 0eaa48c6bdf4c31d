"""The landmarks of all sessions: one Parquet file each, in a folder beside the database.

A file is `unsettled` while the database may not have its session yet, or not any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from posecheck.errors import HistoryError
from posecheck.landmark_file import load_landmarks, save_landmarks
from posecheck.landmarks import LandmarkSeries
from posecheck.paths import private_folder

_TYPE = ".parquet"
_FORGETTING = "forgetting"


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
                f"the folder for landmarks cannot be made ({error.strerror})",
                where=folder,
                todo="Point POSECHECK_HOME at a folder you may write to.",
            ) from error

    def put(self, uid: str, series: LandmarkSeries) -> None:
        """Write the landmarks of a session that is not committed yet."""
        save_landmarks(series, self._unsettled / f"{uid}{_TYPE}")

    def settle(self, uid: str) -> None:
        """The session is committed; somebody who swept may have settled it before."""
        with suppress(FileNotFoundError):
            (self._unsettled / f"{uid}{_TYPE}").rename(self.folder / f"{uid}{_TYPE}")

    def unsettle(self, uid: str) -> None:
        """The session is about to be forgotten."""
        with suppress(FileNotFoundError):
            (self.folder / f"{uid}{_TYPE}").rename(self._unsettled / f"{uid}{_TYPE}")

    def find(self, uid: str) -> Path | None:
        """Where a session's landmarks are; None when they are not here."""
        # The last place is the first one again: the file may be settled while we look.
        for folder in (self.folder, self._unsettled, self.folder):
            if (path := folder / f"{uid}{_TYPE}").exists():
                return path
        return None

    def load(self, uid: str) -> LandmarkSeries:
        """The landmarks of a session."""
        path = self.find(uid)
        if path is None:
            raise HistoryError(
                "the landmarks of this session are not here",
                where=self.folder / f"{uid}{_TYPE}",
                todo="They stay on the machine that saved the session; look there.",
            )
        return load_landmarks(path)

    def uids(self) -> set[str]:
        """The sessions whose landmarks are settled."""
        return {path.stem for path in self.folder.glob(f"*{_TYPE}")}

    @property
    def unsettled(self) -> bool:
        """Whether a save or a forget that was cut short left something behind."""
        return any(self._unsettled.iterdir())

    def sweep(self, known: Callable[[Iterable[str]], set[str]]) -> None:
        """Settle what belongs to a session and delete what does not; nobody else may be writing.

        Parameters
        ----------
        known : callable
            Tells which of some uids the database has.
        """
        files = [path for path in self._unsettled.iterdir() if path.name != _FORGETTING]
        kept = known({path.stem for path in files if path.suffix == _TYPE})
        for path in files:
            if path.suffix == _TYPE and path.stem in kept:
                self.settle(path.stem)
            else:
                path.unlink(missing_ok=True)

    def begin_forgetting(self) -> None:
        """Remember, whatever happens, that traces have to be wiped out of the database."""
        (self._unsettled / _FORGETTING).touch()

    def end_forgetting(self) -> None:
        """No trace is left."""
        (self._unsettled / _FORGETTING).unlink(missing_ok=True)

    @property
    def forgetting(self) -> bool:
        """Whether traces have to be wiped out of the database."""
        return (self._unsettled / _FORGETTING).exists()
