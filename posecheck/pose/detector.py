"""Pose detectors: what is asked of one, and MediaPipe's, the only module that runs the model.

Another detector is a class with the two methods of `PoseDetector`, in a module of its own;
`open_detector` chooses it by the model's file, and `posecheck.pose.model.locate` finds that file.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol
from zipfile import BadZipFile

import numpy as np

from posecheck.core.errors import ModelError
from posecheck.core.geometry import Array, midpoint
from posecheck.landmarks.series import Landmark
from posecheck.pose.model.bundle import landmarks_only
from posecheck.pose.quiet import Silence
from posecheck.pose.sighting import Picture, Sighting
from posecheck.pose.silhouette import measure_outline

_CHATTY_DETECTIONS = 3  # MediaPipe still logs while it tracks its first bodies


class PoseDetector(Protocol):
    """Finds people in pictures, one picture after the other."""

    def detect(self, picture: Picture) -> list[Sighting]:
        """Find people in a picture.

        Parameters
        ----------
        picture : Picture
            `picture.rgb` is what to analyse; a detector of videos gets pictures in order of time.

        Returns
        -------
        list of Sighting
            One for each person found, in pixels of the picture, with shot 0 and without spread.
        """
        ...

    def close(self) -> None:
        """Free the model."""
        ...


def open_detector(model: Path, *, video: bool, n_people: int, outline: bool) -> PoseDetector:
    """Make the detector that runs a model; all three, lite, full and heavy, are MediaPipe's.

    Parameters
    ----------
    model : Path
        The model's file, as `resolve_model` returns it.
    video : bool
        Follow people from picture to picture instead of searching each picture anew.
    n_people : int
        The most people to find.
    outline : bool
        Measure the outline of the trunk too (costs a mask per person).

    Returns
    -------
    PoseDetector
        To be closed when it is no longer needed.

    Raises
    ------
    ModelError
        The model cannot be loaded.
    """
    return MediaPipeDetector(model, video=video, n_people=n_people, outline=outline)


class MediaPipeDetector:
    """MediaPipe's PoseLandmarker; the parameters are those of `open_detector`."""

    def __init__(self, model: Path, *, video: bool, n_people: int, outline: bool) -> None:
        # Half a second, in which a process that was begun before loads it too.
        self._mp: Any = import_module("mediapipe")
        self._video = video
        self._last_ms = -1
        self._n_detections = 0
        vision, base = self._mp.tasks.vision, self._mp.tasks.BaseOptions
        self._silence = Silence()  # also of a landmarker that fails while it is made
        try:
            options = vision.PoseLandmarkerOptions(
                base_options=base(model_asset_path=str(model))
                if outline
                else base(model_asset_buffer=landmarks_only(model)),
                running_mode=vision.RunningMode.VIDEO if video else vision.RunningMode.IMAGE,
                num_poses=n_people,
                output_segmentation_masks=outline,
            )
            with _quiet_stderr():
                self._inner = vision.PoseLandmarker.create_from_options(options)
        except (RuntimeError, ValueError, OSError, BadZipFile) as error:
            self._silence.end()
            raise ModelError(
                f"MediaPipe cannot load this model ({error})",
                where=model,
                hint="Delete it and run `posecheck model full` to fetch it again.",
            ) from error

    def close(self) -> None:
        """Free the model."""
        self._inner.close()
        self._silence.end()

    def detect(self, picture: Picture) -> list[Sighting]:
        """Find people, as `PoseDetector` says.

        Parameters
        ----------
        picture : Picture

        Returns
        -------
        list of Sighting
        """
        image = self._mp.Image(image_format=self._mp.ImageFormat.SRGB, data=picture.rgb)
        with (
            _quiet_stderr() if self._n_detections < _CHATTY_DETECTIONS else contextlib.nullcontext()
        ):
            result = self._run(image, picture.t_s)
        self._n_detections += len(result.pose_landmarks)
        return [_sighting(result, k, picture) for k in range(len(result.pose_landmarks))]

    def _run(self, image: Any, t_s: float) -> Any:
        if not self._video:
            return self._inner.detect(image)
        # MediaPipe wants strictly rising milliseconds; above 1000 fps two frames share one.
        self._last_ms = max(round(t_s * 1000), self._last_ms + 1)
        return self._inner.detect_for_video(image, self._last_ms)


def _sighting(result: Any, k: int, picture: Picture) -> Sighting:
    """Person number `k` of MediaPipe's result."""
    marks, world = result.pose_landmarks[k], result.pose_world_landmarks[k]
    width, height = picture.size
    # 32 bits hold a hundredth of a pixel and halve what a long recording takes.
    points = np.array([(m.x * width, m.y * height) for m in marks], np.float32)
    return Sighting(
        t_s=picture.t_s,
        shot=0,
        image=points,
        world=np.array([(m.x, m.y, m.z) for m in world], np.float32),
        visibility=np.array([m.visibility for m in marks], np.float32),
        outline=_outline(result, k, points),
    )


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
