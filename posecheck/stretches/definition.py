"""What a stretch is: the type that a definition file is read into.

A definition is a plain TOML file that a physiotherapist can read and write. One that cannot be
meant as written is refused when it is read, with the key and the reason.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from posecheck.landmarks import Side, other_side
from posecheck.stretches.parts import (
    ID,
    NEED_TIME,
    Check,
    Cue,
    Dose,
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
)


class Stretch(Part):
    """A whole definition."""

    id: str = Field(pattern=ID)
    name: str
    version: int = Field(gt=0)
    position: Literal["standing", "all-fours", "kneeling", "prone", "supine", "seated"]
    views: tuple[View, ...] = Field(min_length=1)
    sides: Literal["both", "each"] = Field(description="done with both sides at once, or each")
    how: str = Field(description="how to do it, in own words")
    film: str = Field(description="how to film it")
    safety: tuple[str, ...] = Field(min_length=1)
    sources: tuple[Source, ...] = Field(min_length=1)
    doses: tuple[Dose, ...] = Field((), alias="dose")
    hold: Position
    variants: tuple[Variant, ...] = Field((), alias="variant")
    reps: Reps | None = None
    cues: tuple[Cue, ...] = Field(min_length=1, alias="cue")
    rom: tuple[Rom, ...] = ()

    @model_validator(mode="after")
    def _names_fit_together(self) -> Self:
        _refuse_twice("cue id", [cue.id for cue in self.cues])
        _refuse_twice("variant id", [variant.id for variant in self.variants])
        known = {source.key for source in self.sources}
        for dose in self.doses:
            if dose.source not in known:
                raise ValueError(
                    f"dose names source {dose.source!r}, which `sources` does not list"
                )
            if dose.reps is not None and self.reps is None:
                raise ValueError("a dose counts reps, but there is no [reps]")
        for cue in self.cues:
            for check in cue.check:
                self._check_names(cue, check)
        return self

    @model_validator(mode="after")
    def _can_be_seen(self) -> Self:
        for reading in self.readings():
            self._check_reading(reading)
        for view in self.views:
            if not any(c.seen_from(view) and not c.if_seen for c in self.hold.conditions):
                raise ValueError(
                    f"from the {view} view nothing tells when somebody is in the stretch: give "
                    "[[hold.while]] a measure that this view shows"
                )
        return self

    def _check_names(self, cue: Cue, check: Check) -> None:
        phases = (self.reps.high, self.reps.low) if isinstance(self.reps, Repeats) else ()
        if check.during is not None and check.during not in phases:
            raise ValueError(
                f"{cue.id} is judged during {check.during!r}, but the phases of [reps] are "
                f"{' and '.join(map(repr, phases)) or 'not there'}"
            )
        if check.measure == "rep_time" and self.reps is None:
            raise ValueError(f"{cue.id} times the reps, but there is no [reps]")
        variants = [variant.id for variant in self.variants]
        if check.variant is not None and check.variant not in variants:
            raise ValueError(
                f"{cue.id} is judged in variant {check.variant!r}, but there is "
                f"{' and '.join(map(repr, variants)) or 'none'}"
            )

    def _check_reading(self, reading: Reading) -> None:
        what = reading.what
        if not any(reading.seen_from(view) for view in self.views):
            raise ValueError(
                f"{what.name} is read from the {' or '.join(what.views)} view, "
                f"but this stretch is filmed from the {' or '.join(self.views)}"
            )
        if self.sides == "both" and reading.of in {"held", "other"}:
            raise ValueError(f"`of = {reading.of!r}` needs sides = 'each' ({what.name})")

    def readings(self) -> list[Reading]:
        """Every measure the definition reads."""
        checks = [check for cue in self.cues for check in cue.check]
        moving = isinstance(self.reps, Repeats)
        reps = [Reading(measure=self.reps.measure)] if moving else []  # type: ignore[union-attr]
        places = [within for variant in self.variants for within in variant.conditions]
        return [*self.hold.conditions, *places, *reps, *checks, *self.rom]

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

    @property
    def needs_outline(self) -> bool:
        """Whether the outline of the back has to be measured."""
        return any(reading.what.outline for reading in self.readings())

    @property
    def frame_views(self) -> tuple[str, ...]:
        """The views as `CameraFrames` names them: one frame cannot tell above from front."""
        return tuple("front" if view == "above" else view for view in self.views)

    def of(self, reading: Reading) -> Of:
        """Whether a sided reading means the near, the held or the other side."""
        return reading.of or ("held" if self.sides == "each" else "near")

    def side_of(self, reading: Reading, *, held: Side | None, near: Side) -> Side | None:
        """Which side a reading means, for one hold; None where the measure has no sides."""
        if not reading.what.sided:
            return None
        if self.of(reading) == "near" or held is None:
            return near
        return held if self.of(reading) == "held" else other_side(held)


def _refuse_twice(what: str, names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"{what} {twice[0]!r} is used twice")
