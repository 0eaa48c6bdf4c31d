"""What a stretch is: the type that a definition file is read into.

A definition is a plain TOML file that a physiotherapist can read and write. One that cannot be
meant as written is refused when it is read, with the key and the reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, Self

from pydantic import Field, model_validator

from posecheck.landmarks.series import Side, other_side
from posecheck.stretches.figure import Figure, FigureSide
from posecheck.stretches.schema import (
    ID,
    NEED_TIME,
    Check,
    Cue,
    Dose,
    Loc,
    Of,
    Part,
    Position,
    Reading,
    Repeats,
    Reps,
    Rom,
    Source,
    Variant,
    View,
    Whole,
    refuse,
)


class Stretch(Part):
    """A whole definition."""

    id: str = Field(pattern=ID, description="short name in small letters and dashes")
    name: str = Field(description="as people read it")
    version: Whole = Field(gt=0, description="raise it when a change alters verdicts")
    position: Literal["standing", "all-fours", "kneeling", "prone", "supine", "seated"] = Field(
        description="how the body lies or stands"
    )
    views: tuple[View, ...] = Field(min_length=1, description="where it can be judged from")
    sides: Literal["both", "each"] = Field(description="done with both sides at once, or each")
    how: str = Field(description="how to do it, in your own words")
    film: str = Field(description="how to film it: height, distance, what must be in the picture")
    safety: tuple[str, ...] = Field(
        min_length=1, description="sentences; the general ones are added by posecheck"
    )
    sources: tuple[Source, ...] = Field(
        min_length=1, description="`[[sources]]`: where form and dose come from"
    )
    doses: tuple[Dose, ...] = Field(
        (), alias="dose", description="`[[dose]]`; the first is the one that is asked for"
    )
    hold: Position = Field(description="`[hold]`: when somebody is in the stretch")
    variants: tuple[Variant, ...] = Field(
        (), alias="variant", description="`[[variant]]`: an easier or a further form"
    )
    reps: Reps | None = Field(None, description="`[reps]`: movement to and fro inside the hold")
    cues: tuple[Cue, ...] = Field(
        min_length=1, alias="cue", description="`[[cue]]`; the first is the first to be mended"
    )
    rom: tuple[Rom, ...] = Field((), description="`[[rom]]`: range of motion to keep")
    figures: tuple[Figure, ...] = Field(
        (), alias="figure", description="`[[figure]]`: the drawing, one for each phase or form"
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        refuse(
            [
                *_used_twice("cue", [cue.id for cue in self.cues]),
                *_used_twice("variant", [variant.id for variant in self.variants]),
                *self._wrong_doses(),
                *(
                    problem
                    for k, cue in enumerate(self.cues)
                    for n, check in enumerate(cue.check)
                    for problem in self._wrong_names(cue, check, ("cue", k, "check", n))
                ),
                *self._unseen(),
                *self._wrong_figures(),
            ]
        )
        return self

    def _wrong_doses(self) -> Iterator[tuple[Loc, str]]:
        known = {source.key for source in self.sources}
        for k, dose in enumerate(self.doses):
            if dose.source not in known:
                yield (
                    ("dose", k, "source"),
                    f"dose names source {dose.source!r}, which `sources` does not list",
                )
            if dose.reps is not None and self.reps is None:
                yield ("dose", k, "reps"), "a dose counts reps, but there is no [reps]"

    def _wrong_names(self, cue: Cue, check: Check, loc: Loc) -> Iterator[tuple[Loc, str]]:
        phases = (self.reps.high, self.reps.low) if isinstance(self.reps, Repeats) else ()
        if check.during is not None and check.during not in phases:
            yield (
                (*loc, "during"),
                f"{cue.id} is judged during {check.during!r}, but the phases of [reps] are "
                f"{' and '.join(map(repr, phases)) or 'not there'}",
            )
        if check.measure == "rep_time" and self.reps is None:
            yield (*loc, "measure"), f"{cue.id} times the reps, but there is no [reps]"
        variants = [variant.id for variant in self.variants]
        if check.variant is not None and check.variant not in variants:
            yield (
                (*loc, "variant"),
                f"{cue.id} is judged in variant {check.variant!r}, but there is "
                f"{' and '.join(map(repr, variants)) or 'none'}",
            )

    def _unseen(self) -> Iterator[tuple[Loc, str]]:
        for loc, reading in self._placed_readings():
            what = reading.what
            if not any(reading.seen_from(view) for view in self.views):
                yield (
                    (*loc, "measure"),
                    f"{what.name} is read from the {' or '.join(what.views)} view, "
                    f"but this stretch is filmed from the {' or '.join(self.views)}",
                )
            if self.sides == "both" and reading.of in {"held", "other"}:
                yield (*loc, "of"), f"`of = {reading.of!r}` needs sides = 'each' ({what.name})"
        for k, view in enumerate(self.views):
            if not any(c.seen_from(view) and not c.if_seen for c in self.hold.conditions):
                yield (
                    ("views", k),
                    f"from the {view} view nothing tells when somebody is in the stretch: give "
                    "[[hold.while]] a measure that this view shows",
                )

    def _wrong_figures(self) -> Iterator[tuple[Loc, str]]:
        for k, figure in enumerate(self.figures):
            if figure.view is not None and figure.view not in self.views:
                yield ("figure", k, "view"), f"this stretch is not filmed from the {figure.view}"
            for key in ("held", "other"):
                if self.sides == "both" and getattr(figure, key) != FigureSide():
                    yield ("figure", k, key), f"`{key}` needs sides = 'each'; write `both`"

    def _placed_readings(self) -> Iterator[tuple[Loc, Reading]]:
        for k, condition in enumerate(self.hold.conditions):
            yield ("hold", "while", k), condition
        for k, variant in enumerate(self.variants):
            for n, within in enumerate(variant.conditions):
                yield ("variant", k, "while", n), within
        if isinstance(self.reps, Repeats):
            yield ("reps",), Reading(measure=self.reps.measure)
        for k, cue in enumerate(self.cues):
            for n, check in enumerate(cue.check):
                yield ("cue", k, "check", n), check
        for k, rom in enumerate(self.rom):
            yield ("rom", k), rom

    def readings(self) -> list[Reading]:
        """Every measure the definition reads."""
        return [reading for _, reading in self._placed_readings()]

    def warnings(self) -> list[str]:
        """What is allowed and yet asks for more than a camera can tell, a line each."""
        return [*self.too_fine(), *self.half_told()]

    def too_fine(self) -> list[str]:
        """A line for every cue whose tolerance is finer than the camera can tell (2 SEM)."""
        return [
            f"{cue.id}: tolerance {check.tolerance:g} is finer than twice the standard error of "
            f"{check.what.label} ({check.what.finest_tolerance:.2g}): readings near the limit say "
            "little"
            for cue in self.cues
            for check in cue.check
            if cue.kind == "alignment"
            and not check.timed
            and check.tolerance < check.what.finest_tolerance
            and check.statistic not in NEED_TIME
        ]

    def half_told(self) -> list[str]:
        """A line for every cue of which the camera can tell one outcome only, from every view."""
        return [
            f"{cue.id}: from the {' or '.join(self.views)} the {check.what.label} may be more than "
            f"is read, so the cue can {'pass' if check.target[1] is None else 'fail'} or be not "
            "assessed, nothing else"
            for cue in self.cues
            for check in cue.check
            if self.shows_least(check)
        ]

    def shows_least(self, reading: Reading) -> bool:
        """Whether a measure may be more than is read, from every view that this is filmed from.

        Parameters
        ----------
        reading : Reading

        Returns
        -------
        bool
        """
        return set(self.views) <= set(reading.what.at_least_from)

    @property
    def needs_outline(self) -> bool:
        """Whether the outline of the back has to be measured."""
        return any(reading.what.outline for reading in self.readings())

    @property
    def frame_views(self) -> tuple[str, ...]:
        """The views as `ViewTrack` names them: one frame cannot tell above from front."""
        return tuple("front" if view == "above" else view for view in self.views)

    def __repr__(self) -> str:
        return f"<Stretch {self.id}: {self.name}, {len(self.cues)} cues>"

    __str__ = __repr__  # pydantic's own would be all of its parts

    def _repr_html_(self) -> str:
        """How a notebook shows the stretch: the page of `posecheck stretches ID`."""
        # 0.7 s: pandas, matplotlib and Jinja, and only notebooks need them
        from posecheck.report.html.notebook import stretch_html  # noqa: PLC0415

        return stretch_html(self)

    @property
    def still_part(self) -> Literal["trunk", "chest", "pelvis"]:
        """The part of the trunk that a camera can go by: in a twist the other one turns."""
        if "side" in self.views:
            return "trunk"
        return {"supine": "chest", "prone": "chest", "seated": "pelvis"}.get(self.position, "trunk")  # type: ignore[return-value]

    def of(self, reading: Reading) -> Of:
        """Whether a sided reading means the near, the held or the other side.

        Parameters
        ----------
        reading : Reading

        Returns
        -------
        Of
        """
        return reading.of or ("held" if self.sides == "each" else "near")

    def held_sides(self, side: Side | None) -> tuple[Side | None, ...]:
        """The sides that are asked for, where `side` names one; None is both at once.

        Parameters
        ----------
        side : {"left", "right"} or None

        Returns
        -------
        tuple[{"left", "right"} or None, ...]
        """
        if self.sides == "both":
            return (None,)
        return (side,) if side else ("left", "right")

    def side_of(self, reading: Reading, *, held: Side | None, near: Side) -> Side | None:
        """Which side a reading means, for one hold; None where the measure has no sides.

        Parameters
        ----------
        reading : Reading
        held : {"left", "right"} or None
            The side that is stretched.
        near : {"left", "right"}
            The side that is nearer to the camera.

        Returns
        -------
        {"left", "right"} or None
        """
        if not reading.what.sided:
            return None
        if self.of(reading) == "near" or held is None:
            return near
        return held if self.of(reading) == "held" else other_side(held)


def _used_twice(what: str, names: list[str]) -> Iterator[tuple[Loc, str]]:
    for k, name in enumerate(names):
        if name in names[:k]:
            yield (what, k, "id"), f"{what} id {name!r} is used twice"
