"""What came of a cue, and how its status is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from posecheck.landmarks.series import Side
from posecheck.measures.bands import Ends, band_margin
from posecheck.measures.catalogue import Unit
from posecheck.stretches.schema import NEED_TIME, End, Statistic

Status = Literal["pass", "fail", "not_assessed", "reached", "short", "said"]

# How a status is shown everywhere; a sign stands beside each colour, which is never the only one.
STATUS_SIGN = {
    "pass": "✓",
    "fail": "✗",
    "reached": "✓",
    "short": "…",
    "not_assessed": "?",
    "said": "•",
}
STATUS_WORDS = {
    "pass": "pass",
    "fail": "fail",
    "reached": "reached",
    "short": "short",
    "not_assessed": "not assessed",
    "said": "remember",
}


@dataclass(frozen=True)
class CueResult:
    """What came of one cue, for one side.

    Attributes
    ----------
    side : {"left", "right"} or None
        The side that was measured.
    held : {"left", "right"} or None
        The side that was stretched, where the stretch is done on each side.
    observed : float or None
        The value that decided, in `unit`.
    target : tuple
        The band asked for; None is an open end. The band that passes is wider by `tolerance`.
    coverage : float
        Share of the held time in which the measure was seen, 0 to 1.
    advice : str
        What to change; empty when there is nothing to change.
    reason : str
        Why the status is what it is.
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
    advice: str = ""
    reason: str = ""

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
