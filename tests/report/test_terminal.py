"""What a person reads in the terminal: what to change first, and nothing as markup by mistake."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from posecheck.assess.report import Report
from posecheck.core.wording import WHAT_THIS_IS, WHILE_STRETCHING
from posecheck.report.terminal import print_report
from posecheck.stretches import load_stretch, stretch_ids
from posecheck.stretches.page import print_stretch
from tests.fixtures.bodies import FOLD, KNEE_IN, LEGS_UP
from tests.fixtures.films import film
from tests.fixtures.reports import REPORTS, report

MARKUP = "[/x] [bold]b[/] :smile:"


def printed(shown: Report, width: int = 100) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None, emoji=False)
    print_report(shown, console)
    return console.file.getvalue()  # type: ignore[attr-defined]


def page(stretch: str, **changes: object) -> str:
    console = Console(file=io.StringIO(), width=100, color_system=None, emoji=False)
    print_stretch(load_stretch(stretch).model_copy(update=changes), console)
    return console.file.getvalue()  # type: ignore[attr-defined]


def flat(text: str) -> str:
    return " ".join(text.split())


def test_what_to_change_comes_first() -> None:
    text = printed(REPORTS["needs-work"]())
    assert "Needs work" in text
    assert "1. Hips read 60°: move your seat closer to the wall." in text
    assert text.index("closer to the wall") < text.index("✗ fail")
    assert "80° to 100°" in text


def test_good() -> None:
    text = printed(report())
    assert "Good" in text
    assert "1." not in text.split("Held for")[0].split("Good")[1].split("cue")[0]
    assert text.count("✓ pass") == 2
    assert "✓ reached" in text
    assert "Remember: Breathe slowly" in text


@pytest.mark.parametrize("name", ["front", "nobody"])
def test_not_assessed_says_why_and_shows_no_table(name: str) -> None:
    text = flat(printed(REPORTS[name]()))
    assert "Not assessed" in text
    assert ("Turn side-on" if name == "front" else "Nobody") in text
    assert "passes" not in text
    assert text.count("Turn side-on") <= 1, "once is enough"


def test_single_cue_that_was_not_seen_says_why() -> None:
    text = flat(printed(REPORTS["hidden foot"]()))
    assert "? not assessed Feet flexed" in text
    assert "Feet flexed: The right foot was hidden throughout the hold" in text


@pytest.mark.parametrize("name", REPORTS)
def test_safety_is_always_there(name: str) -> None:
    text = flat(printed(REPORTS[name]()))
    assert WHILE_STRETCHING in text
    assert WHAT_THIS_IS in text


def test_sides_are_named() -> None:
    text = printed(report(film(KNEE_IN), "single-knee-to-chest"))
    assert "Held for 6 s (left)" in text
    assert "Only the left side was seen held" in flat(text)


def test_range_of_motion_with_its_error() -> None:
    found = REPORTS["needs-work"]()
    hip = next(value for value in found.rom if value.measure == "hip_flexion")
    low, high = hip.interval or (0.0, 0.0)
    assert 50 < low < 57 and 63 < high < 70
    assert f"right hip flexion 60° ({low:.0f} to {high:.0f})" in flat(printed(found))


def test_short_depth_is_coached_without_a_cross() -> None:
    text = printed(report(film(replace(LEGS_UP, knee=30.0))))
    assert "… short" in text
    assert "✗" not in text


def test_words_are_no_markup() -> None:
    legs = load_stretch("legs-up-the-wall")
    advice = legs.cues[0].advice.model_copy(update={"low": MARKUP})
    cue = legs.cues[0].model_copy(update={"title": MARKUP, "advice": advice})
    stretch = legs.model_copy(update={"name": MARKUP, "cues": (cue,), "safety": (MARKUP,)})
    series = film(replace(LEGS_UP, hip=60.0))
    source = replace(series.source, path=MARKUP)
    shown = report(replace(series, source=source, warnings=(MARKUP,)), stretch)
    assert printed(shown, width=200).count(MARKUP) >= 5


def test_narrow_terminal() -> None:
    for width in (20, 40):
        assert all(
            len(line) <= width
            for line in printed(report(film(FOLD), "forward-fold"), width).splitlines()
        )


@pytest.mark.parametrize("stretch", sorted(stretch_ids()))
def test_page_of_a_stretch_tells_everything(stretch: str) -> None:
    definition, text = load_stretch(stretch), flat(page(stretch))
    for cue in definition.cues:
        assert cue.title in text
    for line in (*definition.safety, definition.film):
        assert flat(line) in text
    for source in definition.sources:
        assert source.title in text
    assert WHAT_THIS_IS in text
    for dose in definition.doses:
        assert dose.amount in text


def test_page_words_are_no_markup() -> None:
    legs = load_stretch("legs-up-the-wall")
    source = legs.sources[0].model_copy(update={"key": MARKUP, "title": MARKUP})
    dose = legs.doses[0].model_copy(update={"source": MARKUP, "note": MARKUP})
    cue = legs.cues[0].model_copy(update={"title": MARKUP})
    text = page(
        "legs-up-the-wall",
        name=MARKUP,
        sources=(source,),
        doses=(dose,),
        cues=(cue,),
        how=MARKUP,
        film=MARKUP,
        safety=(MARKUP,),
    )
    assert flat(text).count(MARKUP) == 9
