"""From a recording to landmarks: one person's landmarks in every frame of a video or photo."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing, nullcontext
from dataclasses import replace
from pathlib import Path

from posecheck.landmarks.series import LandmarkSeries, SourceFacts
from posecheck.media.frame_selector import Fps
from posecheck.media.open import Frame, every_core_busy, open_source
from posecheck.pose.frame_results import series_of
from posecheck.pose.model.locate import model_facts, resolve_model
from posecheck.pose.model.thunder import find_second_model
from posecheck.pose.parallel import find_in_segments, segment_starts
from posecheck.pose.progress_bar import frame_bar

ONE_MODEL = (
    "Only one pose model looked at this recording, so fewer mistakes are noticed: "
    "`posecheck model thunder` fetches the second one."
)


def estimate(
    source: str | Path,
    *,
    model: str | Path | None = None,
    second_model: bool = True,
    outline: bool = True,
    fps: Fps = "auto",
    workers: int = 1,
    progress: bool = False,
    on_frame: Callable[[Frame], None] | None = None,
) -> LandmarkSeries:
    """Find the landmarks of one person in a video or photo.

    Parameters
    ----------
    source : str or Path
        A video or a photo.
    model : str or Path, optional
        `lite`, `full` (the default) or `heavy`, or the path of a `.task` file.
    second_model : bool
        Let MoveNet Thunder look too, where it is on this machine or can be fetched.
    outline : bool
        Measure the outline of the back too; it costs a body mask per frame.
    fps : float, "auto" or "all"
        The most frames analysed per second. `all` analyses every frame; `auto`, the default,
        analyses up to 15 a second where something moves and 5 where nothing does. Frames that are
        skipped get landmarks interpolated from their neighbours.
    workers : int
        The most processes that analyse segments of a long recording side by side.
    progress : bool
        Show a progress bar with the time left.
    on_frame : callable, optional
        Called with each frame once it is analysed, for a progress bar of the caller's own.

    Returns
    -------
    LandmarkSeries
        As the model gave it; `compute_measures` and `check` clean it first. With several people in
        view it holds one of them: the largest and most central at the start, followed through the
        recording.

    Raises
    ------
    SourceError
        The recording cannot be read, or takes longer than the time limit allows.
    ModelError
        The model is unknown, or cannot be fetched or loaded.

    Examples
    --------
    >>> series = estimate("clip.mp4", workers=2)  # doctest: +SKIP
    >>> series.image.shape  # doctest: +SKIP
    (450, 33, 2)
    """
    if progress and on_frame is None:
        with frame_bar("Looking", total_s=recording_facts(source).duration_s) as bar:
            return estimate(
                source,
                model=model,
                second_model=second_model,
                outline=outline,
                fps=fps,
                workers=workers,
                on_frame=bar,
            )
    with open_source(source) as opened:
        facts = model_facts(resolve_model(model))
        starts_s = segment_starts(opened, workers)
        second = find_second_model() if second_model else None
        results = find_in_segments(
            opened,
            facts.path,
            starts_s,
            second_model=second,
            outline=outline,
            fps=fps,
            on_frame=on_frame,
        )
        with every_core_busy() if len(starts_s) > 1 else nullcontext(), closing(results):
            series = series_of(results, opened.facts, facts, outline=outline)
    if second_model and second is None:
        return replace(series, warnings=(*series.warnings, ONE_MODEL))
    return series


def recording_facts(source: str | Path) -> SourceFacts:
    """What a recording says about itself, without reading it through.

    Parameters
    ----------
    source : str or Path
        A video or a photo.

    Returns
    -------
    SourceFacts

    Raises
    ------
    SourceError
        It cannot be read as a video or a photo.
    """
    with open_source(source) as opened:
        return opened.facts
