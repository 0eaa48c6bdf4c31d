"""One clip of a batch: the job, the settings it is done with, and its result."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from posecheck.batch.folders import Folder
from posecheck.core.limits import DEFAULT_TIME_LIMIT_S
from posecheck.landmarks.series import Side
from posecheck.media.frame_selector import Fps
from posecheck.sessions.records import SOFTWARE, DefinitionRecord, method_sha256
from posecheck.stretches import Stretch

if TYPE_CHECKING:
    from posecheck.assess.report import Report


@dataclass(frozen=True)
class Job:
    """One clip that is to be checked.

    Attributes
    ----------
    file, stamp, problem : str
        As in `posecheck.batch.folders.FoundFile`.
    stretch : Stretch or None
        None where the stretch is to be recognised.
    date : str
        When it was recorded, as ISO text; empty where unknown.
    """

    file: str
    stamp: str = ""
    problem: str = ""
    stretch: Stretch | None = None
    side: Side | None = None
    person: str | None = None
    date: str = ""
    pain_before: int | None = None
    pain_after: int | None = None
    note: str = ""

    @property
    def started(self) -> datetime | None:
        """When it was recorded, as a date and time."""
        return datetime.fromisoformat(self.date) if self.date else None


@dataclass(frozen=True)
class Settings:
    """What holds for every clip of a batch; sent to every process that works on it.

    Attributes
    ----------
    folder : Folder
        Where the recordings are.
    model : str or None
        As for `resolve_model`, in the process that checks the clip.
    model_sha256, model_name : str
        The model that the batch began with.
    workers : int
        How many processes share one clip.
    busy : bool
        Whether every core has a process already.
    landmarks : Folder or None
        Where the landmarks of every clip go.
    limit_s : float
        How long one clip may take.
    """

    folder: Folder
    model: str | None
    model_sha256: str
    model_name: str
    fps: Fps = "auto"
    workers: int = 1
    busy: bool = False
    correct: bool = True
    save: bool = False
    landmarks: Folder | None = None
    limit_s: float = DEFAULT_TIME_LIMIT_S
    software: str = SOFTWARE

    def key(self, job: Job) -> str:
        """Hash everything that the result of a job depends on: file, question and method.

        Parameters
        ----------
        job : Job

        Returns
        -------
        str
        """
        stretch = job.stretch and DefinitionRecord.of(job.stretch).sha256
        landmarks = self.landmarks and self.landmarks.name("")
        parts = [
            job.file, job.stamp, job.problem, stretch, job.side, job.person, job.date,
            job.pain_before, job.pain_after, job.note, self.model_sha256, self.fps, self.correct,
            self.save, landmarks, self.software, method_sha256(),
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Rom(_Part):
    """One range-of-motion value; see `posecheck.assess.rom.RomValue`."""

    measure: str
    statistic: str
    side: str | None
    value: float
    unit: str
    sem: float | None
    interval: tuple[float, float] | None = None


class ClipResult(_Part):
    """The result of one clip; `error` is empty where the clip could be read."""

    file: str
    sha256: str | None = None
    stretch: str | None = None
    definition_version: int | None = None
    side: str | None = None
    person: str | None = None
    date: str = ""
    pain_before: int | None = None
    pain_after: int | None = None
    note: str = ""
    verdict: str | None = None
    cues_failed: tuple[str, ...] = ()
    to_change: tuple[str, ...] = ()
    holds: tuple[tuple[str, float], ...] = ()
    reps: dict[str, int] = {}
    rom: tuple[Rom, ...] = ()
    view: str | None = None
    duration_s: float | None = None
    frames: int | None = None
    frames_with_person: int | None = None
    warnings: tuple[str, ...] = ()
    error: str = ""
    posecheck: str = SOFTWARE
    model: str | None = None
    model_sha256: str | None = None

    @property
    def was_read(self) -> bool:
        """Whether the clip could be read."""
        return not self.error


def result_of(job: Job, report: Report, sha256: str | None) -> ClipResult:
    """Take over the report of a clip that was checked.

    Parameters
    ----------
    job : Job
    report : Report
    sha256 : str or None
        Of the recording's file.

    Returns
    -------
    ClipResult
    """
    source = report.series.source
    failed = (f"{cue.id} ({cue.side})" if cue.side else cue.id for cue in report.to_change)
    rom = (Rom(**{name: getattr(value, name) for name in Rom.model_fields}) for value in report.rom)
    return ClipResult(
        **_asked(job),
        sha256=sha256,
        stretch=report.stretch.id,
        definition_version=report.stretch.version,
        verdict=report.verdict,
        cues_failed=tuple(dict.fromkeys(failed)),
        to_change=tuple(report.what_to_change()),
        holds=report.dose.holds,
        reps=dict(report.dose.reps),
        rom=tuple(rom),
        view=report.camera.view,
        duration_s=None if source.duration_s is None else round(source.duration_s, 3),
        frames=len(report.series),
        frames_with_person=int(report.series.seen.sum()),
        warnings=report.warnings,
        model=report.series.model_name,
        model_sha256=report.series.model_sha256,
    )


def failed_result(job: Job, settings: Settings, why: str, sha256: str | None = None) -> ClipResult:
    """Make the result of a clip that could not be read, for the reason that is given.

    Parameters
    ----------
    job : Job
    settings : Settings
    why : str
        The reason, in a sentence.
    sha256 : str or None
        Of the recording's file.

    Returns
    -------
    ClipResult
    """
    return ClipResult(
        **_asked(job),
        sha256=sha256,
        stretch=job.stretch and job.stretch.id,
        definition_version=job.stretch and job.stretch.version,
        error=" ".join(why.split()),
        model=settings.model_name,
        model_sha256=settings.model_sha256,
    )


def _asked(job: Job) -> dict[str, object]:
    same = ("side", "person", "date", "pain_before", "pain_after", "note")
    return {"file": plain(job.file)} | {name: getattr(job, name) for name in same}


def plain(text: str) -> str:
    """A path as printable text, because the name of a file may hold bytes that are no text.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
    """
    return text.encode("utf-8", "backslashreplace").decode()
