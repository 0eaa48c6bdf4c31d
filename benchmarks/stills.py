"""What the models see on the rendered stills, beside the truth, in one table a model.

    python -m benchmarks.stills FOLDER... --table unseen-views [--model full]

A row is a still: what is known of it (body, stretch, camera, true angles, true joints in pixels),
what posecheck saw (33 landmarks of several looks, their spread, the outline of the trunk) and what
one plain look of the model gives. The table of the default model is
kept in the repository, so that everything that is learned from it or claimed of it can be made
again without rendering; the stills themselves are not (sample_videos/render/README.md).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from posecheck import estimate
from posecheck.landmarks.series import N_LANDMARKS, Landmark, LandmarkSeries, SourceFacts
from posecheck.media.open import open_source
from posecheck.pose.detector import PoseDetector, open_detector
from posecheck.pose.model.locate import resolve_model
from posecheck.pose.sighting import Preparer

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "benchmarks" / "data"
_AXES = (
    *("x", "y", "wx", "wy", "wz", "visibility", "spread"),
    *("plain_x", "plain_y", "second_x", "second_y"),
)
_MARKS = [f"{mark.name}.{axis}" for mark in Landmark for axis in _AXES]
_OUTLINE = [f"outline.{row}.{k:02d}" for row in (0, 1) for k in range(21)]


@dataclass(frozen=True, eq=False)
class Still:
    """One still: what is true of it, and what the model saw.

    Attributes
    ----------
    facts : dict
        The still's JSON: body, split, stretch, form, position, camera, truth, joints in pixels.
    series : LandmarkSeries
        One frame; all NaN where nobody was found.
    plain : ndarray, shape (33, 2)
        Pixels of MediaPipe's landmarks from one look at the picture as it is.
    """

    facts: dict[str, Any]
    series: LandmarkSeries
    plain: np.ndarray

    @property
    def near(self) -> str:
        """The side that is nearer to the camera."""
        return str(self.facts["near_side"])

    @property
    def yaw_deg(self) -> float:
        """How far the camera is off the pure side view, without its sign."""
        return abs(float(self.facts["camera"]["yaw_deg"]))

    def in_view(self, points: tuple[str, ...], side: str) -> bool:
        """Whether all the joints that a measure needs lie inside the picture."""
        inside = self.facts["in_view"]
        return all(inside.get(f"{side}_{point}", True) for point in points)


def look(folders: list[Path], model: str) -> pd.DataFrame:
    """Run a model on every still of some folders."""
    paths = [path for folder in folders for path in sorted(folder.glob("*.jpg"))]
    rows = []
    with closing(
        open_detector(resolve_model(model), video=False, n_people=1, outline=False)
    ) as detector:
        for number, path in enumerate(paths, start=1):
            facts = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
            series = estimate(path, model=model)
            seen = [series.image[0], series.world[0], series.visibility[0][:, None]]
            nothing = np.full((N_LANDMARKS, 2), np.nan)
            spread = nothing[:, :1] if series.spread is None else series.spread[0][:, None]
            second = nothing if series.second is None else series.second[0]
            marks = np.concatenate([*seen, spread, plain_look(detector, path), second], axis=1)
            outline = np.full((2, 21), np.nan) if series.outline is None else series.outline[0]
            row = {"facts": json.dumps(facts), "model": series.model_name}
            row |= {"sha": series.model_sha256}
            row |= dict(zip(_MARKS, marks.ravel().astype(np.float32), strict=True))
            row |= dict(zip(_OUTLINE, outline.ravel().astype(np.float32), strict=True))
            rows.append(row)
            if number % 50 == 0 or number == len(paths):
                print(f"{model}: {number} of {len(paths)} stills", flush=True)
    return pd.DataFrame(rows)


def plain_look(detector: PoseDetector, path: Path) -> np.ndarray:
    """MediaPipe's own landmarks in pixels, shape (33, 2); NaN where it finds nobody."""
    with open_source(path) as opened:
        picture = Preparer()(next(iter(opened.frames())))
    found = detector.detect(picture)
    return found[0].image if found else np.full((N_LANDMARKS, 2), np.nan)


def has_stills(table: str) -> bool:
    """Whether there is such a table."""
    return (DATA / f"stills-{table}.parquet").exists()


def load_stills(name: str, *, series: bool = False) -> list[Still]:
    """The stills of a table that were looked at: the single ones, or those of the series.

    A series is a group of stills in which only the back and the neck move.
    """
    table = pd.read_parquet(DATA / f"stills-{name}.parquet")
    return [still for still in _stills(table) if bool(still.facts.get("group")) == series]


def _stills(table: pd.DataFrame) -> Iterator[Still]:
    marks = (
        table.reindex(columns=_MARKS).to_numpy(float).reshape(len(table), len(Landmark), len(_AXES))
    )
    outlines = table[_OUTLINE].to_numpy(float).reshape(len(table), 1, 2, 21)
    for row, facts in enumerate(map(json.loads, table["facts"])):
        source = SourceFacts(
            facts["name"], "photo", facts["width"], facts["height"], None, None, 1, 0
        )
        yield Still(
            facts,
            LandmarkSeries(
                t_s=np.zeros(1),
                image=marks[row : row + 1, :, 0:2],
                world=marks[row : row + 1, :, 2:5],
                visibility=marks[row : row + 1, :, 5],
                shot=np.zeros(1, int),
                source=source,
                model_name=table["model"].iloc[row],
                model_sha256=table["sha"].iloc[row],
                outline=outlines[row],
                spread=marks[row : row + 1, :, 6],
                second=marks[row : row + 1, :, 9:11],
            ),
            plain=marks[row, :, 7:9],
        )


def main() -> None:
    """Look at folders of stills and keep the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--model", default="full", help="lite, full, heavy or a .task file")
    parser.add_argument("--table", required=True, help="name of the table")
    options = parser.parse_args()
    table = look(options.folders, options.model)
    DATA.mkdir(parents=True, exist_ok=True)
    table.to_parquet(DATA / f"stills-{options.table}.parquet", compression="zstd", index=False)


if __name__ == "__main__":
    main()
