"""The recordings of a folder, or the lines of a plan, as jobs in a fixed order."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from posecheck.assess.check import AUTO, check_side
from posecheck.assess.pain import check_pain
from posecheck.batch.folders import Folder, OutsideFolderError, check_inside
from posecheck.batch.job import Job
from posecheck.core.errors import PosecheckError, UsageError
from posecheck.sessions.records import clean_name, clean_note
from posecheck.stretches import Stretch, load_stretch

COLUMNS = ("file", "person", "stretch", "date", "side", "pain_before", "pain_after", "note")
# What a phone, a camera or a messenger gives; names of any other kind need --match.
RECORDINGS = (
    "*.mp4", "*.m4v", "*.mov", "*.mkv", "*.webm", "*.avi", "*.3gp", "*.3g2", "*.mts", "*.m2ts",
    "*.mpg", "*.mpeg", "*.wmv", "*.ts", "*.jpg", "*.jpeg", "*.png", "*.heic", "*.webp",
)  # fmt: skip
_MAX_BYTES = 50_000_000
_SHOWN = 5  # errors of a plan
T = TypeVar("T")


@dataclass(frozen=True)
class Defaults:
    """What holds for every clip for which the plan says nothing else."""

    stretch: Stretch | None = None
    side: str | None = None
    person: str | None = None


def plan_folder(folder: Folder, match: Iterable[str], defaults: Defaults) -> list[Job]:
    """Make jobs of the recordings in a folder, in the order of their paths.

    Parameters
    ----------
    folder : Folder
    match : iterable of str
        Patterns for the end of the path (`*.mov`, `ann/*.mp4`), by default `RECORDINGS`. Upper and
        lower case are the same.
    defaults : Defaults

    Returns
    -------
    list of Job

    Raises
    ------
    UsageError
        When there is none.
    """
    patterns = [pattern.lower() for pattern in match] or RECORDINGS
    found = [
        one
        for one in folder.files()
        if any(PurePosixPath(one.file.lower()).match(pattern) for pattern in patterns)
        or one.is_folder
    ]
    if not found:
        raise UsageError(
            "there is no recording in this folder",
            where=folder.name(""),
            hint=f"Looked for: {' '.join(patterns)}. Say with --match what the names are like.",
        )
    check_side(defaults.side, defaults.stretch)
    name = None if defaults.person is None else clean_name(defaults.person)
    side: Any = defaults.side
    return [
        Job(one.file, one.stamp, one.problem, defaults.stretch, side, name)
        for one in sorted(found, key=lambda one: one.file)
    ]


def plan_file(path: Path, folder: Folder, defaults: Defaults) -> list[Job]:
    """Make jobs of the lines of a plan, in their order.

    Parameters
    ----------
    path : Path
        A CSV file with a header; only the column `file` must be there. See `COLUMNS`.
    folder : Folder
        The paths in the plan are relative to it.
    defaults : Defaults

    Returns
    -------
    list of Job

    Raises
    ------
    UsageError
        When a line makes no sense or leads out of the folder; the error names the lines.
    """
    jobs: list[Job] = []
    seen: dict[tuple[object, ...], int] = {}
    problems: list[str] = []
    for number, line in _lines(path):
        try:
            job = _job(line, folder, defaults)
        except PosecheckError as error:
            problems.append(f"line {number}: {str(error).removesuffix('.')}")
            continue
        same = (job.file, job.stretch and job.stretch.id, job.side)
        if same in seen:
            problems.append(f"line {number}: says the same as line {seen[same]}")
        seen[same] = number
        jobs.append(job)
    if problems:
        more = f"; and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
        raise UsageError("; ".join(problems[:_SHOWN]) + more, where=path, hint="Correct the plan.")
    if not jobs:
        raise UsageError("the plan has no line", where=path, hint="Give one line a recording.")
    return jobs


def _lines(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The lines of a plan with their numbers, as text by the names of the columns."""
    text = _text(path)
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in head else ",")
    try:
        names = [name.strip().lower() for name in next(reader, [])]
        _check_names(names, path)
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > len(names):
                raise UsageError(
                    f"line {reader.line_num} has {len(cells)} fields, the header {len(names)}",
                    where=path,
                    hint='Put a text that holds a comma in "quotes".',
                )
            yield reader.line_num, dict(zip(names, map(str.strip, cells), strict=False))
    except csv.Error as error:
        raise UsageError(
            f"line {reader.line_num} is no CSV ({error})", where=path, hint="Correct the plan."
        ) from error


def _text(path: Path) -> str:
    hint = f"Give a CSV file in UTF-8 with the columns {', '.join(COLUMNS)}."
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)  # not more: it may be a device without end
        if len(data) > _MAX_BYTES:
            raise UsageError("this is too large for a plan", where=path, hint=hint)
        return data.decode("utf-8-sig")  # Excel begins with a mark
    except (OSError, ValueError) as error:
        raise UsageError(f"the plan cannot be read ({error})", where=path, hint=hint) from error


def _check_names(names: list[str], path: Path) -> None:
    if "file" not in names:
        raise UsageError(
            "the plan has no column `file`",
            where=path,
            hint=f"Its first line names the columns: {', '.join(COLUMNS)}.",
        )
    for name in names:
        if name not in COLUMNS or names.count(name) > 1:
            near = get_close_matches(name, COLUMNS, n=1)
            guess = f"Did you mean {near[0]}? " if near and near[0] != name else ""
            raise UsageError(
                f"the column {name!r} is not known, or there twice",
                where=path,
                hint=f"{guess}There are: {', '.join(COLUMNS)}.",
            )


def _job(line: dict[str, str], folder: Folder, defaults: Defaults) -> Job:
    file = line["file"]
    check_inside(file)
    found = folder.find(PurePosixPath(file).as_posix())
    if found.leads_out:
        raise OutsideFolderError("This leads out of the folder of the batch", where=file)
    stretch = _stretch(line.get("stretch", ""), defaults.stretch)
    side: Any = line.get("side", "").lower() or defaults.side
    check_side(side, stretch)
    person = line.get("person", "") or defaults.person
    return replace(
        Job(found.file, found.stamp, found.problem, stretch, side),
        person=None if person is None else clean_name(person),
        date=_date(line.get("date", "")),
        pain_before=_pain(line.get("pain_before", ""), "before"),
        pain_after=_pain(line.get("pain_after", ""), "after"),
        note=clean_note(line.get("note", "")),
    )


def _stretch(name: str, otherwise: Stretch | None) -> Stretch | None:
    if not name:
        return otherwise
    if name == AUTO:
        return None
    if name.endswith(".toml"):
        raise UsageError(
            "a plan names stretches of the catalogue only",
            where=name,
            hint="Leave it out here and give the file with --stretch.",
        )
    return load_stretch(name)


def _date(text: str) -> str:
    _read(text, datetime.fromisoformat, "date", "Write 2026-11-21 or 2026-11-21T18:30.")
    return text


def _pain(text: str, when: str) -> int | None:
    pain = _read(text, int, f"pain {when}", "Write a whole number from 0 to 10.")
    check_pain(pain, when)
    return pain


def _read(text: str, kind: Callable[[str], T], what: str, hint: str) -> T | None:
    """A field as what it stands for; None where it is empty."""
    try:
        return kind(text) if text else None
    except ValueError as error:
        raise UsageError(f"{text!r} is no {what}", hint=hint) from error
