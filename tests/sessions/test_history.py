"""The history on SQLite and on PostgreSQL: what goes in comes out, and like stands with like."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import posecheck as pc
from posecheck.assess.report import Report
from posecheck.core.errors import HistoryError, UsageError
from posecheck.landmarks.series import SourceFacts
from posecheck.sessions import History
from posecheck.stretches import load_stretch
from tests.fixtures.bodies import KNEE_IN, LEGS_UP, OTHER_KNEE_IN, SUPINE
from tests.fixtures.films import film, joined, photo
from tests.fixtures.histories import LEGS, session_report


def test_public_name(database: str) -> None:
    assert pc.History is History
    with pc.History(database) as history:
        assert history.sessions().empty
        assert history.rom("me", LEGS).empty
        assert history.cues().empty
        assert history.problems() == []


def test_what_goes_in_comes_out(database: str) -> None:
    found = session_report()
    started = datetime(2026, 3, 1, 7, 30, tzinfo=timezone(timedelta(hours=2)))
    with History(database) as history:
        number = history.add(
            found, person="Ann", pain_before=2, note="two\nlines", started=started, prop="strap"
        )
    with History(database) as history:
        row = history.sessions("Ann").iloc[0]
        rom = history.rom("Ann", LEGS)
        cues = history.cues("Ann")
        series = history.landmarks(rom["session"].iloc[0])  # a number of numpy's
    assert row["session"] == number
    assert row["started"] == pd.Timestamp("2026-03-01 05:30", tz=UTC)
    facts = ["person", "stretch", "verdict", "view", "near_side", "note", "prop", "source"]
    assert list(row[facts]) == [
        "Ann", LEGS, found.verdict, "side", "right", "two\nlines", "strap", "figure.mp4",
    ]  # fmt: skip
    assert (row["pain_before"], row["held_s"], row["asked_s"]) == (2, 6.0, 300.0)
    assert np.isnan(row["pain_after"])
    assert row["model_sha256"] == found.series.model_sha256
    assert row["definition_version"] == found.stretch.version
    names = ["measure", "statistic", "side", "held", "value", "unit", "sem", "better"]
    assert rom[names].to_dict("records") == [
        {name: getattr(value, name) for name in names} for value in found.rom
    ]
    assert set(rom["session"]) == {number}
    same = cues[["cue", "kind", "side", "measure"]].fillna("")
    assert same.to_numpy().tolist() == [
        [c.id, c.kind, c.side or "", c.column or ""] for c in found.cues
    ]
    assert np.array_equal(series.image, found.series.image)
    assert series.source == found.series.source


def test_sessions_are_in_the_order_of_their_time(database: str) -> None:
    days = [datetime(2026, 1, day, tzinfo=UTC) for day in (3, 1, 2)]
    with History(database) as history:
        for k, day in enumerate(days):
            history.add(session_report(90.0 + k), person="Ann", started=day)
        history.add(session_report(80.0), person="Bob", started=days[1])
        assert list(history.sessions("Ann")["started"]) == sorted(map(pd.Timestamp, days))
        assert list(history.rom("Ann", LEGS)["started"].unique()) == sorted(map(pd.Timestamp, days))
        assert len(history.sessions()) == 4
        assert history.rom("Ann", "cat-cow").empty


def test_local_time_and_now(database: str) -> None:
    with History(database) as history:
        history.add(session_report(), person="a", started=datetime(2026, 1, 1, 12))
        history.add(session_report(91), person="a")
        first, second = history.sessions()["started"]
    assert first.to_pydatetime() == datetime(2026, 1, 1, 12).astimezone()
    assert abs(second.to_pydatetime() - datetime.now(UTC)) < timedelta(minutes=1)


def test_rom_tells_what_each_value_was_taken_from(database: str) -> None:
    """Two values of one measure, and a value of each held side, stay apart."""
    knees = load_stretch("single-knee-to-chest")
    twice = tuple(
        knees.rom[0].model_copy(update={"statistic": statistic}) for statistic in ("max", "min")
    )
    found = session_report(
        stretch=knees.model_copy(update={"rom": twice}),
        series=joined(film(KNEE_IN, 5), film(SUPINE, 2), film(OTHER_KNEE_IN, 5)),
    )
    with History(database) as history:
        history.add(found, person="a")
        kept = history.rom("a", knees.id)
    told_apart = sorted(zip(kept["statistic"], kept["held"], strict=True))
    assert told_apart == [("max", "left"), ("max", "right"), ("min", "left"), ("min", "right")]
    assert list(kept["value"]) == [value.value for value in found.rom]


def test_photo_has_no_time(database: str) -> None:
    with History(database) as history:
        history.add(session_report(series=photo()), person="a")
        row = history.sessions().iloc[0]
    assert np.isnan(row["held_s"])
    assert row["source_kind"] == "photo"


# --- pain -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("pain", [-1, 11, 3.5, "4", True])
def test_pain_is_a_whole_number_from_0_to_10(tmp_path: Path, pain: object) -> None:
    with History(tmp_path / "h.sqlite") as history:
        for when in ("before", "after"):
            with pytest.raises(UsageError, match=f"no pain {when}"):
                history.add(session_report(), person="a", **{f"pain_{when}": pain})  # type: ignore[arg-type]
        assert history.sessions().empty


def test_a_session_with_pain_keeps_no_praise_for_depth(database: str) -> None:
    with History(database) as history:
        for pain in (0, 4):
            history.add(session_report(90 + pain), person="a", pain_after=pain)
        cues = history.cues("a").set_index(["session", "cue"])
        depth = cues[cues["kind"] == "depth"]
    assert list(depth["status"]) == ["reached", "not_assessed"]
    assert "4 of 10" in depth["reason"].iloc[1]


# --- the same recording twice ---------------------------------------------------------------------


def test_the_same_recording_twice_is_noticed(database: str) -> None:
    with History(database) as history:
        history.add(session_report(), person="Ann")
        for person in ("Ann", "Bob"):
            with pytest.raises(UsageError, match=r"saved already, as session 1 of Ann.*--again"):
                history.add(session_report(), person=person)
        assert len(history.sessions()) == 1
        assert history.add(session_report(), person="Ann", again=True) == 2
        history.add(session_report(stretch="cat-cow", series=film()), person="Ann")
        assert len(history.sessions()) == 3


def test_a_copy_of_the_file_is_noticed_whatever_was_seen_in_it(tmp_path: Path) -> None:
    def seen_in(name: str, content: bytes, hip: float) -> Report:
        (tmp_path / name).write_bytes(content)
        source = SourceFacts(str(tmp_path / name), "video", 1920, 1080)
        return session_report(series=replace(film(replace(LEGS_UP, hip=hip)), source=source))

    with History(tmp_path / "h.sqlite") as history:
        history.add(seen_in("a.mp4", b"clip", 90), person="a")
        with pytest.raises(UsageError, match="saved already"):
            history.add(seen_in("b.mp4", b"clip", 95), person="a")
        with pytest.raises(UsageError, match="saved already"):
            history.refuse_twice(tmp_path / "b.mp4", LEGS)
        history.refuse_twice(tmp_path / "b.mp4", "cat-cow")
        history.refuse_twice(tmp_path / "none.mp4", LEGS)
        history.add(seen_in("c.mp4", b"other clip", 85), person="a")


# --- names ----------------------------------------------------------------------------------------

ODD_NAMES = [
    "Robert'); DROP TABLE person;--",
    'Ann "the spine" O\'Hara',
    "👩‍👩‍👧 Zoë",
    "../../etc/passwd",
    "C:\\Windows\\x",
    "<script>alert(1)</script> [red]x[/]",
    "%s {0} $HOME",
    "x" * 10_000,
    "".join(chr(0x4E00 + k) for k in range(10_000)),
]


@pytest.mark.parametrize("name", ODD_NAMES, ids=lambda name: name[:12])
def test_a_name_is_text_and_nothing_else(database: str, tmp_path: Path, name: str) -> None:
    with History(database) as history:
        history.add(session_report(), person=name, note=name)
        history.add(session_report(91), person="other")
        assert history.sessions(name)[["person", "note"]].to_numpy().tolist() == [[name, name]]
        history.export(name, tmp_path / "out")
        assert history.forget(name) == 1
        assert list(history.sessions()["person"]) == ["other"]
        assert history.import_(tmp_path / "out") == 1
        assert list(history.rom(name)["session"].unique()) == [3]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "empty"),
        ("  \t ", "empty"),
        ("a\0b", r"\\x00"),
        ("a\nb", r"\\n"),
        ("a\x1b[31mb", r"\\x1b"),
        ("a\ud800b", r"\\ud800"),
        ("x" * 10_001, "10001"),
    ],
)
def test_what_is_no_name(tmp_path: Path, name: str, words: str) -> None:
    with History(tmp_path / "h.sqlite") as history:
        with pytest.raises(UsageError, match=words):
            history.add(session_report(), person=name)
        assert history.sessions().empty
        assert not list((tmp_path / "h.sqlite.landmarks").rglob("*.parquet"))


def test_a_name_is_the_same_however_it_was_typed(database: str) -> None:
    with History(database) as history:
        history.add(session_report(), person="Zoe\u0308 ")
        assert history.knows("Zo\u00eb")
        assert len(history.sessions(" Zo\u00eb")) == 1


@given(name=st.text(max_size=40))
@example(name="\u202egnp.exe")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_any_text_is_a_name_or_refused(tmp_path: Path, name: str) -> None:
    with History(tmp_path / "h.sqlite") as history:
        try:
            number = history.add(session_report(), person=name, note=name, again=True)
        except UsageError:
            return
        kept = history.sessions(name)
        assert number in set(kept["session"])
        assert kept["person"].nunique() == 1


def test_a_file_name_that_is_no_text(tmp_path: Path) -> None:
    source = SourceFacts("clip\udcff.mp4", "video", 1920, 1080)
    with History(tmp_path / "h.sqlite") as history:
        history.add(session_report(series=replace(film(), source=source)), person="a")
        assert history.sessions()["source"][0] == "clip\\udcff.mp4"


# --- questions that make no sense -----------------------------------------------------------------


def test_unknown_people_and_sessions(database: str, tmp_path: Path) -> None:
    with History(database) as history:
        with pytest.raises(UsageError, match="nobody"):
            history.forget("Ann")
        with pytest.raises(UsageError, match="nobody"):
            history.export("Ann", tmp_path / "out")
        with pytest.raises(UsageError, match="no session 7"):
            history.landmarks(7)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("where", ["mysql://a:secret@b/c", "sqlite://", "nonsense://", "://"])
def test_places_that_are_no_history(where: str) -> None:
    with pytest.raises(UsageError) as refused:
        History(where)
    assert "secret" not in str(refused.value)


def test_a_server_that_is_not_there() -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(HistoryError) as refused:
        History("postgresql://me:secret@/x?host=/nowhere")
    assert "secret" not in str(refused.value)
