"""One clip to one row. Processes of this machine and of a cluster run the same function."""

from __future__ import annotations

import tempfile
import time
import traceback
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from posecheck.assess.check import AUTO, check
from posecheck.assess.pain import spare_depth
from posecheck.batch.folders import said
from posecheck.batch.job import Job, Row, Settings, failed_row, row_of
from posecheck.core.errors import ModelError, SourceError, UsageError
from posecheck.core.limits import time_limit
from posecheck.landmarks.parquet import save_landmarks
from posecheck.landmarks.series import LandmarkSeries
from posecheck.media.open import every_core_busy
from posecheck.pose.model.locate import model_facts, resolve_model
from posecheck.sessions.records import SOFTWARE, SessionRecord, source_sha256
from posecheck.stretches import unknown_stretch

if TYPE_CHECKING:
    from posecheck.assess.report import Report


@dataclass(frozen=True, eq=False)
class Outcome:
    """What came of one clip: its row, and with `save` what goes into the history."""

    row: Row
    took_s: float
    record: SessionRecord | None = None
    series: LandmarkSeries | None = None


def work(settings: Settings, job: Job) -> Outcome:
    """Check one clip. It changes nothing, except that asked-for landmarks are written.

    Parameters
    ----------
    settings : Settings
    job : Job

    Returns
    -------
    Outcome
        With an error in its row where the clip cannot be read.

    Raises
    ------
    ModelError, UsageError
        When this process could work on no clip at all: no model, or another version.
    """
    model = _model(settings.model, settings.model_sha256, settings.software)
    began = time.perf_counter()
    sha256 = None
    try:
        cores = every_core_busy() if settings.busy else nullcontext()
        with settings.folder.lent(job.file) as path, time_limit(settings.limit_s), cores:
            sha256 = source_sha256(path)
            report = check(
                path,
                job.stretch or AUTO,
                side=job.side,
                model=model,
                fps=settings.fps,
                workers=settings.workers,
                correct=settings.correct,
            )
        report = spare_depth(_named(report, settings, job), job.pain_before, job.pain_after)
        _write_landmarks(settings, job, report)
        record = _record(settings, job, report, sha256)
    except ModelError:
        raise
    except SourceError as error:
        row = failed_row(job, settings, said(error), sha256)
        return Outcome(row, time.perf_counter() - began)
    except Exception as error:  # noqa: BLE001
        # A fault of ours in one clip must not stop the others; its row shows where it was.
        row = failed_row(job, settings, _fault(error), sha256)
        return Outcome(row, time.perf_counter() - began)
    row = row_of(job, report, sha256)
    series = report.series if record is not None else None
    return Outcome(row, time.perf_counter() - began, record, series)


def gave_up(settings: Settings, job: Job, why: str) -> Outcome:
    """What comes of a clip that no process survived."""
    return Outcome(failed_row(job, settings, why), 0.0)


@cache
def _model(model: str | None, sha256: str, software: str) -> Path:
    """The model, which must be the one that the batch began with, as must posecheck itself."""
    if software != SOFTWARE:
        raise UsageError(
            f"the batch was started by {software}, and a worker has {SOFTWARE}",
            hint="Install the same version everywhere.",
        )
    facts = model_facts(resolve_model(model))
    if facts.sha256 != sha256:
        raise ModelError(
            "a worker has another model than the one that the batch began with",
            where=facts.path,
            hint="Copy the same .task file everywhere.",
        )
    return facts.path


def _named(report: Report, settings: Settings, job: Job) -> Report:
    """The report of the recording, where a temporary copy of it was read."""
    source = replace(report.series.source, path=settings.folder.name(job.file))
    return report.with_source(source)


def _write_landmarks(settings: Settings, job: Job, report: Report) -> None:
    if settings.landmarks is None:
        return
    with tempfile.TemporaryDirectory(prefix="posecheck-") as folder:
        part = save_landmarks(report.series, Path(folder, "landmarks.parquet"))
        settings.landmarks.put(part, f"{job.file}.parquet")


def _record(
    settings: Settings, job: Job, report: Report, sha256: str | None
) -> SessionRecord | None:
    """The session for the history; None where none is asked for, or the stretch is not known."""
    if not settings.save or report.stretch is unknown_stretch():
        return None
    record = SessionRecord.of(
        report,
        started=job.started,
        prop="",
        pain_before=job.pain_before,
        pain_after=job.pain_after,
        note=job.note,
    )
    return record.model_copy(update={"source_sha256": sha256})  # of what was read


def _fault(error: Exception) -> str:
    place = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"posecheck failed on it ({type(error).__name__}: {error}, in {Path(place.filename).name} "
        f"line {place.lineno}). Please report this, with the file if you may."
    )
