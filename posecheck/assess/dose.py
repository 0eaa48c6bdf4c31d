"""How much was done, against how much each source asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from posecheck.assess.interval import BOTH, Interval
from posecheck.landmarks.series import Side
from posecheck.stretches.definition import Stretch
from posecheck.stretches.schema import Dose

NEARLY = 0.95  # a hold this near to its dose counts: nobody watches a clock to the second


@dataclass(frozen=True)
class DoseDone:
    """What was done, against the doses the stretch names.

    `holds` lists side and seconds of every hold (or flow), `reps` counts them by side. `asked` has
    every dose with whether it was met; None where a photo shows no time. `target_s`, `target_reps`
    and `met` are those of the first dose.
    """

    holds: tuple[tuple[str, float], ...] = ()
    reps: Mapping[str, int] = field(default_factory=dict)
    asked: tuple[tuple[Dose, bool | None], ...] = ()

    @property
    def target_s(self) -> float | None:
        """Seconds that the first dose asks for."""
        return self.asked[0][0].seconds if self.asked else None

    @property
    def target_reps(self) -> int | None:
        """Reps that the first dose asks for."""
        return self.asked[0][0].reps if self.asked else None

    @property
    def met(self) -> bool | None:
        """Whether the first dose was met."""
        return self.asked[0][1] if self.asked else None


def compute_dose(
    stretch: Stretch,
    holds: list[Interval],
    done_reps: list[Interval],
    *,
    sides: tuple[Side | None, ...],
    is_photo: bool,
) -> DoseDone:
    """Sum up what was done.

    Parameters
    ----------
    stretch : Stretch
    holds, done_reps : list of Interval
    sides : tuple of {"left", "right", None}
        The sides that are asked for; None is both at once.
    is_photo : bool
    """
    names: list[str] = [side or BOTH for side in sides]
    done = tuple((hold.side or BOTH, round(hold.seconds, 1)) for hold in holds)
    done = () if is_photo else done
    reps = {name: sum((rep.side or BOTH) == name for rep in done_reps) for name in names}
    return DoseDone(
        holds=done,
        reps=reps if stretch.reps else {},
        asked=tuple(
            (dose, None if is_photo else all(_met(dose, done, reps, n) for n in names))
            for dose in stretch.doses
        ),
    )


def _met(
    asked: Dose, done: tuple[tuple[str, float], ...], reps: Mapping[str, int], side: str
) -> bool:
    if asked.reps is not None:
        return reps[side] >= asked.reps * asked.sets
    enough = NEARLY * (asked.seconds or 0.0)
    return sum(s == side and seconds >= enough for s, seconds in done) >= asked.sets
