"""What the model found frame by frame, on its way to a series of landmarks."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np

from posecheck.core.geometry import Array
from posecheck.landmarks.series import N_LANDMARKS, LandmarkSeries, SourceFacts
from posecheck.media.frames import Frame, FrameSelector, Unchanged
from posecheck.media.open import prefetch
from posecheck.pose.model.locate import ModelFacts
from posecheck.pose.sighting import Preparer, Sighting
from posecheck.pose.silhouette import N_POINTS
from posecheck.pose.tracker import Company, PersonTracker, people_warnings

_CHUNK = 512  # sightings that are stacked at once; single ones take three times the memory


@dataclass(frozen=True, eq=False)
class FrameResult:
    """What one analysed frame showed.

    Attributes
    ----------
    sighting : Sighting
        In pixels of the source.
    unchanged : tuple of Unchanged
        Frames before it that were skipped.
    company : Company
        Who else was in view.
    """

    sighting: Sighting
    unchanged: tuple[Unchanged, ...]
    company: Company


@dataclass(frozen=True)
class Ending:
    """What is known once all frames are analysed; the last of the results.

    Attributes
    ----------
    unchanged : tuple of Unchanged
        Frames after the last analysed one.
    warnings : tuple of str
        What was wrong with the recording.
    """

    unchanged: tuple[Unchanged, ...] = ()
    warnings: tuple[str, ...] = ()


FrameResults = Generator[FrameResult | Ending]


def find_in_frames(
    frames: Iterable[Frame],
    tracker: PersonTracker,
    *,
    width: int,
    selector: FrameSelector | None = None,
    on_frame: Callable[[Frame], None] | None = None,
) -> FrameResults:
    """Track one person through frames.

    Parameters
    ----------
    frames : iterable of Frame
        In order of time; they may be scaled down.
    tracker : PersonTracker
        Fresh, or in the state that the frames before these left.
    width : int
        Width of the source in pixels, which the results are scaled to.
    selector : FrameSelector, optional
        What chose the frames; the frames that it skipped are handed on with the results.
    on_frame : callable, optional
        Called with each frame once it is analysed.

    Yields
    ------
    FrameResult or Ending
        A result per frame, then the ending.
    """
    # Decoding and getting ready go on in a thread of their own while the model works.
    for picture in prefetch(map(Preparer(), frames)):
        frame = picture.frame
        sighting = _scaled(tracker.track(picture), width / frame.image.shape[1])
        yield FrameResult(sighting, frame.unchanged, tracker.company(frame.t_s))
        if on_frame is not None:
            on_frame(frame)
    yield Ending(() if selector is None else selector.rest())


def series_of(
    results: Iterable[FrameResult | Ending],
    source: SourceFacts,
    model: ModelFacts,
    *,
    outline: bool,
) -> LandmarkSeries:
    """Make a series of results, with rows interpolated for the frames that were skipped.

    Parameters
    ----------
    results : iterable of FrameResult and Ending
        As `find_in_frames` yields them.
    source : SourceFacts
        The recording's.
    model : ModelFacts
        Of the model that found them.
    outline : bool
        Whether the results hold the outline of the trunk.

    Returns
    -------
    LandmarkSeries
        As the model gave it, with the warnings of the recording and about other people.
    """
    crowd_at_s: list[float] = []
    refused_at_s: list[float] = []
    warnings: tuple[str, ...] = ()

    def noted() -> Iterator[FrameResult | Ending]:
        nonlocal warnings
        for result in results:
            if isinstance(result, Ending):
                warnings = result.warnings
            else:
                crowd_at_s.extend([result.sighting.t_s] * result.company.crowd)
                refused_at_s.extend([result.sighting.t_s] * result.company.refused)
            yield result

    series = as_series(_filled(noted()), source, model, outline=outline)
    return replace(series, warnings=(*warnings, *people_warnings(crowd_at_s, refused_at_s)))


def _filled(results: Iterable[FrameResult | Ending]) -> Iterator[Sighting]:
    last: Sighting | None = None
    for result in results:
        now = result.sighting if isinstance(result, FrameResult) else None
        if last is not None:
            yield from (_between(last, now, skipped) for skipped in result.unchanged)
        if now is not None:
            yield now
        last = now


def _between(last: Sighting, now: Sighting | None, skipped: Unchanged) -> Sighting:
    """What a skipped frame would have shown, from the analysed frames before and after it."""
    # Only frames that were analysed have a spread and a second model's points.
    nothing = np.full((N_LANDMARKS, 2), np.nan, np.float32)
    last = replace(last, t_s=skipped.t_s, spread=nothing[:, 0], second=nothing)
    if now is None or now.shot != last.shot:
        return last

    def mixed(a: Array, b: Array) -> Array:
        return np.asarray(a + np.float32(skipped.share) * (b - a))

    with_outline = last.outline is not None and now.outline is not None
    return replace(
        last,
        image=mixed(last.image, now.image),
        world=mixed(last.world, now.world),
        visibility=mixed(last.visibility, now.visibility),
        outline=mixed(last.outline, now.outline) if with_outline else None,  # type: ignore[arg-type]
    )


def as_series(
    sightings: Iterable[Sighting], source: SourceFacts, model: ModelFacts, *, outline: bool
) -> LandmarkSeries:
    """Stack sightings into a series.

    Parameters
    ----------
    sightings : iterable of Sighting
        In order of time, in pixels of the source.
    source : SourceFacts
        The recording's, or the camera's.
    model : ModelFacts
        Of the model that found them.
    outline : bool
        Whether the sightings have the outline of the trunk.

    Returns
    -------
    LandmarkSeries
    """
    shapes: dict[str, tuple[int, ...]] = {
        "t_s": (),
        "shot": (),
        "image": (N_LANDMARKS, 2),
        "world": (N_LANDMARKS, 3),
        "visibility": (N_LANDMARKS,),
        "spread": (N_LANDMARKS,),
        "second": (N_LANDMARKS, 2),
        "outline": (2, N_POINTS),
    }
    if not outline:
        del shapes["outline"]
    kinds = {"t_s": float, "shot": int}
    chunks: dict[str, list[Array]] = {
        name: [np.empty((0, *shape), kinds.get(name, np.float32))] for name, shape in shapes.items()
    }
    rest = iter(sightings)
    while chunk := list(islice(rest, _CHUNK)):
        for name, shape in shapes.items():
            none = np.full(shape, np.nan, np.float32)
            found = (getattr(sighting, name) for sighting in chunk)
            values = [none if value is None else value for value in found]
            chunks[name].append(np.array(values, kinds.get(name, np.float32)))
    stacked: dict[str, Any] = {name: np.concatenate(chunks.pop(name)) for name in shapes}
    if not np.isfinite(stacked["second"]).any():
        del stacked["second"]
    return LandmarkSeries(
        **stacked, source=source, model_name=model.name, model_sha256=model.sha256
    )


def _scaled(sighting: Sighting, scale: float) -> Sighting:
    if scale == 1:
        return sighting
    outline, spread, second = sighting.outline, sighting.spread, sighting.second
    return replace(
        sighting,
        image=sighting.image * np.float32(scale),
        outline=None if outline is None else outline * np.float32(scale),
        spread=None if spread is None else spread * np.float32(scale),
        second=None if second is None else second * np.float32(scale),
    )
