"""Is the camera right? Which way it looks at the body, which side is near, what is in the picture.

Three axes of the trunk, taken from the world landmarks: lateral (right to left), longitudinal
(hips to shoulders) and front-back. The axis that points at the camera names the view.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from scipy.ndimage import median_filter

from posecheck.core.geometry import Array, at_right_angles, midpoint, unit
from posecheck.landmarks.series import Landmark, LandmarkSeries, Side, frames_in

Part = Literal["trunk", "chest", "pelvis"]
View = Literal["side", "front", "above", "end-on", "oblique", "unknown"]

SMALL_BODY = 0.25  # diagonal of the body against the picture's: below it the body is too far away
MAX_YAW_DEG = 40.0  # beyond it, no axis points at the camera and the view is oblique
_LITTLE_LATERAL = 0.35  # cosine of 70 degrees: hardly turned to a side
_WARN_YAW_DEG = 25.0
_SMOOTH_S = 1.0
_LYING = ("supine", "prone")
_ON_KNEES = ("kneeling", "all-fours")
NOBODY = (
    "Nobody could be found in the picture: is the whole body in it, head to feet, in enough light?"
)

_WHOLE_BODY = [
    Landmark.nose,
    *(
        Landmark[f"{side}_{joint}"]
        for side in ("left", "right")
        for joint in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle", "foot_index")
    ),
]


@dataclass(frozen=True, eq=False)
class ViewTrack:
    """What the camera sees of the body, frame by frame; every array has shape (n_frames,).

    Attributes
    ----------
    view : ndarray of str
        `side`, `front`, `end-on`, `oblique`, or `unknown` where nobody was seen. Front and above
        look alike from the axes alone and are both `front` here.
    near_side : ndarray of str
        `left` or `right`, whichever is nearer to the camera; empty where nobody was seen.
    yaw_deg : ndarray
        Angle in [0, 90] between the optical axis and the body's lateral axis: 0 is side-on.
    whole_body : ndarray of bool
        Every main landmark lies inside the picture.
    size : ndarray
        Diagonal of the body against the picture's, 0 to 1 and a little more.
    facing : ndarray
        Cosine between the body's front and the way to the camera: 1 is chest on, -1 back on.
    across : ndarray, shape (n_frames, 3)
        Unit vector of the body's left-right axis, from the near side to the far one: x right,
        y down, z away from the camera.
    """

    view: np.ndarray
    near_side: np.ndarray
    yaw_deg: Array
    whole_body: np.ndarray
    size: Array
    facing: Array
    across: Array

    def frames(self, keep: np.ndarray | slice) -> ViewTrack:
        """The same of the frames that `keep` selects.

        Parameters
        ----------
        keep : ndarray of bool or int, or slice
            Which frames.

        Returns
        -------
        ViewTrack
        """
        return ViewTrack(**{name: values[keep] for name, values in vars(self).items()})


@dataclass(frozen=True)
class ViewSummary:
    """The camera's verdict for the frames that were judged, as it stands in the report."""

    view: View
    near_side: Side | None
    yaw_deg: float | None
    whole_body: bool
    ok: bool
    advice: tuple[str, ...] = field(default=())


def compute_view_track(series: LandmarkSeries, part: Part = "trunk") -> ViewTrack:
    """Tell for every frame how the camera looks at the body.

    Parameters
    ----------
    series : LandmarkSeries
        Raw or cleaned; raw is better, because hidden far limbs still tell the side.
    part : {"trunk", "chest", "pelvis"}
        Chest and pelvis turn against each other in a twist: which of them stays with the floor.
        The trunk is the mean of both.
    """
    axes = _trunk_axes(series, part)
    lateral, longitudinal, frontal = (_steady(axis[:, 2], series) for axis in axes)
    cosines = np.abs(np.stack([lateral, frontal, longitudinal]))
    seen = np.isfinite(cosines).all(axis=0)
    strongest = np.argmax(np.where(np.isfinite(cosines), cosines, 0), axis=0)
    view = np.array(["side", "front", "end-on"], dtype="<U8")[strongest]
    # Between front and end-on, as from above the feet, both sides are seen as well as in either.
    slanted = cosines.max(axis=0) < np.cos(np.radians(MAX_YAW_DEG))
    view[slanted & (cosines[0] > _LITTLE_LATERAL)] = "oblique"
    view[~seen] = "unknown"
    near = np.where(lateral < 0, "left", "right").astype("<U8")
    near[~seen] = ""
    return ViewTrack(
        view=view,
        near_side=near,
        yaw_deg=np.degrees(np.arccos(np.clip(np.abs(lateral), 0, 1))),
        whole_body=np.asarray(_in_picture(series).all(axis=1)),
        size=_size(series),
        facing=-frontal,
        across=_across(axes[0], series),
    )


def _across(lateral: Array, series: LandmarkSeries) -> Array:
    away = np.where(lateral[:, 2:] < 0, -lateral, lateral)
    return unit(np.stack([_steady(part, series) for part in away.T], axis=1))


def _trunk_axes(series: LandmarkSeries, part: Part) -> tuple[Array, Array, Array]:
    """The trunk's unit axes: right to left, hips to shoulders, back to front; z is away."""
    shoulders = [series.world_point(f"{side}_shoulder") for side in ("left", "right")]
    hips = [series.world_point(f"{side}_hip") for side in ("left", "right")]
    longitudinal = unit(midpoint(*shoulders) - midpoint(*hips))
    chest, pelvis = unit(shoulders[0] - shoulders[1]), unit(hips[0] - hips[1])
    across = {"trunk": chest + pelvis, "chest": chest, "pelvis": pelvis}[part]
    lateral = at_right_angles(across, longitudinal)
    return lateral, longitudinal, np.cross(lateral, longitudinal)


def _steady(values: Array, series: LandmarkSeries) -> Array:
    """Running median inside each shot: a camera does not flicker."""
    steady = values.copy()
    for shot in np.unique(series.shot):
        inside = np.flatnonzero((series.shot == shot) & np.isfinite(values))
        if len(inside) > 2:
            window = frames_in(series.t_s[inside], _SMOOTH_S)
            steady[inside] = median_filter(values[inside], window, mode="nearest")
    return steady


def _in_picture(series: LandmarkSeries) -> np.ndarray:
    """Which of the main landmarks lie inside the picture, shape (n_frames, n_main)."""
    points = series.image[:, _WHOLE_BODY]
    size = np.array([series.source.width, series.source.height])
    with np.errstate(invalid="ignore"):
        return np.asarray(((points >= 0) & (points <= size)).all(axis=2))


def _size(series: LandmarkSeries) -> Array:
    found = np.isfinite(series.image).all(axis=2)
    seen = np.asarray(np.any(found, axis=1))
    size = np.full(len(series), np.nan)
    points = series.image[seen]
    if len(points):
        box = np.nanmax(points, axis=1) - np.nanmin(points, axis=1)
        picture = np.hypot(series.source.width, series.source.height)
        size[seen] = np.linalg.norm(box, axis=1) / picture
    return size


def summarise_view(
    frames: ViewTrack, keep: np.ndarray, *, wanted: tuple[str, ...], position: str
) -> ViewSummary:
    """Sum up the frames where `keep` is true and say what to change.

    Parameters
    ----------
    frames : ViewTrack
        From `compute_view_track`.
    keep : ndarray of bool, shape (n_frames,)
        The frames that are judged.
    wanted : tuple of str
        Views the stretch can be judged from.
    position : str
        The stretch's position; tells `above` from `front`.
    """
    seen = keep & (frames.view != "unknown")
    if not seen.any():
        return ViewSummary("unknown", None, None, False, False, (NOBODY,))
    view = _most_common(frames.view[seen])
    if view == "front" and (position in _LYING or (position in _ON_KNEES and "above" in wanted)):
        view = "above"
    near: Side = "left" if _most_common(frames.near_side[seen]) == "left" else "right"
    yaw = float(np.median(frames.yaw_deg[seen]))
    whole = bool(frames.whole_body[seen].mean() >= 0.8)
    view_ok = view in wanted
    advice = _advice(view, near, wanted, yaw, whole, float(np.median(frames.size[seen])))
    return ViewSummary(view, near, round(yaw, 1), whole, view_ok, tuple(advice))  # type: ignore[arg-type]


def _most_common(values: np.ndarray) -> str:
    names, counts = np.unique(values, return_counts=True)
    return str(names[counts.argmax()])


def _advice(
    view: str, near: str, wanted: tuple[str, ...], yaw: float, whole: bool, size: float
) -> list[str]:
    advice = []
    if view not in wanted:
        advice.append(view_advice(wanted, near))
    elif view == "side" and yaw > _WARN_YAW_DEG:
        advice.append(
            f"The camera is turned about {yaw:.0f}° from a straight side view: "
            f"put it square to your {near} side for closer angles."
        )
    if not whole:
        advice.append(
            "Part of the body is outside the picture: move the camera back until head, hands "
            "and feet are in view."
        )
    elif size < SMALL_BODY:
        advice.append("You are small in the picture: bring the camera closer.")
    return advice


def view_words(view: str) -> str:
    """From where a view was filmed, as people say it.

    Parameters
    ----------
    view : str
        As `ViewTrack` names it.

    Returns
    -------
    str
    """
    return {
        "side": "from the side",
        "front": "from the front",
        "above": "from above or from the front",
        "end-on": "along the body",
        "oblique": "at an angle between side and front",
    }.get(view, "from an unknown view")


def view_advice(wanted: tuple[str, ...], near: str) -> str:
    """How to film so that the stretch can be judged.

    Parameters
    ----------
    wanted : tuple of str
        The views that will do.
    near : str
        The side that is nearer to the camera.

    Returns
    -------
    str
    """
    sentences = {
        "side": f"Turn side-on: your {near} side to the camera, the camera at hip height.",
        "front": "Turn to face the camera.",
        "above": "Film from above, looking straight down on you.",
        "end-on": "Put the camera beyond your feet, raised, looking along your body.",
    }
    return " Or: ".join(sentences[view] for view in wanted if view in sentences)
