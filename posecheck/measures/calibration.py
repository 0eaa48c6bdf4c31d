"""What was learned about the errors of the measures, read from calibration.toml.

The file is made by benchmarks/calibrate.py from rendered bodies whose true angles are known; nobody
writes it by hand. Other models are read with it all the same (docs/accuracy.md has their errors).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import resources
from typing import Any

import numpy as np

from posecheck.core.geometry import Array

# Segments of one side, from the trunk outwards: where they begin and end.
SEGMENTS = {
    "trunk": ("hip", "shoulder"),
    "upper_arm": ("shoulder", "elbow"),
    "forearm": ("elbow", "wrist"),
    "thigh": ("hip", "knee"),
    "shank": ("knee", "ankle"),
    "foot": ("heel", "foot_index"),
}
DIRECTIONS = ("along", "across")


@dataclass(frozen=True)
class Correction:
    """A linear model of how far each joint is off.

    Attributes
    ----------
    middles : mapping of feature to float
        What a feature is on average; a feature that is not known counts as that.
    moves : mapping of joint to (mapping of direction to (mapping of feature to float))
        Directions are `along` the segment whose end the joint is, away from its start, and `across`
        it, clockwise on the screen where the right side is near. In torso lengths; `bias` is the
        move of an average body.
    """

    middles: Mapping[str, float] = field(default_factory=dict)
    moves: Mapping[str, Mapping[str, Mapping[str, float]]] = field(default_factory=dict)

    def departures(self, features: Mapping[str, Array]) -> Array:
        """How far each feature is from its middle, shape (n_frames, n_features); 0 if not known.

        Parameters
        ----------
        features : mapping of str to ndarray, shape (n_frames,)

        Returns
        -------
        ndarray
        """
        off = [features[name] - middle for name, middle in self.middles.items()]
        return np.nan_to_num(np.stack(off, axis=1)) if off else np.zeros((1, 0))

    def move_of(self, joint: str, departures: Array) -> Array:
        """Torso lengths along and across by which a joint is moved, shape (n_frames, 2).

        Parameters
        ----------
        joint : str
        departures : ndarray, shape (n_frames, n_features)

        Returns
        -------
        ndarray
        """
        weights = self._weights.get(joint)
        if weights is None:
            return np.zeros((len(departures), 2))
        return weights[0] + departures @ weights[1:]

    @cached_property
    def _weights(self) -> dict[str, Array]:
        """Of each joint, shape (1 + n_features, 2): the bias, then the features' weights."""
        names = ("bias", *self.middles)
        return {
            joint: np.array(
                [[moves.get(way, {}).get(name, 0.0) for way in DIRECTIONS] for name in names]
            )
            for joint, moves in self.moves.items()
        }


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
    correction, neck
    limits : mapping of measure to Limits
        For what is read off every still of a side view.
    reported : mapping of measure to float
        Standard errors of the other measures, of the values that posecheck reports: seen from the
        front, from above or from the feet, or of hands, heels and the back's outline.
    """

    made: Mapping[str, Any]
    correction: Correction
    neck: Neck
    limits: Mapping[str, Limits]
    reported: Mapping[str, float] = field(default_factory=dict)


@cache
def load_calibration() -> Calibration:
    """Read the calibration that comes with posecheck."""
    text = resources.files(__package__).joinpath("calibration.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    return Calibration(
        made=table["made"],
        correction=Correction(table["correction"]["middles"], table["correction"]["moves"]),
        neck=Neck(**table.get("neck", {})),
        limits={
            name: Limits(**(row | {"sem_at_yaw": tuple(row["sem_at_yaw"])}))
            for name, row in table.get("measure", {}).items()
        },
        reported={name: row["sem"] for name, row in table.get("reported", {}).items()},
    )
