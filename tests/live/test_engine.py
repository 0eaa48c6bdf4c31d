"""The live engine's edges."""

from __future__ import annotations

import pytest

import posecheck as pc
from posecheck.live.engine.engine import Engine


def test_nothing_seen_is_no_report() -> None:
    with Engine("childs-pose") as engine, pytest.raises(pc.PosecheckError, match="nothing"):
        engine.finish()


def test_the_stretch_must_be_named() -> None:
    with pytest.raises(pc.PosecheckError, match="stretch"):
        Engine("auto")


def test_a_side_that_is_not_there_is_refused() -> None:
    with pytest.raises(pc.PosecheckError, match="both sides"):
        Engine("childs-pose", side="left")
