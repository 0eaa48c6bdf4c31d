"""What all tests share: one folder for the pose model, so that a run fetches it at most once."""

from __future__ import annotations

import os
from pathlib import Path

import matplotlib as mpl
from hypothesis import HealthCheck, settings

REPO = Path(__file__).parents[1]

# Set when the tests are collected, so that command lines started by them see it too.
os.environ.setdefault("POSECHECK_HOME", str(REPO / ".cache" / "posecheck"))

mpl.use("Agg")

# Tests share cores with other work: a slow example is no failure.
settings.register_profile("posecheck", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("posecheck")
