"""The parts put together: from a file to landmarks, and from a file to a report."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from posecheck.core.errors import UsageError
from posecheck.landmarks.series import LandmarkSeries, SourceFacts
from posecheck.media.frame_selector import Fps, pick_for
from posecheck.media.open import Frame, open_source
from posecheck.pose.estimate import ANALYSIS_SIDE_PX, estimate_landmarks
from posecheck.pose.model.locate import model_facts, resolve_model
from posecheck.pose.parallel import estimate_in_parts, part_starts
from posecheck.pose.progress_bar import frame_bar
from posecheck.stretches import Stretch, load_stretch, stretch_ids, unknown_stretch

if TYPE_CHECKING:
    from posecheck.assess.report import Report

OnFrame = Callable[[Frame], None]
AUTO = "auto"


def estimate(
    source: str | Path,
    *,
    model: str | Path | None = None,
    outline: bool = True,
    fps: Fps = "auto",
    workers: int = 1,
    progress: bool = False,
    on_frame: OnFrame | None = None,
) -> LandmarkSeries:
    """Find the landmarks of one person in a video or photo.

    Parameters
    ----------
    source : str or Path
        A video or a photo.
    model : str or Path, optional
        `lite`, `full` (the default) or `heavy`, or the path of a `.task` file.
    outline : bool
        Measure the outline of the back too.
    fps : float, "auto" or "all"
        Look at no more than so many frames a second; at all; or, by default, at up to 15 where
        something moves and at 5 where nothing does, whose neighbours tell about the others.
    workers : int
        Processes that may look at parts of a long recording side by side.
    progress : bool
        Show a progress bar with the time left.
    on_frame : callable, optional
        Called with each frame when it is done, for a progress bar of one's own.

    Returns
    -------
    LandmarkSeries
        As the model gave it; `compute_measures` and `check` clean it first.

    Raises
    ------
    SourceError, ModelError
    """
    if progress and on_frame is None:
        with frame_bar("Looking", total_s=recording_facts(source).duration_s) as bar:
            return estimate(
                source, model=model, outline=outline, fps=fps, workers=workers, on_frame=bar
            )
    with open_source(source) as opened:
        facts = model_facts(resolve_model(model))
        starts_s = part_starts(opened, workers)
        if len(starts_s) > 1:
            return estimate_in_parts(
                opened, facts, starts_s, outline=outline, fps=fps, on_frame=on_frame
            )
        pick = pick_for(fps)
        frames = opened.frames(ANALYSIS_SIDE_PX, pick=pick)
        series = estimate_landmarks(
            frames, opened.facts, facts, outline=outline, pick=pick, on_frame=on_frame
        )
        # What was wrong with the file is known only when it has been read to its end.
        return replace(series, warnings=(*opened.warnings, *series.warnings))


def check(
    source: str | Path | LandmarkSeries,
    stretch: str | Path | Stretch = AUTO,
    *,
    side: str | None = None,
    model: str | Path | None = None,
    fps: Fps = "auto",
    workers: int = 1,
    correct: bool = True,
    progress: bool = False,
    on_frame: OnFrame | None = None,
) -> Report:
    """Check a recording against a stretch.

    Parameters
    ----------
    source : str, Path or LandmarkSeries
        A video, a photo, or landmarks that were estimated before.
    stretch : str, Path or Stretch
        An id of the catalogue, the path of a `.toml` file, or a loaded definition; `auto` tells
        it from the recording, or says that it does not know.
    side : {"left", "right"}, optional
        Judge only this side of a stretch that is done on each side.
    correct : bool
        Correct the angles by what was learned about their errors; False reads them as they are.
    model, fps, workers, progress, on_frame
        As for `estimate`.

    Returns
    -------
    Report

    Raises
    ------
    SourceError, ModelError, DefinitionError, UsageError

    Examples
    --------
    >>> report = check("clip.mp4", "legs-up-the-wall")  # doctest: +SKIP
    >>> report.verdict  # doctest: +SKIP
    'good'
    """
    definition = as_stretch(stretch)
    check_side(side, definition)
    if isinstance(source, LandmarkSeries):
        return _judge(source, definition, side, correct)
    # What judges brings scipy and pandas, which take a second to load: they do so while the model
    # looks at the frames.
    with ThreadPoolExecutor(max_workers=1) as beside:
        for needed in ("posecheck.assess.report", "scipy.signal"):
            beside.submit(import_module, needed)
        series = estimate(
            source,
            model=model,
            outline=definition is None or definition.needs_outline,
            fps=fps,
            workers=workers,
            progress=progress,
            on_frame=on_frame,
        )
    return _judge(series, definition, side, correct)


def as_stretch(stretch: str | Path | Stretch) -> Stretch | None:
    """The definition that is meant; None where the recording has to tell."""
    if isinstance(stretch, Stretch):
        return stretch
    return None if stretch == AUTO else load_stretch(stretch)


def _judge(
    series: LandmarkSeries, stretch: Stretch | None, side: str | None, correct: bool
) -> Report:
    from posecheck.assess.form import check_form
    from posecheck.assess.recognise import recognise
    from posecheck.assess.report import Report

    said: tuple[str, ...] = ()
    if stretch is None:
        recognition = recognise(series, map(load_stretch, stretch_ids()))
        stretch, said = recognition.stretch or unknown_stretch(), (recognition.words,)
        side = side if stretch.sides == "each" else None
    checked = check_form(series, stretch, side=side, correct=correct)  # type: ignore[arg-type]
    return Report.of(checked, warnings=said)


def check_side(side: str | None, stretch: Stretch | None) -> None:
    """Refuse a side that the stretch does not have; None is a stretch not known yet."""
    if side not in {None, "left", "right"}:
        raise UsageError(f"there is no side {side!r}", hint="Say left or right.")
    if side is not None and stretch is not None and stretch.sides == "both":
        raise UsageError(
            f"{stretch.name} is done with both sides at once, so it has no {side} side",
            hint="Leave the side out.",
        )


def recording_facts(source: str | Path) -> SourceFacts:
    """What a recording says about itself, without reading it through."""
    with open_source(source) as opened:
        return opened.facts
