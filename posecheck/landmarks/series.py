"""The 33 body landmarks and `LandmarkSeries`, the type everything else is computed from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum
from pathlib import Path
from typing import Literal

import numpy as np

from posecheck.core.errors import UsageError
from posecheck.core.geometry import Array

# What `posecheck.report.export` writes; a test compares the two.
_FOR_OTHERS = (".csv", ".json", ".trc", ".c3d", ".nc")

Side = Literal["left", "right"]
SIDES: tuple[Side, Side] = ("left", "right")


class Landmark(IntEnum):
    """MediaPipe's pose landmarks; the value is the index on the landmark axis."""

    nose = 0
    left_eye_inner = 1
    left_eye = 2
    left_eye_outer = 3
    right_eye_inner = 4
    right_eye = 5
    right_eye_outer = 6
    left_ear = 7
    right_ear = 8
    mouth_left = 9
    mouth_right = 10
    left_shoulder = 11
    right_shoulder = 12
    left_elbow = 13
    right_elbow = 14
    left_wrist = 15
    right_wrist = 16
    left_pinky = 17
    right_pinky = 18
    left_index = 19
    right_index = 20
    left_thumb = 21
    right_thumb = 22
    left_hip = 23
    right_hip = 24
    left_knee = 25
    right_knee = 26
    left_ankle = 27
    right_ankle = 28
    left_heel = 29
    right_heel = 30
    left_foot_index = 31
    right_foot_index = 32


N_LANDMARKS = len(Landmark)

# Limbs from the trunk outwards: (proximal, distal), named without the side.
LIMBS = (
    ("shoulder", "elbow"),
    ("elbow", "wrist"),
    ("hip", "knee"),
    ("knee", "ankle"),
    ("ankle", "foot_index"),
)

# Lines of the drawn skeleton.
SKELETON: tuple[tuple[Landmark, Landmark], ...] = (
    *(
        (Landmark[f"{side}_{a}"], Landmark[f"{side}_{b}"])
        for side in ("left", "right")
        for a, b in (*LIMBS, ("shoulder", "hip"), ("ear", "shoulder"), ("ankle", "heel"))
    ),
    (Landmark.left_shoulder, Landmark.right_shoulder),
    (Landmark.left_hip, Landmark.right_hip),
)


def sided_landmark(name: str, side: str) -> Landmark:
    """The landmark of one side, as `knee` of the left; the only one where there are no sides.

    Parameters
    ----------
    name : str
    side : str

    Returns
    -------
    Landmark
    """
    sided = f"{side}_{name}"
    return Landmark[sided if sided in Landmark.__members__ else name]


def other_side(side: Side) -> Side:
    """Return the opposite side.

    Parameters
    ----------
    side : {"left", "right"}

    Returns
    -------
    {"left", "right"}
    """
    return "right" if side == "left" else "left"


def frames_in(t_s: Array, seconds: float) -> int:
    """How many frames last about so long: an odd number, at least 3, for a running window.

    Parameters
    ----------
    t_s : ndarray
        Seconds.
    seconds : float

    Returns
    -------
    int
    """
    step = float(np.median(np.diff(t_s)))
    return max(3, 2 * round(seconds / step / 2) + 1)


@dataclass(frozen=True)
class SourceFacts:
    """What a recording says about itself; width and height are upright pixels of the original."""

    path: str
    kind: Literal["video", "photo", "camera"]
    width: int
    height: int
    fps: float | None = None
    duration_s: float | None = None
    n_frames: int | None = None
    rotation_deg: int = 0


@dataclass(frozen=True, eq=False, repr=False)
class LandmarkSeries:
    """One person's landmarks through a recording.

    Attributes
    ----------
    t_s : ndarray, shape (n_frames,)
        Seconds since the first frame, strictly increasing.
    image : ndarray, shape (n_frames, 33, 2)
        Pixels of the upright original, x right, y down. NaN where nobody was seen.
    world : ndarray, shape (n_frames, 33, 3)
        Metres from the hip midpoint, x right, y down, z away from the camera.
    visibility : ndarray, shape (n_frames, 33)
        MediaPipe's visibility in [0, 1]; NaN where nobody was seen.
    shot : ndarray of int, shape (n_frames,)
        Number of the shot; it rises by one at every hard cut.
    source : SourceFacts
    model_name, model_sha256 : str
    outline : ndarray, shape (n_frames, 2, n_points), optional
        Pixels from the shoulder-hip line to the edge of the body, at even steps from shoulder to
        hip; row 0 on the left-hand side of someone who walks from the shoulders to the hips on the
        screen, row 1 on the right-hand side.
    spread : ndarray, shape (n_frames, 33), optional
        Pixels by which several augmentations of a frame disagree on a landmark (mirrored, turned,
        evenly lit). NaN in frames without a second one.
    second : ndarray, shape (n_frames, 33, 2), optional
        Pixels where the second pose model, MoveNet Thunder, found the landmarks. As it came, NaN in
        frames that it did not look at and for landmarks that it does not have; cleaned, in every
        frame.
    warnings : tuple of str
    cleaned : bool
        True once `clean_landmarks` has been through it.
    """

    t_s: Array
    image: Array
    world: Array
    visibility: Array
    shot: np.ndarray
    source: SourceFacts
    model_name: str
    model_sha256: str
    outline: Array | None = None
    spread: Array | None = None
    second: Array | None = None
    warnings: tuple[str, ...] = field(default=())
    cleaned: bool = False

    def __post_init__(self) -> None:
        n = len(self.t_s)
        shapes = {
            "image": (self.image.shape, (n, N_LANDMARKS, 2)),
            "world": (self.world.shape, (n, N_LANDMARKS, 3)),
            "visibility": (self.visibility.shape, (n, N_LANDMARKS)),
            "shot": (self.shot.shape, (n,)),
        }
        if self.spread is not None:
            shapes["spread"] = (self.spread.shape, (n, N_LANDMARKS))
        if self.second is not None:
            shapes["second"] = (self.second.shape, (n, N_LANDMARKS, 2))
        wrong = [f"{k} is {got}, not {want}" for k, (got, want) in shapes.items() if got != want]
        if not (np.isfinite(self.t_s).all() and np.all(np.diff(self.t_s) > 0)):
            wrong.append("t_s does not rise strictly")
        if wrong:
            raise ValueError("; ".join(wrong))

    def __len__(self) -> int:
        return len(self.t_s)

    @property
    def seen(self) -> np.ndarray:
        """True where a person was found, shape (n_frames,)."""
        return np.asarray(np.isfinite(self.visibility).any(axis=1))

    @property
    def models(self) -> str:
        """Which pose models looked, as `full` or `full+thunder`."""
        return self.model_name if self.second is None else f"{self.model_name}+thunder"

    def point(self, name: str) -> Array:
        """Pixels of one landmark, shape (n_frames, 2).

        Parameters
        ----------
        name : str

        Returns
        -------
        ndarray
        """
        return self.image[:, Landmark[name]]

    def world_point(self, name: str) -> Array:
        """Metres of one landmark, shape (n_frames, 3).

        Parameters
        ----------
        name : str

        Returns
        -------
        ndarray
        """
        return self.world[:, Landmark[name]]

    def frames(self, keep: np.ndarray | slice) -> LandmarkSeries:
        """Return the series of the frames where `keep` (bool, indices or a slice) selects them.

        Parameters
        ----------
        keep : ndarray of bool or int, or slice
            Which frames.

        Returns
        -------
        LandmarkSeries
        """
        return replace(
            self,
            t_s=self.t_s[keep],
            image=self.image[keep],
            world=self.world[keep],
            visibility=self.visibility[keep],
            shot=self.shot[keep],
            outline=None if self.outline is None else self.outline[keep],
            spread=None if self.spread is None else self.spread[keep],
            second=None if self.second is None else self.second[keep],
        )

    def save(self, path: str | Path) -> None:
        """Write the series as Parquet; `posecheck.load_landmarks` reads it back.

        Parameters
        ----------
        path : str or Path
            The file.

        Raises
        ------
        UsageError
            The name is that of another kind of file.
        LandmarkFileError
            The file cannot be written.
        """
        # 0.1 s: pyarrow; and it imports this module
        from posecheck.landmarks.parquet import save_landmarks  # noqa: PLC0415

        if Path(path).suffix.lower() in _FOR_OTHERS:
            raise UsageError(
                "landmarks are kept as .parquet", where=path, hint="export_landmarks writes this."
            )
        save_landmarks(self, path)

    def summary(self) -> dict[str, str]:
        """What a person would want to know at a glance."""
        length_s = f"{self.t_s[-1]:.1f} s" if len(self) else "empty"
        return {
            "source": self.source.path,
            "size": f"{self.source.width} x {self.source.height} px",
            "length": f"{length_s}, {len(self)} frames, {len(np.unique(self.shot))} shot(s)",
            "person seen": f"in {int(self.seen.sum())} of {len(self)} frames",
            "model": f"{self.models} ({self.model_sha256[:12]})",
            "state": "cleaned" if self.cleaned else "as the model gave it",
        }

    def __repr__(self) -> str:
        return f"<LandmarkSeries {', '.join(f'{k}: {v}' for k, v in self.summary().items())}>"

    def _repr_html_(self) -> str:
        """How a notebook shows the series."""
        # 0.8 s: pandas, matplotlib and Jinja, and only notebooks need them
        from posecheck.report.html.notebook import series_html  # noqa: PLC0415

        return series_html(self)
