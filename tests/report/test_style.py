"""One table of looks: every outcome has one, every text can be read, and nobody keeps another."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from posecheck.assess import report
from posecheck.assess.cue_result import Status
from posecheck.report import style
from posecheck.report.style import (
    BAD,
    CHANGE,
    DOSE_MET,
    GOOD,
    IN_BAND,
    SHORT,
    SOFT,
    STATUS,
    VERDICT,
    bgr,
)
from posecheck.sessions.progress import change
from tests.fixtures.paths import REPO

LIGHT, DARK = "#ffffff", "#14181c"  # the grounds of the pages, lightest and darkest
READABLE = 4.5  # WCAG 2.2, contrast of small text, level AA


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2.2."""
    shares = [channel / 255 for channel in bgr(colour)[::-1]]
    linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """From 1, the same, to 21, black on white."""
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def test_every_outcome_has_a_look() -> None:
    assert set(STATUS) == set(get_args(Status))
    assert set(VERDICT) == set(get_args(report.Verdict))
    assert set(CHANGE) == set(get_args(change.Verdict))
    assert set(IN_BAND) == set(DOSE_MET) == {True, False, None}


@pytest.mark.parametrize("table", [STATUS, VERDICT, CHANGE, IN_BAND, DOSE_MET])
def test_no_colour_is_the_only_difference(table: dict[object, style.Look]) -> None:
    for one in table.values():
        for other in table.values():
            assert one.tone is other.tone or (one.sign, one.word) != (other.sign, other.word)
            if {one.tone, other.tone} == {GOOD, BAD}:
                assert one.sign != other.sign


@pytest.mark.parametrize("tone", [GOOD, BAD, SOFT, SHORT])
def test_text_can_be_read_on_light_and_dark(tone: style.Tone) -> None:
    assert contrast(tone.on_light, LIGHT) > READABLE
    assert contrast(tone.on_dark, DARK) > READABLE


def test_a_frame_has_the_colours_in_the_order_of_opencv() -> None:
    assert bgr("#0102ff") == (255, 2, 1)
    assert GOOD.frame == (115, 158, 0)


def test_nothing_else_keeps_signs_or_colours_of_its_own() -> None:
    colours = {colour for tone in (GOOD, BAD) for colour in vars(tone).values() if "#" in colour}
    listed = re.compile("|".join([*sorted(colours), "[\"'][✓✗]"]), re.IGNORECASE)
    package = REPO / "posecheck"
    kept = [
        str(path.relative_to(package))
        for path in sorted(package.rglob("*"))
        if path.suffix in {".py", ".js", ".css", ".j2"}
        and listed.search(path.read_text(encoding="utf-8"))
    ]
    assert kept == ["report/style.py"]
