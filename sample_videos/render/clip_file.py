"""Reading clips/NAME.toml: who does what when, where, filmed how, and what must come of it.

    title, stretch, form, body, near_side, poster_s, seed, spread, retrace, solve_first, notes
    [[moment]]    at_s, until_s, form, keep, breath, held, phase
    [own.NAME]    a form of the clip's own, in the language of poses/*.toml
    [borrow]      NAME = "other-stretch/form"
    [look] [clothes] [room] [light]   see choices.py; mat = "none" is the bare floor
    [camera]      view, yaw_deg, height_m, distance_m, elevation_deg, roll_deg, margin, offset
    [picture]     see picture.py
    [expected]    verdict, cues, reps

`notes` say in a sentence what is right or wrong: the README shows them. A cue that this camera
cannot see, such as one about a hidden hand, is expected to be `not_assessed`.

Where the body lies or sits and which way it faces depends on the stretch's own view (`views.py`):
a body filmed from above lies along x with its head at -x, so that yaw 90 has it up; others face the
camera at yaw 0. `near_side` is for the side view only. A wrong view is one with another `yaw_deg`.

A clip without moments shows an empty room for `seconds`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from body import Body
from choices import Clothes, Light, Look, Room
from motion import Moment, Motion
from picture import PictureParams
from poses import HERE as RENDER
from poses import Form, load_forms, read_form

FPS = 15
WIDTH, HEIGHT = 640, 480


@dataclass(frozen=True)
class View:
    """How it is filmed; `view` is what the sidecar calls it: side, front, above or feet.

    With `elevation_deg` the camera looks down so steeply, and the height gives the distance.
    """

    view: str = "side"
    yaw_deg: float = 0.0
    height_m: float = 0.75
    distance_m: float = 3.2
    roll_deg: float = 0.0
    margin: float = 0.1
    offset: tuple[float, float] = (0.0, 0.0)
    elevation_deg: float | None = None


@dataclass(frozen=True)
class Clip:
    """One sample clip as it is written down; see the module's docstring."""

    name: str
    title: str
    stretch: str
    body: str
    form: str = "correct"
    near_side: str = "right"
    seconds: float = 0.0
    poster_s: float = 0.0
    seed: int | None = None
    spread: float = 0.5
    retrace: bool = False
    solve_first: str = ""
    notes: str = ""
    moments: tuple[Moment, ...] = ()
    own_forms: dict[str, Any] = field(default_factory=dict)
    borrowed: dict[str, str] = field(default_factory=dict)
    look: Look = field(default_factory=Look)
    clothes: Clothes = field(default_factory=Clothes)
    room: Room = field(default_factory=Room)
    light: Light = field(default_factory=Light)
    camera: View = field(default_factory=View)
    picture: PictureParams = field(default_factory=PictureParams)
    expected: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def forms(self) -> dict[str, Form]:
        """All forms that the moments may name."""
        forms = load_forms(self.stretch) | forms_of_its_own(self.stretch, self.own_forms)
        for name, path in self.borrowed.items():
            stretch, form = path.split("/")
            forms[name] = load_forms(stretch)[form]
        if unknown := {moment.form for moment in self.moments} - forms.keys():
            raise SystemExit(f"{self.name}.toml: {self.stretch} has no form {sorted(unknown)}")
        return forms

    @cached_property
    def made_for(self) -> str:
        """The view that the stretch is made for, whatever this clip's camera sees of it."""
        return self.forms[self.form].views[0] if self.moments else "side"

    @cached_property
    def motion(self) -> Motion:
        """The moving body."""
        return Motion(
            body=Body.load(self.body),
            forms=self.forms,
            moments=self.moments,
            solve_first=self.solve_first or self.form,
            made_for=self.made_for,
            near_side=self.near_side,
            retrace=self.retrace,
            seed=self.seed,
            spread=self.spread,
        )


_TABLES = {"look": Look, "clothes": Clothes, "room": Room, "light": Light, "camera": View,
           "picture": PictureParams}  # fmt: skip


def clip_names(folder: str = "clips") -> list[str]:
    """All clips that are written down in a folder beside this file."""
    return sorted(path.stem for path in (RENDER / folder).glob("*.toml"))


def load_clip(name: str, folder: str = "clips") -> Clip:
    """Read one clip."""
    path = RENDER / folder / f"{name}.toml"
    if not path.exists():
        raise SystemExit(f"There is no clip {name!r}; there are: {', '.join(clip_names(folder))}.")
    file = tomllib.loads(path.read_text(encoding="utf-8"))
    if file.get("room", {}).get("mat") == "none":
        file["room"]["mat"] = None
    try:
        for table, make in _TABLES.items():
            file[table] = make(**_tuples(file.get(table, {})))
        file["moments"] = tuple(Moment(**_tuples(row)) for row in file.pop("moment", []))
        file["own_forms"] = file.pop("own", {})
        return Clip(name=name, borrowed=file.pop("borrow", {}), **file)
    except (TypeError, ValueError) as error:
        raise SystemExit(f"{path.name}: {error}") from error


def forms_of_its_own(stretch: str, own: dict[str, Any]) -> dict[str, Form]:
    """Forms written in a clip as if they stood in the stretch's pose file."""
    file = tomllib.loads((RENDER / "poses" / f"{stretch}.toml").read_text(encoding="utf-8"))
    file["form"] |= own
    return {name: read_form(stretch, file, name) for name in own}


def _tuples(row: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
