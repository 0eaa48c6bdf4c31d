"""Scenes put together in memory from the rendered clips: cuts, crowds, passers-by, empty rooms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from posecheck.landmarks.series import SourceFacts
from posecheck.media.open import Frame, open_source
from posecheck.pose.augmentation import AGAIN, PLAIN
from posecheck.pose.detector import Landmarker, Preparer, Sighting

ROOT = Path(__file__).parents[1]
RENDERED = {path.stem: path for path in (ROOT / "tests" / "data").glob("*.mp4")}
FPS = 12.0  # of all of them
Image = np.ndarray


@cache
def _pictures(name: str) -> tuple[Image, ...]:
    with open_source(RENDERED[name]) as source:
        return tuple(frame.image for frame in source.frames())


def pictures(name: str, start: int = 0, stop: int | None = None, step: int = 1) -> list[Image]:
    """Pictures of a rendered clip; not to be written into."""
    return list(_pictures(name)[start:stop:step])


def photo(name: str) -> Image:
    """A rendered still; not to be written into."""
    with open_source(ROOT / "tests" / "data" / f"{name}.jpg") as source:
        return next(iter(source.frames())).image


def filmed(images: Iterable[Image], fps: float = FPS) -> list[Frame]:
    """Pictures as the frames of one recording."""
    return [Frame(k, k / fps, np.ascontiguousarray(image)) for k, image in enumerate(images)]


def facts_of(frames: list[Frame], *, scale: float = 1.0) -> SourceFacts:
    """What a file with these frames would say; `scale` times as large as the frames are."""
    height, width = frames[0].image.shape[:2]
    return SourceFacts("composed.mp4", "video", round(width * scale), round(height * scale), FPS)


def photo_facts(image: Image) -> SourceFacts:
    """Facts of a still."""
    return replace(facts_of(filmed([image])), path="composed.jpg", kind="photo", fps=None)


def looked_at(model_path: Path, image: Image) -> list[Sighting]:
    """What every look shows of the one person in a picture, as it stands in the picture."""
    height, width = image.shape[:2]
    picture = next(map(Preparer(), filmed([image])))
    landmarker = Landmarker(model_path, video=False, n_people=1, outline=False)
    finds = [(look, list(landmarker.detect(look.at(picture), 0))) for look in (PLAIN, *AGAIN)]
    landmarker.close()
    return [look.back(found[0][0], width, height) for look, found in finds if found]


def empty_room(like: Image, seed: int = 0) -> Image:
    """A plain wall with some grain."""
    grain = np.random.default_rng(seed).normal(0, 3, like.shape)
    return np.clip(like[:60].mean(axis=(0, 1)) + grain, 0, 255).astype(np.uint8)


@dataclass(frozen=True)
class CutOut:
    """A person without the room: pixels and where they count."""

    image: Image
    mask: np.ndarray  # bool

    def pasted(self, onto: Image, x: float, y: float, behind: np.ndarray | None = None) -> Image:
        """Put the person's top left corner at (x, y), hidden where `behind` is True."""
        height, width = onto.shape[:2]
        shift = np.array([[1, 0, x], [0, 1, y]], float)
        there = cv2.warpAffine(self.image, shift, (width, height))
        where = cv2.warpAffine(self.mask.astype(np.uint8), shift, (width, height)) > 0
        if behind is not None:
            where &= ~behind
        return np.where(where[..., None], there, onto)


def body_mask(image: Image, box: tuple[int, int, int, int]) -> np.ndarray:
    """Where the person inside `box` (x, y, width, height) is, of the picture's size."""
    mask = np.zeros(image.shape[:2], np.uint8)
    cv2.setRNGSeed(1)
    cv2.grabCut(image, mask, box, np.zeros((1, 65)), np.zeros((1, 65)), 4, cv2.GC_INIT_WITH_RECT)
    return (mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD)


def cut_out(image: Image, box: tuple[int, int, int, int], *, scale: float = 1.0) -> CutOut:
    """Take the person inside `box` out of the picture."""
    x, y, width, height = box
    mask = body_mask(image, box)[y : y + height, x : x + width]
    person = image[y : y + height, x : x + width]
    size = round(width * scale), round(height * scale)
    return CutOut(
        cv2.resize(person, size, interpolation=cv2.INTER_AREA),
        cv2.resize(mask.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0,
    )
