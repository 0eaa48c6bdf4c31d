"""With pain nobody is praised or coached for depth; everything else stays as it was."""

from __future__ import annotations

import json

import pytest

from posecheck.assess.pain import check_pain, spare_depth
from posecheck.core.errors import UsageError
from tests.fixtures.histories import session_report


@pytest.mark.parametrize("pain", [(None, None), (0, 0), (None, 0)])
def test_without_pain_nothing_changes(pain: tuple[int | None, int | None]) -> None:
    found = session_report()
    assert spare_depth(found, *pain) is found


@pytest.mark.parametrize("pain", [(1, None), (0, 10), (3, 0)])
def test_with_pain_depth_is_not_judged(pain: tuple[int | None, int | None]) -> None:
    found = session_report()
    spared = spare_depth(found, *pain)
    assert {c.status for c in found.cues if c.kind == "depth"} == {"reached"}
    assert {c.status for c in spared.cues if c.kind == "depth"} == {"not_assessed"}
    assert [c for c in spared.cues if c.kind != "depth"] == [
        c for c in found.cues if c.kind != "depth"
    ]
    assert spared.verdict == found.verdict
    assert type(spared) is type(found)
    depth = next(c for c in json.loads(spared.to_json())["cues"] if c["kind"] == "depth")
    assert depth["observed"] is None
    assert "reached" not in spared.to_html()


@pytest.mark.parametrize("pain", [-1, 11, 2.0, "3", False])
def test_what_is_no_pain(pain: object) -> None:
    with pytest.raises(UsageError, match="from 0"):
        check_pain(pain, "before")  # type: ignore[arg-type]
