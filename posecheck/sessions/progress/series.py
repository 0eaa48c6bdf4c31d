"""Readings as series of like with like, and what can be said of each series.

A series is one measure of one side in one stretch, seen under the same conditions. A sitting is
what was recorded without an hour's pause in between: its recordings are trials, not days.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from posecheck.core.errors import UsageError
from posecheck.core.geometry import Array
from posecheck.measures.bands import short_units, show_value
from posecheck.measures.catalogue import MEASURES, TIMES, Unit
from posecheck.sessions.progress.change import (
    MDC_PER_SEM,
    N_BASELINE,
    Trend,
    Verdict,
    compute_baseline,
    compute_limits,
    compute_trend,
    compute_verdicts,
    n_settled,
    personal_sem,
)
from posecheck.stretches import load_stretch, stretch_ids
from posecheck.stretches.schema import Rom

Key = tuple[str, str, str]
Better = Literal["more", "less"]

KEY = ["stretch", "measure", "statistic", "side", "held"]
# What must be the same for two readings to be compared. `meaning` is what the definition measures.
CONDITIONS = ["view", "near_side", "model", "corrected", "variant", "prop", "meaning"]
_NEEDED = ["session", "started", "stretch", "measure", "value"]
_OPTIONAL: dict[str, str | float | bool] = {
    "statistic": "median",
    "side": "",
    "held": "",
    "unit": "deg",
    "sem": np.nan,
    "view": "",
    "near_side": "",
    "model": "",
    "corrected": "",
    "variant": "",
    "prop": "",
    "definition_version": np.nan,
    "better": "",
    "simulated": False,
    "pain_before": np.nan,
    "pain_after": np.nan,
}
_NUMBERS = ["value", "sem", "definition_version", "pain_before", "pain_after"]
_KEPT = [
    *("session", "started", "value", "unit", "sem", "better", "simulated"),
    *("pain_before", "pain_after"),
]
_PAUSE = pd.Timedelta(hours=1)
_STATISTIC = {"min": "lowest", "max": "highest", "range": "range", "seconds": "time in position"}
# Where neither the readings nor the table of measures tell: the floors of the literature / 2.77.
_SEM_OF_UNIT = {"deg": 7.2, "torso": 0.054, "s": 0.1}
_WORDS = {
    "view": ("filmed from the {} view", "filmed from an unknown side"),
    "near_side": ("with the {} side to the camera", "with neither side nearer to the camera"),
    "model": ("read by the {} model", "read by an unknown model"),
    "corrected": ("with corrected angles: {}", "not known to be corrected"),
    "prop": ("with {}", "without a prop"),
    "variant": ("done as {}", "done in the plain form"),
    "meaning": ("measured by another definition ({})", "measured by the newer definition"),
}


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
        The CONDITIONS of `posecheck.sessions.progress.series`; "" where not known.
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


# --- from readings to sittings --------------------------------------------------------------------


def compute_sittings(rom: pd.DataFrame) -> pd.DataFrame:
    """One row a sitting and series, in the order of time.

    The first of several trials warms the body up and is dropped; the sitting is worth the median of
    the others (Norkin & White: discard the first, take the middle of the next).

    Parameters
    ----------
    rom : DataFrame
        One row a reading, as `History.rom` gives it: session, started, stretch, measure and value;
        where known also statistic, side, held (the side that is held), unit, sem, the CONDITIONS
        with definition_version in the place of meaning, better, simulated, pain_before, pain_after.
        StretchMeasures of one moment count in the order given.

    Returns
    -------
    DataFrame
        The columns of KEY and CONDITIONS ("" where nothing is known), session and started (of the
        first trial), value, unit, sem (the largest), n_trials, better, simulated, pain_before (of
        the first trial that tells), pain_after (of the last).
    """
    rows = _tidy(rom)
    series = rows.groupby([*KEY, *CONDITIONS], sort=False)
    number = series.ngroup()
    begins = ~(series["started"].diff() <= _PAUSE)
    trials = rows.groupby([number, begins.groupby(number).cumsum()], sort=False)
    counted = (trials.cumcount() > 0) | (trials["value"].transform("size") == 1)
    sittings = trials.first().assign(
        value=rows["value"].where(counted).groupby(trials.ngroup()).median().to_numpy(),
        sem=trials["sem"].max(),
        n_trials=trials.size(),
        pain_after=trials["pain_after"].last(),
    )
    return sittings.reset_index(drop=True).sort_values("started", kind="stable", ignore_index=True)


def _tidy(rom: pd.DataFrame) -> pd.DataFrame:
    """Every column there, nothing missing in those that tell series apart, no empty reading."""
    missing = [name for name in _NEEDED if name not in rom.columns]
    if missing:
        raise UsageError(
            f"the readings have no column {', '.join(missing)}",
            hint="Give what History.rom(person, stretch) gives.",
        )
    rows = rom.drop_duplicates().reset_index(drop=True)
    for name, default in _OPTIONAL.items():
        if name not in rows:
            rows[name] = default
        elif isinstance(default, str):
            rows[name] = rows[name].astype(object).where(rows[name].notna(), default).astype(str)
    for name in _NUMBERS:
        rows[name] = pd.to_numeric(rows[name], errors="coerce").astype(float)
    rows["started"] = pd.to_datetime(rows["started"], utc=True, errors="coerce")
    rows = rows[np.isfinite(rows["value"]) & rows["started"].notna()]
    rows = _explain(rows.sort_values("started", kind="stable").reset_index(drop=True))
    return rows[[*KEY, *CONDITIONS, *_KEPT]]


def _explain(rows: pd.DataFrame) -> pd.DataFrame:
    """Ask the definitions which direction is the better one and since when they mean the same."""
    names = list(zip(rows["stretch"], rows["measure"], rows["statistic"], strict=True))
    known = {name: _rom_of(*name) for name in set(names)}
    own = [known[name] for name in names]
    stored, versions = rows["better"], rows["definition_version"]
    return rows.assign(
        better=[
            rom.better if rom else given or "more" for given, rom in zip(stored, own, strict=True)
        ],
        meaning=[_meaning(version, rom) for version, rom in zip(versions, own, strict=True)],
    )


def _rom_of(stretch: str, measure: str, statistic: str) -> Rom | None:
    if stretch not in stretch_ids():
        return None
    alike = [rom for rom in load_stretch(stretch).rom if rom.measure == measure]
    return next((rom for rom in alike if rom.statistic == statistic), None)


def _meaning(version: float, rom: Rom | None) -> str:
    """Versions that measure the same; without the definition every version may be another."""
    if np.isnan(version):
        return ""
    if rom is None:
        return f"version {version:g}"
    return "" if version >= rom.since else f"before version {rom.since}"


# --- what is not compared -------------------------------------------------------------------------


def kept_apart(
    own: Sequence[Hashable], others: Sequence[tuple[Sequence[Hashable], int]]
) -> tuple[str, ...]:
    """A sentence for every other series of the same measure and side.

    Parameters
    ----------
    own : sequence of str
        The conditions of the series that is shown, in the order of CONDITIONS.
    others : sequence of (conditions, int)
        Conditions and number of sittings of the other ones.
    """
    lines = []
    for conditions, n in others:
        words = [
            _WORDS[name][not theirs].format(theirs)
            for name, mine, theirs in zip(CONDITIONS, own, conditions, strict=True)
            if mine != theirs
        ]
        sessions = f"{n} session{'s' if n != 1 else ''}"
        verb = "are" if n != 1 else "is"
        lines.append(
            f"{sessions} {' and '.join(words)} {verb} kept apart: only like is compared with like."
        )
    return tuple(lines)
