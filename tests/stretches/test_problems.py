"""What is wrong with a definition is told with its line, its key and the nearest right name."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posecheck.stretches import stretch_ids
from posecheck.stretches.line_numbers import key_lines, line_of
from posecheck.stretches.problems import keys_at, read_definition, show_place
from posecheck.stretches.reader import template
from posecheck.stretches.schema import Loc
from tests.fixtures.definitions import leaves, tables, text_of

TEXTS = {stretch: text_of(stretch) for stretch in stretch_ids()} | {"template": template()}


def told(text: str) -> list[str]:
    return [str(problem) for problem in read_definition(text)[1]]


# --- where keys stand -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", TEXTS)
def test_every_key_has_the_line_it_stands_on(name: str) -> None:
    text = TEXTS[name]
    lines, found, tree = text.split("\n"), key_lines(text), tomllib.loads(text)
    for place in [*leaves(tree), *tables(tree)]:
        key = next((part for part in reversed(place) if isinstance(part, str)), "")
        assert key in lines[found[place] - 1]


@pytest.mark.parametrize("name", TEXTS)
def test_lines_of_several_tables_rise(name: str) -> None:
    found = key_lines(TEXTS[name])
    cues = [found[place] for place in found if len(place) == 2 and place[0] == "cue"]
    assert cues == sorted(set(cues))


ODD = """# a comment with = and [brackets]
'id' = "a"   # another

how = \"\"\"
name = "not a key"
[hold]
\"\"\"
safety = [
    "one",  # ]
    "two",
]
hold.min_s = 2
inline = { a = { b = [1, 2] }, "c d" = 3 }

[[ cue ]]
id = "first"
  [[cue.check]]
  measure = "x"
  [[cue."check"]]
  measure = "y"
  [cue.advice]
  low = "z"
[[cue]]
id = 'second'
[[cue.check]]
measure = "w"
[x.y]
z = 1"""

PLACES: list[tuple[Loc, int]] = [
    (("id",), 2),
    (("how",), 4),
    (("safety",), 8),
    (("safety", 1), 8),
    (("hold", "min_s"), 12),
    (("inline", "a", "b", 1), 13),
    (("inline", "c d"), 13),
    (("cue", 0), 15),
    (("cue", 0, "id"), 16),
    (("cue", 0, "check", 0), 17),
    (("cue", 0, "check", 1), 19),
    (("cue", 0, "check", 1, "measure"), 20),
    (("cue", 0, "advice"), 21),
    (("cue", 0, "advice", "low"), 22),
    (("cue", 1), 23),
    (("cue", 1, "check", 0, "measure"), 26),
    (("x", "y", "z"), 28),
]


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize(("place", "line"), PLACES)
def test_odd_but_right_toml(place: Loc, line: int, ends: str) -> None:
    assert key_lines(ODD.replace("\n", ends))[place] == line


def test_what_is_missing_has_the_line_of_its_table() -> None:
    found = key_lines(ODD)
    assert line_of(("cue", 1, "check", 0, "target"), found) == 25
    assert line_of(("nothing", 7, "like", "it"), found) == 1


def test_an_endless_statement_does_not_take_forever() -> None:
    text = "a = [\n" + "1,\n" * 50_000 + "]\nb = 2\n"
    assert key_lines(text) == {(): 1}


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_whatever_tomllib_reads_has_lines(text: str) -> None:
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    found = key_lines(text)
    assert all(1 <= line_of(place, found) <= text.count("\n") + 1 for place in leaves(tree))


# --- what is told ---------------------------------------------------------------------------------

LINES = template().split("\n")


def on(words: str) -> int:
    return next(k for k, line in enumerate(LINES, start=1) if line.startswith(words))


def test_template_is_complete() -> None:
    stretch, problems = read_definition(template())
    assert problems == []
    assert stretch is not None and stretch.too_fine() == []


@pytest.mark.parametrize(
    ("old", "new", "at", "words"),
    [
        ("tolerance = 15", "tolerence = 15", "tolerance", "known; did you mean `tolerance`?"),
        ("tolerance = 15", "xyz = 15", "tolerance", "known here: `"),
        ("min_s = 2", "mins = 2", "min_s", "`hold.mins`: this key is not known; did you mean"),
        ('"arm_inclination" ', '"arm_inclinaton" ', 'measure = "arm_', "'arm_inclination' or"),
        ('kind = "depth"', 'kind = "dept"', 'kind = "depth"', "none of `depth`, `reminder`"),
        ("[[sources]]", "[sources]", "[[sources]]", "double brackets: `[[sources]]`"),
        ("seconds = 30", "reps = 5", "seconds = 30", "a dose counts reps, but there is no [reps]"),
        ('id = "breathe"', 'id = "arms-hang"', 'id = "breathe"', "'arms-hang' is used twice"),
        ('source = "own"', 'source = "A"', 'source = "own"', "`dose[1].source`: dose names"),
        ('id = "my-stretch"', 'id = "My stretch"', "id = ", "'My stretch' is no short name"),
        ("target = [0, 0]", "target = [1, 0]", "target = [0, 0]", "the lower end 1 is above"),
    ],
)
def test_line_key_and_nearest_name(old: str, new: str, at: str, words: str) -> None:
    assert template().count(old) >= 1
    problems = told(template().replace(old, new, 1))
    assert any(p.startswith(f"line {on(at)}, `") and words in p for p in problems), problems


def test_all_at_once_in_the_order_of_the_file() -> None:
    text = template().replace("min_s = 2", 'min_s = "2"').replace("seconds = 30", "secs = 30")
    text = text.replace("[50, 130]", "[130, 50]").replace("version = 1", "")
    problems = read_definition(text)[1]
    assert [p.place for p in problems] == [
        "version",
        "dose[1].secs",
        "hold.min_s",
        "hold.while[1].enter",
    ]
    assert [p.line for p in problems] == sorted(p.line for p in problems)


def test_what_does_not_fit_together_is_told_all_at_once() -> None:
    text = template().replace('source = "own"', 'source = "A"')
    text = text.replace('id = "breathe"', 'id = "arms-hang"').replace(
        '["side"]', '["side", "front"]'
    )
    assert len(told(text)) == 3


def test_syntax_error_has_its_line() -> None:
    (problem,) = told(template().replace("min_s = 2", "min_s = "))
    assert problem.startswith(f"line {on('min_s')}: this is not TOML")


def test_keys_of_both_kinds_of_reps() -> None:
    assert keys_at(("reps", "by-hold")) == ["each"]
    assert "min_range" in keys_at(("reps", "to-and-fro"))
    assert keys_at(("version", "x")) == []


def test_place_in_words() -> None:
    assert show_place(("cue", 0, "check", 1, "target")) == "cue[1].check[2].target"
