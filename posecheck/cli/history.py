"""The command line's part about kept sessions: the commands, and `--save` of a check."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from posecheck.core.errors import UsageError
from posecheck.core.wording import shortened

if TYPE_CHECKING:
    import pandas as pd

    from posecheck.assess.report import Report
    from posecheck.sessions import History
    from posecheck.stretches import Stretch

_LONGEST = 40  # letters of a name or a note on a line

_out = Console(emoji=False)
_err = Console(stderr=True, emoji=False)

Pain = Annotated[
    int | None, typer.Option(help="How much it hurts, from 0 to 10; kept with the session.")
]
Save = Annotated[bool, typer.Option("--save", help="Keep the session in the history.")]
Whose = Annotated[str | None, typer.Option(help="Whose session it is; with --save, else me.")]
Note = Annotated[str | None, typer.Option(help="A remark to keep with the session.")]
Prop = Annotated[
    str | None, typer.Option(help="What was used (strap, block): like is compared with like.")
]
Again = Annotated[bool, typer.Option("--again", help="Save a recording that is saved already.")]


@dataclass(frozen=True)
class Saving:
    """What is to be kept of one check; nothing where `person` is None."""

    person: str | None
    pain_before: int | None
    pain_after: int | None
    note: str
    prop: str
    again: bool

    @classmethod
    def asked(
        cls,
        save: bool,
        person: str | None,
        pain_before: int | None,
        pain_after: int | None,
        note: str | None,
        prop: str | None,
        again: bool,
    ) -> Self:
        """Take the options of a command, and refuse those that mean nothing together."""
        from posecheck.assess.pain import check_pain

        given = {
            "--person": person,
            "--pain-before": pain_before,
            "--pain-after": pain_after,
            "--note": note,
            "--prop": prop,
            "--again": again or None,
        }
        alone = [name for name, value in given.items() if value is not None]
        if alone and not save:
            raise UsageError(
                "this goes with the session, which is not kept", where=alone[0], hint="Add --save."
            )
        check_pain(pain_before, "before")
        check_pain(pain_after, "after")
        name = (person if person is not None else "me") if save else None
        return cls(name, pain_before, pain_after, note or "", prop or "", again)

    def begin(self, source: Path, stretch: Stretch | None) -> None:
        """Before the work: refuse what could not be kept, and say what a first session needs."""
        if self.person is None:
            return
        from posecheck.core.safety import BEFORE_FIRST_SESSION, WHILE_STRETCHING
        from posecheck.sessions import History

        with History() as history:
            if not history.knows(self.person):
                _err.print(f"[bold]Before a first session:[/] {BEFORE_FIRST_SESSION}")
                _err.print(WHILE_STRETCHING)
            if stretch is not None and not self.again:
                history.refuse_twice(source, stretch.id)

    def judged(self, report: Report) -> Report:
        """The report as somebody with that pain should see it."""
        from posecheck.assess.pain import spare_depth

        return spare_depth(report, self.pain_before, self.pain_after)

    def finish(self, report: Report, *, quiet: bool) -> None:
        """After the work: keep it."""
        if self.person is None:
            return
        from posecheck.sessions import History
        from posecheck.stretches import unknown_stretch

        if report.stretch is unknown_stretch():
            _err.print("Not saved: say with --stretch which one it is.")
            return
        with History() as history:
            number = history.add(
                report,
                person=self.person,
                pain_before=self.pain_before,
                pain_after=self.pain_after,
                note=self.note,
                prop=self.prop,
                again=self.again,
            )
        if not quiet:
            _err.print(f"Saved as session {number} of {escape(shortened(self.person, _LONGEST))}.")


def history(person: Annotated[str | None, typer.Option(help="Only this person.")] = None) -> None:
    """List the sessions that are kept, oldest first."""
    with _open() as kept:
        table = kept.sessions(person)
    if table.empty:
        _out.print("No session is kept. `posecheck check VIDEO --save` keeps one.")
        return
    _out.print(_session_table(table))


def export(
    person: Annotated[str, typer.Argument(help="Whose sessions.")],
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
    from posecheck.report.export.person_folder import export_history, formats_named

    asked = formats_named(formats or [])
    with _open() as kept:
        written = export_history(kept, person, folder, asked)
    _out.print(f"Written: {escape(str(written))}", soft_wrap=True, highlight=False)


def import_(
    folder: Annotated[Path, typer.Argument(help="What `posecheck export` wrote.")],
    person: Annotated[str | None, typer.Option(help="Give them to somebody else.")] = None,
) -> None:
    """Read back what was exported; sessions that are here already stay as they are."""
    with _open() as kept:
        n_sessions = kept.import_(folder, person=person)
    _out.print(f"{n_sessions} session(s) added.")


def forget(
    person: Annotated[str, typer.Argument(help="Whose sessions.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete every trace of a person. There is no way back."""
    with _open() as kept:
        n_sessions = len(kept.sessions(person))
        if n_sessions and not yes:
            typer.confirm(
                f"Delete {n_sessions} session(s) of {shortened(person, _LONGEST)} for good?",
                abort=True,
                err=True,
            )
        n_sessions = kept.forget(person)
    _out.print(
        f"{n_sessions} session(s) deleted. Exports, backups and your own videos are where you put "
        "them."
    )


def recheck(
    person: Annotated[str | None, typer.Option(help="Only this person.")] = None,
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
    _out.print(shown if len(table) else "No session is kept that could be checked again.")


def backup(file: Annotated[Path, typer.Argument(help="A new file.")]) -> None:
    """Copy the whole history, with the landmarks in a folder beside the copy."""
    with _open() as kept:
        written = kept.backup(file)
    _out.print(f"Written: {escape(str(written))}", soft_wrap=True, highlight=False)


def add_to(app: typer.Typer) -> None:
    """Give the command line its commands about kept sessions."""
    for command in (history, export, import_, forget, recheck, backup):
        app.command(command.__name__.strip("_"))(command)


def _open() -> History:
    from posecheck.sessions import History

    return History()


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
        person, note = (shortened(row[key], _LONGEST) for key in ("person", "note"))
        cells = (
            row["session"], when, person, row["stretch"], row["verdict"],
            row["view"], held, pain, note,
        )  # fmt: skip
        table.add_row(*(escape(str(cell)) for cell in cells))
    return table


def _number(value: float) -> str:
    return "?" if math.isnan(value) else f"{value:.0f}"
