"""One stretch as a page in the terminal, and the list of all of them."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from posecheck.stretches.definition import Stretch
from posecheck.stretches.describe import sections
from posecheck.stretches.drawing import draw_lines, figure_strokes

_ROWS, _ROWS_OF_SEVERAL = 16, 11


def print_stretch(stretch: Stretch, console: Console) -> None:
    """Print how a stretch is done, filmed and judged, with its drawing.

    Parameters
    ----------
    stretch : Stretch
    console : Console
    """
    facts = f"({stretch.id}, {stretch.position}, version {stretch.version})"
    console.print(f"[bold]{escape(stretch.name)}[/]  {escape(facts)}", highlight=False)
    for figure in stretch.figures:
        title = f"{figure.name}\n" if figure.name else ""
        lines = [stroke.points for stroke in figure_strokes(stretch, figure)]
        drawing = draw_lines(lines, rows=_ROWS if len(stretch.figures) == 1 else _ROWS_OF_SEVERAL)
        console.print(escape(f"\n{title}{drawing}"), highlight=False)
    for section in sections(stretch):
        console.print(f"\n[bold]{escape(section.title)}[/]")
        for line in section.lines:
            console.print(Padding(Text(line), (0, 0, 0, 2), expand=False))


def print_listing(stretches: Sequence[Stretch], console: Console) -> None:
    """Print a table, one stretch a row.

    Parameters
    ----------
    stretches : sequence of Stretch
    console : Console
    """
    table = Table("id", "name", "position", "view", "sides", "dose", "cues", box=None)
    for stretch in stretches:
        facts = (
            stretch.id,
            stretch.name,
            stretch.position,
            ", ".join(stretch.views),
            stretch.sides,
            stretch.doses[0].amount if stretch.doses else "-",
            str(len(stretch.cues)),
        )
        table.add_row(*map(escape, facts))
    table.columns[0].no_wrap = True  # it is what is typed
    console.print(table)
