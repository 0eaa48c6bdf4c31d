"""What the model sees of the rendered clips, beside their truth, one file a clip.

    python benchmarks/clips.py FOLDER...

Looks at every clip (NAME.mp4 with its sidecar NAME.json) of some folders and keeps the landmarks
and the truth in benchmarks/data/clips, so that the evidence can be made again without rendering.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, replace
from pathlib import Path

from posecheck import estimate, load_landmarks
from posecheck.landmarks import LandmarkSeries

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "benchmarks" / "data" / "clips"


@dataclass(frozen=True, eq=False)
class FilmedStretch:
    """One clip: what is true of it, and what the model saw.

    Attributes
    ----------
    facts : dict
        The clip's sidecar: stretch, form, body, near side, true angles by frame, what is expected.
    series : LandmarkSeries
    """

    facts: dict
    series: LandmarkSeries


def load_clips() -> list[FilmedStretch]:
    """The clips that were looked at, by name."""
    return [
        FilmedStretch(
            json.loads(path.read_text(encoding="utf-8")),
            load_landmarks(path.with_suffix(".parquet")),
        )
        for path in sorted(DATA.glob("*.json"))
    ]


def main() -> None:
    """Look at the clips of some folders."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    options = parser.parse_args()
    DATA.mkdir(parents=True, exist_ok=True)
    for folder in options.folders:
        for path in sorted(folder.glob("*.mp4")):
            facts = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
            if not facts.get("form") or not facts.get("stretch"):
                continue  # an empty room
            series = estimate(path)
            series = replace(series, source=replace(series.source, path=path.name))
            series.save(DATA / f"{path.stem}.parquet")
            (DATA / f"{path.stem}.json").write_text(json.dumps(facts), encoding="utf-8")
            print(path.name, flush=True)


if __name__ == "__main__":
    main()
