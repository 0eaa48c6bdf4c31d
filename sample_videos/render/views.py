"""The views that stretches are filmed from, and how a body lies or sits in the room for each."""

from __future__ import annotations

from dataclasses import dataclass

from rig import Pose, about_z


@dataclass(frozen=True)
class Placing:
    """Where a body is that was posed facing +x in the middle of the world.

    Attributes
    ----------
    turn_deg : float
        Turn about the vertical: -90 faces the camera at -y.
    y : float
        Of the body's middle, metres: arms spread sideways must stay clear of the furniture, and
        what lies with its head to the wall needs room.
    mat_along : "x" or "y"
    """

    turn_deg: float = 0.0
    y: float = 0.0
    mat_along: str = "x"


PLACINGS = {
    "side": Placing(),
    "above": Placing(y=-0.8),
    "front": Placing(turn_deg=-90, y=-0.2),
    "feet": Placing(turn_deg=-90, y=-0.5, mat_along="y"),
}

HEAD_AHEAD = ("prone", "kneeling")  # positions in which the head is where the body faces


def placed(pose: Pose, view: str, position: str, near_side: str | None = None) -> Pose:
    """A fitted pose where it is filmed; from the side with `near_side` to the camera.

    From above, heads are at -x: those who lie on their backs have it there, the others are turned.
    """
    if view == "side":
        return facing_left(pose) if near_side == "left" else pose
    to = PLACINGS[view]
    turn = to.turn_deg + (180 if view == "above" and position in HEAD_AHEAD else 0)
    x, y, _ = about_z(turn) @ [pose.get("x", 0.0), pose.get("y", 0.0), 0.0]
    yaw = pose.get("yaw", 90.0) + turn
    return pose | {"yaw": yaw, "x": float(x), "y": float(y) + to.y}


def facing_left(pose: Pose) -> Pose:
    """The same person turned round: the left side is near and she faces -x."""
    turned = {"yaw": pose.get("yaw", 90.0) + 180}
    return pose | turned | {axis: -pose.get(axis, 0.0) for axis in "xy"}
