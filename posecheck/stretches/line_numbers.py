"""On which line of a TOML text each key stands; the readers of TOML do not tell.

Every statement is read with tomllib by itself, so its keys are understood as TOML means them,
quotes, dots and all; only where a statement begins and ends is found here.
"""

from __future__ import annotations

import tomllib
from typing import Any

from posecheck.stretches.schema import Loc

_LONGEST = 40  # lines of one statement; in a longer one, what follows has no line


def key_lines(text: str) -> dict[Loc, int]:
    """Lines of all tables and keys.

    Parameters
    ----------
    text : str
        TOML that can be read.

    Returns
    -------
    dict
        From the place of a key (`("cue", 0, "id")`) to its line, counted from 1. What stands inside
        an array or an inline table has the line on which that one begins.
    """
    found: dict[Loc, int] = {(): 1}
    counts: dict[Loc, int] = {}
    table: Loc = ()
    lines = text.replace("\r\n", "\n").split("\n")
    k = 0
    while k < len(lines):
        tree, used = _statement(lines, k)
        if lines[k].lstrip().startswith("["):
            table = _enter(tree, counts)
            found.setdefault(table, k + 1)
        else:
            for place in _places(tree):
                found.setdefault((*table, *place), k + 1)
        k += used
    return found


def line_of(place: Loc, lines: dict[Loc, int]) -> int:
    """Line of a key, or of the nearest table around it that the text has.

    Parameters
    ----------
    place : tuple
        Keys and numbers, from the outside in.
    lines : dict
        Line of every key, by its place.

    Returns
    -------
    int
    """
    while place not in lines:
        place = place[:-1]
    return lines[place]


def _statement(lines: list[str], start: int) -> tuple[dict[str, Any], int]:
    """What the statement that begins on a line says, and how many lines it takes."""
    for used in range(1, min(_LONGEST, len(lines) - start) + 1):
        try:
            return tomllib.loads("\n".join(lines[start : start + used])), used
        except tomllib.TOMLDecodeError:
            continue  # a text or an array goes on on the next line
    return {}, len(lines)


def _enter(header: dict[str, Any], counts: dict[Loc, int]) -> Loc:
    """Place of the table that a header opens; each `[[...]]` opens the next of its list."""
    place: Loc = ()
    inner: Any = header
    while inner:
        is_new = isinstance(inner, list)
        if is_new:
            counts[place] = counts.get(place, 0) + 1
        else:
            (name,) = inner
            place = (*place, name)
            inner = inner[name]
            if isinstance(inner, list):
                continue
        if place in counts:
            place = (*place, counts[place] - 1)
        if is_new:
            break
    return place


def _places(tree: Any, place: Loc = ()) -> list[Loc]:
    """Places of everything in a tree."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree)
    found: list[Loc] = []
    for key, value in items:
        found.append((*place, key))
        if isinstance(value, dict | list):
            found += _places(value, (*place, key))
    return found
