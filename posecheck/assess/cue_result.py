"""What came of a cue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from posecheck.assess.reasons import Reason, ReasonCode
from posecheck.landmarks.series import Side
from posecheck.measures.bands import (
    Ends,
    around,
    band_margin,
    passing_band,
    show_band,
    show_value,
)
from posecheck.measures.catalogue import Unit
from posecheck.stretches.schema import NEED_TIME, End, Statistic

Status = Literal["pass", "fail", "not_assessed", "reached", "short", "said"]


@dataclass(frozen=True)
class CueResult:
    """What came of one cue, for one side.

    Attributes
    ----------
    id, kind, title : str
        As the definition has them.
    status : {"pass", "fail", "not_assessed", "reached", "short", "said"}
    side : {"left", "right"} or None
        The side that was measured; None for a measure without sides.
    held : {"left", "right"} or None
        The side that was stretched, where the stretch is done on each side.
    measure : str or None
        Name of the measure, without its side; None for a reminder.
    observed : float or None
        The value that decided, in `unit`.
    half_width : float or None
        Half of the interval around it that holds the true value nine times in ten; None where the
        measure's error is not known.
    target : tuple
        The band asked for; None is an open end. The band that passes is wider by `tolerance`.
    coverage : float
        Share of the held time in which the measure was seen, 0 to 1.
    hidden : mapping of str to float
        Share of the held time by what hid the measure; the names are those of `Cause`.
    change : str
        What to change where the cue was missed; empty otherwise.
    said : str
        The words of a reminder.
    why : Reason or None
        Why it was not assessed; None where it was.
    """

    id: str
    kind: str
    title: str
    status: Status
    side: Side | None = None
    held: Side | None = None
    measure: str | None = None
    observed: float | None = None
    unit: Unit | None = None
    target: Ends = (None, None)
    tolerance: float | None = None
    statistic: Statistic | None = None
    coverage: float = 0.0
    hidden: Mapping[str, float] = field(default_factory=dict)
    change: str = ""
    said: str = ""
    why: Reason | None = None
    half_width: float | None = None

    @property
    def interval(self) -> tuple[float, float] | None:
        """What holds the true value nine times in ten; None where nothing was read."""
        return around(self.observed, self.half_width, self.unit)

    @property
    def about_change(self) -> bool:
        """Whether it is judged by how the measure changes, not by its value at any one time."""
        return self.statistic in NEED_TIME

    @property
    def missed_end(self) -> End | None:
        """The end of the target that the value lies beyond; None where it lies within."""
        low, high = self.target
        if self.observed is None:
            return None
        if low is not None and self.observed < low:
            return "low"
        return "high" if high is not None and self.observed > high else None

    @property
    def margin(self) -> float | None:
        """How far inside the passing band the value lies; negative outside."""
        if self.observed is None:
            return None
        return band_margin(self.observed, self.target, self.tolerance or 0.0)

    @property
    def column(self) -> str | None:
        """The measure's column in the table of measures: with its side, where it has one."""
        return f"{self.side}_{self.measure}" if self.side else self.measure

    @property
    def reason_code(self) -> ReasonCode | None:
        """Why it was not assessed, for code to decide by; None where it was assessed."""
        return self.why.code if self.why else None

    @property
    def reason(self) -> str:
        """Why the status is what it is, for people to read."""
        if self.why is not None:
            return self.why.text
        if self.observed is None:
            return self.said
        passing = passing_band(self.target, self.tolerance or 0.0)
        counts = "passes" if self.kind == "alignment" else "counts as reached"
        return (
            f"read {show_value(self.observed, self.unit)}; {show_band(passing, self.unit)} {counts}"
        )

    @property
    def advice(self) -> str:
        """What to do: about the form where a cue was missed, about the recording where not seen."""
        return self.why.advice if self.why is not None else self.change
