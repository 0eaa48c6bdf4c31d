"""How wide must the interval of a reading be to hold the truth nine times in ten?

    python -m benchmarks.uncertainty [--split unseen] [--docs]

Learned in benchmarks/calibrate.py from the bodies of the tune split: a quantile regression of the
logarithm of the error on what is known of a reading (`Circumstances`), so that the factors
multiply. Here it is held against bodies that nothing was learned from, and against people
(benchmarks/people.py): the share of truths inside the intervals, by position of the body.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import linprog

from benchmarks.readings import read, shown
from benchmarks.stills import load_stills
from benchmarks.tables import into_docs, percent
from posecheck import MEASURES
from posecheck.measures.calibration import load_calibration
from posecheck.measures.uncertainty import Circumstances, Uncertainty, features

FACTORS = ("apart", "yaw", "small", "far", "one_model")
LEAST_ERROR = {"deg": 0.3, "torso": 0.003}  # below, the logarithm would only see noise
# Rendered people are harder than photos of real ones: this quantile of their errors makes intervals
# that hold nine truths in ten of both.
LEARNED_AT = 0.88
SHRINKAGE = 2.0  # readings that say a position is like any other
LEAST_READINGS = 20


def learn(readings: pd.DataFrame) -> Uncertainty:
    """Fit the factors.

    Parameters
    ----------
    readings : DataFrame
        From `readings.read`, what was shown, with `error`.

    Returns
    -------
    Uncertainty
    """
    counts = readings["measure"].value_counts()
    kept = readings[readings["measure"].map(counts) >= LEAST_READINGS]
    measures, positions = sorted(kept["measure"].unique()), sorted(kept["position"].unique())
    design = np.concatenate(
        [
            kept["measure"].to_numpy()[:, None] == np.array(measures),
            kept["position"].to_numpy()[:, None] == np.array(positions),
            np.array([features(row.unit, circumstances(row)) for row in _rows(kept)]),
        ],
        axis=1,
    ).astype(float)
    least = kept["unit"].map(LEAST_ERROR)
    target = np.log(np.maximum(kept["error"].abs().to_numpy(), least.to_numpy()))
    weights = quantile_regression(
        design, target, range(len(measures), len(measures) + len(positions))
    )
    usual, rest = np.split(weights, [len(measures)])
    by_position, factors = np.split(rest, [len(positions)])
    named = {name: round(float(w), 3) for name, w in zip(FACTORS, factors, strict=True)}
    return Uncertainty(
        usual={m: float(f"{np.exp(w):.3g}") for m, w in zip(measures, usual, strict=True)},
        positions={p: round(float(w), 3) for p, w in zip(positions, by_position, strict=True)},
        **{name: max(0.0, w) for name, w in named.items()},
    )


def _rows(table: pd.DataFrame) -> Iterator[Any]:
    yield from table.itertuples()


def circumstances(row: Any) -> Circumstances:
    """How a reading of the table was had."""
    return Circumstances(row.position, row.yaw_read, row.apart, row.torso_px, not row.near)


def quantile_regression(design: np.ndarray, target: np.ndarray, shrunk: range) -> np.ndarray:
    """Weights whose line lies above `LEARNED_AT` of the targets, as a linear programme.

    Koenker and Bassett, "Regression quantiles", Econometrica 1978. The weights of the columns
    `shrunk` are drawn to zero.
    """
    pull = np.zeros((2 * len(shrunk), design.shape[1]))
    for k, column in enumerate(shrunk):
        pull[2 * k, column], pull[2 * k + 1, column] = SHRINKAGE, -SHRINKAGE
    design = np.concatenate([design, pull])
    target = np.concatenate([target, np.zeros(len(pull))])
    n, k = design.shape
    cost = np.concatenate([np.zeros(2 * k), np.full(n, LEARNED_AT), np.full(n, 1 - LEARNED_AT)])
    equal = sparse.hstack([sparse.csr_array(design), -design, sparse.eye(n), -sparse.eye(n)])
    found = linprog(cost, A_eq=equal, b_eq=target, bounds=(0, None), method="highs")
    return np.asarray(found.x[:k] - found.x[k : 2 * k])


def coverage(readings: pd.DataFrame, known: Uncertainty) -> pd.Series:
    """Whether each reading's interval holds the truth."""
    inside = [
        abs(row.error) <= known.half_width(MEASURES[row.measure], circumstances(row))
        for row in _rows(readings)
    ]
    return pd.Series(inside, index=readings.index)


def coverage_table(both: pd.DataFrame, alone: pd.DataFrame) -> pd.DataFrame:
    """Share of truths inside the intervals by position, with two models and with one, as text."""
    rows = {}
    for position in [*sorted(both["position"].unique()), "all"]:
        cells = {}
        for title, table in {"two models": both, "MediaPipe alone": alone}.items():
            own = table if position == "all" else table[table["position"] == position]
            near, far = own[own["near"]], own[~own["near"]]
            cells[f"{title}, near side"] = _held(near)
            cells[f"{title}, far side"] = _held(far)
        rows[position] = cells
    return pd.DataFrame(rows).T.rename_axis("position")


def _held(own: pd.DataFrame) -> str:
    return f"{percent(own['inside'].mean())} of {len(own)}"


def main() -> None:
    """Hold the intervals against the unseen bodies."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", default="unseen", choices=["unseen", "tune"])
    parser.add_argument("--docs", action="store_true", help="write the table into the docs")
    options = parser.parse_args()
    stills, known = load_stills(options.split), load_calibration().uncertainty
    tables = []
    for alone in (False, True):
        table = shown(read(stills, one_model=alone))
        table["near"] = table["near"].astype(bool)
        tables.append(table.assign(inside=coverage(table, known)))
    table = coverage_table(*tables)
    print(table.to_string())
    if options.docs:
        into_docs("coverage", table, "-m benchmarks.uncertainty --docs")


if __name__ == "__main__":
    main()
