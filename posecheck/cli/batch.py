"""`posecheck batch`: many recordings, and one row a clip."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from posecheck.batch.folders import open_folder
from posecheck.cli.options import (
    EXIT_FAILED_CUES,
    EXIT_GOOD,
    Correct,
    FramesPerSecond,
    Model,
    Quiet,
    Side,
    err,
    n_cores,
    read_fps,
)
from posecheck.core.errors import UsageError
from posecheck.core.limits import DEFAULT_TIME_LIMIT_S, check_time_limit

EXIT_STOPPED = 130
TABLE = "posecheck-batch.csv"


def batch(
    folder: Annotated[str, typer.Argument(help="The folder with the recordings, or its URL.")],
    match: Annotated[
        list[str] | None,
        typer.Option(help="Only names like this, as '*.mov'; again for more of them."),
    ] = None,
    plan: Annotated[
        Path | None,
        typer.Option(
            help="A CSV that says what to check: file, person, stretch, date, side, pain_before, "
            "pain_after, note. Paths are relative to FOLDER."
        ),
    ] = None,
    stretch: Annotated[
        str, typer.Option(help="Which stretch they show: an id, FILE.toml, or auto.")
    ] = "auto",
    side: Side = None,
    person: Annotated[str | None, typer.Option(help="Whose recordings they are.")] = None,
    model: Model = None,
    fps: FramesPerSecond = "auto",
    correct: Correct = True,
    save: Annotated[
        bool, typer.Option("--save", help="Keep every session in the history, once.")
    ] = False,
    landmarks: Annotated[
        str | None, typer.Option(help="Write the landmarks of every clip to this folder or URL.")
    ] = None,
    table: Annotated[
        Path | None,
        typer.Option("--csv", help=f"Where the results go; by default {TABLE} in FOLDER."),
    ] = None,
    json_file: Annotated[
        str | None, typer.Option("--json", help="Write the results as JSON too; - prints them.")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, max=256, help="Processes side by side; by default one for each core."),
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="Let a Dask cluster do it: tcp://HOST:8786.")
    ] = None,
    limit_s: Annotated[
        float, typer.Option("--time-limit", min=0, help="Seconds that one clip may take.")
    ] = DEFAULT_TIME_LIMIT_S,
    retry: Annotated[
        bool, typer.Option("--retry", help="Try again what could not be read before.")
    ] = False,
    times: Annotated[
        bool, typer.Option("--times", help="Add to the CSV how long each clip took.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only list what would be done.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Check all recordings in a folder, or those of a plan; one row a clip goes into a CSV.

    A file that cannot be read never stops the others. Stopped, or killed, the same command goes on
    where it was and does nothing twice.

    Exit status: 0 all were read, 1 some could not be read, 2 bad usage.

    Example: posecheck batch clips --plan plan.csv --save
    """
    # 0.9 s: NumPy, PyAV, OpenCV, pydantic and SQLAlchemy
    from posecheck.cli import batch_run as work  # noqa: PLC0415

    _check_together(plan, match, workers, scheduler)
    check_time_limit(limit_s)
    place = open_folder(folder)
    table = work.results_path(table, place, plan, json_file, default=TABLE)
    jobs = work.plan_jobs(place, match, plan, stretch, side, person, table)
    n_processes = workers or n_cores()
    settings = replace(
        work.make_settings(place, model, landmarks, quiet),
        fps=read_fps(fps),
        # Where there are fewer clips than processes, several look at parts of one clip.
        workers=1 if scheduler is not None else max(1, n_processes // max(1, len(jobs))),
        busy=scheduler is None and 1 < n_cores() <= min(n_processes, len(jobs)),
        correct=correct,
        save=save,
        limit_s=limit_s,
    )
    if scheduler is not None:
        settings = replace(settings, model=model)  # every machine has its own copy
    if dry_run:
        work.print_plan(jobs, settings, table, retry=retry)
        return
    if save:
        work.say_to_new_people(jobs)
    runner = work.choose_runner(settings, n_processes, scheduler)
    done, stopped = work.run(jobs, settings, table, runner, retry=retry, times=times, quiet=quiet)
    work.tell(done, jobs, table, json_file, quiet=quiet)
    if stopped:
        err.print(
            f"posecheck: stopped. {len(done)} of {len(jobs)} clips are done and kept in "
            f"{escape(str(table))}; the same command goes on with the others.",
            soft_wrap=True,
            highlight=False,
        )
        raise typer.Exit(EXIT_STOPPED)
    raise typer.Exit(EXIT_GOOD if all(d.result.was_read for d in done) else EXIT_FAILED_CUES)


def _check_together(
    plan: Path | None, match: list[str] | None, workers: int | None, scheduler: str | None
) -> None:
    """Refuse options that mean nothing together."""
    if plan is not None and match:
        raise UsageError(
            "the plan says which files are meant", where="--match", hint="Give one of the two."
        )
    if workers is not None and scheduler is not None:
        raise UsageError(
            "the cluster has the workers that it has", where="--workers", hint="Leave it out."
        )
