"""The report in a terminal: what to change first, then the table, then the rest."""

from __future__ import annotations

from io import StringIO

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from posecheck.assess.cue_result import CueResult
from posecheck.assess.report import Report
from posecheck.core.wording import WHAT_THIS_IS, WHILE_STRETCHING
from posecheck.measures.bands import passing_band, short_units, show_band, show_reading
from posecheck.report.style import STATUS, VERDICT

_TEXT_WIDTH = 100


def print_report(report: Report, console: Console) -> None:
    """Print a report for people.

    Parameters
    ----------
    report : Report
    console : Console
    """
    verdict = VERDICT[report.verdict]
    console.print(f"\n[bold]{escape(report.stretch.name)}[/]  {escape(report.series.source.path)}")
    console.print(f"[bold {verdict.tone.terminal}]{verdict.word}[/]")
    _print_changes(report, console)
    if report.verdict != "not-assessed":
        console.print(_table(report))
        _print_unseen(report, console)
    console.print(escape(report.done()))
    _print_rom(report, console)
    for cue in report.cues:
        if cue.kind == "reminder":
            console.print(f"[italic]Remember: {escape(cue.reason)}[/]")
    for note in report.warnings:
        console.print(f"[yellow]Note:[/] {escape(note)}")
    for line in (*report.stretch.safety, WHILE_STRETCHING, WHAT_THIS_IS):
        console.print(f"[dim]{escape(line)}[/]")


def report_text(report: Report) -> str:
    """The report as `print_report` prints it, without colours.

    Parameters
    ----------
    report : Report

    Returns
    -------
    str
    """
    page = StringIO()
    print_report(report, Console(file=page, width=_TEXT_WIDTH, emoji=False, color_system=None))
    return page.getvalue().strip("\n")


def _print_changes(report: Report, console: Console) -> None:
    changes = report.what_to_change()
    if report.verdict != "not-assessed":  # there it is what has to change
        changes += report.filming_advice
    for number, text in enumerate(changes, start=1):
        console.print(f"  {number}. {escape(text)}")


def _table(report: Report) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("", "cue", "side", "read", "passes"):
        table.add_column(name, overflow="fold")
    for cue in report.cues:
        if cue.kind != "reminder":
            table.add_row(*_row(cue))
    return table


def _row(cue: CueResult) -> tuple[str, ...]:
    observed = "" if cue.observed is None else show_reading(cue.observed, cue.interval, cue.unit)
    passes = show_band(passing_band(cue.target, cue.tolerance or 0.0), cue.unit)
    words = (cue.title, cue.side or "", short_units(observed), short_units(passes))
    look = STATUS[cue.status]
    return (f"[{look.tone.terminal}]{look.label}[/]", *(escape(word) for word in words))


def _print_unseen(report: Report, console: Console) -> None:
    """Why single cues could not be judged."""
    for cue in report.cues:
        if cue.why is not None:
            console.print(f"[dim]{escape(cue.title)}: {escape(cue.why.explanation)}[/]")


def _print_rom(report: Report, console: Console) -> None:
    if report.rom:
        values = ", ".join(
            f"{rom.side + ' ' if rom.side else ''}{rom.measure.replace('_', ' ')} "
            f"{show_reading(rom.value, rom.interval, rom.unit)}"
            for rom in report.rom
        )
        console.print(f"Range of motion (camera estimate and its 90 % interval): {escape(values)}")
