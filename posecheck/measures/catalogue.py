"""What the measures mean: name, unit, zero, sign, views, error and source, from catalogue.toml.

How they are computed stands in `formulas`, under the same names. This module loads quickly: a
stretch definition needs to know what there is to measure, not how it is done.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Any, Literal

from posecheck.measures.calibration import load_calibration

Unit = Literal["deg", "torso", "s"]


@dataclass(frozen=True, eq=False)
class Measure:
    """One thing that can be measured.

    Attributes
    ----------
    name : str
        Without the side: `hip_flexion` gives the columns `left_hip_flexion`, `right_hip_flexion`.
    label : str
        As people read it.
    unit : {"deg", "torso", "s"}
        `torso` is in torso lengths L.
    sided : bool
        Whether there is one for each side.
    zero, sign : str
        Where zero is, and what a positive value means.
    views : tuple of str
        Views it can be read from; in other views it is NaN.
    points : tuple of str
        Landmarks it is read from, in the order they are drawn.
    sem : float
        Standard error of measurement in `unit`: measured on rendered bodies where the true value is
        known (calibration.toml), else from the literature.
    sem_at_yaw : tuple of float
        The same with the camera 0, 10, 20 and 30 degrees off; empty where it was not measured.
    possible : tuple of float
        Lowest and highest value a body can have; what is read beyond was mistaken.
    source : str
    outline : bool
        Whether it needs the outline of the back.
    prolonged : bool
        Whether the angle lies between the second line and the first one carried on, as it does
        where a straight joint is zero.
    remembers : bool
        Whether it is read against where the body was before, so that one frame tells nothing.
    at_least_from : tuple of str
        Views that do not show all of it, so that the true value may be larger than what is read.
    """

    name: str
    label: str
    unit: Unit
    sided: bool
    zero: str
    sign: str
    views: tuple[str, ...]
    points: tuple[str, ...]
    sem: float
    source: str
    outline: bool = False
    prolonged: bool = False
    remembers: bool = False
    at_least_from: tuple[str, ...] = ()
    sem_at_yaw: tuple[float, ...] = ()
    possible: tuple[float, ...] = ()

    @property
    def finest_tolerance(self) -> float:
        """The smallest tolerance that can be told from the measure's own error: 2 SEM."""
        return 2 * self.sem

    def column(self, side: str | None) -> str:
        """Name of the measure's column for one side.

        Parameters
        ----------
        side : str or None

        Returns
        -------
        str
        """
        return f"{side}_{self.name}" if self.sided else self.name


def _read_table() -> dict[str, Measure]:
    text = resources.files(__package__).joinpath("catalogue.toml").read_text(encoding="utf-8")
    described = tomllib.loads(text)
    calibration = load_calibration()
    for name, row in described.items():
        if limits := calibration.limits.get(name):
            row |= {"sem": limits.sem, "sem_at_yaw": limits.sem_at_yaw}
        elif name in calibration.reported:
            row |= {"sem": calibration.reported[name]}
    return {name: Measure(name=name, **_tuples(row)) for name, row in described.items()}


def _tuples(row: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}


MEASURES = _read_table()

# How long something took: no frame shows it, so there is no column and no formula.
TIMES = {
    name: Measure(
        name=name,
        label=label,
        unit="s",
        sided=False,
        zero="no time",
        sign="longer",
        views=("side", "front", "above", "end-on"),
        points=(),
        sem=0.1,
        source="the times of the frames",
    )
    for name, label in (("hold_time", "time held"), ("rep_time", "time of a rep"))
}
