"""The results of a batch as CSV, as JSON and as tables, however the work was shared out."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from posecheck.assess.check import AUTO
from posecheck.batch.job import ClipResult, Job, plain
from posecheck.batch.ledger import LedgerEntry
from posecheck.core.files import atomic_write, write_text

SCHEMA = "posecheck.batch/1"
UNREADABLE = "unreadable"
COLUMNS = (
    "file", "sha256", "stretch", "definition_version", "side", "person", "date", "pain_before",
    "pain_after", "note", "verdict", "cues_failed", "to_change", "held_s", "reps", "rom", "view",
    "duration_s", "frames", "frames_with_person", "warnings", "error", "posecheck", "model",
    "model_sha256",
)  # fmt: skip
_MOST = 20  # clips that are listed one by one; the CSV has all


def counts(done: Iterable[LedgerEntry]) -> dict[str, int]:
    """Count the clips of each verdict, and those that could not be read.

    Parameters
    ----------
    done : sequence of LedgerEntry

    Returns
    -------
    dict[str, int]
    """
    found = Counter(one.result.verdict or UNREADABLE for one in done)
    return {name: found[name] for name in ("good", "needs-work", "not-assessed", UNREADABLE)}


def save_csv(done: Iterable[LedgerEntry], path: Path, *, times: bool = False) -> None:
    """Write one line per clip, whole or not at all.

    Parameters
    ----------
    done : iterable of LedgerEntry
    path : Path
    times : bool
        Add how long each clip took, which differs from run to run.

    Raises
    ------
    SourceError
        When the file cannot be written.
    """
    with atomic_write(path) as part, part.open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow([*COLUMNS, "took_s"] if times else COLUMNS)
        for one in done:
            cells = _cells(one.result)
            lines.writerow([*cells, one.took_s] if times else cells)


def to_json(done: Sequence[LedgerEntry], **about: object) -> str:
    """Format the batch as JSON (`posecheck.batch/1`), with `about` at its head.

    Parameters
    ----------
    done : sequence of LedgerEntry

    Returns
    -------
    str
    """
    clips = [one.result.model_dump(mode="json") | {"took_s": one.took_s} for one in done]
    tree = {"schema": SCHEMA, **about, "counts": counts(done), "clips": clips}
    return json.dumps(tree, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def save_json(text: str, path: Path) -> None:
    """Write what `to_json` returned.

    Parameters
    ----------
    text : str
    path : Path
        The file.
    """
    write_text(path, text, what="the list of results")


def _cells(result: ClipResult) -> list[Any]:
    # A spreadsheet takes a name that begins so for a formula.
    file = f"./{result.file}" if result.file.startswith(("=", "+", "-", "@")) else result.file
    made = {
        "file": file,
        "cues_failed": "; ".join(result.cues_failed),
        "to_change": " ".join(result.to_change),
        "held_s": "; ".join(f"{side} {seconds:g}" for side, seconds in result.holds),
        "reps": "; ".join(f"{side} {n}" for side, n in result.reps.items()),
        "rom": "; ".join(
            f"{' '.join(filter(None, (rom.side, rom.measure, rom.statistic)))}="
            f"{rom.value:g} {rom.unit}"
            for rom in result.rom
        ),
        "warnings": " ".join(result.warnings),
    }
    return [made[name] if name in made else getattr(result, name) for name in COLUMNS]


# --- in a terminal --------------------------------------------------------------------------------


def plan_table(jobs: Iterable[Job], left: Sequence[Job]) -> Table:
    """Lay out what would be done, one line per clip.

    Parameters
    ----------
    jobs : iterable of Job
    left : sequence of Job

    Returns
    -------
    Table
    """
    table = _plain_table("file", "stretch", "side", "person", "date", "")
    todo = set(map(id, left))
    for job in jobs:
        stretch = job.stretch.id if job.stretch else AUTO
        state = job.problem or ("to do" if id(job) in todo else "done")
        cells = (plain(job.file), stretch, job.side or "", job.person or "", job.date, state)
        table.add_row(*map(escape, cells))
    return table


def print_summary(done: Sequence[LedgerEntry], console: Console) -> None:
    """Print how many clips of each stretch got which verdict, and which could not be read.

    Parameters
    ----------
    done : sequence of LedgerEntry
    console : Console
    """
    stretches = sorted({one.result.stretch or "" for one in done})
    table = _plain_table("stretch", "clips", "good", "needs work", "not assessed", UNREADABLE, "s")
    for stretch in stretches:
        _add(table, stretch or "?", [one for one in done if (one.result.stretch or "") == stretch])
    if len(stretches) > 1:
        _add(table, "[bold]all[/]", done)
    console.print(table)
    failed = [one.result for one in done if not one.result.was_read]
    for result in failed[:_MOST]:
        words = f"{result.file}: {result.error}"
        console.print(f"[red]{UNREADABLE}[/] {escape(words)}", soft_wrap=True, highlight=False)
    if len(failed) > _MOST:
        console.print(f"... and {len(failed) - _MOST} more: see the column `error` of the CSV.")


def _plain_table(*titles: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in titles:
        table.add_column(title, overflow="fold")
    return table


def _add(table: Table, name: str, done: Sequence[LedgerEntry]) -> None:
    seconds = sum(one.took_s for one in done)
    table.add_row(name, str(len(done)), *map(str, counts(done).values()), f"{seconds:.0f}")
