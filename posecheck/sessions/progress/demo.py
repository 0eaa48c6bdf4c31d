"""A simulated history, so that charts and notebooks have something to show on a new machine.

Every row carries `simulated`, and whatever shows the rows says so.
"""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Any

import numpy as np
import pandas as pd

from posecheck.measures.catalogue import MEASURES
from posecheck.stretches import load_stretch

PEOPLE = ("Simulated, gaining", "Simulated, unchanged")
_FIRST = pd.Timestamp("2026-01-05T18:00Z")
_N_SESSIONS = 24
_SEM = {"deg": 4.5, "torso": 0.05}  # rounded: a new calibration must not change the example
_DAY_TO_DAY = 0.5  # of the SEM


def simulate_rom(person: str = PEOPLE[0]) -> pd.DataFrame:
    """Simulate the range of motion of a person, as `History.rom(person)` would return it.

    Parameters
    ----------
    person : str
        One of PEOPLE: the first gains over three months, the second only scatters.

    Returns
    -------
    DataFrame
        One row per reading.
    """
    random = np.random.default_rng(PEOPLE.index(person))
    sessions = simulate_sessions(person)[["session", "started", "stretch", "simulated"]]
    return pd.concat(
        [_readings(row, sessions, random, gains=person == PEOPLE[0]) for row in _described()],
        ignore_index=True,
    )


def _described() -> list[dict[str, Any]]:
    text = resources.files(__package__).joinpath("demo.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)["series"]


def _readings(
    row: dict[str, Any], sessions: pd.DataFrame, random: np.random.Generator, *, gains: bool
) -> pd.DataFrame:
    own = sessions[sessions["stretch"] == row["stretch"]]
    unit = MEASURES[row["measure"]].unit
    way = row["gain"] * np.linspace(0, 1, len(own)) * gains
    noise = random.normal(0, _SEM[unit] * np.hypot(1, _DAY_TO_DAY), len(own))
    side = row.get("side")
    return own.assign(
        measure=row["measure"],
        statistic=row.get("statistic", "median"),
        side=side,
        value=(row["start"] + way + noise).round(1 if unit == "deg" else 2),
        unit=unit,
        sem=_SEM[unit],
        view="side",
        near_side=side or "left",
        model="full",
        definition_version=load_stretch(row["stretch"]).version,
    )


def simulate_sessions(person: str = PEOPLE[0]) -> pd.DataFrame:
    """Simulate the sessions of a person, as `History.sessions(person)` would return them.

    Parameters
    ----------
    person : str
        One of PEOPLE.

    Returns
    -------
    DataFrame
        One row per session.
    """
    random = np.random.default_rng(100 + PEOPLE.index(person))
    stretches = list(dict.fromkeys(row["stretch"] for row in _described()))
    rows: list[dict[str, Any]] = []
    for day in np.cumsum(random.choice([2, 2, 3, 4, 5], _N_SESSIONS)):
        for place, stretch in enumerate(stretches):
            dose = load_stretch(stretch).doses[0].seconds or 60.0
            held = float(np.round(dose * random.uniform(0.6, 1.15)))
            before = int(random.integers(1, 5))
            rows.append(
                {
                    "session": len(rows) + 1,
                    "started": _FIRST + pd.Timedelta(days=int(day), minutes=10 * place),
                    "person": person,
                    "stretch": stretch,
                    "held_s": held,
                    "dose_met": held >= 0.95 * dose,
                    "pain_before": before,
                    "pain_after": max(before - int(random.integers(0, 3)), 0),
                    "simulated": True,
                }
            )
    return pd.DataFrame(rows)
