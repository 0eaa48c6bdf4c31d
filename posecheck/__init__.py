"""posecheck: checks the form of lower-back stretches and says what it could not see.

    >>> import posecheck as pc
    >>> report = pc.check("clip.mp4", stretch="legs-up-the-wall")  # doctest: +SKIP

The names load when they are first used, so that `import posecheck` is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posecheck.errors import (
        DefinitionError,
        HistoryError,
        LandmarkFileError,
        ModelError,
        PosecheckError,
        SourceError,
        UsageError,
    )
    from posecheck.export import export_landmarks, export_measures
    from posecheck.history import History
    from posecheck.landmark_file import load_landmarks
    from posecheck.landmarks import Landmark, LandmarkSeries
    from posecheck.live.widget import LiveCoach
    from posecheck.measure_table import MEASURES
    from posecheck.measures import compute_measures
    from posecheck.pipeline import check, estimate
    from posecheck.progression import progress
    from posecheck.report import Report
    from posecheck.stretches import Stretch, load_stretch, stretch_ids

__version__ = "0.1.0"

_HOME = {
    "DefinitionError": "posecheck.errors",
    "HistoryError": "posecheck.errors",
    "LandmarkFileError": "posecheck.errors",
    "ModelError": "posecheck.errors",
    "PosecheckError": "posecheck.errors",
    "SourceError": "posecheck.errors",
    "UsageError": "posecheck.errors",
    "export_landmarks": "posecheck.export",
    "export_measures": "posecheck.export",
    "History": "posecheck.history",
    "Landmark": "posecheck.landmarks",
    "LandmarkSeries": "posecheck.landmarks",
    "LiveCoach": "posecheck.live.widget",
    "load_landmarks": "posecheck.landmark_file",
    "MEASURES": "posecheck.measure_table",
    "compute_measures": "posecheck.measures",
    "check": "posecheck.pipeline",
    "estimate": "posecheck.pipeline",
    "progress": "posecheck.progression",
    "Report": "posecheck.report",
    "Stretch": "posecheck.stretches",
    "load_stretch": "posecheck.stretches",
    "stretch_ids": "posecheck.stretches",
}

__all__ = [
    "MEASURES",
    "DefinitionError",
    "History",
    "HistoryError",
    "Landmark",
    "LandmarkFileError",
    "LandmarkSeries",
    "LiveCoach",
    "ModelError",
    "PosecheckError",
    "Report",
    "SourceError",
    "Stretch",
    "UsageError",
    "check",
    "compute_measures",
    "estimate",
    "export_landmarks",
    "export_measures",
    "load_landmarks",
    "load_stretch",
    "progress",
    "stretch_ids",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'posecheck' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
