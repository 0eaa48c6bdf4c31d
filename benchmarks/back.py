"""Does the outline of the back tell cat, neutral and cow apart, and how true is the neck?

    python -m benchmarks.back [--docs]

From the series: stills of one body, camera and light, in which only the back and the neck move.
The bow is the back's outline in its middle less at its ends, in torso lengths: + rounded. `--docs`
writes the tables into docs/accuracy.md.
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.readings import as_one, by_size
from benchmarks.stills import Still, load_stills
from benchmarks.tables import degrees, into_docs, percent
from posecheck import compute_measures

BACKS = {"cat": "rounded (cat)", "neutral": "neutral", "cow": "arched (cow)"}


def readings() -> pd.DataFrame:
    """One row a still: `split group body stretch back bow neck_true neck`."""
    tables = []
    for stills in by_size(of_test_bodies()).values():
        measured = compute_measures(as_one(stills))
        facts = [still.facts for still in stills]
        columns: dict[str, Any] = {
            key: [fact[key] for fact in facts] for key in ("split", "group", "body", "stretch")
        }
        first_words = [fact["form"].split("-")[0] for fact in facts]
        columns["back"] = ["neutral" if word == "neck" else word for word in first_words]
        columns["bow"] = measured["back_bow"].to_numpy()
        columns["neck_true"] = [fact["truth"]["neck"] for fact in facts]
        columns["neck"] = measured["head_alignment"].to_numpy()
        tables.append(pd.DataFrame(columns))
    return pd.concat(tables, ignore_index=True)


def of_test_bodies() -> list[Still]:
    """The series of the four bodies that the neck was not learned from."""
    return [s for s in load_stills("series", series=True) if s.facts["split"] == "test"]


def bows(found: pd.DataFrame) -> pd.DataFrame:
    """Mean bow of each series (rows) with the back rounded, neutral and arched (columns)."""
    return found.pivot_table(index="group", columns="back", values="bow")[list(BACKS)]


def bow_table(series: pd.DataFrame) -> pd.DataFrame:
    """Bow of each back over the series, and how often it lies beyond the same body's neutral."""
    beyond = {
        "cat": (series["cat"] > series["neutral"]).mean(),
        "neutral": np.nan,
        "cow": (series["cow"] < series["neutral"]).mean(),
    }
    rows = {
        words: {
            "series": series[back].notna().sum(),
            "bow, mean": f"{series[back].mean():+.3f} L",
            "from, to": f"{series[back].min():+.3f} to {series[back].max():+.3f} L",
            "told from the same body's neutral": percent(beyond[back]),
        }
        for back, words in BACKS.items()
    }
    return pd.DataFrame(rows).T.rename_axis("back")


def neck_table(found: pd.DataFrame) -> pd.DataFrame:
    """Error of the neck's bend with each back."""
    rows = {}
    for back, words in (BACKS | {"": "all"}).items():
        group = found[found["back"] == back] if back else found
        error = (group["neck"] - group["neck_true"]).dropna()
        rows[words] = {
            "stills": len(group),
            "seen": percent(len(error) / len(group)),
            "bias": degrees(error.mean(), sign=True),
            "mean absolute error": degrees(error.abs().mean()),
        }
    return pd.DataFrame(rows).T.rename_axis("neck, with the back")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--docs", action="store_true", help="write the tables into the docs")
    options = parser.parse_args()
    found = readings()
    for name, table in {"back": bow_table(bows(found)), "neck": neck_table(found)}.items():
        print(table.to_string(), end="\n\n")
        if options.docs:
            into_docs(name, table, "-m benchmarks.back --docs")


if __name__ == "__main__":
    main()
