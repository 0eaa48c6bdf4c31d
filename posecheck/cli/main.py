"""The command line: arguments, progress bars and exit codes; nothing else."""

from __future__ import annotations

import atexit
import gc
import json
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from posecheck.cli import batch, history, live, progress
from posecheck.cli.options import (
    EXIT_BAD_INPUT,
    EXIT_FAILED_CUES,
    EXIT_GOOD,
    EXIT_OF,
    FPS_HELP,
    check_outputs,
    n_cores,
    read_fps,
    write_report,
)
from posecheck.core.errors import MISSING_LIBRARY, PosecheckError, UsageError
from posecheck.core.limits import DEFAULT_TIME_LIMIT_S, time_limit

if TYPE_CHECKING:
    from posecheck.assess.report import Report
    from posecheck.stretches import Stretch

EXIT_FAULT = 70  # as sysexits.h has it for an internal error

app = typer.Typer(
    help="Check the form of lower-back stretches in videos and photos. Video never leaves this "
    "machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
# A path may hold what rich takes for a picture, as :x: in a.b:x:c.mp4.
_out = Console(emoji=False)
_err = Console(stderr=True, emoji=False)


@app.command()
def check(
    source: Annotated[Path, typer.Argument(help="A video or a photo.")],
    stretch: Annotated[
        str,
        typer.Option(
            help="Which stretch it shows: an id (`posecheck stretches`), FILE.toml, or auto to "
            "tell it from the recording."
        ),
    ] = "auto",
    side: Annotated[str | None, typer.Option(help="Judge only this side: left or right.")] = None,
    model: Annotated[
        str | None, typer.Option(help="lite, full, heavy or the path of a .task file.")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=256,
            help="Processes that look at parts of a long video side by side; by default one for "
            "each core.",
        ),
    ] = None,
    fps: Annotated[str, typer.Option(help=FPS_HELP)] = "auto",
    json_file: Annotated[
        str | None, typer.Option("--json", help="Write the report as JSON; - prints it alone.")
    ] = None,
    annotated: Annotated[
        Path | None,
        typer.Option("--annotate", help="Draw the findings: OUT.mp4 (photo: .png too)."),
    ] = None,
    html_file: Annotated[
        Path | None, typer.Option("--report", help="Write the report as one HTML page.")
    ] = None,
    landmarks: Annotated[
        Path | None,
        typer.Option(help="Write the landmarks: OUT.parquet, .csv, .json, .trc, .c3d or .nc."),
    ] = None,
    measures: Annotated[
        Path | None,
        typer.Option(help="Write every angle of every frame: OUT.csv, .parquet or .json."),
    ] = None,
    correct: Annotated[
        bool,
        typer.Option("--correct/--no-correct", help="Correct the angles by their known errors."),
    ] = True,
    save: history.Save = False,
    person: history.Whose = None,
    pain_before: history.Pain = None,
    pain_after: history.Pain = None,
    note: history.Note = None,
    prop: history.Prop = None,
    again: history.Again = False,
    limit_s: Annotated[
        float,
        typer.Option(
            "--time-limit", min=0, help="Seconds that looking, and drawing, may each take."
        ),
    ] = DEFAULT_TIME_LIMIT_S,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")] = False,
) -> None:
    """Check a video or a photo against a stretch.

    Without --stretch it tells from the recording which one it is, or says that it does not know.

    Exit status: 0 every assessed alignment cue passed, 1 some failed, 2 unreadable input or bad
    usage, 3 nothing could be assessed.

    Example: posecheck check clip.mp4 --stretch legs-up-the-wall --annotate drawn.mp4
    """
    from posecheck.assess import check
    from posecheck.media.writer import check_drawing_name
    from posecheck.pose.model.locate import resolve_model
    from posecheck.pose.progress_bar import download_bar, frame_bar

    # Whatever is wrong with the question is said before the work.
    definition = check.as_stretch(stretch)
    check.check_side(side, definition)
    saving = history.Saving.asked(save, person, pain_before, pain_after, note, prop, again)
    rate = read_fps(fps)
    check_outputs(source, [json_file, annotated, html_file, landmarks, measures])
    _check_exports(landmarks, measures)
    console = Console(stderr=True, quiet=quiet)
    facts = check.recording_facts(source)
    if annotated is not None:
        check_drawing_name(annotated, facts.kind)
    saving.begin(source, definition)
    with download_bar(console) as progress:
        model_path = resolve_model(model, progress=progress)
    bar = frame_bar("Looking", total_s=facts.duration_s, console=console)
    with time_limit(limit_s), bar as on_frame:
        report = check.check(
            source,
            definition or stretch,
            side=side,
            model=model_path,
            fps=rate,
            workers=workers or n_cores(),
            correct=correct,
            on_frame=on_frame,
        )
    report = saving.judged(report)
    _export(report, landmarks, measures)
    if annotated is not None:
        from posecheck.report.annotate import annotate as draw

        bar = frame_bar("Drawing", total_s=facts.duration_s, console=console)
        with time_limit(limit_s), bar as on_frame:
            draw(report, annotated, on_frame=on_frame)
    write_report(report, html_file=html_file, json_file=json_file, quiet=quiet)
    saving.finish(report, quiet=quiet)
    raise typer.Exit(EXIT_OF[report.verdict])


def _check_exports(landmarks: Path | None, measures: Path | None) -> None:
    """Refuse before the work a suffix that tells no format."""
    if landmarks is None and measures is None:
        return  # what writes them takes a second to load
    from posecheck.report.export.formats import check_measure_path, landmark_format

    if landmarks is not None:
        landmark_format(landmarks)
    if measures is not None:
        check_measure_path(measures)


def _export(report: Report, landmarks: Path | None, measures: Path | None) -> None:
    from posecheck.report.export import export_landmarks, export_measures

    if landmarks is not None:
        export_landmarks(report.series, landmarks)
    if measures is not None:
        export_measures(report.measures, measures)


@app.command()
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
    from posecheck.stretches import load_stretch, stretch_ids
    from posecheck.stretches.reader import template

    if as_template:
        sys.stdout.write(template())
        return
    if drawing is not None:
        _draw_stretch(stretch, drawing)
        return
    chosen = [load_stretch(i) for i in ([stretch] if stretch else stretch_ids())]
    if as_json:
        sys.stdout.write(json.dumps([_listed(s) for s in chosen], indent=2) + "\n")
    elif stretch:
        from posecheck.stretches.page import print_stretch

        print_stretch(chosen[0], _out)
    else:
        from posecheck.stretches.page import print_listing

        print_listing(chosen, _out)


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
    from posecheck.report.stretch_figure import save_figures
    from posecheck.stretches import load_stretch

    if stretch is None:
        raise UsageError("say of which stretch", where="--figure", hint="posecheck stretches ID.")
    save_figures(load_stretch(stretch), path)


@app.command()
def validate(file: Annotated[Path, typer.Argument(help="A definition, FILE.toml.")]) -> None:
    """Check a stretch definition of your own: every error with its line, key and reason.

    docs/stretch-format.md explains every key; posecheck stretches --template prints a file to
    begin with. Exit status: 0 complete, 2 not.
    """
    from posecheck.assess.figure_check import figure_faults
    from posecheck.stretches.problems import read_definition
    from posecheck.stretches.reader import read_text

    definition, problems = read_definition(read_text(file))
    for problem in problems:
        words = escape(f"{file}: {problem}")
        _err.print(f"[red]posecheck:[/] {words}", soft_wrap=True, highlight=False)
    if definition is None:
        raise typer.Exit(EXIT_BAD_INPUT)
    _out.print(f"{escape(str(file))}: {escape(definition.name)} is complete.")
    for line in [*definition.warnings(), *figure_faults(definition)]:
        _out.print(f"[yellow]warning[/]: {escape(line)}")


@app.command()
def doctor() -> None:
    """Tell what is installed, where data goes, what is wrong and how to mend it."""
    from posecheck.cli.doctor import examine

    findings = examine()
    table = Table("", "what", box=None, padding=(0, 2, 0, 0))
    table.add_column("found", overflow="fold")
    for finding in findings:
        sign = "[green]✓[/]" if finding.ok else "[red]✗[/]"
        table.add_row(sign, finding.name, escape(finding.detail))
    _out.print(table)
    wrong = [finding for finding in findings if not finding.ok]
    for finding in wrong:
        _out.print(f"[red]{finding.name}[/]: {escape(finding.mend)}")
    raise typer.Exit(EXIT_FAILED_CUES if wrong else EXIT_GOOD)


@app.command()
def model(
    name: Annotated[str, typer.Argument(help="lite, full, heavy or a path.")] = "full",
) -> None:
    """Fetch the pose model if need be, and tell which one it is."""
    from posecheck.pose.model.locate import model_facts, resolve_model
    from posecheck.pose.progress_bar import download_bar

    with download_bar(_err) as progress:
        facts = model_facts(resolve_model(name, progress=progress))
    _out.print(f"{facts.name}  {facts.origin}  {facts.size_bytes} bytes", highlight=False)
    _out.print(f"sha256 {facts.sha256}", highlight=False, soft_wrap=True)
    _out.print(escape(str(facts.path)), highlight=False, soft_wrap=True)


app.command()(batch.batch)
app.command()(live.live)
history.add_to(app)
app.command()(progress.progress)


def _printable(words: str) -> str:
    """On one line, without commands to the terminal: a file may have any name."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in words)


def main() -> None:
    """Run the command line; an error becomes one clear line and exit status 2."""
    atexit.register(gc.freeze)  # the system takes it all back at once; sorting it takes 0.2 s
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a file's name need not be text
    try:
        app()
    except PosecheckError as error:
        words = _printable(str(error))
        _err.print(f"[red]posecheck:[/] {escape(words)}", soft_wrap=True, highlight=False)
        sys.exit(EXIT_BAD_INPUT)
    except ImportError as error:
        if (error.name or "").startswith("posecheck"):
            raise  # a fault of ours, not of the system
        words = (
            f"a package does not load ({error}). {MISSING_LIBRARY}. `posecheck doctor` tells more."
        )
        _err.print(f"[red]posecheck:[/] {escape(words)}", soft_wrap=True, highlight=False)
        sys.exit(EXIT_BAD_INPUT)
    except KeyboardInterrupt:
        _err.print("posecheck: stopped")
        sys.exit(130)
    except Exception:  # noqa: BLE001
        # A fault of ours is shown whole, but its status must not read as "some cues failed".
        _err.print_exception()
        sys.exit(EXIT_FAULT)
