"""The answer: a check as JSON, as a table, as HTML, as a figure and as a drawn-on video."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from posecheck.assess.cue_result import CueResult
from posecheck.assess.dose import DoseDone
from posecheck.assess.interval import BOTH, Interval
from posecheck.assess.reasons import ReasonCode
from posecheck.assess.rom import RomValue
from posecheck.core.files import write_text
from posecheck.core.wording import sentence
from posecheck.landmarks.series import LandmarkSeries, Side, SourceFacts
from posecheck.measures.camera_view import ViewSummary, ViewTrack
from posecheck.measures.measured import Measured
from posecheck.stretches.definition import Stretch

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SCHEMA = "posecheck.report/1"
_ROM_KEYS = ("measure", "side", "value", "unit", "sem")


Verdict = Literal["good", "needs-work", "not-assessed"]


@dataclass(frozen=True, eq=False, repr=False)
class Report:
    """Everything that was found out about one recording, with all that can be made of it.

    Attributes
    ----------
    stretch : Stretch
        What it was checked against.
    measured : Measured
        The landmarks as the model gave them and cleaned, the camera view and the measures.
    camera : ViewSummary
        How the camera looked at the body while it was judged, and what to change.
    intervals : tuple of Interval
        Holds, reps and phases, in order of time.
    cues : tuple of CueResult
        One for each cue, and for each side that was done.
    dose : DoseDone
    rom : tuple of RomValue
        Range of motion, with standard errors.
    verdict : {"good", "needs-work", "not-assessed"}
    warnings : tuple of str
        Sentences about the recording.
    side : {"left", "right"} or None
        The side that was asked for.
    """

    stretch: Stretch
    measured: Measured
    camera: ViewSummary
    intervals: tuple[Interval, ...]
    cues: tuple[CueResult, ...]
    dose: DoseDone
    rom: tuple[RomValue, ...]
    verdict: Verdict
    warnings: tuple[str, ...]
    side: Side | None = None

    @property
    def series(self) -> LandmarkSeries:
        """The landmarks as the model gave them."""
        return self.measured.series

    @property
    def cleaned(self) -> LandmarkSeries:
        """The landmarks that the measures were computed from."""
        return self.measured.cleaned

    @property
    def measures(self) -> pd.DataFrame:
        """Every measure of every frame; see `compute_measures`."""
        return self.measured.table

    @property
    def track(self) -> ViewTrack:
        """How the camera looks at the body, frame by frame."""
        return self.measured.track

    @property
    def corrected(self) -> bool:
        """Whether the angles were corrected by what was learned about their errors."""
        return self.measured.corrected

    @property
    def holds(self) -> list[Interval]:
        """The holds, in order of time."""
        return [interval for interval in self.intervals if interval.kind == "hold"]

    def __repr__(self) -> str:
        n_holds, path = len(self.holds), self.series.source.path
        counted = f"{n_holds} hold{'' if n_holds == 1 else 's'}"
        return f"<Report {self.stretch.id}: {self.verdict}, {counted}, {path}>"

    def __str__(self) -> str:
        """The report as `posecheck check` prints it."""
        # Costs nothing, but points upwards: the two modules would import each other.
        from posecheck.report.terminal import report_text  # noqa: PLC0415

        return report_text(self)

    def with_source(self, source: SourceFacts) -> Report:
        """The same report of a recording that has another name, or is described better.

        Parameters
        ----------
        source : SourceFacts

        Returns
        -------
        Report
        """
        series = replace(self.series, source=source)
        return replace(self, measured=replace(self.measured, series=series))

    @property
    def to_change(self) -> list[CueResult]:
        """Failed alignment cues in the definition's order, which puts the most important first."""
        return [cue for cue in self.cues if cue.kind == "alignment" and cue.status == "fail"]

    def what_to_change(self) -> list[str]:
        """What to change, as sentences, the most important first.

        Returns
        -------
        list of str
            Of the form. Where nothing could be assessed it is what to change in the recording, and
            why.
        """
        if self.verdict != "not-assessed":
            return list(dict.fromkeys(sentence(cue.change) for cue in self.to_change))
        reasons = [cue.why for cue in self.cues if cue.why is not None]
        return [*sorted({why.explanation for why in reasons}), *self.filming_advice]

    @property
    def filming_advice(self) -> list[str]:
        """What to change in how it is filmed, as far as no reason says so already."""
        reasons = [cue.why for cue in self.cues if cue.why is not None]
        if any(why.code == ReasonCode.nobody for why in reasons):
            return []
        return [text for text in self.camera.advice if text not in {why.advice for why in reasons}]

    def to_dict(self) -> dict[str, Any]:
        """The report in the schema `posecheck.report/1`."""
        source = self.series.source
        seconds = source.duration_s
        return {
            "schema": SCHEMA,
            "stretch": self.stretch.id,
            "definition_version": self.stretch.version,
            "source": {
                "path": source.path,
                "kind": source.kind,
                "width": source.width,
                "height": source.height,
                "fps": None if source.fps is None else round(source.fps, 3),
                "duration_s": None if seconds is None else round(seconds, 3),
                "frames": len(self.series),
                "frames_with_person": int(self.series.seen.sum()),
            },
            "model": {
                "name": self.series.model_name,
                "sha256": self.series.model_sha256,
                "second": None if self.series.second is None else "movenet-thunder",
            },
            "camera": {**vars(self.camera), "advice": list(self.camera.advice)},
            "intervals": [
                {
                    "kind": interval.kind,
                    "name": interval.variant or interval.name,
                    "side": interval.side or BOTH,
                    "start_s": round(interval.start_s, 3),
                    "end_s": round(interval.end_s, 3),
                }
                for interval in self.intervals
            ],
            "dose": self._dose_dict(),
            "cues": [_cue_dict(cue) for cue in self.cues],
            "rom": [
                {key: getattr(value, key) for key in _ROM_KEYS}
                | {"interval": _ends(value.interval)}
                for value in self.rom
            ],
            "verdict": self.verdict,
            "warnings": list(self.warnings),
        }

    def _dose_dict(self) -> dict[str, Any]:
        reps = self.dose.reps
        return {
            "holds": [
                {"side": side, "seconds": seconds, "target_s": self.dose.target_s}
                for side, seconds in self.dose.holds
            ],
            "reps": {
                "left": reps.get("left", 0),
                "right": reps.get("right", 0),
                BOTH: reps.get(BOTH, 0),
                "target": self.dose.target_reps,
            },
            "met": self.dose.met,
            "asked": [
                dose.model_dump(include={"source", "seconds", "reps", "sets", "rest_s"})
                | {"met": met}
                for dose, met in self.dose.asked
            ],
        }

    def to_json(self, path: str | Path | None = None) -> str:
        """Make the report in the schema `posecheck.report/1`.

        Parameters
        ----------
        path : str or Path, optional
            Where to write it, whole or not at all.

        Returns
        -------
        str
            The JSON text.

        Raises
        ------
        SourceError
            It cannot be written.
        """
        text = json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False)
        if path is not None:
            write_text(path, text + "\n")
        return text

    def to_frame(self) -> pd.DataFrame:
        """The cues as a table, one row a cue and side, with the margin to the limit."""
        rows = [{**_cue_dict(cue), "title": cue.title, "margin": cue.margin} for cue in self.cues]
        return pd.DataFrame(rows).set_index("id")

    def plot(self) -> Figure:
        """Each judged value over time, with its target band and the holds shaded."""
        # 0.3 s more: matplotlib, and only plots need it
        from posecheck.report.figures import plot_report  # noqa: PLC0415

        return plot_report(self)

    def annotate(self, path: str | Path) -> Path:
        """Draw the findings on the recording, which is read again from where it was.

        Parameters
        ----------
        path : str or Path
            `.mp4` for video; for a photo also `.png` or `.jpg`.

        Returns
        -------
        Path

        Raises
        ------
        SourceError
            The recording cannot be read any more, or the result cannot be written.
        """
        # 0.2 s more: OpenCV, and only drawing needs it
        from posecheck.report.annotate import annotate  # noqa: PLC0415

        return annotate(self, path)

    def to_html(self, path: str | Path | None = None) -> str:
        """One self-contained HTML page, two sheets of A4; written to `path` when one is given.

        It has pictures of the recording where that is still there, else the skeleton alone.

        Parameters
        ----------
        path : str or Path, optional
            Where to write it, whole or not at all.

        Returns
        -------
        str
            The HTML.

        Raises
        ------
        SourceError
            It cannot be written.
        """
        # 0.4 s more: matplotlib and Jinja, and only pages need them
        from posecheck.report.html.session import session_page  # noqa: PLC0415

        page = session_page(self)
        if path is not None:
            write_text(path, page)
        return page

    def _repr_html_(self) -> str:
        """How a notebook shows the report."""
        # 0.3 s more: Jinja, and only notebooks need it
        from posecheck.report.html.notebook import report_html  # noqa: PLC0415

        return report_html(self)

    def done(self) -> str:
        """What was done and what is asked for, in sentences."""
        did = self.did()
        return f"{did} {self.asked()}".strip() if self.dose.holds else did

    def did(self) -> str:
        """What was done, in a sentence."""
        if self.series.source.kind == "photo":
            return "One picture: it shows the position, not the time."
        if not self.dose.holds:
            return "No hold was found."
        n_reps = sum(self.dose.reps.values())
        parts = [
            f"{seconds:.0f} s" + (f" ({side})" if side != BOTH else "")
            for side, seconds in self.dose.holds
        ]
        verb = "Moved for" if self.stretch.hold.still is None else "Held for"
        text = f"{verb} {', '.join(parts)}"
        if self.stretch.reps is not None:
            text += f", {n_reps} rep{'s' if n_reps != 1 else ''}"
        return f"{text}."

    def asked(self) -> str:
        """What the sources ask for, in a sentence."""
        wishes = []
        for dose in self.stretch.doses:
            note = f", {dose.note}" if dose.note else ""
            each = " each side" if self.stretch.sides == "each" else ""
            wishes.append(f"{dose.amount}{each} (source {dose.source}{note})")
        return f"Asked for: {'; or '.join(wishes)}." if wishes else ""


def _ends(interval: tuple[float, float] | None) -> list[float] | None:
    return None if interval is None else list(interval)


def _cue_dict(cue: CueResult) -> dict[str, Any]:
    return {
        "id": cue.id,
        "kind": cue.kind,
        "status": cue.status,
        "side": cue.side,
        "measure": cue.column,
        "observed": cue.observed,
        "interval": _ends(cue.interval),
        "unit": cue.unit,
        "target": list(cue.target),
        "tolerance": cue.tolerance,
        "coverage": cue.coverage,
        "advice": cue.advice,
        "reason": cue.reason,
        "reason_code": cue.reason_code,
        "hidden": dict(cue.hidden),
    }
