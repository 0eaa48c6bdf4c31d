"""The measures of a clip, asked for in a stretch's own terms: near, held and other side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from posecheck.core.geometry import Array, nan_median
from posecheck.landmarks.series import LandmarkSeries, Side
from posecheck.measures.camera_view import ViewTrack
from posecheck.measures.hidden import Hidden
from posecheck.measures.measured import Measured
from posecheck.measures.uncertainty import Circumstances
from posecheck.stretches.definition import Stretch
from posecheck.stretches.schema import Condition, Reading


@dataclass(frozen=True, eq=False)
class ConditionValues:
    """The values of one condition, frame by frame, with the bands they are held against.

    `asked` is False in frames whose view cannot show the measure while another view of the stretch
    can: there the condition does not count.
    """

    condition: Condition
    label: str
    values: Array
    asked: np.ndarray


@dataclass(frozen=True, eq=False)
class StretchMeasures:
    """The measures of a clip, asked for in a stretch's own terms: near, held and other side."""

    stretch: Stretch
    measured: Measured

    @property
    def table(self) -> pd.DataFrame:
        """The measures, frame by frame."""
        return self.measured.table

    @property
    def track(self) -> ViewTrack:
        """How the camera looks at the body, frame by frame."""
        return self.measured.track

    @property
    def series(self) -> LandmarkSeries:
        """The landmarks, cleaned."""
        return self.measured.cleaned

    def during(self, time: Literal["hold", "recording"]) -> Literal["hold", "recording", "photo"]:
        """What shares of a time are called; a photo has no time.

        Parameters
        ----------
        time : {"hold", "recording"}

        Returns
        -------
        {"hold", "recording", "photo"}
        """
        return "photo" if self.series.source.kind == "photo" else time

    def values(self, reading: Reading, held: Side | None) -> Array:
        """Values of a reading.

        Parameters
        ----------
        reading : Reading
        held : {"left", "right"} or None
            The side that is stretched.

        Returns
        -------
        ndarray, shape (n_frames,)
            In the measure's unit; NaN where it was hidden.
        """
        return self._of_side(reading, held, self._columns.__getitem__)

    def position(self, condition: Condition, held: Side | None) -> Array:
        """Values of a condition, which tells the position of the body; see `Measured.position`.

        Parameters
        ----------
        condition : Condition
        held : {"left", "right"} or None

        Returns
        -------
        ndarray, shape (n_frames,)
        """
        return self._of_side(condition, held, self.measured.position)

    def by_model(self, reading: Reading, held: Side | None) -> tuple[Array, Array]:
        """Values of a reading as each pose model has them, where both differ too much.

        Parameters
        ----------
        reading : Reading
        held : {"left", "right"} or None

        Returns
        -------
        tuple[ndarray, ndarray]
            Elsewhere both are what is shown.
        """
        measured = self.measured
        return (
            self._of_side(reading, held, lambda column: measured.by_model(column, "first")),
            self._of_side(reading, held, lambda column: measured.by_model(column, "second")),
        )

    def _of_side(
        self, reading: Reading, held: Side | None, column: Callable[[str], Array]
    ) -> Array:
        what = reading.what
        if what.sided and self.stretch.of(reading) == "near":
            left, right = (column(what.column(side)) for side in ("left", "right"))
            return np.where(self.track.near_side == "left", left, right)
        return column(what.column(self.stretch.side_of(reading, held=held, near="left")))

    @cached_property
    def _columns(self) -> dict[str, Array]:
        return dict(zip(self.table.columns, self.table.to_numpy().T, strict=True))

    def circumstances(
        self, reading: Reading, held: Side | None, frames: np.ndarray
    ) -> Circumstances:
        """How a reading was had in some frames, which tells how far off it may be.

        Parameters
        ----------
        reading : Reading
        held : {"left", "right"} or None
        frames : ndarray of int

        Returns
        -------
        Circumstances
        """
        what, near = reading.what, self.near_side(frames)
        side = self.side(reading, held, frames)
        from_side = self.view(frames) == "side"
        return Circumstances(
            position=self.stretch.position,
            yaw_deg=float(nan_median(self.track.yaw_deg[frames])) if from_side else float("nan"),
            apart=self.measured.apart_in(what, side, frames),
            torso_px=float(nan_median(self.measured.torso_px[frames])),
            is_far=side is not None and side != near,
        )

    def why_hidden(self, reading: Reading, held: Side | None, frames: np.ndarray) -> Hidden:
        """What hid a reading in some frames.

        Parameters
        ----------
        reading : Reading
        held : {"left", "right"} or None
        frames : ndarray of int

        Returns
        -------
        Hidden
            Its shares are of all of these frames; none where it was seen in all.
        """
        unseen = frames[~np.isfinite(self.values(reading, held)[frames])]
        if not len(unseen):
            return Hidden()
        found = self.measured.why_hidden(reading.what, self.side(reading, held, frames), unseen)
        return found.scaled(len(unseen) / len(frames))

    def side(self, reading: Reading, held: Side | None, frames: np.ndarray) -> Side | None:
        """Which side a reading means in some frames.

        Parameters
        ----------
        reading : Reading
        held : {"left", "right"} or None
        frames : ndarray of int

        Returns
        -------
        {"left", "right"} or None
            None for a measure without sides.
        """
        return self.stretch.side_of(reading, held=held, near=self.near_side(frames))

    def near_side(self, frames: np.ndarray) -> Side:
        """The side that is nearer to the camera in most of some frames.

        Parameters
        ----------
        frames : ndarray of int

        Returns
        -------
        {"left", "right"}
        """
        near = self.track.near_side[frames]
        return "left" if (near == "left").sum() >= (near == "right").sum() else "right"

    def view(self, frames: np.ndarray) -> str:
        """The camera's view in most of some frames.

        Parameters
        ----------
        frames : ndarray of int

        Returns
        -------
        str
        """
        names, counts = np.unique(self.track.view[frames], return_counts=True)
        return str(names[counts.argmax()])

    def conditions(self, held: Side | None) -> list[ConditionValues]:
        """The conditions of the hold, with their values.

        Parameters
        ----------
        held : {"left", "right"} or None

        Returns
        -------
        list of ConditionValues
        """
        views = self.stretch.frame_views
        right_view = np.isin(self.track.view, views)
        readings = []
        for condition in self.stretch.hold.conditions:
            shown = [view for view in views if condition.seen_from(view)]
            asked = right_view & np.isin(self.track.view, shown)
            values = self.position(condition, held)
            readings.append(ConditionValues(condition, condition.what.label, values, asked))
        return readings
