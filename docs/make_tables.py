"""Write the tables of docs/stretch-format.md from the types and the measures: `make docs`.

What stands between two marks `<!-- made: NAME -->` and `<!-- end -->` is made here; the rest of the
page is written by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from posecheck.measures.catalogue import MEASURES, TIMES, Measure
from posecheck.stretches import definition, figure, schema
from posecheck.stretches.problems import model_in

PAGE = Path(__file__).parent / "stretch-format.md"
_LIMITS = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
_UNITS = {"deg": "degrees", "torso": "L", "s": "seconds"}
_KINDS = {
    "BeforeValidator": "a band",
    "bool": "`true`, `false`",
    "int": "a whole number",
    "float": "a number",
}

# Every table of the format, by the name of its mark.
TYPES: dict[str, type[schema.Part]] = {
    "top": definition.Stretch,
    "sources": schema.Source,
    "dose": schema.Dose,
    "hold": schema.Position,
    "hold.while": schema.Condition,
    "reps": schema.Repeats,
    "reps by hold": schema.ByHold,
    "variant": schema.Variant,
    "variant.while": schema.Within,
    "cue": schema.Cue,
    "cue.check": schema.Check,
    "cue.advice": schema.Advice,
    "rom": schema.Rom,
    "figure": figure.Figure,
    "figure side": figure.FigureSide,
}


def keys_table(model: type[schema.Part]) -> str:
    """One row a key: what it may be, its default, what it means."""
    rows = ["| key | may be | if left out | means |", "|---|---|---|---|"]
    for name, field in model.model_fields.items():
        cells = (f"`{field.alias or name}`", _may_be(field), _default(field), field.description)
        rows.append(f"| {' | '.join(str(cell).replace('|', '/') for cell in cells)} |")
    return "\n".join(rows)


def _may_be(field: FieldInfo) -> str:
    if choices := _choices(field.annotation):
        several = get_origin(field.annotation) is tuple
        return ("a list of " if several else "") + ", ".join(f"`{choice}`" for choice in choices)
    return " ".join(filter(None, (_kind(field), _limits(field))))


def _choices(annotation: Any) -> list[str]:
    if get_origin(annotation) is Literal:
        return [str(choice) for choice in get_args(annotation)]
    return [choice for inner in get_args(annotation) for choice in _choices(inner)]


def _kind(field: FieldInfo) -> str:
    """What a value is, in words."""
    is_list = get_origin(field.annotation) is tuple and ... in get_args(field.annotation)
    if model_in(field.annotation):
        return "tables" if is_list else "a table"
    if is_list:
        return "a list of texts"
    words = f"{field.annotation} {field.metadata}"
    return next((kind for name, kind in _KINDS.items() if name in words), "text")


def _limits(field: FieldInfo) -> str:
    rules = [*field.metadata, *_inner_rules(field.annotation)]
    return ", ".join(
        f"{sign} {getattr(rule, name):g}"
        for rule in rules
        for name, sign in _LIMITS.items()
        if getattr(rule, name, None) is not None
    )


def _inner_rules(annotation: Any) -> list[Any]:
    """Limits of a type that may also be left out."""
    rules = list(getattr(annotation, "__metadata__", ()))
    inner = [rule for part in get_args(annotation) for rule in _inner_rules(part)]
    fields = [rule for rule in rules if isinstance(rule, FieldInfo)]
    return inner + [limit for field in fields for limit in field.metadata]


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**must be there**"
    value = field.default
    if value is PydanticUndefined or value in (None, (), "") or isinstance(value, schema.Part):
        return "nothing"
    return f"`{value:g}`" if isinstance(value, float) else f"`{str(value).lower()}`"


def measures_table(measures: Iterable[Measure]) -> str:
    """One row a measure: unit, sides, zero, sign, views, standard error."""
    rows = [
        "| measure | reads | unit | sides | 0 is | more is | seen from | SEM |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for measure in measures:
        cells = (
            f"`{measure.name}`",
            measure.label,
            _UNITS[measure.unit],
            "each" if measure.sided else "-",
            measure.zero,
            measure.sign,
            ", ".join(_seen_from(measure, view) for view in measure.views),
            f"{measure.sem:.2g}",
        )
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def _seen_from(measure: Measure, view: str) -> str:
    return f"{view} (at least)" if view in measure.at_least_from else view


def made() -> dict[str, str]:
    """Every table by the name of its mark."""
    tables = {name: keys_table(model) for name, model in TYPES.items()}
    return tables | {"measures": measures_table([*MEASURES.values(), *TIMES.values()])}


def filled(page: str) -> str:
    """The page with its tables made anew."""
    for name, table in made().items():
        mark = f"<!-- made: {name} -->"
        pattern = re.compile(re.escape(mark) + r".*?<!-- end -->", re.DOTALL)
        page, n = pattern.subn(lambda _, t=table, m=mark: f"{m}\n{t}\n<!-- end -->", page)
        if n != 1:
            raise SystemExit(f"{PAGE.name} has {n} places {mark}, not one")
    return page


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
