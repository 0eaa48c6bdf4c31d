"""The measures of a clip, asked for in a stretch's own terms: near, held and other side."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from posecheck.assess.interval import ConditionValues
from posecheck.core.geometry import Array
from posecheck.landmarks.series import Side
from posecheck.measures.camera_view import ViewTrack
from posecheck.stretches.definition import Stretch
from posecheck.stretches.schema import Reading


@dataclass(frozen=True, eq=False)
class StretchMeasures:
    """The measures of a clip, asked for in a stretch's own terms: near, held and other side."""

    stretch: Stretch
    measures: pd.DataFrame
    camera: ViewTrack

    def values(self, reading: Reading, held: Side | None) -> Array:
        """Values of a reading, shape (n_frames,)."""
        what = reading.what
        if what.sided and self.stretch.of(reading) == "near":
            left, right = (self._columns[what.column(s)] for s in ("left", "right"))
            return np.where(self.camera.near_side == "left", left, right)
        side = self.stretch.side_of(reading, held=held, near="left")
        return self._columns[what.column(side)]

    @cached_property
    def _columns(self) -> dict[str, Array]:
        return dict(zip(self.measures.columns, self.measures.to_numpy().T, strict=True))

    def side(self, reading: Reading, held: Side | None, frames: np.ndarray) -> Side | None:
        """Which side a reading means in the given frames."""
        near = self.camera.near_side[frames]
        near_side: Side = "left" if (near == "left").sum() >= (near == "right").sum() else "right"
        return self.stretch.side_of(reading, held=held, near=near_side)

    def view(self, frames: np.ndarray) -> str:
        """The camera's view in most of the given frames."""
        names, counts = np.unique(self.camera.view[frames], return_counts=True)
        return str(names[counts.argmax()])

    def conditions(self, held: Side | None) -> list[ConditionValues]:
        """The conditions of the hold, with their values."""
        views = self.stretch.frame_views
        right_view = np.isin(self.camera.view, views)
        readings = []
        for condition in self.stretch.hold.conditions:
            shown = [view for view in views if condition.seen_from(view)]
            asked = right_view & np.isin(self.camera.view, shown)
            values = self.values(condition, held)
            readings.append(ConditionValues(condition, condition.what.label, values, asked))
        return readings
