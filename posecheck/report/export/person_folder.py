"""A person's folder from the history, with the landmarks in further formats."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from posecheck.core.errors import UsageError
from posecheck.landmarks.parquet import load_landmarks
from posecheck.report.export.formats import LANDMARK_FORMATS, LandmarkFormat, export_landmarks
from posecheck.sessions import History

_LANDMARKS, _README = "landmarks", "README.txt"


def formats_named(names: Iterable[str]) -> list[LandmarkFormat]:
    """Formats by name; each name may hold several with commas between.

    Parameters
    ----------
    names : iterable of str

    Returns
    -------
    list of LandmarkFormat

    Raises
    ------
    UsageError
        When one is not known, or its package is not installed.
    """
    known = {one.name: one for one in LANDMARK_FORMATS if one.name != "parquet"}
    asked = [part.strip().lower() for name in names for part in name.split(",")]
    for name in asked:
        if name not in known:
            raise UsageError(
                f"{name!r} is no format",
                where="--format",
                hint=f"Choose among {', '.join(known)}. CSV and Parquet tables, JSON and the "
                "landmarks as Parquet are always written.",
            )
        known[name].check()
    return [known[name] for name in dict.fromkeys(asked)]


def export_history(
    history: History, person: str, folder: Path, formats: Iterable[LandmarkFormat]
) -> Path:
    """Write what `History.export` does, and the landmarks of every session in further formats.

    The new folder is there whole or not at all.

    Parameters
    ----------
    history : History
    person : str
    folder : Path
        A new folder.
    formats : iterable of LandmarkFormat
        From `formats_named`.

    Returns
    -------
    Path
    """
    chosen = list(formats)
    return history.export(person, folder, add=lambda written: _add(written, chosen))


def _add(folder: Path, formats: list[LandmarkFormat]) -> None:
    for path in sorted((folder / _LANDMARKS).glob("*.parquet")):
        series = load_landmarks(path)
        for one in formats:
            export_landmarks(series, path.with_suffix(one.suffix))
    if formats:
        suffixes = ", ".join(one.suffix for one in formats)
        with (folder / _README).open("a", encoding="utf-8") as file:
            file.write(f"\nThe landmarks are there as {suffixes} too, for other programs.\n")
