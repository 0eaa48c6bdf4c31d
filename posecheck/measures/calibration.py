"""What was learned about the errors of the measures, read from calibration.toml.

The file is made by benchmarks/calibrate.py from rendered bodies whose true angles are known; nobody
writes it by hand. Other models are read with it all the same (docs/accuracy.md has their errors).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from posecheck.measures.uncertainty import Uncertainty

# Segments of one side, from the trunk outwards: where they begin and end.
SEGMENTS = {
    "trunk": ("hip", "shoulder"),
    "upper_arm": ("shoulder", "elbow"),
    "forearm": ("elbow", "wrist"),
    "thigh": ("hip", "knee"),
    "shank": ("knee", "ankle"),
    "foot": ("heel", "foot_index"),
}
# The segment along which, and across which, each joint is moved: where it begins and ends.
FRAMES = {
    "hip": SEGMENTS["trunk"],
    "shoulder": SEGMENTS["trunk"],
    "elbow": SEGMENTS["upper_arm"],
    "wrist": SEGMENTS["forearm"],
    "knee": SEGMENTS["thigh"],
    "ankle": SEGMENTS["shank"],
}

Offsets = Mapping[str, dict[str, tuple[float, float]]]
"""Of each model and joint: torso lengths from where the model has it to where a goniometer lies,
along the segment of `FRAMES`, away from its start, and to the front of the body."""


@dataclass(frozen=True)
class Neck:
    """How the head's pitch against the trunk shows the neck, and what the back adds to it.

    Attributes
    ----------
    level_deg : float
        Head pitch of a neck in line with a straight back.
    share : float
        Of a bend of the neck, what the head's pitch shows.
    rounded_deg, arched_deg : float
        Head pitch that a fully rounded or arched back adds, the neck staying in line with it.
    arms : float
        Degrees of head pitch that a degree of shoulder flexion beyond 90 adds: the shoulders, one
        end of the trunk's line, go along with the arms.
    """

    level_deg: float = 0.0
    share: float = 1.0
    rounded_deg: float = 0.0
    arched_deg: float = 0.0
    arms: float = 0.0


@dataclass(frozen=True)
class Limits:
    """How far one measure can be believed.

    Attributes
    ----------
    sem : float
        Standard error of measurement, in the measure's unit, near side, camera square.
    sem_at_yaw : tuple of float
        The same with the camera 0, 10, 20 and 30 degrees off.
    max_doubt : float
        Where the augmentations of a frame disagree by more, the measure is hidden; in its unit.
    max_yaw_deg : float
        Where the camera is further off, the measure is hidden.
    """

    sem: float
    sem_at_yaw: tuple[float, ...]
    max_doubt: float
    max_yaw_deg: float


@dataclass(frozen=True)
class Calibration:
    """All that was learned, and from what.

    Attributes
    ----------
    made : mapping
        Command, model, bodies.
    offsets : Offsets
    neck : Neck
    limits : mapping of measure to Limits
        For what is read off every still of a side view.
    uncertainty : Uncertainty
        How wide the interval of a reading is.
    reported : mapping of measure to float
        Standard errors of the other measures, of the values that posecheck reports: seen from the
        front, from above or from the feet, or of hands, heels and the back's outline.
    """

    made: Mapping[str, Any]
    offsets: Offsets
    neck: Neck
    limits: Mapping[str, Limits]
    uncertainty: Uncertainty
    reported: Mapping[str, float] = field(default_factory=dict)


@cache
def load_calibration() -> Calibration:
    """Read the calibration that comes with posecheck."""
    text = resources.files(__package__).joinpath("calibration.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    return Calibration(
        made=table["made"],
        offsets={
            model: {joint: (at["along"], at["front"]) for joint, at in joints.items()}
            for model, joints in table["offsets"].items()
        },
        neck=Neck(**table.get("neck", {})),
        limits={
            name: Limits(**(row | {"sem_at_yaw": tuple(row["sem_at_yaw"])}))
            for name, row in table.get("measure", {}).items()
        },
        uncertainty=Uncertainty(**table.get("interval", {})),
        reported={name: row["sem"] for name, row in table.get("reported", {}).items()},
    )
