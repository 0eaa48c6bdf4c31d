"""How the angles of a goniometer's landmarks differ from those of the rig's joints, by position.

    python offsets.py DIR...

Reads the sidecars of stills from the side; nothing is rendered. The same for the COCO regressor.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from body import JOINT_BONES, SIDES, Array, Body
from rig import SKIN_VOLUME, Posed, pose_body, skin
from solving import body_named
from truth import true_angles

MEASURES = (
    *("hip_flexion", "trunk_inclination", "shoulder_flexion", "elbow_flexion", "knee_flexion"),
    "ankle_dorsiflexion",
)


def main(folders: list[str]) -> None:
    """Print both tables: mean and standard deviation over stills, degrees."""
    paths = [path for folder in folders for path in sorted(Path(folder).glob("*.json"))]
    records = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    records = [record for record in records if record["near_side"]]
    places = sorted({record["position"] for record in records})
    print(f"{'':28}" + "".join(f"{place:>14}" for place in ("all", *places)))
    for name, angles in (("landmarks", of_landmarks), ("COCO", of_coco)):
        off = np.array([difference(angles(record), of_rig(record)) for record in records])
        at = np.array([record["position"] for record in records])
        for column, measure in enumerate(MEASURES):
            cells = [off[:, column], *(off[at == place, column] for place in places)]
            shown = "".join(f"{cell.mean():8.1f} ±{cell.std():4.1f}" for cell in cells)
            print(f"{name + ' ' + measure:28}{shown}")


def of_rig(record: dict[str, Any]) -> Array:
    """Of the near side and the trunk."""
    return _near(record["rig_truth"], record["near_side"])


def of_landmarks(record: dict[str, Any]) -> Array:
    """The same, of a goniometer's landmarks."""
    return _near(record["truth"], record["near_side"])


def of_coco(record: dict[str, Any]) -> Array:
    """The same, of the COCO regressor."""
    body = body_named(record["body"])
    posed = pose_body(body, record["pose"])
    return _near(true_angles(body, posed, record["pose"], coco), record["near_side"])


def coco(body: Body, posed: Posed) -> dict[str, Array]:
    """The regressor's twelve joints."""
    points = body.keypoints(skin(body, posed, volume=SKIN_VOLUME))
    return {f"{side}_{joint}": points[f"{side}_{joint}"] for side in SIDES for joint in JOINT_BONES}


def _near(truth: dict[str, Any], side: str) -> Array:
    return np.array([(truth | truth[side])[measure] for measure in MEASURES])


def difference(a: Array, b: Array) -> Array:
    """The short way round the circle."""
    return (a - b + 180) % 360 - 180


if __name__ == "__main__":
    main(sys.argv[1:])
