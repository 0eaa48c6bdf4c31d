"""What a person takes away, and sessions checked again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from posecheck.assess.judge import check_series
from posecheck.core.errors import HistoryError, LandmarkFileError, UsageError
from posecheck.landmarks.parquet import load_landmarks
from posecheck.sessions import History
from posecheck.sessions.records import DefinitionRecord, landmarks_sha256
from posecheck.stretches import load_stretch, stretch_ids
from tests.fixtures.bodies import KNEE_IN, OTHER_KNEE_IN, SUPINE
from tests.fixtures.films import film, joined
from tests.fixtures.histories import LEGS, session_report


def changed(**more: Any) -> Any:
    """The stretch as a later version has it: the hips are to be at 60 degrees."""
    legs = load_stretch(LEGS)
    first = legs.cues[0]
    check = first.check[0].model_copy(update={"target": (60.0, 60.0)})
    cues = (first.model_copy(update={"check": (check, *first.check[1:])}), *legs.cues[1:])
    return legs.model_copy(update={"version": legs.version + 1, "cues": cues, **more})


# --- taking away ----------------------------------------------------------------------------------


def test_export_and_back(database: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with History(database) as history:
        history.add(session_report(), person="Ann", pain_after=3, note='a "note"; with, all\nof it')
        history.add(session_report(91), person="Ann")
        history.add(session_report(92), person="Bob")
        history.recheck("Ann", changed())
        before = history.sessions("Ann")
        assert history.export("Ann", out) == out
    for name in ("sessions", "cues", "rom"):
        csv, parquet = pd.read_csv(out / f"{name}.csv"), pd.read_parquet(out / f"{name}.parquet")
        assert list(csv) == list(parquet)
        assert len(csv) == len(parquet) > 0
    assert "Bob" not in (out / "history.json").read_text(encoding="utf-8")
    assert len(list((out / "landmarks").iterdir())) == 2
    with History(database) as history:
        history.forget("Ann")
        assert history.import_(out) == 2
        after = history.sessions("Ann")
        assert history.import_(out) == 0
        assert history.import_(out, person="Ann again") == 0
        assert history.problems() == []
        numbers = after["session"]
        assert len(history.landmarks(int(numbers[0]))) > 0
    assert after.drop(columns="session").equals(before.drop(columns="session"))
    with History(tmp_path / "elsewhere.sqlite") as other:
        assert other.import_(out, person="Anna") == 2
        assert set(other.sessions()["person"]) == {"Anna"}


def test_export_needs_a_new_folder(tmp_path: Path) -> None:
    with History(tmp_path / "h.sqlite") as history:
        history.add(session_report(), person="Ann")
        with pytest.raises(UsageError, match="there already"):
            history.export("Ann", tmp_path)
        with pytest.raises(HistoryError, match="cannot be written"):
            history.export("Ann", tmp_path / "h.sqlite" / "out")


def edited(folder: Path, change: Any) -> None:
    path = folder / "history.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    change(data)
    path.write_text(json.dumps(data), encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: data["sessions"][0].update(uid="../../../evil"), "uid"),
        (lambda data: data["sessions"][0].update(pain_after=99), "pain_after"),
        (lambda data: data["sessions"][0].update(started="2026-01-01T00:00:00"), "started"),
        (lambda data: data["sessions"][0].update(revision=5), "revisions"),
        (lambda data: data["sessions"][0]["results"][0]["rom"][0].update(value="x"), "value"),
        (lambda data: data["sessions"][0]["results"][0]["definition"].update(text="x"), "sha256"),
        (lambda data: data.update(format="posecheck.history/9"), "format"),
        (lambda data: data.update(surprise=1), "surprise"),
        (lambda data: data["sessions"][0].update(landmarks_sha256="0" * 64), "landmarks"),
    ],
)
def test_what_is_no_export_changes_nothing(tmp_path: Path, change: Any, words: str) -> None:
    with History(tmp_path / "h.sqlite") as history:
        history.add(session_report(), person="Ann")
        history.export("Ann", tmp_path / "out")
    edited(tmp_path / "out", change)
    with History(tmp_path / "new.sqlite") as history:
        with pytest.raises(HistoryError, match=words):
            history.import_(tmp_path / "out")
        assert history.sessions().empty


def test_damaged_exports(tmp_path: Path) -> None:
    with History(tmp_path / "h.sqlite") as history:
        history.add(session_report(), person="Ann")
        folder = history.export("Ann", tmp_path / "out")
    (landmarks,) = (folder / "landmarks").iterdir()
    landmarks.write_bytes(landmarks.read_bytes()[:-100])
    with History(tmp_path / "new.sqlite") as history:
        with pytest.raises(LandmarkFileError):
            history.import_(folder)
        (folder / "history.json").write_text("{}")
        with pytest.raises(HistoryError, match="damaged"):
            history.import_(folder)
        with pytest.raises(UsageError, match="no exported history"):
            history.import_(tmp_path)
        assert history.sessions().empty


# --- checked again --------------------------------------------------------------------------------


def test_recheck_adds_a_result_and_keeps_the_old_one(database: str, tmp_path: Path) -> None:
    with History(database) as history:
        history.add(session_report(), person="Ann")
        assert list(history.recheck()["outcome"]) == ["nothing newer"]
        again = history.recheck("Ann", changed()).iloc[0]
        assert (again["outcome"], again["verdict_before"], again["verdict"]) == (
            "checked again", "good", "needs-work",
        )  # fmt: skip
        assert (
            "cue.hips-at-90.check.hip_flexion.target: [90.0, 90.0] -> [60.0, 60.0]"
            in (again["changed"])
        )
        row = history.sessions().iloc[0]
        assert (row["revision"], row["verdict"], row["definition_version"]) == (
            2, "needs-work", load_stretch(LEGS).version + 1,
        )  # fmt: skip
        assert len(history.rom("Ann")) == len(session_report().rom), "the newest result, once"
        history.export("Ann", tmp_path / "out")
        back = history.recheck("Ann").iloc[0]
        assert (back["outcome"], back["verdict"]) == ("checked again", "good")
    data = json.loads((tmp_path / "out" / "history.json").read_text(encoding="utf-8"))
    assert [result["verdict"] for result in data["sessions"][0]["results"]] == [
        "good", "needs-work",
    ]  # fmt: skip


def test_recheck_asks_what_was_asked(tmp_path: Path) -> None:
    """The same side, the angles as they were read, and no depth with pain."""
    knees = load_stretch("single-knee-to-chest")
    newer = knees.model_copy(update={"version": knees.version + 1})
    both = joined(film(KNEE_IN, 5), film(SUPINE, 2), film(OTHER_KNEE_IN, 5))
    with History(tmp_path / "h.sqlite") as history:
        found = check_series(both, knees, side="left", correct=False)
        history.add(found, person="a", pain_after=2)
        history.recheck("a", newer)
        rom, cues = history.rom("a"), history.cues("a")
    assert list(rom["held"].unique()) == ["left"]
    assert list(rom["value"]) == [found.rom[0].value]
    assert not rom["corrected"].any()
    assert set(cues[cues["kind"] == "depth"]["status"]) == {"not_assessed"}


def test_recheck_says_why_it_could_not(tmp_path: Path) -> None:
    own = changed(id="my-own")
    with History(tmp_path / "h.sqlite") as history:
        history.add(session_report(stretch=own), person="a")
        history.add(session_report(70), person="a")
        for path in Path(f"{tmp_path / 'h.sqlite'}.landmarks").glob("*.parquet"):
            path.unlink()
        outcomes = [*history.recheck("a")["outcome"], *history.recheck("a", changed())["outcome"]]
    assert "there is no stretch 'my-own'" in outcomes[0]
    assert outcomes[1] == "nothing newer"
    assert "landmarks of this session are not here" in outcomes[2]


@pytest.mark.parametrize("stretch", stretch_ids())
def test_every_definition_is_kept_as_text(stretch: str) -> None:
    record = DefinitionRecord.of(load_stretch(stretch))
    tree = json.loads(record.text)
    assert (tree["id"], record.version) == (stretch, load_stretch(stretch).version)
    assert record == DefinitionRecord.of(load_stretch(stretch))


def test_landmarks_of_the_model_have_the_same_hash_from_their_file(tmp_path: Path) -> None:
    """The model gives shorter numbers than a file keeps."""
    short = {name: getattr(film(), name).astype(np.float32) for name in ("world", "visibility")}
    series = replace(film(), **short)
    series.save(str(tmp_path / "a.parquet"))
    assert landmarks_sha256(load_landmarks(tmp_path / "a.parquet")) == landmarks_sha256(series)


def test_exported_landmarks_open_by_themselves(tmp_path: Path) -> None:
    found = session_report()
    with History(tmp_path / "h.sqlite") as history:
        history.add(found, person="a")
        folder = history.export("a", tmp_path / "out")
    (path,) = (folder / "landmarks").iterdir()
    assert load_landmarks(path).source == replace(found.series.source)
