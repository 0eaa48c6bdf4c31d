"""Write a text that somebody asked for, and say clearly when that is not possible."""

from __future__ import annotations

from pathlib import Path

from posecheck.core.errors import SourceError


def write_text(path: str | Path, text: str, *, what: str = "the report") -> None:
    """Write `text` to a file as UTF-8.

    Raises
    ------
    SourceError
        The folder is not there, or may not be written to.
    """
    try:
        # A file's name need not be text: what is not stays readable, and valid in JSON.
        Path(path).write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise SourceError(
            f"{what} cannot be written ({error.strerror or error})",
            where=path,
            hint="Choose a folder that exists and that you may write to.",
        ) from error
