"""`posecheck batch`: many recordings, and one row a clip."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from posecheck.cli.options import (
    EXIT_FAILED_CUES,
    EXIT_GOOD,
    Correct,
    FramesPerSecond,
    Model,
    Quiet,
    Side,
    check_outputs,
    err,
    n_cores,
    out,
    read_fps,
    say_before_first_session,
)
from posecheck.core.errors import UsageError
from posecheck.core.limits import DEFAULT_TIME_LIMIT_S, check_time_limit

if TYPE_CHECKING:
    from posecheck.batch.folders import Folder
    from posecheck.batch.job import ClipResult, Job, Settings
    from posecheck.batch.ledger import LedgerEntry
    from posecheck.batch.run import Runner

EXIT_STOPPED = 130
TABLE = "posecheck-batch.csv"
_GRACE_S = 60.0


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
    from posecheck.batch.folders import open_folder
    from posecheck.batch.ledger import look_up
    from posecheck.batch.run import jobs_left

    _check_together(plan, match, workers, scheduler)
    check_time_limit(limit_s)
    place = open_folder(folder)
    table = _table(table, place, plan, json_file)
    jobs = _jobs(place, match, plan, stretch, side, person, table)
    n_processes = workers or n_cores()
    settings = replace(
        _settings(place, model, landmarks, quiet),
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
        left = jobs_left(jobs, settings, look_up(table), retry=retry)
        _print_plan(jobs, left)
        return
    if save:
        _say_before_first_session(jobs)
    runner = _runner(settings, n_processes, scheduler)
    done, stopped = _run(jobs, settings, table, runner, retry=retry, times=times, quiet=quiet)
    _tell(done, jobs, table, json_file, quiet=quiet)
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


def _table(table: Path | None, folder: Folder, plan: Path | None, json_file: str | None) -> Path:
    """Where the results go; never over a file that no batch wrote."""
    from posecheck.batch.folders import LocalFolder
    from posecheck.batch.ledger import has_ledger

    if table is None:
        if not isinstance(folder, LocalFolder):
            raise UsageError(
                "say where the results go", where="--csv", hint="Give a file on this machine."
            )
        table = Path(folder.root, TABLE)
    check_outputs(plan or table, [json_file])
    check_outputs(plan or table.parent, [table])
    if table.exists() and not has_ledger(table):
        raise UsageError(
            "this file is there already, and no batch wrote it",
            where=table,
            hint="Give another name with --csv.",
        )
    return table


def _jobs(
    folder: Folder,
    match: list[str] | None,
    plan: Path | None,
    stretch: str,
    side: str | None,
    person: str | None,
    table: Path,
) -> list[Job]:
    from posecheck.assess.check import as_stretch
    from posecheck.batch.plan import Defaults, plan_file, plan_folder

    unless = Defaults(as_stretch(stretch), side, person)
    if plan is not None:
        return plan_file(plan, folder, unless)
    jobs = plan_folder(folder, match or [], unless)
    own = str(table.resolve())  # and what stands beside it
    return [job for job in jobs if not folder.name(job.file).startswith(own)]


def _settings(folder: Folder, model: str | None, landmarks: str | None, quiet: bool) -> Settings:
    from posecheck.batch.folders import make_folder
    from posecheck.batch.job import Settings
    from posecheck.pose.model.locate import model_facts, resolve_model
    from posecheck.pose.progress_bar import download_bar

    with download_bar(Console(stderr=True, quiet=quiet)) as progress:
        facts = model_facts(resolve_model(model, progress=progress))
    return Settings(
        folder=folder,
        model=str(facts.path),
        model_sha256=facts.sha256,
        model_name=facts.name,
        landmarks=None if landmarks is None else make_folder(landmarks),
    )


def _say_before_first_session(jobs: list[Job]) -> None:
    """What somebody should be asked of whom nothing is kept yet."""
    from posecheck.batch.run import DEFAULT_PERSON
    from posecheck.sessions.records import clean_name
    from posecheck.sessions.store import Store

    people = dict.fromkeys(clean_name(job.person or DEFAULT_PERSON) for job in jobs)
    with closing(Store()) as store:
        if not all(store.has_person(person) for person in people):
            say_before_first_session()


def _runner(settings: Settings, workers: int, scheduler: str | None) -> Runner:
    from posecheck.batch.check_clip import check_clip, give_up_clip
    from posecheck.batch.cluster import run_on_cluster
    from posecheck.batch.pool import run_in_processes

    task, give_up = partial(check_clip, settings), partial(give_up_clip, settings)
    if scheduler is not None:
        return partial(run_on_cluster, work=task, give_up=give_up, address=scheduler)
    return partial(
        run_in_processes,
        work=task,
        give_up=give_up,
        workers=workers,
        # A clip ends by itself when its time is over, unless it hangs where no clock is looked at.
        limit_s=settings.limit_s + _GRACE_S,
    )


def _run(
    jobs: list[Job],
    settings: Settings,
    table: Path,
    runner: Runner,
    *,
    retry: bool,
    times: bool,
    quiet: bool,
) -> tuple[list[LedgerEntry], bool]:
    """Do what is left; give all that is done, and whether it was stopped before the end."""
    from posecheck.batch.ledger import Ledger
    from posecheck.batch.run import jobs_left, results_in_order, run_jobs
    from posecheck.batch.summary import save_csv

    console, stopped = Console(stderr=True, emoji=False, quiet=quiet), False
    with Ledger(table) as ledger:
        left = jobs_left(jobs, settings, ledger.entries(), retry=retry)
        if len(left) < len(jobs):
            console.print(f"{len(jobs) - len(left)} of {len(jobs)} clips are done already.")
        try:
            with _clip_bar(console, len(left)) as on_result:
                n_new, n_known = run_jobs(left, settings, ledger, runner, on_result)
            if settings.save:
                console.print(f"History: {n_new} new session(s), {n_known} there before.")
        except KeyboardInterrupt:
            stopped = True
        finally:
            done = results_in_order(jobs, settings, ledger)
            save_csv(done, table, times=times)
    return done, stopped


@contextmanager
def _clip_bar(console: Console, total: int) -> Iterator[Callable[[ClipResult], None]]:
    """A line for every clip that is done, over a bar that says how long the others will take."""
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(
        *columns,
        console=console,
        transient=True,
        disable=not console.is_terminal or console.quiet,
        speed_estimate_period=3600,  # one clip may take minutes
    ) as progress:
        task = progress.add_task("Checking", total=total)
        n = 0

        def on_result(row: ClipResult) -> None:
            nonlocal n
            n += 1
            words = row.verdict if row.was_read else f"[red]{escape(row.error)}[/]"
            console.print(f"{n}/{total} {escape(row.file)}: {words}", soft_wrap=True)
            progress.advance(task)

        yield on_result


def _print_plan(jobs: list[Job], left: list[Job]) -> None:
    from posecheck.batch.summary import plan_table

    out.print(plan_table(jobs, left))
    out.print(f"{len(left)} of {len(jobs)} clips would be done.")


def _tell(
    done: list[LedgerEntry], jobs: list[Job], table: Path, json_file: str | None, *, quiet: bool
) -> None:
    """The results as they were asked for, and in few words."""
    from posecheck.batch.summary import print_summary, save_json, to_json

    if json_file is not None:
        text = to_json(done, csv=str(table), n_asked=len(jobs))
        if json_file == "-":
            sys.stdout.write(text)
        else:
            save_json(text, Path(json_file))
    if not quiet:
        console = err if json_file == "-" else out
        print_summary(done, console)
        console.print(f"Written: {escape(str(table))}", soft_wrap=True, highlight=False)
