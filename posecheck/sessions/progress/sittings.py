"""StretchMeasures of range of motion as series of like with like, one value a sitting.

A series is one measure of one side in one stretch, seen under the same conditions. A sitting is
what was recorded without an hour's pause in between: its recordings are trials, not days.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from posecheck.core.errors import UsageError
from posecheck.stretches import load_stretch, stretch_ids
from posecheck.stretches.schema import Rom

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
