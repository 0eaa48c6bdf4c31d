"""A body in the picture: its points, which way it faces, and how long its torso is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from posecheck.core.geometry import Array, length, midpoint
from posecheck.landmarks.series import Landmark, LandmarkSeries
from posecheck.measures.camera_view import ViewTrack

# Straight torso (shoulder to hip) against thigh + shank, as MediaPipe places the landmarks: 0.63 to
# 0.70 on rendered bodies (test_samples.py). Anthropometry has 0.288 H / 0.491 H, or 0.59
# (Drillis & Contini 1966); MediaPipe's hip lies lower than the joint's centre.
TORSO_PER_LEG = 0.66
_BENT_TORSO = 0.85  # a longest torso below this share of the leg's guess never was straight


@dataclass(frozen=True)
class Torso:
    """Torso length L in pixels, and whether it had to be guessed from the leg."""

    px: float
    from_leg: bool


@dataclass(frozen=True, eq=False)
class Body:
    """Everything a measure needs, frame by frame.

    Attributes
    ----------
    series : LandmarkSeries
        Cleaned.
    camera : ViewTrack
    torso_px : ndarray, shape (n_frames,)
        Torso length L in pixels, one value a shot.
    torso_from_leg : bool
        True where L had to be guessed from the leg in some shot.
    """

    series: LandmarkSeries
    camera: ViewTrack
    torso_px: Array
    torso_from_leg: bool

    @classmethod
    def of(cls, series: LandmarkSeries, camera: ViewTrack, torso: Torso | None = None) -> Body:
        """Measure the torso, if more than this series shows is not known, and put all together.

        Parameters
        ----------
        series : LandmarkSeries
        camera : ViewTrack
        torso : Torso, optional
            Where more of the body is known than this series shows.

        Returns
        -------
        Body
        """
        if torso is not None:
            return cls(series, camera, np.full(len(series), torso.px), torso.from_leg)
        torso_px = np.full(len(series), np.nan)
        guessed = False
        for shot in np.unique(series.shot):
            inside = series.shot == shot
            torso = choose_torso(
                *near_lengths(series, camera, inside), is_photo=series.source.kind == "photo"
            )
            torso_px[inside] = torso.px
            guessed |= torso.from_leg
        return cls(series, camera, torso_px, guessed)

    def point(self, name: str, side: str | None = None) -> Array:
        """Pixels of a landmark, shape (n_frames, 2).

        With a side, `hip` means that side's hip. Without, a paired landmark (`hip`) means the
        middle of the two.

        Parameters
        ----------
        name : str
        side : str or None

        Returns
        -------
        ndarray
        """
        if side is not None and f"{side}_{name}" in Landmark.__members__:
            return self.series.point(f"{side}_{name}")
        if name in Landmark.__members__:
            return self.series.point(name)
        return midpoint(self.series.point(f"left_{name}"), self.series.point(f"right_{name}"))

    def near(self, name: str) -> Array:
        """Pixels of the near side's landmark, frame by frame, shape (n_frames, 2).

        Parameters
        ----------
        name : str

        Returns
        -------
        ndarray
        """
        is_left = (self.camera.near_side == "left")[:, None]
        return np.where(is_left, self.point(name, "left"), self.point(name, "right"))

    @property
    def forward(self) -> Array:
        """Which way the body faces on the screen in a side view, shape (n_frames,).

        +1 where the front of the body lies clockwise of the direction hips-to-head, as it does
        when the right side is near; -1 where the left side is near; NaN where nobody was seen.
        """
        near = self.camera.near_side
        return np.where(near == "right", 1.0, np.where(near == "left", -1.0, np.nan))


Formula = Callable[[Body, str | None], Array]  # of one side; one value a frame


def towards(side: str | None) -> float:
    """+1 for what is positive towards the body's left, -1 for the right.

    Parameters
    ----------
    side : str or None

    Returns
    -------
    float
    """
    return 1.0 if side == "left" else -1.0


def near_lengths(
    series: LandmarkSeries, camera: ViewTrack, inside: np.ndarray
) -> tuple[Array, Array]:
    """Torso and leg (thigh + shank) of the near side where `inside`, in pixels; hidden ones not.

    Parameters
    ----------
    series : LandmarkSeries
    camera : ViewTrack
    inside : ndarray of bool, shape (n_frames,)
        Which frames.

    Returns
    -------
    tuple[ndarray, ndarray]
    """
    torsos, legs = [], []
    for side in ("left", "right"):
        near = inside & (camera.near_side == side)
        shoulder, hip = series.point(f"{side}_shoulder")[near], series.point(f"{side}_hip")[near]
        knee, ankle = series.point(f"{side}_knee")[near], series.point(f"{side}_ankle")[near]
        torsos.append(length(shoulder - hip))
        legs.append(length(hip - knee) + length(knee - ankle))
    torso, leg = (np.concatenate(parts) for parts in (torsos, legs))
    return torso[np.isfinite(torso)], leg[np.isfinite(leg)]


def choose_torso(torso: Array, leg: Array, *, is_photo: bool) -> Torso:
    """Torso length of one shot, from the lengths in its frames.

    A bent trunk brings shoulder and hip together, so the longest torso of the clip is the neutral
    one. A photo, or a clip of nothing but a bent trunk, has no neutral frame.

    Parameters
    ----------
    torso : ndarray
        Lengths of the torso, in pixels.
    leg : ndarray
        Lengths of thigh and shank together, in pixels.
    is_photo : bool

    Returns
    -------
    Torso
    """
    longest = float(np.percentile(torso, 90)) if len(torso) else np.nan
    from_leg = TORSO_PER_LEG * float(np.median(leg)) if len(leg) else np.nan
    if not np.isfinite(longest):
        return Torso(from_leg, bool(np.isfinite(from_leg)))
    # A photo's trunk may be bent by any amount, and its leg may point at the camera.
    if longest < (1.0 if is_photo else _BENT_TORSO) * from_leg:
        return Torso(from_leg, True)
    return Torso(longest, False)
