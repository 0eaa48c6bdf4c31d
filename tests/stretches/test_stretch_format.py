"""The page on the stretch format says of every key and every measure what the types say."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any, get_args

import pytest

from posecheck.measures.catalogue import MEASURES, TIMES
from posecheck.stretches import schema
from posecheck.stretches.definition import Stretch
from posecheck.stretches.problems import model_in
from posecheck.stretches.schema import Part, Repeats
from tests.fixtures.paths import REPO

PAGE = (REPO / "docs" / "stretch-format.md").read_text(encoding="utf-8")
TABLES = dict(re.findall(r"<!-- made: ([^>]+) -->\n(.*?)\n<!-- end -->", PAGE, re.DOTALL))


def rows(table: str) -> dict[str, list[str]]:
    """Cells of each row by what stands first in it."""
    cells = [line.strip("| ").split(" | ") for line in TABLES[table].splitlines()[2:]]
    return {row[0].strip("`"): row[1:] for row in cells}


def every_table(model: type[Part] = Stretch) -> set[type[Part]]:
    found = {model}
    for field in model.model_fields.values():
        inner = model_in(field.annotation)
        if inner is not None and inner not in found:
            found |= every_table(inner)
    return found | ({schema.ByHold} if Repeats in found else set())


def test_tables_are_current(tmp_path: Any) -> None:
    """`make docs` would change nothing."""
    for name in ("make_tables.py", "stretch-format.md"):
        (tmp_path / name).write_bytes((REPO / "docs" / name).read_bytes())
    subprocess.run([sys.executable, str(tmp_path / "make_tables.py")], check=True, cwd=REPO)
    assert (tmp_path / "stretch-format.md").read_text("utf-8") == PAGE, "run `make docs`"


def test_every_table_of_the_format_is_on_the_page() -> None:
    keys = [
        {field.alias or name for name, field in model.model_fields.items()}
        for model in every_table()
    ]
    on_page = [set(rows(table)) for table in TABLES if table != "measures"]
    assert len(on_page) == len(keys)
    for own in keys:
        assert own in on_page


@pytest.mark.parametrize(
    ("table", "key", "may_be", "left_out"),
    [
        ("top", "id", "text", "**must be there**"),
        ("top", "views", "a list of `side`, `front`, `above`, `end-on`", "**must be there**"),
        ("hold", "still", "a number above 0, at most 90", "nothing"),
        ("hold", "min_s", "a number above 0, at most 60", "`2`"),
        ("hold.while", "enter", "a band", "**must be there**"),
        ("hold.while", "if_seen", "`true`, `false`", "`false`"),
        ("dose", "sets", "a whole number above 0, at most 50", "`1`"),
        ("cue", "kind", "`alignment`, `depth`, `reminder`", "**must be there**"),
        ("cue.check", "tolerance", "a number at least 0", "`0`"),
        ("rom", "band", "a band", "nothing"),
        ("figure", "back_bow", "a number at least -0.3, at most 0.3", "nothing"),
        ("figure side", "hip_flexion", "a number at least -200, at most 200", "nothing"),
    ],
)
def test_what_a_key_may_be(table: str, key: str, may_be: str, left_out: str) -> None:
    assert rows(table)[key][:2] == [may_be, left_out]


def test_every_key_says_what_it_means() -> None:
    for model in every_table():
        for name, field in model.model_fields.items():
            assert field.description, f"{model.__name__}.{name}"


def test_every_measure_is_listed() -> None:
    assert set(rows("measures")) == {*MEASURES, *TIMES}
    hip = MEASURES["hip_flexion"]
    label, unit, sides, zero, sign, views, sem = rows("measures")["hip_flexion"]
    assert (label, unit, sides, zero, sign) == (hip.label, "degrees", "each", hip.zero, hip.sign)
    assert (views, sem) == ("side", f"{hip.sem:.2g}")


def test_every_statistic_is_explained() -> None:
    explained = set(re.findall(r"^\| `(\w+)`(?:, `(\w+)`)? \|", PAGE, re.MULTILINE))
    assert set(get_args(schema.Statistic)) <= {name for pair in explained for name in pair}
    assert set(schema.NEED_TIME) <= set(get_args(schema.Statistic))
