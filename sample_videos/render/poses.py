"""The poses of a stretch, read from poses/STRETCH.toml and fitted to a body.

A file has a base `[pose]`, what may give way in `[adjust]`, what touches what (`[[touch]]`,
`[[align]]`, `[[lean]]`, `[[grip]]`, `[[around]]`, `[[keep]]`), what varies between people in
`[vary]`, things in the room in `[props]`, and forms: `[form.correct]`, `[form.hips-at-60]`, each
overriding the base or the form it is `like`. See poses/README.md.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from body import N_SKIN, SIDES, Body
from contacts import Align, Around, Constraint, Grip, Lean, Touch, place, solve
from rig import DEFAULTS, LIMB_PARAMETERS, Pose, Posed, pose_body, skin
from views import PLACINGS

HERE = Path(__file__).resolve().parent
MAT_HEIGHT = 0.006
_SIDED_PARTS = (
    "palm", "fingertips", "palm_heel", "elbow", "forearm", "foot", "toes", "heel", "knee", "shin",
    "thigh", "wrist", "shoulder", "hip", "ankle",
)  # fmt: skip


@dataclass(frozen=True)
class Keep:
    """A joint stays where it is, seen from another joint, in another form of the same stretch."""

    stretch: str
    form: str
    joint: str
    of: str
    axis: str
    within: float = 0.004

    def on(self, body: Body) -> Align:
        """The same as an offset in metres on this body."""
        posed = _as_written(self.stretch, self.form, body)
        apart = place(body, posed, self.joint) - place(body, posed, self.of)
        offset = float(apart["xyz".index(self.axis)])
        return Align(self.joint, self.of, self.axis, offset, self.within)


@dataclass(frozen=True)
class Form:
    """One way of doing a stretch.

    Attributes
    ----------
    pose : dict
        Nominal parameters.
    adjust : dict
        What the solver may change, and how readily (degrees or metres).
    vary : dict
        Standard deviation between people of a parameter, before solving.
    constraints : list
    fault : str or None
        Id of the cue that this form must fail.
    props : dict
        Things in the room: `wall_x`, `roller_x`, ...
    views : tuple of str
        Where the stretch is filmed from, see `views.py`; the first decides how the body lies in
        the room.
    """

    stretch: str
    name: str
    position: str
    pose: Pose
    adjust: dict[str, float]
    vary: dict[str, float]
    constraints: list[Constraint | Keep]
    fault: str | None = None
    held: str | None = None
    props: dict[str, Any] = field(default_factory=dict)
    views: tuple[str, ...] = ("side",)


class PoseFileError(Exception):
    """A pose file says something that cannot be."""


def stretches(*views: str) -> list[str]:
    """Ids of the stretches that are filmed from one of these views."""
    names = sorted(path.stem for path in (HERE / "poses").glob("*.toml"))
    return [name for name in names if set(views) & set(views_of(_parsed(name)))]


def views_of(file: dict[str, Any]) -> tuple[str, ...]:
    """Where a stretch is filmed from, out of its parsed pose file."""
    named = file.get("view", "side")
    views = (named,) if isinstance(named, str) else tuple(named)
    if unknown := set(views) - PLACINGS.keys():
        raise ValueError(f"unknown views: {sorted(unknown)}")
    return views


def _parsed(stretch: str) -> dict[str, Any]:
    path = HERE / "poses" / f"{stretch}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def load_forms(stretch: str) -> dict[str, Form]:
    """Every form of a stretch by name."""
    file = _parsed(stretch)
    try:
        return {name: read_form(stretch, file, name) for name in file["form"]}
    except (KeyError, TypeError, ValueError) as error:
        raise PoseFileError(f"{stretch}.toml: {error}") from error


def read_form(stretch: str, file: dict[str, Any], name: str) -> Form:
    """One form of a pose file that has been parsed."""
    own = _own(file, name)
    merged = lambda key: _both_sides(file.get(key, {})) | own[key]  # noqa: E731
    for key in ("pose", "adjust", "vary"):
        if unknown := merged(key).keys() - DEFAULTS.keys():
            raise ValueError(f"form {name}: unknown parameters in {key}: {sorted(unknown)}")
    props = file.get("props", {}) | own["props"]
    constraints: list[Constraint | Keep] = []
    for kind, make in _CONSTRAINTS.items():
        for row in [*file.get(kind, []), *own[kind]]:
            if row.get("name") not in own["without"]:
                constraints += make(row, stretch, props)
    form = Form(
        stretch=stretch,
        name=name,
        position=own.get("position", file["position"]),
        pose=merged("pose"),
        adjust=merged("adjust"),
        vary=merged("vary"),
        constraints=constraints,
        fault=own.get("fault"),
        held=own.get("held", file.get("held")),
        props=props,
        views=views_of(file | own),
    )
    return _mirrored(form) if own.get("mirror") else form


def _own(file: dict[str, Any], name: str) -> dict[str, Any]:
    """What a form says beyond the base of its file, and before it the form that it is `like`."""
    own = file["form"][name]
    if unknown := own.keys() - {*_TABLES, *_CONSTRAINTS, *_WORDS, "without"}:
        raise ValueError(f"form {name}: unknown keys {sorted(unknown)}")
    before = _own(file, own["like"]) if "like" in own else {}
    tables = {key: before.get(key, {}) | _both_sides(own.get(key, {})) for key in _TABLES}
    lists = {key: [*before.get(key, []), *own.get(key, [])] for key in (*_CONSTRAINTS, "without")}
    return {key: value for key, value in (before | own).items() if key in _WORDS} | tables | lists


def _mirrored(form: Form) -> Form:
    """Left becomes right and right left; what goes or turns sideways goes the other way."""
    swap = lambda values: {_other_side(name): value for name, value in values.items()}  # noqa: E731
    sideways = {name: -form.pose[name] for name in _SIDEWAYS if name in form.pose}
    return replace(
        form,
        pose=swap(form.pose) | sideways,
        adjust=swap(form.adjust),
        vary=swap(form.vary),
        constraints=[_mirrored_constraint(constraint) for constraint in form.constraints],
        held=form.held and _other_side(form.held),
    )


def _mirrored_constraint(constraint: Constraint | Keep) -> Constraint | Keep:
    changes: dict[str, Any] = {}
    for each in fields(constraint):
        value = getattr(constraint, each.name)
        if isinstance(value, str):
            changes[each.name] = _other_side(value)
        elif isinstance(value, tuple):
            changes[each.name] = tuple(map(_other_side, value))
        elif each.name == "aside":
            changes[each.name] = -value
    if isinstance(constraint, Align) and constraint.axis == "y":
        changes["offset"] = -constraint.offset
    if isinstance(constraint, Lean) and constraint.axis == "y":
        changes["degrees"] = -constraint.degrees
    return replace(constraint, **changes)


def _other_side(name: str) -> str:
    swapped = {"left": "right", "right": "left"}
    side, *rest = name.split("_", 1)
    return "_".join([swapped.get(side, side), *rest])


def _both_sides(values: dict[str, float]) -> dict[str, float]:
    """`knee_flexion` means both knees; `left_knee_flexion` the left one and has the last word."""
    both = {
        f"{side}_{name}": float(value)
        for name, value in values.items()
        if name in LIMB_PARAMETERS
        for side in SIDES
    }
    single = {n: float(v) for n, v in values.items() if n not in LIMB_PARAMETERS}
    return both | single


def _sided(name: str) -> list[str]:
    return [f"{side}_{name}" for side in SIDES] if name in _SIDED_PARTS else [name]


def _sided_pairs(first: str, second: Any) -> list[tuple[str, Any]]:
    """The pair on both sides, where the first is a joint that people have two of."""
    if first not in _SIDED_PARTS:
        return [(first, second)]
    return [(f"{s}_{first}", f"{s}_{second}" if second in _SIDED_PARTS else second) for s in SIDES]


def _touch(row: dict[str, Any], _: str, props: dict[str, Any]) -> list[Constraint]:
    planes = {
        "floor": {"axis": "z", "end": "min", "value": MAT_HEIGHT},
        "wall": {"axis": "x", "end": "max", "value": props.get("wall_x", 0.0)},
    }
    row = _unnamed(row)
    parts, plane = row.pop("parts"), planes[row.pop("to", "floor")]
    plane = plane | {"value": plane["value"] + row.pop("height", 0.0)}
    return [Touch(part, **(plane | row)) for name in parts for part in _sided(name)]


def _align(row: dict[str, Any], _: str, __: dict[str, Any]) -> list[Constraint]:
    row = _unnamed(row)
    pairs = _sided_pairs(row.pop("joint"), row.pop("of", None))
    return [Align(*pair, **row) for pair in pairs]


def _lean(row: dict[str, Any], _: str, __: dict[str, Any]) -> list[Constraint]:
    row = _unnamed(row)
    pairs = _sided_pairs(row.pop("upper"), row.pop("lower"))
    return [Lean(*pair, **row) for pair in pairs]


def _grip(row: dict[str, Any], _: str, __: dict[str, Any]) -> list[Constraint]:
    return [Grip(**(_unnamed(row) | {"limb": tuple(row["limb"])}))]


def _around(row: dict[str, Any], _: str, props: dict[str, Any]) -> list[Constraint]:
    """Around a limb or, without one, the roller on the floor."""
    row = _unnamed(row)
    parts = row.pop("parts")
    if "limb" in row:
        row["limb"] = tuple(row["limb"])
    else:
        radius = props["roller_radius"]
        row |= {"radius": radius, "x": props["roller_x"], "z": MAT_HEIGHT + radius}
    return [Around(part, **row) for name in parts for part in _sided(name)]


def _keep(row: dict[str, Any], stretch: str, _: dict[str, Any]) -> list[Keep]:
    row = _unnamed(row)
    form, of = row.pop("as_in"), row.pop("of")
    pairs = [pair for joint in row.pop("joints") for pair in _sided_pairs(joint, of)]
    return [Keep(stretch, form, *pair, axis, **row) for pair in pairs for axis in "xy"]


def _unnamed(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != "name"}


_TABLES = ("pose", "adjust", "vary", "props")
_CONSTRAINTS: dict[str, Callable[..., Sequence[Constraint | Keep]]] = {
    "touch": _touch, "align": _align, "lean": _lean,
    "grip": _grip, "around": _around, "keep": _keep,
}  # fmt: skip
_FIXED_PROPS = {"wall_x", "roller_x"}  # the body lies where they are
_SIDEWAYS = ("y", "roll", "turn", "twist", "side_bend", "head_turn", "head_tilt")
_WORDS = ("like", "mirror", "fault", "held", "position", "view")


# --- on a body ----------------------------------------------------------------------------------


def fit(
    form: Form, body: Body, *, rng: np.random.Generator | None = None, spread: float = 1.0
) -> tuple[Pose, float]:
    """The form on a body, all contacts held, in the middle of the mat.

    Parameters
    ----------
    rng : Generator, optional
        Varies the form as people do; without it, the form as it is written.
    spread : float
        Multiplies the variation.

    Returns
    -------
    pose : dict
    worst : float
        The largest miss of a contact in units of its tolerance: below 3 is a good fit.
    """
    pose = dict(form.pose)
    held = [each.on(body) if isinstance(each, Keep) else each for each in form.constraints]
    if rng is not None:
        deviations = lambda: spread * float(np.clip(rng.normal(), -2, 2))  # noqa: E731
        for name, deviation in sorted(form.vary.items()):
            pose[name] = pose.get(name, DEFAULTS[name]) + deviation * deviations()
        held = [
            each.shifted(deviations()) if isinstance(each, Align | Lean) else each for each in held
        ]
    solved, worst = solve(body, pose, form.adjust, held)
    return (solved if form.props.keys() & _FIXED_PROPS else centred(body, solved)), worst


@lru_cache(maxsize=32)
def _as_written(stretch: str, form: str, body: Body) -> Posed:
    return pose_body(body, fit(load_forms(stretch)[form], body)[0])


def centred(body: Body, pose: Pose) -> Pose:
    """The pose moved so that the body lies in the middle of the mat."""
    points = skin(body, pose_body(body, pose), np.arange(0, N_SKIN, 10))
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    return pose | {"x": pose.get("x", 0.0) - middle[0], "y": pose.get("y", 0.0) - middle[1]}
