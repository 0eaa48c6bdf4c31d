"""What was seen, moment by moment, on its way from the model to a series of landmarks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np

from posecheck.core.geometry import Array
from posecheck.landmarks.series import N_LANDMARKS, LandmarkSeries, SourceFacts
from posecheck.media.frames import Frame, Pick, Unchanged
from posecheck.media.open import prefetch
from posecheck.pose.detector import Preparer, Sighting
from posecheck.pose.model.locate import ModelFacts
from posecheck.pose.silhouette import N_POINTS
from posecheck.pose.tracker import Company, PersonWatcher, people_warnings

_CHUNK = 512  # sightings that are stacked at once; single ones take three times the memory


@dataclass(frozen=True, eq=False)
class Moment:
    """What one look at a frame showed.

    Attributes
    ----------
    sighting : Sighting
        In pixels of the source.
    unchanged : tuple of Unchanged
        Frames before it that were not looked at.
    company : Company
        Who else was about.
    """

    sighting: Sighting
    unchanged: tuple[Unchanged, ...]
    company: Company


@dataclass(frozen=True)
class Ending:
    """What is known when all frames have been looked at.

    Attributes
    ----------
    unchanged : tuple of Unchanged
        Frames after the last look.
    warnings : tuple of str
        What was wrong with the recording.
    """

    unchanged: tuple[Unchanged, ...] = ()
    warnings: tuple[str, ...] = ()


def look_at(
    frames: Iterable[Frame],
    watcher: PersonWatcher,
    *,
    width: int,
    pick: Pick | None = None,
    on_frame: Callable[[Frame], None] | None = None,
) -> Iterator[Moment | Ending]:
    """Look at frames one after the other; the arguments are those of `estimate_landmarks`."""
    # Decoding and getting ready go on in a thread of their own while the model works.
    for picture in prefetch(map(Preparer(), frames)):
        frame = picture.frame
        sighting = _scaled(watcher.look(picture), width / frame.image.shape[1])
        yield Moment(sighting, frame.unchanged, watcher.company(frame.t_s))
        if on_frame is not None:
            on_frame(frame)
    yield Ending(() if pick is None else pick.rest())


def series_of(
    moments: Iterable[Moment | Ending], source: SourceFacts, model: ModelFacts, *, outline: bool
) -> LandmarkSeries:
    """Put moments together, with those in between in which nothing had changed."""
    crowd_at_s: list[float] = []
    refused_at_s: list[float] = []
    warnings: tuple[str, ...] = ()

    def noted() -> Iterator[Moment | Ending]:
        nonlocal warnings
        for moment in moments:
            if isinstance(moment, Ending):
                warnings = moment.warnings
            else:
                crowd_at_s.extend([moment.sighting.t_s] * moment.company.crowd)
                refused_at_s.extend([moment.sighting.t_s] * moment.company.refused)
            yield moment

    series = as_series(_filled(noted()), source, model, outline=outline)
    return replace(series, warnings=(*warnings, *people_warnings(crowd_at_s, refused_at_s)))


def _filled(moments: Iterable[Moment | Ending]) -> Iterator[Sighting]:
    last: Sighting | None = None
    for moment in moments:
        now = moment.sighting if isinstance(moment, Moment) else None
        if last is not None:
            yield from (_between(last, now, passed) for passed in moment.unchanged)
        if now is not None:
            yield now
        last = now


def _between(last: Sighting, now: Sighting | None, passed: Unchanged) -> Sighting:
    """What a frame would have shown that was not looked at, from the looks before and after it."""
    # Only what was looked at twice has a spread.
    last = replace(last, t_s=passed.t_s, spread=np.full(N_LANDMARKS, np.nan, np.float32))
    if now is None or now.shot != last.shot:
        return last

    def mixed(a: Array, b: Array) -> Array:
        return np.asarray(a + np.float32(passed.share) * (b - a))

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
    """Stack sightings, which are in pixels of the source."""
    shapes: dict[str, tuple[int, ...]] = {
        "t_s": (),
        "shot": (),
        "image": (N_LANDMARKS, 2),
        "world": (N_LANDMARKS, 3),
        "visibility": (N_LANDMARKS,),
        "spread": (N_LANDMARKS,),
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
        for name in shapes:
            values = [getattr(sighting, name) for sighting in chunk]
            chunks[name].append(np.array(values, kinds.get(name, np.float32)))
    stacked: dict[str, Any] = {name: np.concatenate(chunks.pop(name)) for name in shapes}
    return LandmarkSeries(
        **stacked, source=source, model_name=model.name, model_sha256=model.sha256
    )


def _scaled(sighting: Sighting, scale: float) -> Sighting:
    if scale == 1:
        return sighting
    outline, spread = sighting.outline, sighting.spread
    return replace(
        sighting,
        image=sighting.image * np.float32(scale),
        outline=None if outline is None else outline * np.float32(scale),
        spread=None if spread is None else spread * np.float32(scale),
    )
