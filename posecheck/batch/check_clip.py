"""One clip to one result: the function that every process runs, here and on a cluster."""

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
from posecheck.batch.folders import error_text
from posecheck.batch.job import ClipResult, Job, Settings, failed_result, result_of
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
    """What came of one clip, as it travels back from the process that checked it.

    Attributes
    ----------
    result : ClipResult
    took_s : float
    record : SessionRecord or None
        What goes into the history; None where nothing is to be saved.
    series : LandmarkSeries or None
        The landmarks that go with it.
    """

    result: ClipResult
    took_s: float
    record: SessionRecord | None = None
    series: LandmarkSeries | None = None


def check_clip(settings: Settings, job: Job) -> Outcome:
    """Check one clip; nothing is changed, except that the landmarks are written where asked for.

    Parameters
    ----------
    settings : Settings
    job : Job

    Returns
    -------
    Outcome
        Its result carries an error where the clip cannot be read.

    Raises
    ------
    ModelError, UsageError
        When this process can check no clip at all: no model, or another version of posecheck.
    """
    model = _model(settings.model, settings.model_sha256, settings.software)
    began = time.perf_counter()
    sha256 = None
    try:
        cores = every_core_busy() if settings.busy else nullcontext()
        with settings.folder.as_local_path(job.file) as path, time_limit(settings.limit_s), cores:
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
        result = failed_result(job, settings, error_text(error), sha256)
        return Outcome(result, time.perf_counter() - began)
    except Exception as error:  # noqa: BLE001
        # A fault of ours in one clip must not stop the others; its result shows where it was.
        result = failed_result(job, settings, _fault(error), sha256)
        return Outcome(result, time.perf_counter() - began)
    result = result_of(job, report, sha256)
    series = report.series if record is not None else None
    return Outcome(result, time.perf_counter() - began, record, series)


def give_up_clip(settings: Settings, job: Job, why: str) -> Outcome:
    """Make the outcome of a clip that was given up, for the reason that is given.

    Parameters
    ----------
    settings : Settings
    job : Job
    why : str
        The reason, in a sentence.

    Returns
    -------
    Outcome
    """
    return Outcome(failed_result(job, settings, why), 0.0)


@cache
def _model(model: str | None, sha256: str, software: str) -> Path:
    """The model's path; the model and posecheck must be those that the batch began with."""
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
    """Name the recording in the report, where a temporary copy of it was read."""
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
