"""`posecheck check`: a video or a photo against a stretch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

import posecheck
from posecheck.cli.options import (
    EXIT_OF,
    Again,
    Correct,
    FramesPerSecond,
    HtmlFile,
    JsonFile,
    Model,
    Note,
    Pain,
    Prop,
    Quiet,
    Save,
    Saving,
    Side,
    Whose,
    check_outputs,
    n_cores,
    read_fps,
    write_report,
)
from posecheck.core.limits import DEFAULT_TIME_LIMIT_S, time_limit

if TYPE_CHECKING:
    from posecheck.assess.report import Report


def check(
    source: Annotated[Path, typer.Argument(help="A video or a photo.")],
    stretch: Annotated[
        str,
        typer.Option(
            help="Which stretch it shows: an id (`posecheck stretches`), FILE.toml, or auto to "
            "tell it from the recording."
        ),
    ] = "auto",
    side: Side = None,
    model: Model = None,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=256,
            help="Processes that look at parts of a long video side by side; by default one for "
            "each core.",
        ),
    ] = None,
    fps: FramesPerSecond = "auto",
    json_file: JsonFile = None,
    annotated: Annotated[
        Path | None,
        typer.Option("--annotate", help="Draw the findings: OUT.mp4 (photo: .png too)."),
    ] = None,
    html_file: HtmlFile = None,
    landmarks: Annotated[
        Path | None,
        typer.Option(help="Write the landmarks: OUT.parquet, .csv, .json, .trc, .c3d or .nc."),
    ] = None,
    measures: Annotated[
        Path | None,
        typer.Option(help="Write every angle of every frame: OUT.csv, .parquet or .json."),
    ] = None,
    correct: Correct = True,
    save: Save = False,
    person: Whose = None,
    pain_before: Pain = None,
    pain_after: Pain = None,
    note: Note = None,
    prop: Prop = None,
    again: Again = False,
    limit_s: Annotated[
        float,
        typer.Option(
            "--time-limit", min=0, help="Seconds that looking, and drawing, may each take."
        ),
    ] = DEFAULT_TIME_LIMIT_S,
    quiet: Quiet = False,
) -> None:
    """Check a video or a photo against a stretch.

    Without --stretch it tells from the recording which one it is, or says that it does not know.

    Exit status: 0 every assessed alignment cue passed, 1 some failed, 2 unreadable input or bad
    usage, 3 nothing could be assessed.

    Example: posecheck check clip.mp4 --stretch legs-up-the-wall --annotate drawn.mp4
    """
    # 0.3 s: NumPy, PyAV, OpenCV and pydantic
    from posecheck.assess import check  # noqa: PLC0415
    from posecheck.media.writer import check_drawing_name  # noqa: PLC0415
    from posecheck.pose.estimate import recording_facts  # noqa: PLC0415
    from posecheck.pose.model.locate import resolve_model  # noqa: PLC0415
    from posecheck.pose.model.thunder import find_second_model  # noqa: PLC0415
    from posecheck.pose.progress_bar import download_bar, frame_bar  # noqa: PLC0415

    # Whatever is wrong with the question is said before the work.
    definition = check.as_stretch(stretch)
    check.check_side(side, definition)
    saving = Saving.from_options(save, person, pain_before, pain_after, note, prop, again)
    rate = read_fps(fps)
    check_outputs(source, [json_file, annotated, html_file, landmarks, measures])
    _check_exports(landmarks, measures)
    console = Console(stderr=True, quiet=quiet)
    facts = recording_facts(source)
    if annotated is not None:
        check_drawing_name(annotated, facts.kind)
    saving.begin(source, definition)
    with download_bar(console) as progress:
        model_path = resolve_model(model, progress=progress)
        find_second_model(progress)
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
    report = saving.spared(report)
    _export(report, landmarks, measures)
    if annotated is not None:
        # 0.7 s more, and only drawing needs it
        from posecheck.report.annotate import annotate  # noqa: PLC0415

        bar = frame_bar("Drawing", total_s=facts.duration_s, console=console)
        with time_limit(limit_s), bar as on_frame:
            annotate(report, annotated, on_frame=on_frame)
    write_report(report, html_file=html_file, json_file=json_file, quiet=quiet)
    saving.finish(report, quiet=quiet)
    raise typer.Exit(EXIT_OF[report.verdict])


def _check_exports(landmarks: Path | None, measures: Path | None) -> None:
    """Refuse before the work a suffix that tells no format."""
    if landmarks is None and measures is None:
        return
    # 0.5 s more, and only exports need it: pandas and pyarrow
    from posecheck.report.export.formats import (  # noqa: PLC0415
        check_measure_path,
        landmark_format,
    )

    if landmarks is not None:
        landmark_format(landmarks)
    if measures is not None:
        check_measure_path(measures)


def _export(report: Report, landmarks: Path | None, measures: Path | None) -> None:
    if landmarks is not None:
        posecheck.export_landmarks(report.series, landmarks)
    if measures is not None:
        posecheck.export_measures(report.measures, measures)
