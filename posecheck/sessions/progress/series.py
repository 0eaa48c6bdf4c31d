"""One series: its values, its noise and what can be said of it."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from posecheck.core.geometry import Array
from posecheck.measures.bands import short_units, show_value
from posecheck.measures.catalogue import MEASURES, TIMES, Unit
from posecheck.sessions.progress.change import (
    MDC_PER_SEM,
    N_BASELINE,
    Verdict,
    compute_baseline,
    compute_limits,
    compute_verdicts,
    n_settled,
    personal_sem,
)
from posecheck.sessions.progress.sittings import CONDITIONS, Better
from posecheck.sessions.progress.trend import Trend, compute_trend

Key = tuple[str, str, str]
_STATISTIC = {"min": "lowest", "max": "highest", "range": "range", "seconds": "time in position"}
# Where neither the readings nor the table of measures tell: the floors of the literature / 2.77.
_SEM_OF_UNIT = {"deg": 7.2, "torso": 0.054, "s": 0.1}


@dataclass(frozen=True, eq=False)
class SeriesProgress:
    """One measure of one side in one stretch, under the same conditions all along.

    Attributes
    ----------
    stretch, measure, statistic : str
    side, held : {"left", "right", None}
        The side that is measured, and the side on which the stretch is done.
    unit : {"deg", "torso", "s"}
    better : {"more", "less"}
        Which change counts as a gain.
    conditions : dict
        The CONDITIONS of `posecheck.sessions.progress.sittings`; "" where not known.
    sittings : DataFrame
        session, started, value, n_trials, limit (smallest real change), verdict, pain_before,
        pain_after.
    floor : float
        Smallest real change by the error of the measure: 2.77 SEM.
    current : bool
        Whether it holds the latest sitting of this measure and side.
    apart : tuple of str
        What is kept apart from this series, and why.
    """

    stretch: str
    measure: str
    statistic: str
    side: str | None
    held: str | None
    unit: Unit
    better: Better
    conditions: dict[str, str]
    sittings: pd.DataFrame
    floor: float
    current: bool = True
    apart: tuple[str, ...] = ()

    @property
    def values(self) -> Array:
        """One value a sitting, in the order of time."""
        return self.sittings["value"].to_numpy(dtype=float)

    @property
    def baseline(self) -> float | None:
        """Median of the first three sittings."""
        return _known(compute_baseline(self.values))

    @property
    def latest(self) -> float:
        """Value of the last sitting."""
        return float(self.values[-1])

    @property
    def sem(self) -> float | None:
        """Scatter of this person from sitting to sitting, before the last two, which are judged."""
        return _known(personal_sem(self.values[: n_settled(len(self.values))])[0])

    @property
    def mdc(self) -> float | None:
        """Smallest real change at the last sitting."""
        return _known(float(self.sittings["limit"].iloc[-1]))

    @property
    def verdict(self) -> Verdict:
        """What can be said after the last sitting."""
        return self.sittings["verdict"].iloc[-1]

    @property
    def trend(self) -> Trend | None:
        """Change a week."""
        days = (self.sittings["started"] - self.sittings["started"].iloc[0]) / pd.Timedelta(days=1)
        return compute_trend(days.to_numpy(dtype=float), self.values)

    @property
    def name(self) -> str:
        """The measure as people read it."""
        return measure_words(self.measure, self.statistic)

    @property
    def where(self) -> str:
        """The side as people read it."""
        return side_words(self.side, self.held)

    @property
    def key(self) -> Key:
        """Stretch, measure and statistic: what left and right have in common."""
        return self.stretch, self.measure, self.statistic

    def first_best_last(self) -> dict[str, Hashable]:
        """The sessions worth looking at side by side, by name."""
        best = int(self.values.argmax() if self.better == "more" else self.values.argmin())
        sessions = self.sittings["session"]
        return {"first": sessions.iloc[0], "best": sessions.iloc[best], "last": sessions.iloc[-1]}

    def show(self, value: float | None) -> str:
        """A value of this series as people read it."""
        return "-" if value is None else short_units(show_value(value, self.unit))

    def sentence(self) -> str:
        """The verdict in a sentence."""
        title = f"{self.name}{f', {self.where}' if self.where else ''}: "
        if self.baseline is None or self.mdc is None:
            left = N_BASELINE - len(self.sittings)
            rest = f"{left} more to go" if left > 0 else "the next one is held against it"
            return f"{title}building baseline, {rest}."
        change = self.latest - self.baseline
        than = "larger" if change > 0 else "smaller"
        size = f"{self.show(abs(change))} {than} than your baseline of {self.show(self.baseline)}"
        if self.verdict == "within measurement noise":
            size = f"{size}; real is more than {self.show(self.mdc)}, two sessions running"
        return f"{title}{self.verdict}, {size}."


def measure_words(measure: str, statistic: str) -> str:
    """A measure, and how it is summed up, as people read it."""
    known = MEASURES.get(measure) or TIMES.get(measure)
    label = known.label if known else measure.replace("_", " ")
    extra = _STATISTIC.get(statistic)
    return f"{label} ({extra})" if extra else label


def side_words(side: str | None, held: str | None) -> str:
    """The side that was measured, and the one that was held, as people read it."""
    if side and held and side != held:
        return f"{side} side, held on the {held}"
    return side or held or ""


def series_progress(
    rows: pd.DataFrame, *, current: bool, apart: tuple[str, ...] = ()
) -> SeriesProgress:
    """Judge one series.

    Parameters
    ----------
    rows : DataFrame
        The sittings of one series, from `compute_sittings`.
    current : bool
        Whether it holds the latest sitting of its measure and side.
    apart : tuple of str
        What is kept apart from it, in words.
    """
    first = rows.iloc[0]
    values = rows["value"].to_numpy(dtype=float)
    floor = MDC_PER_SEM * _measured_sem(rows)
    limits = compute_limits(values, floor)
    verdicts = compute_verdicts(values, limits, better=first["better"])
    kept = ["session", "started", "value", "n_trials", "pain_before", "pain_after"]
    return SeriesProgress(
        stretch=first["stretch"],
        measure=first["measure"],
        statistic=first["statistic"],
        side=first["side"] or None,
        held=first["held"] or None,
        unit=first["unit"],
        better=first["better"],
        conditions={name: first[name] for name in CONDITIONS},
        sittings=rows[kept].assign(limit=limits, verdict=verdicts).reset_index(drop=True),
        floor=floor,
        current=current,
        apart=apart,
    )


def _measured_sem(rows: pd.DataFrame) -> float:
    """The largest of the series: what was once read less surely is no worse a baseline then."""
    if rows["sem"].notna().any():
        return float(rows["sem"].max())
    known = MEASURES.get(rows["measure"].iloc[0])
    unit = rows["unit"].iloc[0]
    return known.sem if known and known.unit == unit else _SEM_OF_UNIT[unit]


def _known(number: float) -> float | None:
    return None if np.isnan(number) else number
