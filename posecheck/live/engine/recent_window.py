"""The last seconds of a live session as a short clip, measured as recordings are."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
import pandas as pd

from posecheck.assess.stretch_measures import StretchMeasures
from posecheck.core.geometry import Array
from posecheck.landmarks.series import LandmarkSeries, SourceFacts
from posecheck.measures.body import choose_torso, near_lengths
from posecheck.measures.camera_view import ViewTrack, compute_view_track
from posecheck.measures.catalogue import MEASURES
from posecheck.measures.measured import measure
from posecheck.pose.frame_results import as_series
from posecheck.pose.model.locate import ModelFacts
from posecheck.pose.sighting import Sighting
from posecheck.stretches import Stretch

RECENT_S = 2.0  # enough to tell what the newest frame means
WINDOW_S = 15.0  # enough to tell what happened in a hold
_N_TORSO_FRAMES = 1500  # the torso's length is taken over so many: about three minutes


@dataclass(frozen=True, eq=False)
class RecentMeasures:
    """The landmarks and measures of the last seconds, row by row as in a recording.

    Attributes
    ----------
    readings : StretchMeasures
        The stretch's measures, with the landmarks and the camera's view.
    """

    readings: StretchMeasures

    @property
    def raw(self) -> LandmarkSeries:
        """The landmarks as the model gave them."""
        return self.readings.measured.series

    @property
    def series(self) -> LandmarkSeries:
        """The landmarks, cleaned."""
        return self.readings.series

    @property
    def table(self) -> pd.DataFrame:
        """The stretch's measures, indexed by `t_s`."""
        return self.readings.table

    @property
    def track(self) -> ViewTrack:
        """How the camera looks at the body."""
        return self.readings.track

    def since(self, t_s: float) -> int:
        """The first row at a time or after it.

        Parameters
        ----------
        t_s : float
            Seconds.

        Returns
        -------
        int
        """
        return int(np.searchsorted(self.series.t_s, t_s - 1e-9))

    def last(self, seconds: float) -> RecentMeasures:
        """Select the last part.

        Parameters
        ----------
        seconds : float

        Returns
        -------
        RecentMeasures
        """
        rows = slice(self.since(self.series.t_s[-1] - seconds), None)
        measured = self.readings.measured.frames(rows)
        return RecentMeasures(StretchMeasures(self.readings.stretch, measured))


class RecentWindow:
    """Keeps the sightings of the last seconds, and measures as many of them as are asked for.

    Parameters
    ----------
    stretch : Stretch
        Only its measures are computed.
    source : SourceFacts
        The camera.
    model : ModelFacts
    """

    def __init__(self, stretch: Stretch, source: SourceFacts, model: ModelFacts) -> None:
        self._stretch = stretch
        self._source = source
        self._model = model
        self._names = {reading.measure for reading in stretch.readings()} & set(MEASURES)
        self._raw: deque[Sighting] = deque()
        self._cleaned: deque[Sighting] = deque()
        self._torso_lengths: tuple[deque[float], deque[float]] = (
            deque(maxlen=_N_TORSO_FRAMES),
            deque(maxlen=_N_TORSO_FRAMES),
        )

    def add(self, raw: Sighting, cleaned: Sighting) -> None:
        """Take one more sighting.

        Parameters
        ----------
        raw, cleaned : Sighting
            As the model gave it, and cleaned.
        """
        if self._raw and raw.shot != self._raw[-1].shot:  # another place: nothing carries over
            for kept in (self._raw, self._cleaned, *self._torso_lengths):
                kept.clear()
        self._raw.append(raw)
        self._cleaned.append(cleaned)
        while raw.t_s - self._raw[0].t_s > WINDOW_S:
            self._raw.popleft()
            self._cleaned.popleft()
        self._recent: RecentMeasures | None = None
        self._whole: RecentMeasures | None = None

    @property
    def recent(self) -> RecentMeasures:
        """The last `RECENT_S` seconds."""
        if self._recent is None:
            self._recent = self._measure(RECENT_S, newest=True)
        return self._recent

    @property
    def whole(self) -> RecentMeasures:
        """The last `WINDOW_S` seconds, which take longer to measure."""
        if self._whole is None:
            self._whole = self._measure(WINDOW_S)
        return self._whole

    def _measure(self, seconds: float, *, newest: bool = False) -> RecentMeasures:
        since_s = self._raw[-1].t_s - seconds
        n = sum(sighting.t_s >= since_s for sighting in self._raw)
        raw = self._as_series(self._raw, n)
        track = compute_view_track(raw, self._stretch.still_part)
        series = replace(self._as_series(self._cleaned, n), cleaned=True)
        if newest:
            self._measure_torso(series, track)
        measured = measure(
            raw,
            series,
            track=track,
            only=self._names,
            torso=choose_torso(*map(np.array, self._torso_lengths), is_photo=False),
        )
        return RecentMeasures(StretchMeasures(self._stretch, measured))

    def _as_series(self, sightings: deque[Sighting], n_last: int) -> LandmarkSeries:
        last = islice(sightings, len(sightings) - n_last, None)
        outline = sightings[0].outline is not None
        return as_series(last, self._source, self._model, outline=outline)

    def _measure_torso(self, series: LandmarkSeries, track: ViewTrack) -> None:
        """Keep the torso's lengths in the newest frame."""
        newest = np.zeros(len(series), bool)
        newest[-1] = True
        found: tuple[Array, Array] = near_lengths(series, track, newest)
        for kept, lengths in zip(self._torso_lengths, found, strict=True):
            kept.extend(lengths.tolist())
