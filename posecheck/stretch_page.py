"""One stretch as a page in the terminal."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape

from posecheck.safety import EVERYTHING
from posecheck.stretches.definition import Stretch
from posecheck.stretches.parts import Cue
from posecheck.values import show_band


def print_stretch(stretch: Stretch, console: Console) -> None:
    """Print how a stretch is done, filmed and judged.

    Parameters
    ----------
    stretch : Stretch
    console : Console
    """
    console.print(f"[bold]{escape(stretch.name)}[/]  ({stretch.id}, version {stretch.version})\n")
    console.print(escape(" ".join(stretch.how.split())))
    console.print(f"\n[bold]How to film it.[/] {escape(stretch.film)}")
    for dose in stretch.doses:
        note = f" ({dose.note})" if dose.note else ""
        console.print(f"[bold]Dose.[/] {dose.amount}{escape(f'{note}, source {dose.source}')}")
    console.print("\n[bold]What is judged[/]")
    for cue in stretch.cues:
        console.print(f"  {escape(_cue_words(cue))}")
    console.print("\n[bold]Sources[/]")
    for source in stretch.sources:
        console.print(f"  {escape(f'{source.key}: {source.title}')}")
    console.print("\n[bold]Safety[/]")
    for line in (*stretch.safety, *EVERYTHING):
        console.print(f"  {escape(line)}")


def _cue_words(cue: Cue) -> str:
    if cue.kind == "reminder":
        return f"{cue.title} (only said): {cue.say}"
    check = cue.check[0]
    tolerance = f", tolerance {check.tolerance:g}" if check.tolerance else ""
    kind = "" if cue.kind == "alignment" else " (how far: coached, never failed)"
    band = show_band(check.target, check.what.unit)
    how = "" if check.statistic == "median" else f" ({check.statistic})"
    return f"{cue.title}{kind}: {check.what.label}{how} {band}{tolerance}"
