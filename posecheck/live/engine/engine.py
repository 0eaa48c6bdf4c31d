"""The live engine: one frame in, feedback out, and at the end the same report as of a recording."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from posecheck.assess.check import as_stretch, check_side
from posecheck.assess.judge import check_series
from posecheck.assess.report import Report
from posecheck.core.errors import UsageError
from posecheck.landmarks.series import Side, SourceFacts
from posecheck.live.engine.causal import CausalCleaner
from posecheck.live.engine.coach import Coach
from posecheck.live.engine.feedback import Feedback, Point
from posecheck.live.engine.marks import FoundMark, find_marks, place_marks
from posecheck.live.engine.recent_window import RecentWindow
from posecheck.live.engine.second_looks import SecondLooks
from posecheck.media.open import Frame
from posecheck.pose.estimate import ONE_MODEL
from posecheck.pose.frame_results import as_series
from posecheck.pose.model.locate import model_facts, resolve_model
from posecheck.pose.model.thunder import find_second_model
from posecheck.pose.sighting import ANALYSIS_SIDE_PX, Picture, Preparer, Sighting
from posecheck.pose.tracker import PersonTracker
from posecheck.stretches import Stretch

UPDATE_EVERY_S = 0.18  # of what is judged; what is drawn follows every frame


class Engine:
    """Turns frames into feedback, one after the other; not for two threads at once.

    The measures, holds and cues are those of a recording, over the last seconds; the landmarks are
    smoothed without looking ahead. `finish` judges everything that was seen as `posecheck.check`
    would judge a recording of it.

    Parameters
    ----------
    stretch : str, Path or Stretch
        An id of the catalogue, the path of a `.toml` file, or a loaded definition.
    side : {"left", "right"}, optional
        Only this side of a stretch that is done on each side.
    model : str or Path, optional
        `lite`, `full` (the default) or `heavy`, or the path of a `.task` file.

    Raises
    ------
    UsageError, DefinitionError, ModelError
    """

    def __init__(
        self,
        stretch: str | Path | Stretch,
        *,
        side: str | None = None,
        model: str | Path | None = None,
    ) -> None:
        definition = as_stretch(stretch)
        if definition is None:
            raise UsageError(
                "live feedback needs to know the stretch",
                hint="Name one; `posecheck stretches` lists them.",
            )
        check_side(side, definition)
        self.stretch: Stretch = definition
        self._side: Side | None = side  # type: ignore[assignment]
        self._model = model_facts(resolve_model(model))
        second_model = find_second_model()
        self._second = None if second_model is None else SecondLooks(second_model)
        self._tracker = PersonTracker(
            self._model.path,
            outline=self.stretch.needs_outline,
            looks_twice=self._second is None,  # no frame waits for the second model
        )
        self._preparer = Preparer()
        self._coach = Coach(self.stretch, self._side)
        self._sightings: list[Sighting] = []
        self._source: SourceFacts | None = None
        self._shot = 0
        self._paused = False
        self._updated_at_s = float("-inf")
        self._marks: list[FoundMark] = []

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Free the models."""
        self._tracker.close()
        if self._second is not None:
            self._second.close()

    def feed(self, frame: Frame) -> Feedback:
        """Take the next frame.

        Parameters
        ----------
        frame : Frame
            Upright; later than the frame before, and of its size.

        Returns
        -------
        Feedback
        """
        picture = self._picture(frame)
        height, width = picture.frame.image.shape[:2]
        sighting = self._tracker.track(picture)
        return self._take(sighting, width=width, height=height, picture=picture)

    def feed_sighting(self, sighting: Sighting, *, width: int, height: int) -> Feedback:
        """Take what a model saw in the next frame; `feed` does this with the engine's own model.

        Parameters
        ----------
        sighting : Sighting
        width, height : int
            Size of the frame, pixels.

        Returns
        -------
        Feedback
        """
        return self._take(sighting, width=width, height=height)

    def _take(
        self, sighting: Sighting, *, width: int, height: int, picture: Picture | None = None
    ) -> Feedback:
        if self._source is None:
            self._source = SourceFacts("camera", "camera", width, height)
            self._cleaner = CausalCleaner(width, height)
            self._window = RecentWindow(self.stretch, self._source, self._model)
        if self._second is not None and sighting.shot != self._shot:
            self._second.forget()
        self._shot = sighting.shot
        self._sightings.append(sighting)
        cleaned = self._cleaner.add(sighting)
        if self._second is not None and picture is not None:
            number = len(self._sightings) - 1
            self._second.offer(number, picture, sighting.image, cleaned.image)
            if (look := self._second.collect()) is not None:
                self._cleaner.compare(*look)
        say = None
        if sighting.t_s - self._updated_at_s >= UPDATE_EVERY_S:
            self._updated_at_s = sighting.t_s
            self._window.add(sighting, cleaned)
            self._coach.update(self._window)
            say = self._coach.spoken
            self._marks = find_marks(
                self._window.recent.readings, self._coach.held_side, self._coach.results
            )
        return self._feedback(sighting.t_s, cleaned, say)

    def pause(self) -> None:
        """Do not join what comes next to what came before: the current hold ends here."""
        self._paused = True

    def finish(self) -> Report:
        """Judge everything that was seen, as a recording.

        Returns
        -------
        Report

        Raises
        ------
        UsageError
            Where no frame came.
        """
        if self._source is None:
            raise UsageError("nothing was seen yet", hint="Start the camera first.")
        for look in [] if self._second is None else self._second.finish():
            seen = self._sightings[look.frame]
            self._sightings[look.frame] = replace(seen, second=look.points)
        t_s = [sighting.t_s for sighting in self._sightings]
        duration_s = t_s[-1] - t_s[0]
        source = replace(
            self._source,
            fps=(len(t_s) - 1) / duration_s if duration_s > 0 else None,
            duration_s=duration_s,
            n_frames=len(t_s),
        )
        series = as_series(self._sightings, source, self._model, outline=self.stretch.needs_outline)
        alone = (ONE_MODEL,) if self._second is None else ()
        series = replace(series, warnings=(*self._tracker.warnings(), *alone))
        return check_series(series, self.stretch, side=self._side)

    def _picture(self, frame: Frame) -> Picture:
        height, width = frame.image.shape[:2]
        scale = ANALYSIS_SIDE_PX / max(height, width)
        if scale < 1:
            size = round(width * scale), round(height * scale)
            frame = replace(
                frame, image=cv2.resize(frame.image, size, interpolation=cv2.INTER_AREA)
            )
        picture = self._preparer(frame)
        if self._paused:
            self._paused = False
            picture = replace(picture, starts_shot=True)
        return picture

    def _feedback(self, t_s: float, cleaned: Sighting, say: str | None) -> Feedback:
        assert self._source is not None
        size = np.array([self._source.width, self._source.height])
        shares = cleaned.image / size
        near = str(self._window.recent.track.near_side[-1])
        shows_marks = self._coach.phase in {"ready", "hold"}
        return Feedback(
            t_s=t_s,
            phase=self._coach.phase,
            message=self._coach.message,
            say=say,
            points=tuple(map(_point, shares.round(4).tolist())),
            near_side=near or None,  # type: ignore[arg-type]
            marks=place_marks(self._marks, shares) if shows_marks else (),
            cues=self._coach.cue_states(),
            clock=self._coach.clock(t_s),
        )


def _point(share: tuple[float, float]) -> Point | None:
    x, y = share
    return (x, y) if x == x and y == y else None  # noqa: PLR0124 - NaN is not itself
