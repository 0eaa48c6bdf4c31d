"""How often progress is seen where there is none, and how often it is missed, by simulation.

    python -m benchmarks.progress [--people 10000] [--docs]

Simulated people stretch 30 times. What is read of somebody is the true value, plus the error of
the measure (its SEM), plus how the body differs from day to day, which resembles the day before;
both times a factor of that person's own. The rule is that of the package
(`posecheck.sessions.progress.change`); beside it stands the plain one, max(floor, 2.77 x the SEM of
the three baseline sessions). `--docs` writes the tables into docs/progress.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.tables import into_docs, percent
from posecheck import MEASURES
from posecheck.core.geometry import Array
from posecheck.sessions.progress.change import (
    MDC_PER_SEM,
    N_BASELINE,
    compute_limits,
    compute_verdicts,
)

PAGE = Path(__file__).resolve().parent.parent / "docs" / "progress.md"
COMMAND = "-m benchmarks.progress --docs"
N_SESSIONS = 30
SHOWN = ("knee_flexion", "hip_flexion", "shoulder_flexion", "trunk_inclination", "leg_elevation")
GAINS_DEG = (10, 15, 20)
AFTER = (6, 10, 15, 20, 30)

Limits = Callable[[Array, float], Array]


@dataclass(frozen=True)
class World:
    """How simulated people are; degrees, and shares of a person's scatter.

    `factors` is the spread (SD of the logarithm) of the factor by which people scatter more or
    less than others, `noisier` one for everybody. `likeness` is the correlation of a day with the
    session before. A share `misread` of the sessions is read three times as far off.
    """

    sem: float = 4.5
    day_to_day: float = 3.0
    factors: float = 0.3
    noisier: float = 1.0
    likeness: float = 0.5
    misread: float = 0.0


def simulate(world: World, n_people: int, *, gain: float = 0.0, over: int = 10) -> Array:
    """What is read of people who come `gain` degrees farther in `over` sessions after the baseline.

    Returns
    -------
    ndarray, shape (n_people, N_SESSIONS)
    """
    random = np.random.default_rng(20261121)
    shape = (n_people, N_SESSIONS)
    day = random.normal(size=shape)
    for session in range(1, N_SESSIONS):
        fresh = np.sqrt(1 - world.likeness**2) * day[:, session]
        day[:, session] = world.likeness * day[:, session - 1] + fresh
    error = random.normal(size=shape) * np.where(random.random(shape) < world.misread, 3, 1)
    factor = np.exp(random.normal(-(world.factors**2) / 2, world.factors, (n_people, 1)))
    way = np.clip((np.arange(N_SESSIONS) - N_BASELINE + 1) / over, 0, 1)
    scatter = world.sem * error + world.day_to_day * day
    return gain * way + world.noisier * factor * scatter


def plain_limits(values: Array, floor: float) -> Array:
    """The usual rule: the SEM of the baseline sessions counts as if it were known."""
    limits = np.full(len(values), np.nan)
    sem = np.diff(values[:N_BASELINE]).std(ddof=1) / np.sqrt(2)
    limits[N_BASELINE:] = max(floor, MDC_PER_SEM * sem)
    return limits


def first_gain(read: Array, sem: float, limits_of: Limits = compute_limits) -> Array:
    """The session after which `real gain` was first said, counted from 1; inf where never."""
    first = np.full(len(read), np.inf)
    for person, values in enumerate(read):
        verdicts = compute_verdicts(values, limits_of(values, MDC_PER_SEM * sem))
        if "real gain" in verdicts:
            first[person] = verdicts.index("real gain") + 1
    return first


def ever(world: World, n_people: int, limits_of: Limits) -> float:
    """Share of people who were told of a real gain though nothing changed."""
    return float(np.isfinite(first_gain(simulate(world, n_people), world.sem, limits_of)).mean())


# --- docs/progress.md -----------------------------------------------------------------------------


def false_gains(worlds: dict[str, World], n_people: int) -> pd.DataFrame:
    """Share of people without change who are told of a real gain, by both rules."""
    rows = {
        name: {
            "SEM": f"{world.sem:.1f}°",
            "plain rule": _tenth(ever(world, n_people, plain_limits)),
            "posecheck": _tenth(ever(world, n_people, compute_limits)),
        }
        for name, world in worlds.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(
        "false `real gain` in 30 sessions"
    )


def by_measure() -> dict[str, World]:
    """The measures of side-view stretches with their measured errors."""
    return {MEASURES[name].label: World(sem=MEASURES[name].sem) for name in SHOWN}


def stress() -> dict[str, World]:
    """People and cameras that are worse than assumed."""
    usual = World()
    return {
        "as assumed": usual,
        "day-to-day 4° instead of 3°": replace(usual, day_to_day=4.0),
        "days that resemble each other much (0.8)": replace(usual, likeness=0.8),
        "1 session in 20 misread": replace(usual, misread=0.05),
        "everybody scatters 1.5 times as much": replace(usual, noisier=1.5, factors=0.0),
        "everybody scatters 2 times as much": replace(usual, noisier=2.0, factors=0.0),
        "everybody scatters 3 times as much": replace(usual, noisier=3.0, factors=0.0),
    }


def power(n_people: int) -> pd.DataFrame:
    """Share of people with a true gain who are told so, by the session given."""
    world, rows = World(), {}
    for over, words in ((10, "over 10 sessions"), (1, "at once")):
        for gain in GAINS_DEG:
            first = first_gain(simulate(world, n_people, gain=gain, over=over), world.sem)
            told = {f"by session {n}": percent(float((first <= n).mean())) for n in AFTER}
            rows[f"{gain}°, {words}"] = told
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("true gain")


def _tenth(share: float) -> str:
    return f"{100 * share:.1f} %"


def main() -> None:
    """Print the tables; with --docs also write them into docs/progress.md."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument(
        "--docs", action="store_true", help="write the tables into docs/progress.md"
    )
    given = parser.parse_args()
    tables = {
        "measures": false_gains(by_measure(), given.people),
        "stress": false_gains(stress(), given.people),
        "power": power(given.people),
    }
    for name, table in tables.items():
        print(f"\n{table.to_string()}")
        if given.docs:
            into_docs(name, table, COMMAND, page=PAGE)


if __name__ == "__main__":
    main()
