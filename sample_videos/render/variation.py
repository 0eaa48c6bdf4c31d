"""What a shot shows: a seed and an index become a `Shot`, plain data that goes to JSON and back.

Stretches, forms and bodies go round (`schedule.turn`), everything else is chosen in `chances`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from chances import SIZE, SIZE_STANDING, Chooser, View, draw_clothes, surroundings
from choices import Clothes, Light, Look, Room
from picture import PictureParams
from schedule import turn

BODIES_FILE = Path(__file__).resolve().parent / "bodies.toml"

NOISE_IN_SERIES = 0.35  # of the spread between people: the same person a moment later


@dataclass(frozen=True)
class Shot:
    """One still; `group` names the series that it belongs to; only a side view has a near side."""

    name: str
    split: str
    body: str
    stretch: str
    form: str
    near_side: str | None
    pose_seed: int
    pose_spread: float
    look: Look
    clothes: Clothes
    room: Room
    light: Light
    view: View
    picture: PictureParams
    picture_seed: int
    group: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain data for `json.dump`."""
        return asdict(self)


@cache
def splits() -> tuple[str, ...]:
    """Who the bodies are for, in the order of bodies.toml."""
    return tuple(dict.fromkeys(body["split"] for body in _described().values()))


@cache
def people(split: str) -> dict[str, Look]:
    """The bodies of a split and what never changes about them."""
    return {
        name: Look(skin=body["skin"], hair=body["hair"]["color"], hair_style=body["hair"]["style"])
        for name, body in _described().items()
        if body["split"] == split
    }


def _described() -> dict[str, dict[str, Any]]:
    return tomllib.loads(BODIES_FILE.read_text(encoding="utf-8"))


# --- lists of shots -----------------------------------------------------------------------------


def shots(
    split: str,
    seed: int,
    forms: Mapping[str, Sequence[str]],
    *,
    standing: Sequence[str] = (),
    near_sides: Mapping[tuple[str, str], str] | None = None,
    views: Mapping[str, Sequence[str]] | None = None,
) -> Iterator[Shot]:
    """Endless list of single stills; its beginning does not depend on how far it is read.

    Parameters
    ----------
    forms : mapping of stretch to its forms
    standing : sequence of str
        Stretches that are often filmed upright.
    near_sides : mapping of (stretch, form) to "left" or "right", optional
        Where only one side can be near.
    views : mapping of stretch to its views, optional
        Without it, all are seen from the side.
    """
    bodies = people(split)
    index = 0
    while True:
        now = turn(index, seed, forms, list(bodies))
        choose = Chooser(seed, f"{split}/{now.stretch}", now.visit)
        own_views = (views or {}).get(now.stretch, ("side",))
        view = choose.card("view", [(name, 1) for name in own_views])
        upright = now.stretch in standing or view != "side"
        around = surroundings(choose, SIZE_STANDING if upright else SIZE, view)
        if near := (near_sides or {}).get((now.stretch, now.form)):
            around["near_side"] = near
        yield Shot(
            name=f"{split}-{seed}-{index:05d}-{now.stretch}-{now.form}",
            split=split,
            body=now.body,
            stretch=now.stretch,
            form=now.form,
            pose_seed=choose.number(),
            pose_spread=1.0,
            look=bodies[now.body],
            clothes=draw_clothes(choose),
            **around,
        )
        index += 1


def series(
    split: str,
    seed: int,
    members: Mapping[str, Sequence[str]],
    standing: Sequence[str] = (),
) -> Iterator[list[Shot]]:
    """Endless list of groups: the same person and camera, only the pose changes.

    Parameters
    ----------
    members : mapping of stretch to forms
        The stills of one group in their order; a form may come more than once.
    """
    bodies = people(split)
    index = 0
    while True:
        now = turn(index, seed, dict.fromkeys(members, ("series",)), list(bodies))
        sizes = SIZE_STANDING if now.stretch in standing else SIZE
        choose = Chooser(seed, f"{split}/series/{now.stretch}", now.visit)
        group = f"{split}-{seed}-series-{index:04d}-{now.stretch}"
        common: dict[str, Any] = {
            "split": split,
            "body": now.body,
            "stretch": now.stretch,
            "pose_spread": NOISE_IN_SERIES,
            "look": bodies[now.body],
            "clothes": draw_clothes(choose),
            "group": group,
        } | surroundings(choose, sizes)
        common["picture"] = replace(common["picture"], cut="")
        yield [
            Shot(
                name=f"{group}-{place:02d}-{form}",
                form=form,
                pose_seed=choose.number(),
                **(common | {"picture_seed": choose.number()}),
            )
            for place, form in enumerate(members[now.stretch])
        ]
        index += 1
