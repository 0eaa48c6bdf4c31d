"""What is wrong with a definition: every key, its line, the reason and the nearest right name."""

from __future__ import annotations

import re
import reprlib
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches
from typing import Any, get_args

from pydantic import ValidationError

from posecheck.stretches.definition import Stretch
from posecheck.stretches.line_numbers import key_lines, line_of
from posecheck.stretches.schema import REPS_KINDS, ByHold, Loc, Part, Repeats

# What was expected, where a value is of the wrong kind.
_NO = {
    "float_type": "no number",
    "int_type": "no whole number",
    "bool_type": "neither true nor false",
    "string_type": "no text in quotes",
}

# Readers of TOML take a time that grows with the square of how long a line or how deep a table is.
_LONGEST_LINE = 6000
_DEEPEST = 12
_MOST_PROBLEMS = 50
_LONGEST_VALUE = 80

_shown = reprlib.Repr()
_shown.maxstring = _shown.maxother = _shown.maxlong = _LONGEST_VALUE


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong, on one line of the file; line 0 where none can be named."""

    line: int
    place: str
    reason: str

    def __str__(self) -> str:
        key = f"`{self.place}`" if self.place else ""
        where = ", ".join(filter(None, (f"line {self.line}" if self.line else "", key)))
        return f"{where}: {self.reason}" if where else self.reason


_TOO_DEEP = Problem(0, "", "this is nested too deeply")


def read_definition(text: str) -> tuple[Stretch | None, list[Problem]]:
    """Read a definition from TOML text.

    Parameters
    ----------
    text : str

    Returns
    -------
    stretch : Stretch or None
        None where something is wrong.
    problems : list of Problem
        In the order of the file, the first fifty.
    """
    too_long = next(
        (k for k, line in enumerate(text.split("\n"), 1) if len(line) > _LONGEST_LINE), 0
    )
    if too_long:
        reason = f"this line has more than {_LONGEST_LINE} characters; break it up"
        return None, [Problem(too_long, "", reason)]
    try:
        tree = tomllib.loads(text)
    except RecursionError:
        return None, [_TOO_DEEP]
    except ValueError as error:  # a TOMLDecodeError, or Python's refusal of an endless number
        return None, [_no_toml(str(error))]
    if _is_deep(tree):
        return None, [_TOO_DEEP]
    try:
        return Stretch.model_validate(tree), []
    except ValidationError as error:
        lines = key_lines(text)
        return None, _first(sorted({_problem(item, lines) for item in error.errors()}))


def _is_deep(tree: object) -> bool:
    """Whether tables and arrays lie too deep inside of each other."""
    level = [tree]
    for _ in range(_DEEPEST):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return any(isinstance(inner, dict | list) for inner in level)


def _first(problems: list[Problem]) -> list[Problem]:
    """As many as anybody reads."""
    more = len(problems) - _MOST_PROBLEMS
    if more <= 0:
        return problems
    return [*problems[:_MOST_PROBLEMS], Problem(0, "", f"and {more} more")]


def _no_toml(message: str) -> Problem:
    line = re.search(r"at line (\d+)", message)
    return Problem(int(line[1]) if line else 0, "", f"this is not TOML: {message}")


def _problem(item: Any, lines: dict[Loc, int]) -> Problem:
    # pydantic names the kind of a [reps] table as if it were a key.
    place: Loc = tuple(part for part in item["loc"] if part not in REPS_KINDS)
    return Problem(line_of(place, lines), show_place(place), _reason(item))


def show_place(place: Loc) -> str:
    """A place as people read it: `cue[1].check[2].target`.

    Parameters
    ----------
    place : tuple
        Keys and numbers, from the outside in.

    Returns
    -------
    str
    """
    words = ""
    for part in place:
        words += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if words else part
    return words


def _reason(item: Any) -> str:
    loc, given, kind = item["loc"], item["input"], item["type"]
    value = _shown.repr(given)
    reason = str(item["msg"]).removeprefix("Value error, ")
    if kind in _NO:
        reason = f"{value} is {_NO[kind]}"
    elif kind == "extra_forbidden":
        reason = f"this key is not known; {_nearest(str(loc[-1]), keys_at(loc[:-1]))}"
    elif kind == "missing":
        reason = "this key is missing"
    elif kind == "literal_error":
        choices = re.findall(r"'([^']*)'", item["ctx"]["expected"])
        reason = f"{value} is none of {_by_nearness(str(given), choices)}"
    elif kind == "string_pattern_mismatch":
        reason = f"{value} is no short name: small letters, digits and single dashes between"
    elif kind == "tuple_type" and isinstance(given, dict):
        reason = f"there may be several, so its header has double brackets: `[[{loc[-1]}]]`"
    return reason


def _nearest(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    if near:
        return f"did you mean `{near[0]}`?"
    return f"known here: {_by_nearness(name, known)}"


def _by_nearness(name: str, choices: Iterable[str]) -> str:
    """The choices, those that look most like the name first."""
    nearest = sorted(choices, key=lambda choice: -SequenceMatcher(None, name, choice).ratio())
    return ", ".join(f"`{choice}`" for choice in nearest)


def keys_at(loc: Loc) -> list[str]:
    """The keys that the table at a place may have.

    Parameters
    ----------
    loc : tuple
        Keys and numbers, from the outside in.

    Returns
    -------
    list of str
    """
    model: type[Part] | None = Stretch
    for part in loc:
        if model is None or isinstance(part, int):
            continue
        if part in REPS_KINDS:
            model = Repeats if part == REPS_KINDS[0] else ByHold
            continue
        fields = {field.alias or name: field for name, field in model.model_fields.items()}
        model = model_in(fields[part].annotation)
    if model is None:
        return []
    return [field.alias or name for name, field in model.model_fields.items()]


def model_in(annotation: Any) -> type[Part] | None:
    """The table that a type of a key holds, if it holds any.

    Parameters
    ----------
    annotation : Any

    Returns
    -------
    type[Part] or None
    """
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return annotation
    return next((found for inner in get_args(annotation) if (found := model_in(inner))), None)
