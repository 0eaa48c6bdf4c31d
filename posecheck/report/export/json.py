"""Landmarks and measures as JSON: null where nothing was seen, never NaN."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from posecheck.core.geometry import Array
from posecheck.landmarks.series import LandmarkSeries
from posecheck.report.export.tables import NAMES, measure_columns

LANDMARK_SCHEMA = "posecheck.landmark-frames/1"
MEASURE_SCHEMA = "posecheck.measures/1"


def save_landmark_json(series: LandmarkSeries, path: Path) -> None:
    """Write a series as JSON: what is known of the recording, then one object a frame.

    In each frame `image` has 33 pairs of pixels, `world` 33 triples of metres and `visibility` 33
    numbers, in the order of `landmarks`.

    Parameters
    ----------
    series : LandmarkSeries
    path : Path
        The file.
    """
    facts = {
        "schema": LANDMARK_SCHEMA,
        "source": asdict(series.source),
        "model": {"name": series.model_name, "sha256": series.model_sha256},
        "cleaned": series.cleaned,
        "warnings": list(series.warnings),
        "landmarks": list(NAMES),
    }
    frames = [
        {
            "t_s": float(series.t_s[i]),
            "shot": int(series.shot[i]),
            "image": _with_null(series.image[i]),
            "world": _with_null(series.world[i]),
            "visibility": _with_null(series.visibility[i]),
        }
        for i in range(len(series))
    ]
    _write({**facts, "frames": frames}, path)


def save_measure_json(measures: pd.DataFrame, path: Path) -> None:
    """Write what `compute_measures` gave as JSON: the times once, then the values of each column.

    Each of `measures` has as many `values` as `t_s` has times.

    Parameters
    ----------
    measures : DataFrame
        From `compute_measures`.
    path : Path
        The file.
    """
    described = [
        {
            "name": str(column),
            "measure": measure.name,
            "side": side,
            "unit": measure.unit,
            "values": _with_null(measures[column].to_numpy(float)),
        }
        for column, (measure, side) in zip(measures, measure_columns(measures), strict=True)
    ]
    t_s = measures.index.to_numpy(float).tolist()
    _write({"schema": MEASURE_SCHEMA, "t_s": t_s, "measures": described}, path)


def _with_null(values: Array) -> Any:
    found = values.astype(object)
    found[~np.isfinite(values)] = None
    return found.tolist()


def _write(tree: dict[str, Any], path: Path) -> None:
    text = json.dumps(tree, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")
