"""From a recording, or its landmarks, to a report."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from posecheck.core.errors import UsageError
from posecheck.landmarks.series import LandmarkSeries
from posecheck.media.frame_selector import Fps
from posecheck.media.open import Frame
from posecheck.pose.estimate import estimate
from posecheck.stretches import Stretch, load_stretch, stretch_ids

if TYPE_CHECKING:
    from posecheck.assess.report import Report


OnFrame = Callable[[Frame], None]
AUTO = "auto"


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
    with ThreadPoolExecutor(max_workers=1) as beside:
        beside.submit(_get_ready, recognises=definition is None)
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


def _get_ready(*, recognises: bool) -> None:
    """Load what judges, which takes 0.4 s (pandas, scipy), while the model looks at frames.

    What goes wrong here is not lost: it goes wrong again where the landmarks are judged.
    """
    import_module("posecheck.assess.judge")
    import_module("scipy.signal")
    if recognises:
        # 0.4 s, loaded beside the model as well
        from posecheck.assess.recognise import figure_values  # noqa: PLC0415

        for stretch in map(load_stretch, stretch_ids()):
            figure_values(stretch)


def _judge(
    series: LandmarkSeries, stretch: Stretch | None, side: str | None, correct: bool
) -> Report:
    # 0.4 s: pandas and scipy, in which the model could look at frames.
    from posecheck.assess.judge import check_series  # noqa: PLC0415

    return check_series(series, stretch, side=side, correct=correct)  # type: ignore[arg-type]


def as_stretch(stretch: str | Path | Stretch) -> Stretch | None:
    """Load the definition that is meant.

    Parameters
    ----------
    stretch : str, Path or Stretch
        As for `check`.

    Returns
    -------
    Stretch or None
        None where the recording has to tell.

    Raises
    ------
    UsageError, DefinitionError
    """
    if isinstance(stretch, Stretch):
        return stretch
    return None if stretch == AUTO else load_stretch(stretch)


def check_side(side: str | None, stretch: Stretch | None) -> None:
    """Refuse a side that the stretch does not have.

    Parameters
    ----------
    side : str or None
        None is both.
    stretch : Stretch or None
        None is a stretch not known yet.

    Raises
    ------
    UsageError
    """
    if side not in {None, "left", "right"}:
        raise UsageError(f"there is no side {side!r}", hint="Say left or right.")
    if side is not None and stretch is not None and stretch.sides == "both":
        raise UsageError(
            f"{stretch.name} is done with both sides at once, so it has no {side} side",
            hint="Leave the side out.",
        )
