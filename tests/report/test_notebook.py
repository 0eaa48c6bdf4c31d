"""What a notebook shows: text is text, colours suit light and dark, numbers read well."""

from __future__ import annotations

import math

import pytest

from posecheck.report.html.notebook import lines_html, progress_html, stretch_html
from posecheck.report.style import STATUS
from posecheck.sessions.progress.demo import PEOPLE, simulate_rom
from posecheck.sessions.progress.progress import progress
from posecheck.stretches import load_stretch
from tests.fixtures.reports import REPORTS


@pytest.mark.parametrize("name", ["good", "needs-work", "nobody"])
def test_colours_are_mixed_with_the_ink_of_the_theme(name: str) -> None:
    """So they can be read on a light and on a dark ground; no part has a ground of its own."""
    report = REPORTS[name]()
    text = report._repr_html_()
    for cue in report.cues:
        if cue.kind != "reminder":
            look = STATUS[cue.status]
            assert f"currentColor 45%, {look.tone.figure}" in text
            assert look.label in text
    assert "background" not in text
    assert text.count("color: #") == 0


def test_numbers_have_two_digits_at_most_and_gaps_are_empty() -> None:
    found = progress(simulate_rom(PEOPLE[0]))
    text = progress_html(found)
    row = found.to_frame().iloc[0]
    assert f">{row['sem']:.2f}<" in text
    assert "nan" not in text.lower()
    assert ">-0<" not in text
    assert not math.isnan(row["per_week"])
    assert text.count("<tr") == len(found.current) + 1


def test_a_drawing_is_no_wider_than_the_cell() -> None:
    text = stretch_html(load_stretch("cat-cow"))
    assert text.count("<svg ") == text.count('<svg style="max-width: 100%; height: auto" ') == 1


def test_lines_are_text() -> None:
    assert lines_html(["a < b"]).split() == ["<ul>", "<li>a", "&lt;", "b</li>", "</ul>"]
