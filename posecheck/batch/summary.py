"""What came of a batch, as CSV, as JSON and in a terminal; the same however the work was shared."""

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
from posecheck.batch.job import Job, Row, plain
from posecheck.batch.ledger import Done
from posecheck.core.files import whole_file
from posecheck.core.text_file import write_text

SCHEMA = "posecheck.batch/1"
UNREADABLE = "unreadable"
COLUMNS = (
    "file", "sha256", "stretch", "definition_version", "side", "person", "date", "pain_before",
    "pain_after", "note", "verdict", "cues_failed", "to_change", "held_s", "reps", "rom", "view",
    "duration_s", "frames", "frames_with_person", "warnings", "error", "posecheck", "model",
    "model_sha256",
)  # fmt: skip
_MOST = 20  # clips that are listed one by one; the CSV has all


def counts(done: Iterable[Done]) -> dict[str, int]:
    """How many clips there are of each verdict, and how many could not be read."""
    found = Counter(one.row.verdict or UNREADABLE for one in done)
    return {name: found[name] for name in ("good", "needs-work", "not-assessed", UNREADABLE)}


def save_csv(done: Iterable[Done], path: Path, *, times: bool = False) -> None:
    """Write one line a clip, whole or not at all.

    Parameters
    ----------
    done : iterable of Done
    path : Path
    times : bool
        Add how long each clip took, which is another time in every run.
    """
    with whole_file(path) as part, part.open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow([*COLUMNS, "took_s"] if times else COLUMNS)
        for one in done:
            cells = _cells(one.row)
            lines.writerow([*cells, one.took_s] if times else cells)


def to_json(done: Sequence[Done], **about: object) -> str:
    """The batch as JSON, with `about` at its head."""
    clips = [one.row.model_dump(mode="json") | {"took_s": one.took_s} for one in done]
    tree = {"schema": SCHEMA, **about, "counts": counts(done), "clips": clips}
    return json.dumps(tree, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def save_json(text: str, path: Path) -> None:
    """Write what `to_json` gave."""
    write_text(path, text, what="the list of results")


def _cells(row: Row) -> list[Any]:
    # A spreadsheet takes a name that begins so for a formula.
    file = f"./{row.file}" if row.file.startswith(("=", "+", "-", "@")) else row.file
    made = {
        "file": file,
        "cues_failed": "; ".join(row.cues_failed),
        "to_change": " ".join(row.to_change),
        "held_s": "; ".join(f"{side} {seconds:g}" for side, seconds in row.holds),
        "reps": "; ".join(f"{side} {n}" for side, n in row.reps.items()),
        "rom": "; ".join(
            f"{' '.join(filter(None, (rom.side, rom.measure, rom.statistic)))}="
            f"{rom.value:g} {rom.unit}"
            for rom in row.rom
        ),
        "warnings": " ".join(row.warnings),
    }
    return [made[name] if name in made else getattr(row, name) for name in COLUMNS]


# --- in a terminal --------------------------------------------------------------------------------


def plan_table(jobs: Iterable[Job], left: Sequence[Job]) -> Table:
    """What would be done, a line a clip."""
    table = _plain_table("file", "stretch", "side", "person", "date", "")
    todo = set(map(id, left))
    for job in jobs:
        stretch = job.stretch.id if job.stretch else AUTO
        state = job.problem or ("to do" if id(job) in todo else "done")
        cells = (plain(job.file), stretch, job.side or "", job.person or "", job.date, state)
        table.add_row(*map(escape, cells))
    return table


def print_summary(done: Sequence[Done], console: Console) -> None:
    """How many clips of each stretch came to what, and which could not be read."""
    stretches = sorted({one.row.stretch or "" for one in done})
    table = _plain_table("stretch", "clips", "good", "needs work", "not assessed", UNREADABLE, "s")
    for stretch in stretches:
        _add(table, stretch or "?", [one for one in done if (one.row.stretch or "") == stretch])
    if len(stretches) > 1:
        _add(table, "[bold]all[/]", done)
    console.print(table)
    failed = [one.row for one in done if not one.row.was_read]
    for row in failed[:_MOST]:
        words = f"{row.file}: {row.error}"
        console.print(f"[red]{UNREADABLE}[/] {escape(words)}", soft_wrap=True, highlight=False)
    if len(failed) > _MOST:
        console.print(f"... and {len(failed) - _MOST} more: see the column `error` of the CSV.")


def _plain_table(*titles: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in titles:
        table.add_column(title, overflow="fold")
    return table


def _add(table: Table, name: str, done: Sequence[Done]) -> None:
    seconds = sum(one.took_s for one in done)
    table.add_row(name, str(len(done)), *map(str, counts(done).values()), f"{seconds:.0f}")
