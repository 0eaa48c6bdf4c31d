"""Definitions: the catalogue loads, and what cannot be meant as written is refused with the key."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic.fields import FieldInfo

from posecheck.assess.judge import check_series
from posecheck.core.errors import DefinitionError, UsageError
from posecheck.measures.catalogue import MEASURES
from posecheck.stretches import load_stretch, stretch_ids
from posecheck.stretches.definition import Stretch
from posecheck.stretches.describe import sections
from posecheck.stretches.drawing import figure_strokes
from posecheck.stretches.problems import model_in
from posecheck.stretches.reader import parse_stretch
from posecheck.stretches.schema import NEED_TIME, ByHold, Part
from tests.fixtures.bodies import LEGS_UP, stick_figure
from tests.fixtures.definitions import Path_, as_toml, leaves, tables, text_of, tree_of

# As in the catalogue of stretches the project was asked for; reminders are its own.
CUE_IDS = {
    "forward-fold": {"arms-straight", "arms-hang", "still"},
    "cat-cow": {
        "hands-under-shoulders",
        "knees-under-hips",
        "hips-stay",
        "head-follows",
        "back-moves",
    },
    "forearm-cat-cow": {
        "neck-neutral",
        "forearms-level",
        "elbows-under-shoulders",
        "hands-together",
        "back-moves",
    },
    "childs-pose": {"knees-folded", "arms-reach", "head-down", "hips-to-heels"},
    "legs-up-the-wall": {"hips-at-90", "feet-flexed", "knees-straight"},
    "single-knee-to-chest": {"hands-on-shin", "other-leg-down", "knee-in"},
}
DEPTH = {"back-moves", "hips-to-heels", "knees-straight", "knee-in"}


def parse(tree: dict[str, Any]) -> Stretch:
    lines = (f"{json.dumps(key)} = {as_toml(value)}" for key, value in tree.items())
    return parse_stretch("\n".join(lines), where="mine.toml")


def refused(tree: dict[str, Any], *words: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        parse(tree)
    message = str(caught.value)
    assert message.startswith("mine.toml: ")
    for word in words:
        assert word in message


def at(tree: Any, path: Path_) -> Any:
    for part in path:
        tree = tree[part]
    return tree


def place(path: Path_) -> str:
    """A path as the message writes it."""
    words = ""
    for part in path:
        words += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if words else part
    return words


CHECK = ("cue", 0, "check", 0)
TREES = {stretch: tree_of(stretch) for stretch in stretch_ids()}
LEGS = TREES["legs-up-the-wall"]
KNEE = TREES["single-knee-to-chest"]


# --- the catalogue --------------------------------------------------------------------------------


@pytest.mark.parametrize("stretch", stretch_ids())
def test_catalogue_file_loads_under_its_own_name(stretch: str) -> None:
    loaded = load_stretch(stretch)
    assert loaded.id == stretch
    assert loaded.sources
    assert loaded.safety


@pytest.mark.parametrize("stretch", CUE_IDS)
def test_cue_ids_and_kinds_are_the_fixed_ones(stretch: str) -> None:
    cues = load_stretch(stretch).cues
    assert {cue.id for cue in cues if cue.kind != "reminder"} == CUE_IDS[stretch]
    kinds = {cue.id: cue.kind for cue in cues if cue.kind != "reminder"}
    assert {i for i, kind in kinds.items() if kind == "depth"} == DEPTH & CUE_IDS[stretch]


@pytest.mark.parametrize("stretch", stretch_ids())
def test_inline_toml_reads_the_same(stretch: str) -> None:
    assert parse(TREES[stretch]) == load_stretch(stretch)


@pytest.mark.parametrize("stretch", stretch_ids())
def test_definition_survives_the_round_trip(stretch: str) -> None:
    """What was read, written out whole with every default, reads as the same again."""
    loaded = load_stretch(stretch)
    written = json.loads(json.dumps(loaded.model_dump(by_alias=True, exclude_none=True)))
    assert parse(written) == loaded


def test_unknown_stretch_suggests_the_nearest() -> None:
    with pytest.raises(UsageError, match="Did you mean 'legs-up-the-wall'"):
        load_stretch("legs-up-wall")
    with pytest.raises(UsageError, match="posecheck stretches"):
        load_stretch("§")


def test_loads_from_a_path(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(text_of("cat-cow"), encoding="utf-8")
    assert load_stretch(file) == load_stretch(str(file)) == load_stretch("cat-cow")


# --- refusals, one by one -------------------------------------------------------------------------


def changed(tree: dict[str, Any], path: Path_, value: Any) -> dict[str, Any]:
    tree = copy.deepcopy(tree)
    at(tree, path[:-1])[path[-1]] = value
    return tree


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ((*CHECK, "measure"), "hip_flexoin", ["cue[1].check[1].measure", "hip_flexion"]),
        ((*CHECK, "measure"), "§", ["cue[1].check[1].measure", "there is no measure"]),
        ((*CHECK, "target"), [100, 80], ["cue[1].check[1].target", "100", "80"]),
        ((*CHECK, "target"), ["-", "-"], ["cue[1].check[1].target", "open"]),
        ((*CHECK, "target"), [float("nan"), 9], ["cue[1].check[1].target"]),
        ((*CHECK, "target"), [0, float("inf")], ["cue[1].check[1].target"]),
        ((*CHECK, "tolerance"), -1, ["cue[1].check[1].tolerance"]),
        ((*CHECK, "statistic"), "mean", ["cue[1].check[1].statistic", "median"]),
        ((*CHECK, "of"), "held", ["held", "sides = 'each'", "hip_flexion"]),
        ((*CHECK, "of"), "other", ["other", "sides = 'each'"]),
        (("cue", 0, "check"), [], ["cue[1]", "needs a `check`"]),
        (("cue", 0, "advice"), {"low": "up"}, ["cue[1]", "advice.high"]),
        (("cue", 0, "advice"), {"high": "down"}, ["cue[1]", "advice.low"]),
        (("cue", 1, "advice"), {}, ["cue[2]", "advice.low"]),
        (("cue", 0, "advice", "low"), "now {value}", ["cue[1].advice.low", "{observed}"]),
        (("cue", 0, "advice", "low"), "now {", ["cue[1].advice.low", "{observed}"]),
        (("cue", 1, "id"), "hips-at-90", ["'hips-at-90' is used twice"]),
        (("cue", 0, "id"), "Hips At 90", ["cue[1].id"]),
        (("cue", 3, "say"), "", ["cue[4]", "reminder"]),
        (("dose", 0, "source"), "Z", ["'Z'", "`sources`"]),
        (("dose", 0), {"source": "A", "reps": 10}, ["dose counts reps", "[reps]"]),
        (("dose", 0, "reps"), 10, ["dose[1]", "either `seconds` or `reps`"]),
        (("dose", 0), {"source": "A"}, ["dose[1]", "either `seconds` or `reps`"]),
        (("dose", 0, "seconds"), 0, ["dose[1].seconds"]),
        (("hold", "while", 0, "of"), "near", ["hold.while[1]", "trunk_inclination has no sides"]),
        (("hold", "while", 0, "leave"), [-130, -45], ["hold.while[1]", "`leave`", "`enter`"]),
        (("hold", "while", 0, "leave"), [-145, -50], ["hold.while[1]", "`leave`", "`enter`"]),
        (("hold", "while", 0, "enter"), ["-", -45], ["hold.while[1]", "`leave`", "`enter`"]),
        (("hold", "while", 0, "enter"), [-45, -135], ["hold.while[1].enter", "-45", "-135"]),
        (("hold", "while"), [], ["hold.while"]),
        (("hold", "min_s"), 0, ["hold.min_s"]),
        (("hold", "while"), [{**LEGS["hold"]["while"][0], "if_seen": True}], ["hold", "if_seen"]),
        (("views",), ["front"], ["trunk_inclination", "side", "front"]),
        (("views",), [], ["views"]),
        (("views",), ["behind"], ["views[1]"]),
        (("sides",), "left", ["sides"]),
        (("version",), 0, ["version"]),
        (("safety",), [], ["safety"]),
        (("reps",), {"measure": "hip", "high": "a", "low": "b", "min_range": 1}, ["reps.measure"]),
        (("rom", 0, "statistic"), "worst", ["rom[1].statistic"]),
        # wrong types: a number in quotes, a switch where a number belongs, one table of several
        ((*CHECK, "tolerance"), "10", ["cue[1].check[1].tolerance", "'10' is no number"]),
        ((*CHECK, "tolerance"), True, ["cue[1].check[1].tolerance", "True is no number"]),
        ((*CHECK, "target"), ["80", 100], ["cue[1].check[1].target", "'80' is no number"]),
        ((*CHECK, "target"), 90, ["cue[1].check[1].target"]),
        ((*CHECK, "target"), [90], ["cue[1].check[1].target"]),
        ((*CHECK, "measure"), 7, ["cue[1].check[1].measure", "7 is no text"]),
        (("version",), 1.5, ["version"]),
        (("version",), "1", ["version", "'1' is no whole number"]),
        (("how",), 5, ["how", "5 is no text"]),
        (("hold", "while", 0, "if_seen"), 1, ["hold.while[1].if_seen", "neither true nor false"]),
        (("cue", 0), "x", ["cue[1]"]),
        (("cue",), {"id": "x"}, ["`cue`", "double brackets: `[[cue]]`"]),
        (("hold",), [], ["`hold`"]),
        # wrong units
        ((*CHECK, "target"), [0, 900], ["cue[1].check[1]", "`target`", "degrees"]),
        (("hold", "while", 0, "leave"), [-1350, -35], ["hold.while[1]", "`leave`", "degrees"]),
        # values that look like one of the choices
        (("sides",), "bot", ["sides", "'bot' is none of `both`, `each`"]),
        (("cue", 0, "kind"), "aligned", ["cue[1].kind", "none of `alignment`"]),
        ((*CHECK, "of"), "nearest", ["cue[1].check[1].of", "none of `near`"]),
        (("views",), ["top", "abov"], ["views[1]", "views[2]", "'abov' is none of `above`"]),
        # the drawing
        (("figure", 0, "view"), "front", ["figure[1].view", "front"]),
        (("figure", 0, "held"), {"hip_flexion": 9}, ["figure[1].held", "write `both`"]),
        (("figure", 0, "both"), {"roll": 9}, ["figure[1]", "`roll`", "`held` or `other`"]),
        (("figure", 0, "both"), {"hips": 9}, ["figure[1].both.hips", "`hip_flexion`"]),
        (("figure", 0, "trunk_inclination"), 900, ["figure[1].trunk_inclination"]),
    ],
)  # fmt: skip
def test_refused_with_file_and_key(path: Path_, value: Any, words: list[str]) -> None:
    refused(changed(LEGS, path, value), *words)


def test_all_problems_are_told_at_once() -> None:
    tree = changed(LEGS, ("version",), 0)
    tree["cue"][1]["kind"] = "guess"
    del tree["film"]
    refused(tree, "version", "cue[2].kind", "`film`: this key is missing")


def test_above_takes_measures_of_the_front() -> None:
    """From the axes alone the two look alike; a stretch filmed from above may read either."""
    tree = copy.deepcopy(LEGS)
    tree["views"] = ["above"]
    condition = {"measure": "knee_drop", "enter": [0, 90], "leave": [0, 90]}
    check = {"measure": "arm_abduction", "target": [80, 100]}
    tree["hold"] = {"min_s": 2, "while": [condition]}
    tree["cue"] = [{**tree["cue"][0], "check": [check]}]
    tree["rom"] = []
    assert parse(tree).views == ("above",)


def test_open_ends() -> None:
    tree = changed(LEGS, ("hold", "while", 0, "leave"), ["-", -35])
    assert parse(tree).hold.conditions[0].leave == (None, -35)


# --- refusals, anywhere ---------------------------------------------------------------------------


def fields_at(tree: dict[str, Any], table: Path_) -> dict[str, FieldInfo]:
    """The keys that the table at a place may have."""
    model: type[Part] | None = Stretch
    for part in table:
        if isinstance(part, str) and model is not None:
            fields = {field.alias or name: field for name, field in model.model_fields.items()}
            model = model_in(fields[part].annotation)
    if table == ("reps",) and "each" in tree["reps"]:
        model = ByHold
    assert model is not None
    return {field.alias or name: field for name, field in model.model_fields.items()}


@given(st.data())
def test_missing_key_is_named(data: st.DataObject) -> None:
    stretch = data.draw(st.sampled_from(sorted(TREES)))
    tree = copy.deepcopy(TREES[stretch])
    table = data.draw(st.sampled_from([p for p in tables(tree) if at(tree, p)]))
    key = data.draw(st.sampled_from(sorted(at(tree, table))))
    fields = fields_at(tree, table)
    del at(tree, table)[key]
    if fields[key].is_required():
        # Without `each` a [reps] table is one of the other kind, and lacks its keys.
        lacking = "measure" if key == "each" else key
        refused(tree, f"`{place((*table, lacking))}`: this key is missing")
        return
    try:
        parse(tree)
    except DefinitionError as error:  # what it goes with names it
        assert key in str(error)


@given(st.data(), st.from_regex(r"[a-z_]{1,12}", fullmatch=True))
def test_unknown_key_is_named(data: st.DataObject, key: str) -> None:
    tree = copy.deepcopy(TREES[data.draw(st.sampled_from(sorted(TREES)))])
    table = data.draw(st.sampled_from(tables(tree)))
    key += "_x"  # no key of the format ends so
    at(tree, table)[key] = data.draw(st.sampled_from([1, "a", [], {}]))
    refused(tree, f"`{place((*table, key))}`: this key is not known")


def test_distances_are_no_centimetres() -> None:
    check = {"measure": "wrist_shin_distance", "target": ["-", 15]}
    refused(changed(KNEE, CHECK, check), "cue[1].check[1]", "`target` has 15", "torso lengths")


def test_turned_to_both_sides() -> None:
    figure = {"trunk_inclination": -90, "held": {"roll": 9}, "other": {"roll": 9}}
    refused(changed(KNEE, ("figure", 0), figure), "figure[1]", "`roll`", "leave one out")


@given(st.data(), st.sampled_from(["7", True, [], {}, [[1]]]))
def test_what_is_no_number_is_refused(data: st.DataObject, value: Any) -> None:
    tree = copy.deepcopy(TREES[data.draw(st.sampled_from(sorted(TREES)))])
    numbers = [p for p in leaves(tree) if isinstance(at(tree, p), int | float)]
    numbers = [p for p in numbers if not isinstance(at(tree, p), bool)]
    path = data.draw(st.sampled_from(numbers))
    refused(changed(tree, path, value), place(path))


@given(st.data(), st.sampled_from([5, 0.5, False]))
def test_what_is_no_text_is_refused(data: st.DataObject, value: Any) -> None:
    tree = copy.deepcopy(TREES[data.draw(st.sampled_from(sorted(TREES)))])
    texts = [p for p in leaves(tree) if isinstance(at(tree, p), str) and at(tree, p) != "-"]
    path = data.draw(st.sampled_from(texts))
    refused(changed(tree, path, value), place(path))


@given(st.data(), st.from_regex(r"[a-z_]{1,12}", fullmatch=True))
def test_unknown_measures_are_refused(data: st.DataObject, name: str) -> None:
    tree = copy.deepcopy(TREES[data.draw(st.sampled_from(sorted(TREES)))])
    path = data.draw(st.sampled_from([p for p in leaves(tree) if p[-1] == "measure"]))
    refused(changed(tree, path, name + "_x"), place(path), "there is no measure")


@given(st.data())
def test_swapped_bounds_are_refused(data: st.DataObject) -> None:
    tree = copy.deepcopy(TREES[data.draw(st.sampled_from(sorted(TREES)))])
    bands = [
        p[:-1]
        for p in leaves(tree)
        if p[-1] == 0 and p[-2] in ("enter", "leave", "target") and "-" not in at(tree, p[:-1])
        if at(tree, p[:-1])[0] < at(tree, p[:-1])[1]
    ]
    if not bands:
        return
    path = data.draw(st.sampled_from(bands))
    refused(changed(tree, path, at(tree, path)[::-1]), place(path), "above the upper end")


@given(st.data())
def test_narrower_leave_is_refused(data: st.DataObject) -> None:
    tree = copy.deepcopy(TREES[data.draw(st.sampled_from(sorted(TREES)))])
    k = data.draw(st.integers(0, len(tree["hold"]["while"]) - 1))
    end = data.draw(st.integers(0, 1))
    condition = tree["hold"]["while"][k]
    low, high = condition["enter"]
    inside = data.draw(st.floats(0.001, 0.9)) * (high - low)
    condition["leave"][end] = low + inside if end == 0 else high - inside
    refused(tree, f"hold.while[{k + 1}]", "`leave` must hold all of `enter`")


ANY = st.one_of(
    st.floats(),
    st.integers(-(10**30), 10**30),
    st.booleans(),
    st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=20),
    st.lists(st.sampled_from(["-", 0, 1, 90.5, -7]), max_size=3),
    st.sampled_from([[], {}, "-", "near", "held", "other", "range", "sd", "min", "worst"]),
    st.sampled_from(["hip_flexion", "trunk_inclination", "shoulder_tilt", "back_bow", "each"]),
    st.sampled_from(["front", "above", "depth", "reminder", "alignment", "[/x]", "{x}", "$\\x$"]),
)


@given(st.data())
@settings(max_examples=150)
def test_whatever_is_accepted_can_be_used(data: st.DataObject) -> None:
    """A changed value is refused with a DefinitionError, or else the stretch can be checked."""
    tree = copy.deepcopy(TREES[data.draw(st.sampled_from(sorted(TREES)))])
    for path in data.draw(st.lists(st.sampled_from(leaves(tree)), min_size=1, max_size=2)):
        at(tree, path[:-1])[path[-1]] = data.draw(ANY)
    try:
        stretch = parse(tree)
    except DefinitionError:
        return
    series = stick_figure(LEGS_UP, t_s=np.arange(9) / 3)
    check_series(series, stretch).to_json()
    assert sections(stretch)
    for figure in stretch.figures:
        assert figure_strokes(stretch, figure)


def test_reps_of_a_sided_measure_are_counted() -> None:
    tree = copy.deepcopy(KNEE)
    tree["reps"] = {"measure": "knee_flexion", "high": "in", "low": "out", "min_range": 20}
    stretch = parse(tree)
    check_series(stick_figure(LEGS_UP, t_s=np.arange(60) / 10), stretch)


# --- tolerances that are too fine -----------------------------------------------------------------

HIP = MEASURES["hip_flexion"]


def warned(tolerance: float, **check: Any) -> list[str]:
    tree = copy.deepcopy(LEGS)
    tree["cue"][0]["check"][0] |= {"tolerance": tolerance, **check}
    return [line for line in parse(tree).too_fine() if line.startswith("hips-at-90: ")]


def test_tolerance_finer_than_twice_the_error_is_warned_of() -> None:
    assert HIP.finest_tolerance == 2 * HIP.sem
    assert warned(HIP.finest_tolerance) == []
    assert warned(10 * HIP.finest_tolerance) == []
    (line,) = warned(HIP.finest_tolerance / 2)
    assert f"{HIP.finest_tolerance / 2:g} is finer" in line
    assert HIP.label in line
    assert f"({HIP.finest_tolerance:.2g})" in line


def test_tolerance_on_change_is_not_warned_of() -> None:
    """What a reading is off by, it is off by all the time."""
    assert warned(0) and warned(0, statistic="worst")
    for statistic in set(NEED_TIME) - {"variation"}:
        assert warned(0, statistic=statistic, target=["-", 3]) == []


def test_only_alignment_can_be_too_fine() -> None:
    tree = copy.deepcopy(LEGS)
    for cue in tree["cue"]:
        for check in cue.get("check", ()):
            check["tolerance"] = 0
    told = [line.split(":")[0] for line in parse(tree).too_fine()]
    assert told == [cue["id"] for cue in tree["cue"] if cue["kind"] == "alignment"]


def test_a_cue_that_the_view_can_only_fail_is_warned_of() -> None:
    tree = copy.deepcopy(LEGS)
    apart = {"measure": "knee_separation", "target": ["-", 0.3], "tolerance": 0.4}
    tree["cue"][0]["check"] = [apart]
    (line,) = parse(tree).half_told()
    assert line.startswith("hips-at-90: from the side the distance between the knees may be more")
    assert "can fail or" in line
    apart["target"] = [0.3, "-"]
    assert "can pass or" in parse(tree).half_told()[0]
    assert load_stretch("trunk-rotation").half_told() == []  # filmed along the body


# --- files that are no definition -----------------------------------------------------------------


@given(st.data())
def test_broken_text_is_refused_or_read(data: st.DataObject) -> None:
    text = text_of("legs-up-the-wall")
    start = data.draw(st.integers(0, len(text)))
    cut = data.draw(st.integers(0, 40))
    new = data.draw(st.text(st.characters(codec="utf-8"), max_size=8))
    try:
        parse_stretch(text[:start] + new + text[start + cut :], where="mine.toml")
    except DefinitionError as error:
        assert str(error).startswith("mine.toml: ")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"id = ", "not TOML"),
        (b"id = 'a'\nid = 'b'", "not TOML"),
        (b"version = " + b"9" * 5000, "not TOML"),
        (b"a = " + b"[" * 5000, "nested too deeply"),
        (b"name = '\xff\xfe'", "not UTF-8"),
        (b"# " + b"x" * 300_000, "too large"),
        (b"", "missing"),
    ],
    ids=["cut", "twice", "huge-number", "deep", "latin-1", "huge", "empty"],
)
def test_file_that_is_no_definition(tmp_path: Path, data: bytes, words: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_bytes(data)
    with pytest.raises(DefinitionError, match=words) as caught:
        load_stretch(file)
    assert str(file) in str(caught.value)


def test_windows_file_with_byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_bytes(text_of("cat-cow").replace("\n", "\r\n").encode("utf-8-sig"))
    assert load_stretch(file) == load_stretch("cat-cow")


def test_folder_and_missing_file(tmp_path: Path) -> None:
    folder = tmp_path / "folder.toml"
    folder.mkdir()
    for path in (folder, tmp_path / "none.toml"):
        with pytest.raises(DefinitionError, match=path.name):
            load_stretch(path)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no /dev/zero here")
def test_endless_file_is_not_read_to_its_end(tmp_path: Path) -> None:
    endless = tmp_path / "endless.toml"
    endless.symlink_to("/dev/zero")
    with pytest.raises(DefinitionError, match="not a regular file"):
        load_stretch(endless)
