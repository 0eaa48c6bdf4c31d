"""What `posecheck batch` does, step by step; `batch` has its options and the order of the steps."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from posecheck.assess.check import as_stretch
from posecheck.batch import check_clip
from posecheck.batch.cluster import run_on_cluster
from posecheck.batch.folders import Folder, LocalFolder, make_folder
from posecheck.batch.job import ClipResult, Job, Settings
from posecheck.batch.ledger import Ledger, LedgerEntry, has_ledger, look_up
from posecheck.batch.plan import Defaults, plan_file, plan_folder
from posecheck.batch.pool import run_in_processes
from posecheck.batch.run import DEFAULT_PERSON, Runner, jobs_left, results_in_order, run_jobs
from posecheck.batch.summary import (
    plan_table,
    print_summary,
    save_csv,
    save_json,
    to_json,
)
from posecheck.cli.options import check_outputs, err, out, say_before_first_session
from posecheck.core.errors import UsageError
from posecheck.pose.model.locate import model_facts, resolve_model
from posecheck.pose.model.thunder import find_second_model
from posecheck.pose.progress_bar import download_bar
from posecheck.sessions.records import clean_name
from posecheck.sessions.store import Store

_GRACE_S = 60.0


def results_path(
    table: Path | None, folder: Folder, plan: Path | None, json_file: str | None, *, default: str
) -> Path:
    """Where the results go; never over a file that no batch wrote.

    Raises
    ------
    UsageError
        When it is not said and the folder is not on this machine, or such a file is there already.
    """
    if table is None:
        if not isinstance(folder, LocalFolder):
            raise UsageError(
                "say where the results go", where="--csv", hint="Give a file on this machine."
            )
        table = Path(folder.root, default)
    check_outputs(plan or table, [json_file])
    check_outputs(plan or table.parent, [table])
    if table.exists() and not has_ledger(table):
        raise UsageError(
            "this file is there already, and no batch wrote it",
            where=table,
            hint="Give another name with --csv.",
        )
    return table


def plan_jobs(
    folder: Folder,
    match: list[str] | None,
    plan: Path | None,
    stretch: str,
    side: str | None,
    person: str | None,
    table: Path,
) -> list[Job]:
    """The clips that are asked for, and against what each is to be checked."""
    defaults = Defaults(as_stretch(stretch), side, person)
    if plan is not None:
        return plan_file(plan, folder, defaults)
    jobs = plan_folder(folder, match or [], defaults)
    own = str(table.resolve())  # and what stands beside it
    return [job for job in jobs if not folder.name(job.file).startswith(own)]


def make_settings(
    folder: Folder, model: str | None, landmarks: str | None, quiet: bool
) -> Settings:
    """What all clips have in common: where they lie, and the model, fetched if need be."""
    with download_bar(Console(stderr=True, quiet=quiet)) as progress:
        facts = model_facts(resolve_model(model, progress=progress))
        find_second_model(progress)  # here, or every worker would fetch it
    return Settings(
        folder=folder,
        model=str(facts.path),
        model_sha256=facts.sha256,
        model_name=facts.name,
        landmarks=None if landmarks is None else make_folder(landmarks),
    )


def say_to_new_people(jobs: list[Job]) -> None:
    """Print what a person of whom nothing is kept should read before the first session."""
    people = dict.fromkeys(clean_name(job.person or DEFAULT_PERSON) for job in jobs)
    with closing(Store()) as store:
        if not all(store.has_person(person) for person in people):
            say_before_first_session()


def choose_runner(settings: Settings, workers: int, scheduler: str | None) -> Runner:
    """What shares the clips out: processes of this machine, or a cluster."""
    task = partial(check_clip.check_clip, settings)
    give_up = partial(check_clip.give_up_clip, settings)
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


def run(
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

        def on_result(result: ClipResult) -> None:
            nonlocal n
            n += 1
            words = result.verdict if result.was_read else f"[red]{escape(result.error)}[/]"
            console.print(f"{n}/{total} {escape(result.file)}: {words}", soft_wrap=True)
            progress.advance(task)

        yield on_result


def print_plan(jobs: list[Job], settings: Settings, table: Path, *, retry: bool) -> None:
    """Print which clips would be checked, as `--dry-run` asks."""
    left = jobs_left(jobs, settings, look_up(table), retry=retry)
    out.print(plan_table(jobs, left))
    out.print(f"{len(left)} of {len(jobs)} clips would be done.")


def tell(
    done: list[LedgerEntry], jobs: list[Job], table: Path, json_file: str | None, *, quiet: bool
) -> None:
    """Write the results as they were asked for, and print them in few words."""
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
