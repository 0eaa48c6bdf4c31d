"""posecheck: checks the form of lower-back stretches and says what it could not see.

    >>> import posecheck as pc
    >>> report = pc.check("clip.mp4", stretch="legs-up-the-wall")  # doctest: +SKIP

The names load when they are first used, so that `import posecheck` is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posecheck.assess.check import check
    from posecheck.assess.report import Report
    from posecheck.core.errors import (
        DefinitionError,
        HistoryError,
        LandmarkFileError,
        ModelError,
        PosecheckError,
        SourceError,
        UsageError,
    )
    from posecheck.landmarks.parquet import load_landmarks
    from posecheck.landmarks.series import Landmark, LandmarkSeries
    from posecheck.live.browser.widget import LiveCoach
    from posecheck.measures.catalogue import MEASURES
    from posecheck.measures.measured import compute_measures
    from posecheck.pose.estimate import estimate
    from posecheck.report.export.formats import export_landmarks, export_measures
    from posecheck.sessions import History
    from posecheck.sessions.progress.progress import progress
    from posecheck.stretches import Stretch, load_stretch, stretch_ids

__version__ = "0.1.0"

_HOME = {
    "DefinitionError": "posecheck.core.errors",
    "HistoryError": "posecheck.core.errors",
    "LandmarkFileError": "posecheck.core.errors",
    "ModelError": "posecheck.core.errors",
    "PosecheckError": "posecheck.core.errors",
    "SourceError": "posecheck.core.errors",
    "UsageError": "posecheck.core.errors",
    "export_landmarks": "posecheck.report.export.formats",
    "export_measures": "posecheck.report.export.formats",
    "History": "posecheck.sessions",
    "Landmark": "posecheck.landmarks.series",
    "LandmarkSeries": "posecheck.landmarks.series",
    "LiveCoach": "posecheck.live.browser.widget",
    "load_landmarks": "posecheck.landmarks.parquet",
    "MEASURES": "posecheck.measures.catalogue",
    "compute_measures": "posecheck.measures.measured",
    "check": "posecheck.assess.check",
    "estimate": "posecheck.pose.estimate",
    "progress": "posecheck.sessions.progress.progress",
    "Report": "posecheck.assess.report",
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
