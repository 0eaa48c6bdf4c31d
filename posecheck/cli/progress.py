"""`posecheck progress`: a person's range of motion over the sessions, as a table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

import posecheck
from posecheck.cli.options import out
from posecheck.core.errors import UsageError
from posecheck.core.wording import WHAT_THIS_IS, WHILE_STRETCHING

if TYPE_CHECKING:
    from posecheck.sessions.progress.progress import Progress
    from posecheck.sessions.progress.series import SeriesProgress

_STYLE = {
    "real gain": "bold green",
    "real loss": "bold yellow",
    "building baseline": "dim",
    "within measurement noise": "none",
}


def progress(
    person: Annotated[str, typer.Option(help="Whose sessions, as given to --person.")] = "me",
    stretch: Annotated[str | None, typer.Option(help="Only this stretch, by its id.")] = None,
    html_file: Annotated[
        Path | None, typer.Option("--report", help="Write it as one HTML page, OUT.html.")
    ] = None,
) -> None:
    """Tell change from measurement noise, for every stretch, measure and side of a person.

    Example: posecheck progress --person me --stretch legs-up-the-wall
    """
    with posecheck.History() as history:
        found = posecheck.progress(history.rom(person, stretch), history.sessions(person))
    if not found.series:
        raise UsageError(
            f"there is no range of motion of {person!r} yet"
            + (f" in {stretch!r}" if stretch else ""),
            hint="Save sessions first: posecheck check CLIP --save --person NAME.",
        )
    print_progress(found, out)
    if html_file is not None:
        found.to_html(html_file, person=person)


def print_progress(progress: Progress, console: Console) -> None:
    """Print progress for people: a table a stretch, then the notes."""
    for stretch in dict.fromkeys(one.stretch for one in progress.current):
        console.print(f"[bold]{escape(stretch)}[/]")
        table = Table(box=None, padding=(0, 1, 0, 0))
        table.add_column("measure", min_width=24, overflow="fold")
        for name in ("sessions", "baseline", "latest", "limit"):
            table.add_column(name, justify="right")
        table.add_column("verdict", no_wrap=True)
        for one in progress.current:
            if one.stretch == stretch:
                table.add_row(*_cells(one))
        console.print(table)
    console.print("Limit: a change from the baseline is real beyond it, two sessions running.")
    for line in progress.notes():
        console.print(escape(line), soft_wrap=True)
    for line in (WHILE_STRETCHING, WHAT_THIS_IS):
        console.print(f"[dim]{line}[/]")


def _cells(one: SeriesProgress) -> list[str]:
    name = f"{one.name}, {one.where}" if one.where else one.name
    values = [one.show(value) for value in (one.baseline, one.latest, one.mdc)]
    style = _STYLE[one.verdict]
    return [escape(name), str(len(one.sittings)), *values, f"[{style}]{one.verdict}[/]"]
