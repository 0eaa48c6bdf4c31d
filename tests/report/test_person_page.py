"""The page about a person: true to their progress, escaped, two sheets of A4 whatever they do."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import posecheck as pc
from posecheck.cli import main
from posecheck.core.errors import SourceError
from posecheck.core.wording import EVERYTHING
from posecheck.sessions.progress.demo import PEOPLE, simulate_rom, simulate_sessions
from posecheck.sessions.progress.progress import SIMULATED, Progress
from posecheck.stretches import load_stretch, stretch_ids
from tests.fixtures.browser import needs_chromium
from tests.fixtures.histories import (
    AVOIDED,
    GAINED,
    START,
    both,
    reading,
    rom,
    session_report,
    sessions_done,
)
from tests.fixtures.pages import check_alone, printed, too_wide

NAMES = {
    "quotes": """Zoë "Zo" O'Brien & Söhne""",
    "emoji": "Ann 🤸🏽‍♀️",
    "script": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "path": "../../etc/passwd\\..\\C:",
    "css": "</style></title></head>",
    "template": "{{ 7 * 7 }}{% raw %}",
    "long": "x" * 10_000,
    "backwards": "\u202egnp.exe",
}


def gaining(**pain: Any) -> Progress:
    return pc.progress(simulate_rom(), simulate_sessions().assign(**pain))


def busy(n_stretches: int = 26, n_sessions: int = 40) -> Progress:
    """Somebody who does every stretch of the catalogue, with every measure on each side."""
    readings, sessions = [], []
    for k, stretch in enumerate(stretch_ids()[:n_stretches]):
        for day in range(n_sessions):
            when = {"session": f"{k}-{day}", "started": START + timedelta(days=day, minutes=70 * k)}
            sessions.append({**when, "stretch": stretch, "held_s": 60.0, "dose_met": day % 2 == 0})
            for kept in load_stretch(stretch).rom:
                for side in ("left", "right") if kept.what.sided else (None,):
                    value = (60 if kept.what.unit == "deg" else 0.4) + day % 5
                    facts = {"measure": kept.measure, "statistic": kept.statistic, "side": side}
                    held = {"left": "right", "right": "left", None: None}[side]
                    facts |= {"held": held, "unit": kept.what.unit, "sem": None}
                    readings.append(reading(day, value, **facts, stretch=stretch) | when)
    own = pd.DataFrame(sessions).assign(pain_before=3, pain_after=2)
    return pc.progress(pd.DataFrame(readings), own)


# --- what it says ---------------------------------------------------------------------------------


def test_page_is_true_to_the_progress(tmp_path: Path) -> None:
    found = gaining()
    text = found.to_html(tmp_path / "page.html", person=PEOPLE[0])
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == text
    page = check_alone(text)
    for words in (PEOPLE[0], SIMULATED, *EVERYTHING, "MDC95", "2.77", "two sittings running"):
        assert words in page.text
    for one in found.current:
        change = one.latest - (one.baseline or 0)
        cells = [one.show(one.baseline), one.show(one.latest)]
        cells += [f"{'+' if change > 0 else ''}{one.show(change)}", one.show(one.mdc)]
        sign = {"real gain": "+", "within measurement noise": "≈"}[one.verdict]
        row = f"{one.name} {one.where} 24 {' '.join(cells)} {sign} {one.verdict}"
        assert " ".join(row.split()) in page.text
        assert load_stretch(one.stretch).name in page.text
    assert found.adherence
    assert found.adherence.sentence() in page.text
    assert "Real gain in knee flexion (left); within measurement noise in" in page.text
    assert "alike within" in page.text
    assert len(page.images) == len(found.keys) + 1, "a chart a measure, and the calendar"


def test_gains_are_no_good_news_with_pain() -> None:
    for pain, look, said in (
        (0, 'class="verdict good"', False),
        (4, 'class="verdict plain"', True),
    ):
        text = gaining(pain_before=pain, pain_after=pain).to_html()
        assert look in text
        assert ("how far you get does not count" in text) == said
        assert f"Last session: {pain} before and {pain} after, from 0 to 10." in text


def test_pain_over_the_last_weeks() -> None:
    pains: dict[str, Any] = {"pain_before": [1.0, 1, 5, 2, None], "pain_after": [2.0, 1, 6, 4, 3]}
    days = [START + timedelta(days=day) for day in range(5)]
    sessions = sessions_done(5).assign(started=days, **pains)
    text = check_alone(pc.progress(rom([60.0] * 5), sessions).to_html()).text
    assert "Last session: 3 after, from 0 to 10." in text
    assert "Last four weeks, after: median 3, most 6." in text
    assert "More pain after than before in 3 of 4 sessions." in text
    assert (
        "pain" not in check_alone(pc.progress(rom(GAINED)).to_html()).text.split("Your safety")[0]
    )


def test_a_loss_has_its_own_sign() -> None:
    text = pc.progress(rom(GAINED, better="less")).to_html()
    assert "1 real loss" in text
    assert 'class="verdict work"' in text


def test_person_without_sessions_or_measures() -> None:
    page = check_alone(pc.progress(rom(GAINED)).to_html())
    assert "How much was done" not in page.text
    nothing = check_alone(pc.progress(rom(GAINED).iloc[:0]).to_html(person="Ann"))
    assert "No session with a range of motion yet." in nothing.text
    building = check_alone(pc.progress(rom([60.0])).to_html())
    assert "1 still building a baseline" in building.text


def test_words_are_measured() -> None:
    said = check_alone(gaining().to_html()).text.lower()
    for words in AVOIDED:
        assert words not in said.replace("not a medical examination", ""), words


@pytest.mark.parametrize("name", NAMES)
def test_any_name_is_only_text(name: str) -> None:
    text = pc.progress(rom(GAINED)).to_html(person=NAMES[name])
    page = check_alone(text)
    shown = NAMES[name] if len(NAMES[name]) <= 60 else f"{'x' * 59}…"
    assert f"posecheck, progress {shown} " in page.text
    assert "<bdi>" in text
    assert len(text) < 200_000


def test_words_of_an_own_stretch_are_only_text() -> None:
    evil = "<script>alert(1)</script>"
    page = check_alone(pc.progress(rom(GAINED, stretch=evil, measure=evil)).to_html())
    assert evil in page.text


# --- how much fits --------------------------------------------------------------------------------


def test_many_stretches_are_those_trained_last() -> None:
    found = busy(n_sessions=8)
    page = check_alone(found.to_html())
    names = [load_stretch(stretch).name for stretch in stretch_ids()]
    changed = page.text.split("What has changed")[1].split("Over the sessions")[0]
    places = [changed.find(name) for name in reversed(names)]
    shown = [place for place in places if place >= 0]
    assert 1 < len(shown) <= 7
    assert places[: len(shown)] == sorted(shown), "trained last come first"
    assert f"{26 - 1 - len(shown)} more not shown" in page.text, "one keeps no range of motion"


@needs_chromium
@pytest.mark.parametrize("n_stretches", [0, 1, 26])
def test_person_prints_to_two_sheets(n_stretches: int, tmp_path: Path) -> None:
    text = (busy(n_stretches) if n_stretches else gaining()).to_html(person="y" * 10_000)
    sheets = printed(text, tmp_path)
    assert len(sheets) <= 2
    assert "posecheck is no medical device" in sheets[-1]


@needs_chromium
def test_many_notes_fit_too(tmp_path: Path) -> None:
    views = [rom([60.0] * 4, view=f"view {k} " + "w" * 99, stretch="cobra") for k in range(9)]
    assert len(printed(pc.progress(both(*views)).to_html(), tmp_path)) <= 2


@needs_chromium
@pytest.mark.parametrize("name", ["long", "emoji"])
def test_person_fits_on_a_phone(name: str, tmp_path: Path) -> None:
    assert too_wide(busy(3).to_html(person=NAMES[name]), tmp_path, width=360) == (360, [])


def test_a_thousand_sessions_are_quick() -> None:
    found = busy()
    found.to_html()
    begun = time.process_time()
    found.to_html()
    assert time.process_time() - begun < 4, "under 2 s on a machine that does nothing else"


# --- on the command line --------------------------------------------------------------------------


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A history with some sessions of somebody."""
    monkeypatch.setenv("POSECHECK_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("POSECHECK_DB", raising=False)
    with pc.History() as history:
        for day in range(4):
            started = datetime(2026, 3, 1 + day, tzinfo=UTC)
            history.add(
                session_report(90.0 + day), person=NAMES["script"], started=started, pain_after=day
            )


def test_command_writes_the_page(
    kept: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "page.html"
    command = ["posecheck", "progress", "--person", NAMES["script"], "--report", str(out)]
    monkeypatch.setattr(sys, "argv", command)
    with pytest.raises(SystemExit) as stopped:
        main.main()
    assert not stopped.value.code
    page = check_alone(out.read_text(encoding="utf-8"))
    assert NAMES["script"] in page.text
    assert "4 sessions, " in page.text
    assert "Legs up the wall" in page.text


def test_page_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be written"):
        pc.progress(rom(GAINED)).to_html(tmp_path / "none" / "page.html")
