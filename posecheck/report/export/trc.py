"""Landmarks as TRC, the text file of marker positions that OpenSim reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from posecheck.landmarks.series import LandmarkSeries
from posecheck.report.export.markers import UNIT, Markers
from posecheck.report.export.tables import NAMES

# fmt: off
_FACTS = (
    "DataRate", "CameraRate", "NumFrames", "NumMarkers", "Units",
    "OrigDataRate", "OrigDataStartFrame", "OrigNumFrames",
)
# fmt: on


def save_trc(series: LandmarkSeries, path: Path) -> None:
    """Write the world landmarks as TRC, in millimetres with y up, at an even rate.

    A hidden marker is written as NaN, which OpenSim leaves out: blank fields, the other custom, are
    lost to readers that split at any white space, and markers then change places without a word.
    """
    markers = Markers.of(series)
    n_samples = len(markers.t_s)
    rate = f"{markers.rate_hz:.6g}"
    # The name on the first line would be wrong as soon as the file is renamed; nothing uses it.
    lines = [
        ("PathFileType", "4", "(X/Y/Z)", "posecheck.trc"),
        _FACTS,
        (rate, rate, str(n_samples), str(len(NAMES)), UNIT, rate, "1", str(n_samples)),
        ("Frame#", "Time", *(cell for name in NAMES for cell in (name, "", ""))),
        ("", "", *(f"{axis}{k}" for k in range(1, len(NAMES) + 1) for axis in "XYZ")),
        (),
    ]
    table = pd.DataFrame(markers.position_mm.reshape(n_samples, -1))
    table.insert(0, "frame", np.arange(1, n_samples + 1))
    table.insert(1, "time", [f"{t:.6f}" for t in markers.t_s])
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines("\t".join(line) + "\n" for line in lines)
        table.to_csv(
            file,
            sep="\t",
            header=False,
            index=False,
            na_rep="NaN",
            float_format="%.3f",
            lineterminator="\n",
        )
