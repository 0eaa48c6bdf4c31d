"""The stick figure of a stretch, in the words of the measures: what a definition may say of it."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from posecheck.stretches.schema import Number, Part, Switch, View

_Degrees = Annotated[Number, Field(ge=-200, le=200)]

# Keys that turn the trunk towards a side: two sides cannot both have them.
TOWARDS_A_SIDE = ("lateral_trunk_inclination", "trunk_rotation", "head_turn", "roll")


class FigureSide(Part):
    """The angles of one side of the figure, or of both; what is left out is 0."""

    hip_flexion: _Degrees | None = Field(None, description="thigh to the front of the trunk")
    knee_flexion: _Degrees | None = Field(None, description="bent knee")
    ankle_dorsiflexion: _Degrees | None = Field(None, description="toes towards the shin")
    thigh_abduction: _Degrees | None = Field(None, description="thigh outwards")
    hip_rotation: _Degrees | None = Field(
        None, description="thigh turned outwards: the foot of a bent leg goes inwards"
    )
    shoulder_flexion: _Degrees | None = Field(
        None, description="arm to the front, and overhead (180)"
    )
    elbow_flexion: _Degrees | None = Field(None, description="bent elbow")
    arm_abduction: _Degrees | None = Field(None, description="arm outwards; a T is 90")
    shoulder_rotation: _Degrees | None = Field(
        None, description="arm turned outwards: the hand of a bent arm goes outwards"
    )
    lateral_trunk_inclination: _Degrees | None = Field(
        None, description="trunk bent towards this side; not in `both`"
    )
    trunk_rotation: _Degrees | None = Field(
        None, description="shoulders turned towards this side; not in `both`"
    )
    roll: _Degrees | None = Field(
        None, description="whole body rolled about its long axis, to this side; not in `both`"
    )
    head_turn: _Degrees | None = Field(
        None, description="face turned towards this side; not in `both`"
    )


class Figure(Part):
    """A drawn example; it must itself be found in the stretch, and fail none of its cues."""

    name: str = Field("", description="the phase or form that it shows, where there are several")
    view: View | None = Field(None, description="seen from here; the first of `views` if left out")
    trunk_inclination: _Degrees = Field(
        description="0 upright, 90 bent forward or face down, -90 on the back"
    )
    neck_flexion: _Degrees = Field(0.0, description="neck forward of the trunk's line")
    head_pitch: _Degrees = Field(0.0, description="chin towards the chest")
    back_bow: Annotated[Number, Field(ge=-0.3, le=0.3)] | None = Field(
        None, description="rounded back, in torso lengths; arched is negative"
    )
    wall: Switch = Field(False, description="a wall stands behind the legs")
    roller: Switch = Field(False, description="a foam roller lies under the lower back")
    both: FigureSide = Field(FigureSide(), description="angles of both sides")
    held: FigureSide = Field(FigureSide(), description='with sides = "each": of the held side')
    other: FigureSide = Field(FigureSide(), description="and of the other one")

    @model_validator(mode="after")
    def _no_turn_to_both_sides(self) -> Self:
        for key in TOWARDS_A_SIDE:
            if getattr(self.both, key) is not None:
                raise ValueError(f"`{key}` is towards a side: write it into `held` or `other`")
            if getattr(self.held, key) is not None and getattr(self.other, key) is not None:
                raise ValueError(f"`{key}` stands in `held` and in `other`: leave one out")
        return self

    def angle(self, key: str, side: str) -> float:
        """A key of one side, `held` or `other`; what `both` says where that side is silent.

        Parameters
        ----------
        key : str
        side : str

        Returns
        -------
        float
        """
        own = getattr(getattr(self, side), key)
        shared = getattr(self.both, key)
        return float(own if own is not None else shared if shared is not None else 0.0)

    def turn(self, key: str) -> float:
        """One of `TOWARDS_A_SIDE`, positive towards the held side.

        Parameters
        ----------
        key : str

        Returns
        -------
        float
        """
        own, other = getattr(self.held, key), getattr(self.other, key)
        return float(own if own is not None else -other if other is not None else 0.0)
