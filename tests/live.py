"""Landmarks of a recording, as the live engine would have got them from its model."""

from __future__ import annotations

from collections.abc import Iterator

from posecheck.landmarks.series import LandmarkSeries
from posecheck.pose.detector import Sighting


def sightings_of(series: LandmarkSeries) -> Iterator[Sighting]:
    """One sighting after the other."""
    for k in range(len(series)):
        yield Sighting(
            t_s=float(series.t_s[k]),
            shot=int(series.shot[k]),
            image=series.image[k],
            world=series.world[k],
            visibility=series.visibility[k],
            outline=None if series.outline is None else series.outline[k],
            spread=None if series.spread is None else series.spread[k],
        )
