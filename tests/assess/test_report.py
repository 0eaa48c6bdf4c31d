"""The report: the agreed JSON key by key, a table, words. Its page: test_report_page.py."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posecheck.assess.judge import check_series
from posecheck.core.errors import SourceError
from posecheck.stretches import load_stretch, stretch_ids
from tests.fixtures.bodies import ALL_FOURS, GOOD, LEGS_UP
from tests.fixtures.films import film, hidden
from tests.fixtures.reports import REPORTS, cat_cow, evil_report, report

CUE_KEYS = {
    "id", "kind", "status", "side", "measure", "observed", "unit", "target", "tolerance",
    "coverage", "advice", "reason", "reason_code", "hidden", "interval",
}  # fmt: skip
KEYS = {
    "": {
        "schema", "stretch", "definition_version", "source", "model", "camera", "intervals", "dose",
        "cues", "rom", "verdict", "warnings",
    },
    "source": {
        "path", "kind", "width", "height", "fps", "duration_s", "frames", "frames_with_person",
    },
    "model": {"name", "sha256", "second"},
    "camera": {"view", "near_side", "yaw_deg", "whole_body", "ok", "advice"},
    "dose": {"holds", "reps", "met", "asked"},
}  # fmt: skip


def strict_json(text: str) -> Any:
    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    return json.loads(text, parse_constant=refuse)


# --- JSON -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", REPORTS)
def test_json_has_exactly_the_agreed_keys(name: str) -> None:
    data = strict_json(REPORTS[name]().to_json())
    assert data["schema"] == "posecheck.report/1"
    for place, keys in KEYS.items():
        assert set(data[place] if place else data) == keys, place
    for interval in data["intervals"]:
        assert set(interval) == {"kind", "name", "side", "start_s", "end_s"}
        assert interval["kind"] in {"hold", "rep", "phase"}
        assert interval["side"] in {"left", "right", "both"}
        assert interval["start_s"] <= interval["end_s"]
    for hold in data["dose"]["holds"]:
        assert set(hold) == {"side", "seconds", "target_s"}
    assert set(data["dose"]["reps"]) == {"left", "right", "both", "target"}
    for value in data["rom"]:
        assert set(value) == {"measure", "side", "value", "unit", "sem", "interval"}
    assert data["verdict"] in {"good", "needs-work", "not-assessed"}
    assert data["camera"]["view"] in {"side", "front", "above", "end-on", "oblique", "unknown"}
    assert data["camera"]["near_side"] in {"left", "right", None}
    assert data["source"]["kind"] in {"video", "photo"}
    for text in [*data["warnings"], *data["camera"]["advice"]]:
        assert isinstance(text, str)


@pytest.mark.parametrize("name", REPORTS)
def test_json_cues(name: str) -> None:
    data = strict_json(REPORTS[name]().to_json())
    assert data["cues"]
    by_kind = {
        "alignment": {"pass", "fail", "not_assessed"},
        "depth": {"reached", "short", "not_assessed"},
        "reminder": {"said"},
    }
    for cue in data["cues"]:
        assert set(cue) == CUE_KEYS
        assert cue["status"] in by_kind[cue["kind"]]
        assert len(cue["target"]) == 2
        assert 0 <= cue["coverage"] <= 1
        if cue["status"] in {"not_assessed", "said"}:
            assert cue["observed"] is None
        else:
            assert isinstance(cue["observed"], float)
            assert cue["unit"] in {"deg", "torso", "s"}
            if cue["interval"] is not None:
                low, high = cue["interval"]
                assert low < cue["observed"] < high
        assert bool(cue["advice"]) == (cue["status"] in {"fail", "short", "not_assessed"})
        assert cue["reason"]
        assert (cue["reason_code"] is not None) == (cue["status"] == "not_assessed")
        assert all(0 < share <= 1 for share in cue["hidden"].values())


def test_json_says_what_was_found() -> None:
    data = REPORTS["needs-work"]().to_dict()
    assert data["stretch"] == "legs-up-the-wall"
    assert data["definition_version"] == load_stretch("legs-up-the-wall").version
    assert data["source"] == {
        "path": "figure.mp4",
        "kind": "video",
        "width": 1920,
        "height": 1080,
        "fps": None,
        "duration_s": None,
        "frames": 72,
        "frames_with_person": 72,
    }
    assert data["verdict"] == "needs-work"
    first = data["cues"][0]
    assert (first["id"], first["observed"], first["target"]) == ("hips-at-90", 60.0, [90, 90])
    assert first["measure"] == "right_hip_flexion"
    assert data["dose"] == {
        "holds": [{"side": "both", "seconds": 6.0, "target_s": 300.0}],
        "reps": {"left": 0, "right": 0, "both": 0, "target": None},
        "met": False,
        "asked": [
            {"source": "A", "seconds": 300.0, "reps": None, "sets": 1, "rest_s": None, "met": False}
        ],
    }


def test_reps_and_sides() -> None:
    dose = cat_cow().to_dict()["dose"]
    assert dose["reps"] == {"left": 0, "right": 0, "both": 3, "target": 10}
    assert REPORTS["one side"]().to_dict()["dose"]["holds"][0]["side"] == "left"


def test_nobody_counts_no_person() -> None:
    data = REPORTS["nobody"]().to_dict()
    assert data["source"]["frames_with_person"] == 0
    assert data["camera"]["near_side"] is None
    assert data["camera"]["yaw_deg"] is None


@given(st.sampled_from(sorted(stretch_ids())), st.sets(st.integers(0, 32)), st.floats(0, 90))
def test_json_never_has_nan(stretch: str, marks: set[int], yaw: float) -> None:
    series = film(GOOD.get(stretch, ALL_FOURS), 3, yaw_deg=yaw)
    strict_json(report(hidden(series, sorted(marks)) if marks else series, stretch).to_json())


def test_json_is_written_as_it_is_returned(tmp_path: Path) -> None:
    file = tmp_path / "ü.json"
    text = report().to_json(file)
    assert file.read_text(encoding="utf-8") == text + "\n"


# --- what cannot be written -----------------------------------------------------------------------


@pytest.mark.parametrize("method", ["to_json", "to_html"])
def test_unwritable_path(tmp_path: Path, method: str) -> None:
    for path in (tmp_path / "none" / "out", tmp_path):
        with pytest.raises(SourceError, match="cannot be written") as caught:
            getattr(report(), method)(path)
        assert str(path) in str(caught.value)


# --- in a notebook --------------------------------------------------------------------------------


def test_notebook_shows_words_escaped() -> None:
    text = evil_report()._repr_html_()
    assert "&lt;script&gt;" in text
    assert "<script" not in text


def test_printed_it_reads_as_in_a_terminal() -> None:
    text = str(REPORTS["needs-work"]())
    assert text.startswith("Legs up the wall  ")
    assert text.index("closer to the wall") < text.index("Hips at a right angle")
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize("name", REPORTS)
def test_nothing_prints_its_arrays(name: str) -> None:
    done = REPORTS[name]()
    shown = repr(done)
    assert shown.startswith(f"<Report {done.stretch.id}: {done.verdict}, {len(done.holds)} hold")
    for thing in (done, done.series, done.stretch):
        assert len(repr(thing)) < 400


def test_notebook_says_what_to_change_first() -> None:
    text = REPORTS["needs-work"]()._repr_html_()
    assert "What to change first" in text
    assert text.index("closer to the wall") < text.index("<table")
    assert "<img" not in text, "a table is enough beside the cells that made it"


# --- table and words ------------------------------------------------------------------------------


def test_frame_has_a_row_a_cue() -> None:
    frame = REPORTS["needs-work"]().to_frame()
    assert frame.index.name == "id"
    assert list(frame.index) == ["hips-at-90", "feet-flexed", "knees-straight", "breathe"]
    assert set(frame.columns) == (CUE_KEYS - {"id"}) | {"title", "margin"}
    row = frame.loc["hips-at-90"]
    assert row["status"] == "fail"
    assert row["margin"] == pytest.approx(-20, abs=0.1)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("good", "Held for 6 s. Asked for: 300 s (source A, up to five minutes)."),
        ("photo", "One picture: it shows the position, not the time."),
        ("nobody", "No hold was found."),
        ("reps", "Moved for 9 s, 3 reps. Asked for: 10 reps (source A)."),
        (
            "one side",
            "Held for 6 s (left). Asked for: 60 s each side (source D, B gives no time).",
        ),
    ],
)
def test_done_in_words(name: str, words: str) -> None:
    assert REPORTS[name]().done() == words


def test_what_was_recognised_is_said_first_and_then_what_is_wrong_with_the_source() -> None:
    first, second = check_series(replace(film(), warnings=("b",)), None).warnings[:2]
    assert "--stretch" in first
    assert second == "b"


def test_most_important_change_first() -> None:
    series = film(replace(LEGS_UP, hip=60.0, ankle=-45.0))
    assert [cue.id for cue in report(series).to_change] == ["hips-at-90", "feet-flexed"]
