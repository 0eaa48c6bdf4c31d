"""Range-of-motion readings as comparable series, and what can be said about each.

A series is one measure of one side in one stretch, filmed under the same conditions. A sitting is
everything that was recorded without a break of an hour: its recordings count as trials of one day.
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
    n_unjudged,
    personal_sem,
)
from posecheck.stretches import load_stretch, stretch_ids
from posecheck.stretches.schema import Rom

Key = tuple[str, str, str]
Better = Literal["more", "less"]

KEY = ["stretch", "measure", "statistic", "side", "held"]
# Two readings are comparable when all of these are the same; `meaning` tells definitions apart
# that measure something else under the same name.
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
# Used when neither the readings nor the catalogue give an SEM: floors of the literature / 2.77.
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
    """One measure of one side in one stretch, filmed under the same conditions throughout.

    Attributes
    ----------
    stretch, measure, statistic : str
    side, held : {"left", "right", None}
        The side that was measured, and the side on which the stretch was held.
    unit : {"deg", "torso", "s"}
    better : {"more", "less"}
        Which change counts as a gain.
    conditions : dict
        Values of CONDITIONS; "" where unknown.
    sittings : DataFrame
        One row per sitting: session, started, value, n_trials, limit (smallest real change),
        verdict, pain_before, pain_after.
    floor : float
        Smallest real change by the error of the measure: 2.77 SEM.
    current : bool
        Whether this series holds the latest sitting of its measure and side.
    excluded : tuple of str
        One sentence per series of the same measure and side that is not comparable with this one.
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
    excluded: tuple[str, ...] = ()

    @property
    def values(self) -> Array:
        """One value per sitting, oldest first, shape (n_sittings,)."""
        return self.sittings["value"].to_numpy(dtype=float)

    @property
    def baseline(self) -> float | None:
        """Median of the first three sittings; None while there are fewer."""
        return _known(compute_baseline(self.values))

    @property
    def latest(self) -> float:
        """Value of the latest sitting."""
        return float(self.values[-1])

    @property
    def sem(self) -> float | None:
        """The person's own SEM, without the last two sittings, which are being judged."""
        return _known(personal_sem(self.values[: n_unjudged(len(self.values))])[0])

    @property
    def mdc(self) -> float | None:
        """Smallest real change at the latest sitting; None in the baseline."""
        return _known(float(self.sittings["limit"].iloc[-1]))

    @property
    def verdict(self) -> Verdict:
        """The verdict after the latest sitting."""
        return self.sittings["verdict"].iloc[-1]

    @property
    def trend(self) -> Trend | None:
        """Change per week; None with fewer than five sittings."""
        days = (self.sittings["started"] - self.sittings["started"].iloc[0]) / pd.Timedelta(days=1)
        return compute_trend(days.to_numpy(dtype=float), self.values)

    @property
    def name(self) -> str:
        """The measure in words."""
        return measure_words(self.measure, self.statistic)

    @property
    def where(self) -> str:
        """The side in words."""
        return side_words(self.side, self.held)

    @property
    def key(self) -> Key:
        """Stretch, measure and statistic, which the left and the right side share."""
        return self.stretch, self.measure, self.statistic

    def first_best_last(self) -> dict[str, Hashable]:
        """The numbers of the sessions worth comparing by eye: first, best and last."""
        best = int(self.values.argmax() if self.better == "more" else self.values.argmin())
        sessions = self.sittings["session"]
        return {"first": sessions.iloc[0], "best": sessions.iloc[best], "last": sessions.iloc[-1]}

    def show(self, value: float | None) -> str:
        """A value of this series as text with its unit; "-" for None."""
        return "-" if value is None else short_units(show_value(value, self.unit))

    def sentence(self) -> str:
        """The verdict as a sentence."""
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
    """A measure and its statistic in words: "hip flexion (highest)".

    Parameters
    ----------
    measure : str
    statistic : str

    Returns
    -------
    str
    """
    known = MEASURES.get(measure) or TIMES.get(measure)
    label = known.label if known else measure.replace("_", " ")
    extra = _STATISTIC.get(statistic)
    return f"{label} ({extra})" if extra else label


def side_words(side: str | None, held: str | None) -> str:
    """The side that was measured and the side that was held, in words.

    Parameters
    ----------
    side : str or None
    held : str or None
        The side that is stretched.

    Returns
    -------
    str
    """
    if side and held and side != held:
        return f"{side} side, held on the {held}"
    return side or held or ""


def series_progress(
    rows: pd.DataFrame, *, current: bool, excluded: tuple[str, ...] = ()
) -> SeriesProgress:
    """Judge one series: floor, smallest real change and verdict at every sitting.

    Parameters
    ----------
    rows : DataFrame
        The sittings of one series, from `compute_sittings`.
    current : bool
        Whether it holds the latest sitting of its measure and side.
    excluded : tuple of str
        What `explain_exclusions` says about the series that are not comparable.

    Returns
    -------
    SeriesProgress
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
        excluded=excluded,
    )


def _measured_sem(rows: pd.DataFrame) -> float:
    """The largest SEM of the series, so that no reading is taken for surer than it is."""
    if rows["sem"].notna().any():
        return float(rows["sem"].max())
    known = MEASURES.get(rows["measure"].iloc[0])
    unit = rows["unit"].iloc[0]
    return known.sem if known and known.unit == unit else _SEM_OF_UNIT[unit]


def _known(number: float) -> float | None:
    return None if np.isnan(number) else number


# --- from readings to sittings --------------------------------------------------------------------


def compute_sittings(rom: pd.DataFrame) -> pd.DataFrame:
    """Reduce readings to one row per sitting and series, oldest first.

    The first of several trials warms the body up and is dropped; the value of the sitting is the
    median of the others (Norkin & White: discard the first, take the median of the next three).

    Parameters
    ----------
    rom : DataFrame
        One row per reading, as `History.rom` returns it: session, started, stretch, measure, value;
        where known also statistic, side, held (the side that is held), unit, sem, the CONDITIONS
        with definition_version in place of meaning, better, simulated, pain_before, pain_after.
        Readings with the same start time count in the order given.

    Returns
    -------
    DataFrame
        The columns of KEY and CONDITIONS ("" where unknown), session and started (of the first
        trial), value, unit, sem (the largest), n_trials, better, simulated, pain_before (the first
        that was recorded), pain_after (the last).

    Raises
    ------
    UsageError
        When a column that is needed is missing; all missing columns are named.
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
    """Add missing columns, fill gaps in those that tell series apart, and drop empty readings."""
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
    """Add from the definitions which direction is a gain, and since which version they agree."""
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
    """Which versions measure the same; without the definition, every version stands alone."""
    if np.isnan(version):
        return ""
    if rom is None:
        return f"version {version:g}"
    return "" if version >= rom.since else f"before version {rom.since}"


# --- what is not compared -------------------------------------------------------------------------


def explain_exclusions(
    own: Sequence[Hashable], others: Sequence[tuple[Sequence[Hashable], int]]
) -> tuple[str, ...]:
    """Say of every other series of the same measure and side why it is not comparable.

    Parameters
    ----------
    own : sequence of str
        The conditions of the series that is shown, in the order of CONDITIONS.
    others : sequence of (conditions, int)
        Conditions and number of sittings of each other series.

    Returns
    -------
    tuple of str
        One sentence per other series.
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
