"""The commands about kept sessions, and --save of a check, with the real model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from posecheck.pose.model.locate import resolve_model
from posecheck.sessions import History
from tests.fixtures.commands import LEGS, PHOTO, started
from tests.fixtures.histories import session_report


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty history, with the pose model that the other tests have fetched."""
    monkeypatch.setenv("POSECHECK_MODEL", str(resolve_model()))
    monkeypatch.setenv("POSECHECK_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("POSECHECK_DB", raising=False)
    return tmp_path / "home"


def words(text: str) -> str:
    return " ".join(text.split())


def test_a_session_from_the_check_to_the_end(run_cli: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"
    save = ("--save", "--person", "Ann [red]", "--note", "[b]ok[/]")
    first = run_cli("check", PHOTO, *LEGS, *save, "--pain-before", "2", "--pain-after", "3")
    assert first.code == 0, first.err
    assert "Extreme pain, or pain that runs down a leg?" in words(first.err)
    assert "Saved as session 1 of Ann [red]." in first.err
    listed = run_cli("history")
    for word in ("Ann [red]", "legs-up-the-wall", "good", "side", "2 -> 3", "[b]ok[/]"):
        assert word in words(listed.out)
    assert "No session" in run_cli("history", "--person", "Bob").out
    twice = run_cli("check", PHOTO, *LEGS, *save)
    twice.failed_clearly("saved already, as session 1 of Ann [red]", "--again")
    again = run_cli("check", PHOTO, *LEGS, *save, "--again", "-q")
    assert (again.code, again.out, again.err) == (0, "", "")
    assert "nothing newer" in run_cli("recheck", "--person", "Ann [red]").out
    assert "Written" in run_cli("export", "Ann [red]", out).out
    assert json.loads((out / "history.json").read_text("utf-8"))["person"] == "Ann [red]"
    assert "2 session(s) deleted" in run_cli("forget", "Ann [red]", "--yes").out
    assert "No session is kept" in run_cli("history").out
    assert "2 session(s) added" in run_cli("import", out).out
    assert "Written" in run_cli("backup", tmp_path / "copy.sqlite").out
    with History(tmp_path / "copy.sqlite") as history:
        assert history.sessions()["pain_after"].tolist()[0] == 3


def test_what_was_not_recognised_is_not_kept(run_cli: Any) -> None:
    front = PHOTO.with_name("legs-up-the-wall-front.jpg")
    done = run_cli("check", front, "--save", "--person", "Ann")
    assert done.code == 3
    assert "Not saved" in done.err and "--stretch" in done.err
    with History() as history:
        assert history.sessions().empty


def test_pain_takes_the_praise_out_of_the_answer(run_cli: Any) -> None:
    done = run_cli("check", PHOTO, *LEGS, "--save", "--pain-after", "5", "--json", "-")
    depth = [c for c in json.loads(done.out)["cues"] if c["kind"] == "depth"]
    assert {c["status"] for c in depth} == {"not_assessed"}
    assert "5 of 10" in depth[0]["reason"]
    with History() as history:
        assert history.sessions()["person"].tolist() == ["me"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--person", "Ann"], ["--person", "Add --save"]),
        (["--pain-before", "3"], ["--pain-before", "Add --save"]),
        (["--again"], ["--again", "Add --save"]),
        (["--save", "--pain-after", "11"], ["11 is no pain after", "from 0"]),
        (["--save", "--person", ""], ["the name is empty"]),
        (["--save", "--person", "a\x1b[2Jb"], ["\\x1b"]),
    ],
)
def test_refused_before_the_work(
    run_cli: Any,
    options: list[str],
    expected: list[str],
) -> None:
    run_cli("check", PHOTO, *LEGS, *options).failed_clearly(*expected)


def test_forgetting_asks_first() -> None:
    with History() as history:
        history.add(session_report(), person="Ann")
    done = started("forget", "Ann")  # nobody answers
    assert done.code != 0
    assert "Delete 1 session(s) of Ann" in done.err
    with History() as history:
        assert history.knows("Ann")
    started("forget", "Bob").failed_clearly("nobody of this name")


def test_recheck_says_what_changed(run_cli: Any, tmp_path: Path) -> None:
    with History() as history:
        history.add(session_report(), person="Ann")
    own = tmp_path / "own.toml"
    text = Path("posecheck/stretches/catalogue/legs-up-the-wall.toml").resolve()
    own.write_text(text.read_text("utf-8").replace("target = [90, 90]", "target = [60, 60]"))
    done = words(run_cli("recheck", "--stretch", own).out)
    assert "checked again" in done
    assert "good -> needs-work" in done
    assert "[90.0, 90.0] -> [60.0, 60.0]" in done


def test_doctor_looks_at_the_history(run_cli: Any, home: Path) -> None:
    assert "no session is kept yet" in words(run_cli("doctor").out)
    assert not (home / "history.sqlite").exists()
    with History() as history:
        history.add(session_report(), person="Ann")
    assert "history.sqlite" in "".join(run_cli("doctor").out.split())
    for path in (home / "history.sqlite.landmarks").glob("*.parquet"):
        path.unlink()
    done = run_cli("doctor")
    assert done.code == 1
    assert "has no landmarks here" in words(done.out)
