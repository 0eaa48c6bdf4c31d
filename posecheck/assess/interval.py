"""Times: a hold, a rep or a phase, and what was performed on one side."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from posecheck.landmarks.series import Side

# How reports write a side that is None: both at once.
BOTH = "both"


@dataclass(frozen=True)
class Interval:
    """A stretch of time, with the frames it covers (`stop` is the first frame after it).

    `side` is None where both sides are done at once; `variant` is the id of the variant that a hold
    was done in, None for the stretch itself.
    """

    kind: Literal["hold", "rep", "phase"]
    name: str
    side: Side | None
    start_s: float
    end_s: float
    start: int
    stop: int
    variant: str | None = None

    @property
    def seconds(self) -> float:
        """How long it lasted."""
        return self.end_s - self.start_s

    @property
    def frames(self) -> slice:
        """Rows of the measures table it covers."""
        return slice(self.start, self.stop)


@dataclass(frozen=True)
class Performed:
    """What was done on one side, or on both at once (`side` is None).

    `reps` and `phases` are those inside the holds.
    """

    side: Side | None
    holds: list[Interval]
    reps: list[Interval] = field(default_factory=list)
    phases: list[Interval] = field(default_factory=list)

    def spans(self, phase: str | None) -> list[Interval]:
        """The holds, or the phases of one name inside them.

        Parameters
        ----------
        phase : str or None
            Name of a phase; None for the holds.

        Returns
        -------
        list of Interval
        """
        if phase is None:
            return self.holds
        return [one for one in self.phases if one.name == phase]

    def by_variant(self) -> list[Performed]:
        """The same, variant by variant in order of time."""
        alike: dict[str | None, list[Interval]] = {}
        for hold in self.holds:
            alike.setdefault(hold.variant, []).append(hold)
        return [
            Performed(self.side, holds, _inside(self.reps, holds), _inside(self.phases, holds))
            for holds in alike.values()
        ]


def _inside(inner: list[Interval], holds: list[Interval]) -> list[Interval]:
    return [i for i in inner if any(h.start <= i.start and i.stop <= h.stop for h in holds)]
