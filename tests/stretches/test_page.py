"""The page of a stretch says everything its definition says, in the terminal and in a notebook."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET

import pytest
from rich.console import Console

from posecheck.core.wording import EVERYTHING
from posecheck.report.html.notebook import stretch_html
from posecheck.stretches import Stretch, load_stretch, stretch_ids
from posecheck.stretches.describe import sections
from posecheck.stretches.page import print_listing, print_stretch

ALL = [load_stretch(stretch) for stretch in stretch_ids()]
# Words that posecheck does not use of itself or of anybody's body.
AVOIDED = (
    r"diagnos|\btreats?\b|\bheal(?:s|ed|ing)?\b|reliev|prevent injur|correct posture|abnormal"
    r"|clinical-grade"
)


def page(stretch: Stretch, width: int = 100) -> str:
    out = io.StringIO()
    print_stretch(stretch, Console(file=out, width=width, emoji=False))
    return out.getvalue()


def words(text: str) -> str:
    return " ".join(text.split())


def text_of_html(stretch: Stretch) -> str:
    return words(" ".join(ET.fromstring(stretch_html(stretch)).itertext()))


@pytest.mark.parametrize("stretch", ALL, ids=lambda s: s.id)
def test_page_has_everything(stretch: Stretch) -> None:
    for shown in (words(page(stretch, 10_000)), text_of_html(stretch)):
        said = [stretch.name, stretch.id, stretch.how, stretch.film, *stretch.safety, *EVERYTHING]
        said += [cue.title for cue in stretch.cues] + [cue.say for cue in stretch.cues if cue.say]
        said += [source.title for source in stretch.sources]
        said += [dose.amount for dose in stretch.doses]
        said += [variant.name for variant in stretch.variants]
        said += [figure.name for figure in stretch.figures if shown.startswith("<")]
        for text in said:
            assert words(text) in shown


@pytest.mark.parametrize("stretch", ALL, ids=lambda s: s.id)
def test_safe_words(stretch: Stretch) -> None:
    assert re.findall(AVOIDED, page(stretch, 10_000), re.IGNORECASE) == []


def test_what_is_judged_coached_and_said_stand_apart() -> None:
    lines = {section.title: section.lines for section in sections(load_stretch("legs-up-the-wall"))}
    assert lines["What is judged"] == (
        "Hips at a right angle: hip flexion 90° (80° to 100° passes)",
        "Feet flexed: ankle dorsiflexion at least -10° (at least -25° passes)",
    )
    (coached,) = lines["What is coached: how far, never failed"]
    assert coached == "Knees towards straight: knee flexion at most 10°"
    (said,) = lines["What is only said: a camera cannot see it"]
    assert said.startswith("Breathe: ")


def test_phases_forms_and_sides_are_named() -> None:
    assert "in the phase reach" in page(load_stretch("toe-touch-to-extension"), 1000)
    doorway = page(load_stretch("doorway-hamstring"), 1000)
    assert "held side's knee flexion" in doorway
    assert "in the form propped on the elbows" in doorway
    assert "turn round for the other one" in doorway
    assert "each side" in doorway


def test_drawing_in_the_terminal_fits() -> None:
    for width in (60, 100):
        assert max(map(len, page(load_stretch("cat-cow"), width).splitlines())) <= width
    shown = page(load_stretch("cat-cow"))
    assert shown.index("cat\n") < shown.index("cow\n") < shown.index("How to do it")


def test_every_text_is_escaped() -> None:
    evil = "<script>alert(1)</script> [bold]x[/] & :x:"
    legs = load_stretch("legs-up-the-wall")
    cue = legs.cues[0].model_copy(update={"title": evil})
    figure = legs.figures[0].model_copy(update={"name": evil})
    stretch = legs.model_copy(
        update={
            "name": evil,
            "how": evil,
            "film": evil,
            "safety": (evil,),
            "cues": (cue,),
            "figures": (figure,),
        }
    )
    assert page(stretch, 1000).count(evil) == 6
    assert "<script" not in stretch_html(stretch)
    assert text_of_html(stretch).count(evil) >= 5  # the sixth is drawn


def test_notebook_shows_the_drawing() -> None:
    shown = load_stretch("low-lunge")._repr_html_()
    assert shown.count("<svg") == 1
    assert "<?xml" not in shown


def test_without_a_drawing() -> None:
    bare = load_stretch("low-lunge").model_copy(update={"figures": ()})
    assert "<svg" not in stretch_html(bare)
    assert "How to do it" in page(bare)


def test_listing() -> None:
    out = io.StringIO()
    print_listing(ALL, Console(file=out, width=120))
    (row,) = [line for line in out.getvalue().splitlines() if line.startswith(" low-lunge")]
    n_cues = len(load_stretch("low-lunge").cues)
    assert words(row) == f"low-lunge Low lunge kneeling side, front each 30 s {n_cues}"
