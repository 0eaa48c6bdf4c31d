"""Options that several commands share, what they mean together, and exit codes."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

import typer
from rich.console import Console
from rich.markup import escape

import posecheck
from posecheck.core.errors import UsageError
from posecheck.core.wording import BEFORE_FIRST_SESSION, WHILE_STRETCHING, shortened

if TYPE_CHECKING:
    from posecheck.assess.report import Report
    from posecheck.media.frame_selector import Fps
    from posecheck.stretches import Stretch

EXIT_GOOD, EXIT_FAILED_CUES, EXIT_BAD_INPUT, EXIT_NOT_ASSESSED = 0, 1, 2, 3
EXIT_OF = {"good": EXIT_GOOD, "needs-work": EXIT_FAILED_CUES, "not-assessed": EXIT_NOT_ASSESSED}

LONGEST = 40  # letters of a name or a note on a line

# A path may hold what rich takes for a picture, as :x: in a.b:x:c.mp4.
out = Console(emoji=False)
err = Console(stderr=True, emoji=False)

# --- of commands that look at pictures ------------------------------------------------------------

Side = Annotated[str | None, typer.Option(help="Judge only this side: left or right.")]
Model = Annotated[str | None, typer.Option(help="lite, full, heavy or the path of a .task file.")]
FramesPerSecond = Annotated[
    str,
    typer.Option(
        help="Frames a second to look at: a number; all of them; or auto, up to 15 where something "
        "moves and 5 where nothing does."
    ),
]
Correct = Annotated[
    bool,
    typer.Option("--correct/--no-correct", help="Correct the angles by their known errors."),
]
JsonFile = Annotated[
    str | None, typer.Option("--json", help="Write the report as JSON; - prints it alone.")
]
HtmlFile = Annotated[
    Path | None, typer.Option("--report", help="Write the report as one HTML page.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]

# --- of commands that save sessions, or read them -------------------------------------------------

Save = Annotated[bool, typer.Option("--save", help="Keep the session in the history.")]
Whose = Annotated[str | None, typer.Option(help="Whose session it is; with --save, else me.")]
Pain = Annotated[
    int | None, typer.Option(help="How much it hurts, from 0 to 10; kept with the session.")
]
Note = Annotated[str | None, typer.Option(help="A remark to keep with the session.")]
Prop = Annotated[
    str | None, typer.Option(help="What was used (strap, block): like is compared with like.")
]
Again = Annotated[bool, typer.Option("--again", help="Save a recording that is saved already.")]

OnlyPerson = Annotated[str | None, typer.Option(help="Only this person.")]
PersonArgument = Annotated[str, typer.Argument(help="Whose sessions.")]


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
    def from_options(
        cls,
        save: bool,
        person: str | None,
        pain_before: int | None,
        pain_after: int | None,
        note: str | None,
        prop: str | None,
        again: bool,
    ) -> Self:
        """Take the options of a command.

        Raises
        ------
        UsageError
            When options mean nothing together, or a pain is not between 0 and 10.
        """
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
        # 0.5 s: what reports are made of
        from posecheck.assess.pain import check_pain  # noqa: PLC0415

        check_pain(pain_before, "before")
        check_pain(pain_after, "after")
        name = (person if person is not None else "me") if save else None
        return cls(name, pain_before, pain_after, note or "", prop or "", again)

    def begin(self, source: Path, stretch: Stretch | None) -> None:
        """Before the work: refuse what could not be kept, and say what a first session needs."""
        if self.person is None:
            return

        with posecheck.History() as history:
            if not history.knows(self.person):
                say_before_first_session()
            if stretch is not None and not self.again:
                history.refuse_twice(source, stretch.id)

    def spared(self, report: Report) -> Report:
        """The report as a person with that pain should see it."""
        # 0.5 s: what reports are made of
        from posecheck.assess.pain import spare_depth  # noqa: PLC0415

        return spare_depth(report, self.pain_before, self.pain_after)

    def finish(self, report: Report, *, quiet: bool) -> None:
        """After the work: keep the session."""
        if self.person is None:
            return
        # 0.2 s: pydantic
        from posecheck.stretches import unknown_stretch  # noqa: PLC0415

        if report.stretch is unknown_stretch():
            err.print("Not saved: say with --stretch which one it is.")
            return
        with posecheck.History() as history:
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
            err.print(f"Saved as session {number} of {escape(shortened(self.person, LONGEST))}.")


def print_error(words: str) -> None:
    """Print one line in the name of posecheck on standard error."""
    err.print(f"[red]posecheck:[/] {escape(words)}", soft_wrap=True, highlight=False)


def say_before_first_session() -> None:
    """Print on standard error what a person should read before the first session."""
    err.print(f"[bold]Before a first session:[/] {BEFORE_FIRST_SESSION}")
    err.print(WHILE_STRETCHING)


def read_fps(text: str) -> Fps:
    """Frames a second to look at, as `--fps` has them.

    Raises
    ------
    UsageError
        When the text is no rate.
    """
    # 0.1 s: PyAV and OpenCV
    from posecheck.media.frame_selector import frame_selector  # noqa: PLC0415

    fps: Fps = text  # type: ignore[assignment]
    if text not in {"auto", "all"}:
        with suppress(ValueError):
            fps = float(text)
    frame_selector(fps)  # refuses what is no rate
    return fps


def n_cores() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def check_outputs(source: Path, outputs: list[str | Path | None]) -> None:
    """Refuse before the work what could not be written or would destroy the input.

    Parameters
    ----------
    source : Path
        What is read.
    outputs : list of str, Path or None
        What is to be written; None and "-" are no file.

    Raises
    ------
    UsageError
        When an output has no folder, is a folder, or is the source itself.
    """
    # 0.1 s: PyAV
    from posecheck.media.writer import refuse_overwriting  # noqa: PLC0415

    for output in outputs:
        if output is None or str(output) == "-":
            continue
        path = Path(output)
        if not path.parent.is_dir():
            raise UsageError("there is no such folder", where=path.parent, hint="Make it first.")
        if path.is_dir():
            raise UsageError("this is a folder", where=path, hint="Give a file name.")
        refuse_overwriting(source, path)


def write_report(
    report: Report, *, html_file: Path | None, json_file: str | None, quiet: bool
) -> None:
    """Write the report where it was asked for, and print it for people."""
    if html_file is not None:
        report.to_html(html_file)
    if json_file == "-":
        sys.stdout.write(report.to_json() + "\n")
    elif json_file is not None:
        report.to_json(json_file)
    if not quiet:
        # 0.5 s more: pandas and the history
        from posecheck.report.terminal import print_report  # noqa: PLC0415

        print_report(report, err if json_file == "-" else out)
