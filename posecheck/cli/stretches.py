"""`posecheck stretches` and `posecheck validate`: the catalogue, and definitions of one's own."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

import posecheck
from posecheck.cli.options import EXIT_BAD_INPUT, out, print_error
from posecheck.core.errors import UsageError

if TYPE_CHECKING:
    from posecheck.stretches import Stretch


def stretches(
    stretch: Annotated[
        str | None, typer.Argument(help="Show this one: an id or FILE.toml.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    drawing: Annotated[
        Path | None, typer.Option("--figure", help="Write the drawing: OUT.svg or OUT.png.")
    ] = None,
    as_template: Annotated[
        bool, typer.Option("--template", help="Print a definition to begin one of your own with.")
    ] = False,
) -> None:
    """List the stretches that can be checked, or show one: how it is done, filmed and judged.

    A stretch of your own: posecheck stretches --template > mine.toml, change it, and
    posecheck validate mine.toml
    """
    # 0.2 s: pydantic
    from posecheck.stretches.page import print_listing, print_stretch  # noqa: PLC0415
    from posecheck.stretches.reader import template  # noqa: PLC0415

    if as_template:
        sys.stdout.write(template())
        return
    if drawing is not None:
        _draw_stretch(stretch, drawing)
        return
    chosen = [
        posecheck.load_stretch(i) for i in ([stretch] if stretch else posecheck.stretch_ids())
    ]
    if as_json:
        sys.stdout.write(json.dumps([_listed(s) for s in chosen], indent=2) + "\n")
    elif stretch:
        print_stretch(chosen[0], out)
    else:
        print_listing(chosen, out)


def _listed(stretch: Stretch) -> dict[str, object]:
    return {
        "id": stretch.id,
        "name": stretch.name,
        "position": stretch.position,
        "view": stretch.views[0],
        "views": stretch.views,
        "sides": stretch.sides,
        "doses": [{"source": dose.source, "amount": dose.amount} for dose in stretch.doses],
        "cues": [{"id": cue.id, "kind": cue.kind, "title": cue.title} for cue in stretch.cues],
    }


def _draw_stretch(stretch: str | None, path: Path) -> None:
    if stretch is None:
        raise UsageError("say of which stretch", where="--figure", hint="posecheck stretches ID.")
    # 0.6 s: NumPy and pydantic
    from posecheck.report.figures import save_stretch  # noqa: PLC0415

    save_stretch(posecheck.load_stretch(stretch), path)


def validate(file: Annotated[Path, typer.Argument(help="A definition, FILE.toml.")]) -> None:
    """Check a stretch definition of your own: every error with its line, key and reason.

    docs/stretch-format.md explains every key; posecheck stretches --template prints a file to
    begin with. Exit status: 0 complete, 2 not.
    """
    # 0.6 s: NumPy and pydantic
    from posecheck.assess.judge import figure_faults  # noqa: PLC0415
    from posecheck.stretches.problems import read_definition  # noqa: PLC0415
    from posecheck.stretches.reader import read_text  # noqa: PLC0415

    definition, problems = read_definition(read_text(file))
    for problem in problems:
        print_error(f"{file}: {problem}")
    if definition is None:
        raise typer.Exit(EXIT_BAD_INPUT)
    out.print(f"{escape(str(file))}: {escape(definition.name)} is complete.")
    for line in [*definition.warnings(), *figure_faults(definition)]:
        out.print(f"[yellow]warning[/]: {escape(line)}")
