"""One session as plain data: the form between a report and the tables, and in an export."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import uuid4

import numpy as np
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

import posecheck
from posecheck.core.errors import UsageError
from posecheck.landmarks.series import LandmarkSeries, Side
from posecheck.stretches.definition import Stretch

if TYPE_CHECKING:
    from posecheck.assess.cue_result import CueResult
    from posecheck.assess.report import Report

SOFTWARE = f"posecheck {posecheck.__version__}"

LONGEST_NAME = 10_000
_LONGEST_NOTE = 100_000
# Unicode categories that are no text: control characters, surrogates, line ends, paragraph ends.
_NO_TEXT = {"Cc", "Cs", "Zl", "Zp"}


# --- names and notes ------------------------------------------------------------------------------


def clean_name(name: str) -> str:
    """Bring a person's name to the form in which it is stored: Unicode NFC, no outer spaces.

    Parameters
    ----------
    name : str

    Returns
    -------
    str

    Raises
    ------
    UsageError
        When the name is empty, too long, or holds a character that cannot be shown.
    """
    return _clean(name, "the name", may_hold="", longest=LONGEST_NAME) or _refuse_empty()


def clean_note(note: str, what: str = "the note") -> str:
    """Bring a note to the form in which it is stored; it may have several lines.

    Parameters
    ----------
    note : str
    what : str
        What an error calls it.

    Returns
    -------
    str

    Raises
    ------
    UsageError
        When the note is too long or holds a character that cannot be shown.
    """
    return _clean(note.replace("\r\n", "\n"), what, may_hold="\n\t", longest=_LONGEST_NOTE)


def name_key(name: str) -> str:
    """Hash a clean name; the tables find a person by it.

    Parameters
    ----------
    name : str

    Returns
    -------
    str
    """
    return hashlib.sha256(name.encode()).hexdigest()


def _clean(text: str, what: str, *, may_hold: str, longest: int) -> str:
    text = unicodedata.normalize("NFC", text).strip()
    for letter in text:
        if unicodedata.category(letter) in _NO_TEXT and letter not in may_hold:
            raise UsageError(
                f"{what} holds the character {letter!a}, which cannot be shown",
                hint="Leave it out.",
            )
    if len(text) > longest:
        raise UsageError(
            f"{what} has {len(text)} characters, more than {longest}", hint="Shorten it."
        )
    return text


def _refuse_empty() -> str:
    raise UsageError("the name is empty", hint="Say who it is, for instance `me`.")


# --- records --------------------------------------------------------------------------------------

Pain = Annotated[int, Field(ge=0, le=10, strict=True)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Uid = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]  # it becomes a file name
Text = Annotated[str, AfterValidator(clean_note)]


class Record(BaseModel):
    """Base of all records: rows can be read into them, and unknown fields are refused."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, from_attributes=True, allow_inf_nan=False
    )


class DefinitionRecord(Record):
    """A stretch's definition as JSON text."""

    sha256: Sha256
    stretch: str
    version: int
    text: str

    @classmethod
    def of(cls, stretch: Stretch) -> DefinitionRecord:
        """Take over what the definition says, without what it leaves to a default."""
        # Warnings are off because pydantic takes one kind of [reps] for the other.
        tree = stretch.model_dump(mode="json", by_alias=True, exclude_unset=True, warnings=False)
        text = json.dumps(tree, sort_keys=True, ensure_ascii=True)
        return cls(
            sha256=_sha256(text.encode()), stretch=stretch.id, version=stretch.version, text=text
        )

    @model_validator(mode="after")
    def _is_whole(self) -> DefinitionRecord:
        if self.sha256 != _sha256(self.text.encode()):
            raise ValueError("the definition's text does not have its sha256")
        return self


class CueRecord(Record):
    """The result of one cue; see `posecheck.assess.cue_result.CueResult`."""

    cue: str
    kind: str
    status: str
    side: Side | None
    held: Side | None
    measure: str | None
    observed: float | None
    unit: str | None
    target_low: float | None
    target_high: float | None
    tolerance: float | None
    coverage: float
    advice: str
    reason: str

    @classmethod
    def of(cls, cue: CueResult) -> CueRecord:
        """Take over the result of a check."""
        low, high = cue.target
        same = {name: getattr(cue, name) for name in cls.model_fields if hasattr(cue, name)}
        same["measure"] = cue.column
        return cls(cue=cue.id, target_low=low, target_high=high, **same)


class RomRecord(Record):
    """One range-of-motion value.

    Attributes
    ----------
    side, held : {"left", "right", None}
        The side that was measured, and the side that was stretched.
    statistic : str
        How the hold is reduced to one value.
    sem : float or None
        Standard error of measurement; None for what was counted.
    better : {"more", "less"}
        Which change is a gain.
    """

    measure: str
    statistic: str
    side: Side | None
    held: Side | None
    value: float
    unit: str
    sem: float | None
    better: Literal["more", "less"]


class ResultRecord(Record):
    """The result of one check of a session.

    Attributes
    ----------
    revision : int
        1 for the first check of a session; every recheck adds one.
    method_sha256 : str
        Hash of the measures and the correction (`method_sha256`).
    variant : str
        The variant of the holds, several joined by " + ".
    held_s, asked_s : float or None
        Sum over all holds and sides, as done and as the dose asks.
    """

    revision: int = Field(ge=1)
    checked: AwareDatetime
    software: str
    method_sha256: Sha256
    definition: DefinitionRecord
    verdict: str
    view: str
    near_side: Side | None
    yaw_deg: float | None
    variant: str
    held_s: float | None
    asked_s: float | None
    n_reps: int
    asked_reps: int | None
    dose_met: bool | None
    cues: tuple[CueRecord, ...]
    rom: tuple[RomRecord, ...]

    @classmethod
    def of(cls, form: Report, *, revision: int) -> ResultRecord:
        """Take over a report.

        Parameters
        ----------
        form : Report
        revision : int

        Returns
        -------
        ResultRecord
        """
        n_sides = len(form.stretch.held_sides(form.side))
        dose = form.dose.asked[0][0] if form.dose.asked else None
        sets = n_sides * dose.sets if dose else 0
        is_photo = form.series.source.kind == "photo"
        return cls(
            revision=revision,
            checked=datetime.now(UTC),
            software=SOFTWARE,
            method_sha256=method_sha256(),
            definition=DefinitionRecord.of(form.stretch),
            verdict=form.verdict,
            view=form.camera.view,
            near_side=form.camera.near_side,
            yaw_deg=form.camera.yaw_deg,
            variant=" + ".join(dict.fromkeys(hold.variant or "plain" for hold in form.holds))
            if form.stretch.variants
            else "",
            held_s=None if is_photo else round(sum(s for _, s in form.dose.holds), 1),
            asked_s=sets * dose.seconds if dose and dose.seconds else None,
            n_reps=sum(form.dose.reps.values()),
            asked_reps=sets * dose.reps if dose and dose.reps else None,
            dose_met=form.dose.met,
            cues=tuple(map(CueRecord.of, form.cues)),
            rom=tuple(RomRecord.model_validate(value) for value in form.rom),
        )


class SessionRecord(Record):
    """One recording that was saved, with the results of all its checks."""

    uid: Uid
    stretch: str
    started: AwareDatetime
    saved: AwareDatetime
    side: Side | None
    corrected: bool
    prop: Text
    pain_before: Pain | None
    pain_after: Pain | None
    note: Text
    source: str
    source_kind: str
    source_sha256: Sha256 | None
    landmarks_sha256: Sha256
    model: str
    model_sha256: str
    revision: int
    results: tuple[ResultRecord, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _shows_its_newest(self) -> SessionRecord:
        if [result.revision for result in self.results] != list(range(1, self.revision + 1)):
            raise ValueError("the revisions of a session's results do not run from 1 to its own")
        return self

    @classmethod
    def of(
        cls,
        form: Report,
        *,
        started: datetime | None,
        prop: str,
        pain_before: int | None,
        pain_after: int | None,
        note: str,
    ) -> SessionRecord:
        """Take over a report that is to be saved, under a new uid.

        Parameters
        ----------
        form : Report
        started : datetime or None
        prop : str
        pain_before : int or None
        pain_after : int or None
        note : str

        Returns
        -------
        SessionRecord
        """
        series = form.series
        now = datetime.now(UTC)
        return cls(
            uid=uuid4().hex,
            stretch=form.stretch.id,
            started=started.astimezone(UTC) if started else now,
            saved=now,
            side=form.side,
            corrected=form.corrected,
            prop=prop,
            pain_before=pain_before,
            pain_after=pain_after,
            note=note,
            # A file's name may hold bytes that are no text.
            source=series.source.path.encode("utf-8", "backslashreplace").decode(),
            source_kind=series.source.kind,
            source_sha256=source_sha256(series.source.path),
            landmarks_sha256=landmarks_sha256(series),
            model=series.models,
            model_sha256=series.model_sha256,
            revision=1,
            results=(ResultRecord.of(form, revision=1),),
        )


def source_sha256(path: str | Path) -> str | None:
    """Hash the file of a recording; None where it is no longer there.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    str or None
    """
    try:
        if not Path(path).is_file():
            return None
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError):  # ValueError: a null character in the name
        return None


def landmarks_sha256(series: LandmarkSeries) -> str:
    """Hash the landmarks themselves, whatever the file is called.

    Parameters
    ----------
    series : LandmarkSeries

    Returns
    -------
    str
    """
    arrays = [series.t_s, series.image, series.world, series.visibility]
    if series.second is not None:
        arrays.append(series.second)
    # As they come back from a file, where all numbers are of one kind.
    return _sha256(b"".join(np.ascontiguousarray(array, "<f8").tobytes() for array in arrays))


@cache
def method_sha256() -> str:
    """Hash the catalogue of measures and the calibration of their correction."""
    files = resources.files("posecheck.measures")
    names = ("catalogue.toml", "calibration.toml")
    return _sha256(b"".join(files.joinpath(name).read_bytes() for name in names))


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
