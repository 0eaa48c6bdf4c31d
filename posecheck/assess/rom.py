"""Range-of-motion values of a recording."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from posecheck.assess.interval import Interval, Performed
from posecheck.assess.statistics import frames_of, summarise
from posecheck.assess.stretch_measures import StretchMeasures
from posecheck.core.geometry import Array
from posecheck.landmarks.series import Side
from posecheck.measures.bands import Ends, around, inside, round_value
from posecheck.measures.calibration import load_calibration
from posecheck.measures.catalogue import Unit
from posecheck.stretches.schema import Rom


@dataclass(frozen=True)
class RomValue:
    """One range-of-motion value with its standard error of measurement.

    `side` was measured, `held` was stretched (None is both at once); `statistic` sums up the holds;
    `better` says which change is a gain. `sem` is None for seconds: they are counted, not measured.
    `half_width` is half of the interval that holds the true value nine times in ten.
    """

    measure: str
    statistic: str
    side: Side | None
    held: Side | None
    value: float
    unit: Unit
    sem: float | None
    better: Literal["more", "less"]
    half_width: float | None = None

    @property
    def interval(self) -> tuple[float, float] | None:
        """What holds the true value nine times in ten; None where the error is not known."""
        return around(self.value, self.half_width, self.unit)


def compute_rom(
    readings: StretchMeasures, done: Iterable[Performed], *, is_photo: bool
) -> list[RomValue]:
    """Compute every range-of-motion value that the stretch keeps, for every side that was done.

    Parameters
    ----------
    readings : StretchMeasures
    done : iterable of Performed
    is_photo : bool
        Ranges and times need a video.

    Returns
    -------
    list of RomValue
        Without those that were hidden.
    """
    found = []
    for rom in readings.stretch.rom:
        if is_photo and rom.statistic in {"range", "seconds"}:
            continue
        found += [value for own in done if (value := _value(rom, own, readings))]
    return found


def _value(rom: Rom, done: Performed, readings: StretchMeasures) -> RomValue | None:
    values = readings.values(rom, done.side)
    unit: Unit = rom.what.unit
    sem: float | None = rom.what.sem
    if rom.statistic == "seconds":
        assert rom.band is not None
        value = seconds_inside(values, readings.table.index.to_numpy(), done.holds, rom.band)
        unit, sem = "s", None
    else:
        value = summarise(values, done.holds, rom.statistic)
    if not np.isfinite(value):
        return None
    frames = frames_of(done.holds)
    return RomValue(
        measure=rom.measure,
        statistic=rom.statistic,
        side=readings.side(rom, done.side, frames),
        held=done.side,
        value=round_value(value, unit),
        unit=unit,
        sem=sem,
        better=rom.better,
        half_width=None if unit == "s" else _half_width(rom, done.side, readings, frames),
    )


def _half_width(
    rom: Rom, held: Side | None, readings: StretchMeasures, frames: np.ndarray
) -> float | None:
    at = readings.circumstances(rom, held, frames)
    return load_calibration().uncertainty.half_width(rom.what, at)


def seconds_inside(values: Array, t_s: Array, holds: list[Interval], band: Ends) -> float:
    """For how long the values lay in a band during the holds.

    Parameters
    ----------
    values, t_s : ndarray, shape (n_frames,)
    holds : list of Interval
    band : tuple
    """
    total = 0.0
    for hold in holds:
        ends = np.append(t_s[hold.start + 1 : hold.stop], hold.end_s)
        total += float((ends - t_s[hold.frames])[inside(values[hold.frames], band)].sum())
    return total
