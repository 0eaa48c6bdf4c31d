"""A batch in a terminal: what would be done, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from posecheck.assess.check import AUTO
from posecheck.batch.job import Job, plain
from posecheck.batch.table import UNREADABLE, Done, counts

_MOST = 20  # clips that are listed one by one; the CSV has all


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
