"""Frames to landmarks: the landmarks of one person in every frame."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from posecheck.landmarks.series import LandmarkSeries, SourceFacts
from posecheck.media.frames import Frame, Pick
from posecheck.pose.frame_results import look_at, series_of
from posecheck.pose.model.locate import ModelFacts
from posecheck.pose.tracker import PersonWatcher

# Large enough for the model's 256 x 256 crop around a body that fills a quarter of the picture.
ANALYSIS_SIDE_PX = 960


def estimate_landmarks(
    frames: Iterable[Frame],
    source: SourceFacts,
    model: ModelFacts,
    *,
    outline: bool = False,
    pick: Pick | None = None,
    on_frame: Callable[[Frame], None] | None = None,
) -> LandmarkSeries:
    """Find one person's landmarks in every frame.

    Parameters
    ----------
    frames : iterable of Frame
        In order of time; they may be scaled down.
    source : SourceFacts
        Its width and height give the pixels of the result.
    model : ModelFacts
        The `.task` bundle to run.
    outline : bool
        Measure the outline of the trunk too (costs a mask per frame).
    pick : Pick, optional
        What chose the frames; those that it passed over get landmarks from their neighbours.
    on_frame : callable, optional
        Called with each frame when it is done, for a progress bar.

    Returns
    -------
    LandmarkSeries
        As the model gave it. With several people in view it is one of them: the largest and most
        central at the start, followed through the clip.
    """
    with PersonWatcher(model.path, video=source.kind != "photo", outline=outline) as watcher:
        moments = look_at(frames, watcher, width=source.width, pick=pick, on_frame=on_frame)
        return series_of(moments, source, model, outline=outline)
