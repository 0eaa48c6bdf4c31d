"""MediaPipe's landmarker with our types in and out. The only module that runs the model."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import cv2
import numpy as np

from posecheck.core.errors import ModelError
from posecheck.core.geometry import Array, midpoint
from posecheck.landmarks.series import Landmark
from posecheck.media.open import Frame
from posecheck.pose.identity import Person, torso_colours
from posecheck.pose.model.landmarks_only import landmarks_only
from posecheck.pose.scene_cuts import CutFinder, make_thumbnail
from posecheck.pose.silhouette import measure_outline

# Large enough for the model's 256 x 256 crop around a body that fills a quarter of the picture.
ANALYSIS_SIDE_PX = 960
_CHATTY_FINDS = 3  # MediaPipe still logs while it tracks its first bodies


@dataclass(frozen=True, eq=False)
class Sighting:
    """What one frame showed of the person being checked; NaN where nobody was."""

    t_s: float
    shot: int
    image: Array  # (33, 2) pixels of the analysed frame
    world: Array  # (33, 3) metres
    visibility: Array  # (33,)
    outline: Array | None = None  # (2, N_POINTS) pixels of the analysed frame
    spread: Array | None = None  # (33,) pixels by which several looks disagree


Find = tuple[Sighting, Person]


@dataclass(frozen=True, eq=False)
class Picture:
    """A frame made ready for the model."""

    frame: Frame
    rgb: np.ndarray  # (height, width, 3)
    thumbnail: Array
    starts_shot: bool

    @property
    def t_s(self) -> float:
        """Seconds since the first frame."""
        return self.frame.t_s


class Preparer:
    """Makes frames ready, one after the other: colours turned round, told where a shot begins."""

    def __init__(self) -> None:
        self._cuts = CutFinder()

    def __call__(self, frame: Frame) -> Picture:
        thumbnail = make_thumbnail(frame.image)
        rgb = cv2.cvtColor(frame.image, cv2.COLOR_BGR2RGB)
        return Picture(frame, rgb, thumbnail, self._cuts.is_cut(thumbnail))


class Landmarker:
    """MediaPipe's PoseLandmarker with frames in and our types out."""

    def __init__(self, model_path: Path, *, video: bool, n_people: int, outline: bool) -> None:
        # Half a second, in which a process that was begun before loads it too.
        self._mp: Any = import_module("mediapipe")
        self._video = video
        self._last_ms = -1
        self._n_finds = 0
        vision, base = self._mp.tasks.vision, self._mp.tasks.BaseOptions
        try:
            options = vision.PoseLandmarkerOptions(
                base_options=base(model_asset_path=str(model_path))
                if outline
                else base(model_asset_buffer=landmarks_only(model_path)),
                running_mode=vision.RunningMode.VIDEO if video else vision.RunningMode.IMAGE,
                num_poses=n_people,
                output_segmentation_masks=outline,
            )
            with _quiet_stderr():
                self._inner = vision.PoseLandmarker.create_from_options(options)
        except (RuntimeError, ValueError, OSError, BadZipFile) as error:
            raise ModelError(
                f"MediaPipe cannot load this model ({error})",
                where=model_path,
                hint="Delete it and run `posecheck model full` to fetch it again.",
            ) from error

    def close(self) -> None:
        self._inner.close()

    def detect(self, picture: Picture, shot: int) -> Iterator[Find]:
        frame = picture.frame
        image = self._mp.Image(image_format=self._mp.ImageFormat.SRGB, data=picture.rgb)
        with _quiet_stderr() if self._n_finds < _CHATTY_FINDS else contextlib.nullcontext():
            result = self._run(image, frame.t_s)
        self._n_finds += len(result.pose_landmarks)
        height, width = frame.image.shape[:2]
        for k, (marks, world) in enumerate(
            zip(result.pose_landmarks, result.pose_world_landmarks, strict=True)
        ):
            # 32 bits hold a hundredth of a pixel and halve what a long recording takes.
            points = np.array([(m.x * width, m.y * height) for m in marks], np.float32)
            sighting = Sighting(
                t_s=frame.t_s,
                shot=shot,
                image=points,
                world=np.array([(m.x, m.y, m.z) for m in world], np.float32),
                visibility=np.array([m.visibility for m in marks], np.float32),
                outline=_outline(result, k, points),
            )
            yield sighting, Person(points, torso_colours(frame.image, points))

    def _run(self, image: Any, t_s: float) -> Any:
        if not self._video:
            return self._inner.detect(image)
        # MediaPipe wants strictly rising milliseconds; above 1000 fps two frames share one.
        self._last_ms = max(round(t_s * 1000), self._last_ms + 1)
        return self._inner.detect_for_video(image, self._last_ms)


def _outline(result: Any, k: int, points: Array) -> Array | None:
    if not result.segmentation_masks:
        return None
    shoulder = midpoint(points[Landmark.left_shoulder], points[Landmark.right_shoulder])
    hip = midpoint(points[Landmark.left_hip], points[Landmark.right_hip])
    mask = np.squeeze(result.segmentation_masks[k].numpy_view())
    return measure_outline(mask, shoulder, hip).astype(np.float32)


@contextlib.contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Keep MediaPipe's C++ start-up chatter off the terminal and out of notebook cells.

    It writes to file descriptor 2 itself, past Python's `sys.stderr`.
    """
    sys.stderr.flush()
    saved = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(nowhere)
        os.close(saved)
