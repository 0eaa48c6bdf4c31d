"""Stretch definitions: the types, the catalogue, and how a definition is read."""

from posecheck.stretches.definition import Stretch
from posecheck.stretches.reader import load_stretch, stretch_ids, unknown_stretch
from posecheck.stretches.schema import Cue, Dose

__all__ = ["Cue", "Dose", "Stretch", "load_stretch", "stretch_ids", "unknown_stretch"]
