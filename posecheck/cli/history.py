"""`posecheck history`, and the other commands about kept sessions."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

import posecheck
from posecheck.cli.options import LONGEST, OnlyPerson, PersonArgument, out
from posecheck.core.wording import shortened

if TYPE_CHECKING:
    import pandas as pd

    from posecheck.sessions import History


def history(person: OnlyPerson = None) -> None:
    """List the sessions that are kept, oldest first."""
    with _open() as kept:
        table = kept.sessions(person)
    if table.empty:
        out.print("No session is kept. `posecheck check VIDEO --save` keeps one.")
        return
    out.print(_session_table(table))


def export(
    person: PersonArgument,
    folder: Annotated[Path, typer.Argument(help="A new folder.")],
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            help="Write the landmarks in this format too: csv, json, trc, c3d or netcdf; several "
            "with commas.",
        ),
    ] = None,
) -> None:
    """Write everything that is kept of a person: CSV, Parquet, JSON, landmarks."""
    # 0.8 s: pandas, pyarrow and SQLAlchemy
    from posecheck.report.export.person_folder import (  # noqa: PLC0415
        export_history,
        formats_named,
    )

    asked = formats_named(formats or [])
    with _open() as kept:
        written = export_history(kept, person, folder, asked)
    out.print(f"Written: {escape(str(written))}", soft_wrap=True, highlight=False)


def import_(
    folder: Annotated[Path, typer.Argument(help="What `posecheck export` wrote.")],
    person: Annotated[str | None, typer.Option(help="Give them to somebody else.")] = None,
) -> None:
    """Read back what was exported; sessions that are here already stay as they are."""
    with _open() as kept:
        n_sessions = kept.import_(folder, person=person)
    out.print(f"{n_sessions} session(s) added.")


def forget(
    person: PersonArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete every trace of a person. There is no way back."""
    with _open() as kept:
        n_sessions = len(kept.sessions(person))
        if n_sessions and not yes:
            typer.confirm(
                f"Delete {n_sessions} session(s) of {shortened(person, LONGEST)} for good?",
                abort=True,
                err=True,
            )
        n_sessions = kept.forget(person)
    out.print(
        f"{n_sessions} session(s) deleted. Exports, backups and your own videos are where you put "
        "them."
    )


def recheck(
    person: OnlyPerson = None,
    stretch: Annotated[str | None, typer.Option(help="Only this stretch: id or FILE.toml.")] = None,
) -> None:
    """Check kept sessions again where definitions or posecheck itself have changed."""
    with _open() as kept:
        table = kept.recheck(person, stretch)
    shown = Table("session", "stretch", "outcome", "verdict", box=None, padding=(0, 2, 0, 0))
    shown.add_column("what changed", overflow="fold")
    for row in table.to_dict("records"):
        verdict = " -> ".join(dict.fromkeys((row["verdict_before"], row["verdict"])))
        cells = (row["session"], row["stretch"], row["outcome"], verdict, row["changed"])
        shown.add_row(*(escape(str(cell)) for cell in cells))
    out.print(shown if len(table) else "No session is kept that could be checked again.")


def backup(file: Annotated[Path, typer.Argument(help="A new file.")]) -> None:
    """Copy the whole history, with the landmarks in a folder beside the copy."""
    with _open() as kept:
        written = kept.backup(file)
    out.print(f"Written: {escape(str(written))}", soft_wrap=True, highlight=False)


def _open() -> History:
    return posecheck.History()


def _session_table(sessions: pd.DataFrame) -> Table:
    titles = ("session", "when", "person", "stretch", "verdict", "view", "held", "pain", "note")
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in titles:
        table.add_column(title, overflow="fold", no_wrap=title in {"session", "when", "stretch"})
    for row in sessions.to_dict("records"):
        when = row["started"].to_pydatetime().astimezone().strftime("%Y-%m-%d %H:%M")
        held = "" if math.isnan(row["held_s"]) else f"{row['held_s']:.0f} s"
        pain = f"{_number(row['pain_before'])} -> {_number(row['pain_after'])}"
        pain = "" if pain == "? -> ?" else pain
        person, note = (shortened(row[key], LONGEST) for key in ("person", "note"))
        cells = (
            row["session"], when, person, row["stretch"], row["verdict"],
            row["view"], held, pain, note,
        )  # fmt: skip
        table.add_row(*(escape(str(cell)) for cell in cells))
    return table


def _number(value: float) -> str:
    return "?" if math.isnan(value) else f"{value:.0f}"
