"""Every error posecheck raises, in one tree.

::

    PosecheckError
    ├── SourceError          a recording that cannot be read, a result that cannot be written
    ├── ModelError           the pose model is missing, damaged or cannot be fetched
    ├── DefinitionError      a stretch definition that cannot be meant as written
    ├── LandmarkFileError    a saved landmark file that cannot be loaded
    ├── HistoryError         a history that cannot be opened, written or read
    └── UsageError           a question that makes no sense: unknown stretch, unknown side, ...

An error says three things: what is wrong, where, and what to do about it.
A cue that fails is a result, never an exception.
"""

from __future__ import annotations

# What to do when a package cannot load a library of the system.
MISSING_LIBRARY = (
    "A library of the system may be missing; on Debian and Ubuntu: "
    "apt install libgl1 libegl1 libgles2 libglib2.0-0"
)


class PosecheckError(Exception):
    """Base of all errors of this package.

    Parameters
    ----------
    what : str
        What is wrong, as a sentence without a final full stop.
    where : str, optional
        The file, the key, the frame: where it is wrong.
    hint : str, optional
        What the reader can do about it, as a sentence.
    """

    def __init__(self, what: str, *, where: object = "", hint: str = "") -> None:
        self.what = what
        self.where = str(where)
        self.hint = hint
        super().__init__(what, self.where, hint)

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f" {self.hint}" if self.hint else ""
        return f"{place}{self.what}.{advice}"

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross process borders (workers); keyword arguments must survive the trip.
        return _rebuild, (type(self), self.what, self.where, self.hint)


def _rebuild(kind: type[PosecheckError], what: str, where: str, hint: str) -> PosecheckError:
    return kind(what, where=where, hint=hint)


class SourceError(PosecheckError):
    """A video or photo cannot be read, or a result cannot be written."""


class ModelError(PosecheckError):
    """The pose model is missing, damaged or cannot be fetched."""


class DefinitionError(PosecheckError):
    """A stretch definition cannot be meant as written."""


class LandmarkFileError(PosecheckError):
    """A saved landmark file cannot be loaded."""


class HistoryError(PosecheckError):
    """The history of sessions cannot be opened, written or read."""


class UsageError(PosecheckError):
    """The question makes no sense: an unknown stretch, side or model name."""
