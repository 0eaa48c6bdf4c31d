"""Fit a pose to what it touches: hands and feet on the floor, the seat against the wall.

A pose is written down in round numbers; on a given body they leave a hand in the air or a foot in
the floor. `solve` changes the parameters that a pose allows to change as little as it can until the
contacts hold, within the limits of the joints.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from scipy.optimize import least_squares

from body import JOINT_BONES, SIDES, Array, Body
from rig import DEFAULTS, Pose, Posed, pose_body, skin

_AXES = {"x": 0, "y": 1, "z": 2}
_MAX_CONTACT_VERTICES = 300
_LIMIT_SOFTNESS_DEG = 3.0

# How far joints of healthy adults go, with some reserve for supple people (AAOS norms, and for
# kneeling on the heels Hemmerich et al. 2006: knee flexion to 160).
JOINT_LIMITS: dict[str, tuple[float, float]] = {
    "lumbar": (-45, 65),
    "thoracic": (-30, 45),
    "neck": (-55, 55),
    "head": (-25, 25),
    "twist": (-60, 60),
    "side_bend": (-45, 45),
    "head_turn": (-80, 80),
    "head_tilt": (-40, 40),
    "shoulder_flexion": (-60, 185),
    "shoulder_abduction": (-35, 180),
    "shoulder_rotation": (-100, 100),
    "elbow_flexion": (-5, 152),
    "pronation": (-100, 100),
    "wrist_extension": (-92, 92),
    "hip_flexion": (-32, 138),
    "hip_abduction": (-25, 65),
    "hip_rotation": (-60, 75),
    "knee_flexion": (-4, 163),
    "plantarflexion": (-35, 72),
    "toe_extension": (-40, 75),
}

Residual = Callable[[Body, Posed, Pose], Array]


@dataclass(frozen=True)
class Touch:
    """A part of the skin just reaches a plane: `part` has its extreme along `axis` at `value`.

    `end` tells which extreme: "min" rests on the plane from above (floor), "max" reaches it from
    below (wall ahead). With `only_above`, nothing happens as long as the part is beyond the plane.
    """

    part: str
    value: float
    axis: str = "z"
    end: str = "min"
    within: float = 0.004
    only_above: bool = False

    def residual(self, body: Body) -> Residual:
        """Function of the posed body."""
        rows = body.parts[self.part]
        rows = rows[:: max(1, len(rows) // _MAX_CONTACT_VERTICES)]
        column = _AXES[self.axis]

        def compute(body: Body, posed: Posed, _: Pose) -> Array:
            reach = skin(body, posed, rows)[:, column]
            gap = (reach.min() if self.end == "min" else reach.max()) - self.value
            if self.only_above:
                gap = min(gap, 0.0) if self.end == "min" else max(gap, 0.0)
            return np.array([gap / self.within])

        return compute


@dataclass(frozen=True)
class Align:
    """A joint stands at `offset` metres from another along one axis (from the world, without one).

    `vary` is the standard deviation of the offset between people.
    """

    joint: str
    of: str | None
    axis: str = "x"
    offset: float = 0.0
    within: float = 0.015
    vary: float = 0.0

    def shifted(self, deviations: float) -> Align:
        """The same for a person so many standard deviations from the mean."""
        return replace(self, offset=self.offset + deviations * self.vary)

    def residual(self, body: Body) -> Residual:
        """Function of the posed body."""
        column = _AXES[self.axis]

        def compute(body: Body, posed: Posed, _: Pose) -> Array:
            origin = place(body, posed, self.of)[column] if self.of else 0.0
            return np.array(
                [(place(body, posed, self.joint)[column] - origin - self.offset) / self.within]
            )

        return compute


@dataclass(frozen=True)
class Lean:
    """The line from a joint down to another leaves the vertical by `degrees`, its lower end ahead.

    With `axis = "y"`, its lower end is to the left. `vary` is the standard deviation of the degrees
    between people.
    """

    upper: str
    lower: str
    degrees: float = 0.0
    axis: str = "x"
    within: float = 2.0
    vary: float = 0.0

    def shifted(self, deviations: float) -> Lean:
        """The same for a person so many standard deviations from the mean."""
        return replace(self, degrees=self.degrees + deviations * self.vary)

    def residual(self, body: Body) -> Residual:
        """Function of the posed body, which faces +x."""
        column = _AXES[self.axis]

        def compute(body: Body, posed: Posed, _: Pose) -> Array:
            line = place(body, posed, self.lower) - place(body, posed, self.upper)
            off = np.degrees(np.arctan2(line[column], -line[2])) - self.degrees
            return np.array([((off + 180) % 360 - 180) / self.within])

        return compute


@dataclass(frozen=True)
class Grip:
    """A wrist is held to a limb: a share of the way along it, so far in front and to the side."""

    wrist: str
    limb: tuple[str, str]
    along: float = 0.35
    ahead: float = 0.075
    aside: float = 0.0
    within: float = 0.012

    def residual(self, body: Body) -> Residual:
        """Function of the posed body."""

        def compute(body: Body, posed: Posed, _: Pose) -> Array:
            start, end = (place(body, posed, joint) for joint in self.limb)
            line = end - start
            left_to_right = place(body, posed, "right_hip") - place(body, posed, "left_hip")
            across = left_to_right / np.linalg.norm(left_to_right)
            front = np.cross(across, line)  # for a shank: away from the calf
            front /= np.linalg.norm(front)
            target = start + self.along * line + self.ahead * front + self.aside * across
            return (place(body, posed, self.wrist) - target) / self.within

        return compute


@dataclass(frozen=True)
class Around:
    """A part of the skin just reaches a round thing: a roller lying along y, or a limb as a tube.

    Without `limb`, the axis goes through (`x`, `z`). With `only_outside`, nothing happens while the
    part stays outside.
    """

    part: str
    radius: float
    limb: tuple[str, str] | None = None
    x: float = 0.0
    z: float = 0.0
    within: float = 0.005
    only_outside: bool = False

    def residual(self, body: Body) -> Residual:
        """Function of the posed body."""
        rows = body.parts[self.part]
        rows = rows[:: max(1, len(rows) // _MAX_CONTACT_VERTICES)]
        through = np.array([self.x, 0.0, self.z])

        def compute(body: Body, posed: Posed, _: Pose) -> Array:
            start, line = through, np.array([0.0, 1.0, 0.0])
            if self.limb:
                start, end = (place(body, posed, joint) for joint in self.limb)
                line = (end - start) / np.linalg.norm(end - start)
            away = skin(body, posed, rows) - start
            across = away - (away @ line)[:, None] * line
            gap = np.linalg.norm(across, axis=1).min() - self.radius
            return np.array([(min(gap, 0.0) if self.only_outside else gap) / self.within])

        return compute


Constraint = Touch | Align | Lean | Grip | Around


class HasResidual(Protocol):
    """What `solve` can hold: how far a posed body is from it, in tolerances."""

    def residual(self, body: Body) -> Residual:
        """Function of the posed body."""


def place(body: Body, posed: Posed, name: str) -> Array:
    """A joint (`left_hip`), the end of the trunk (`neck`) or a middle (`hip`), shape (3,)."""
    if name == "neck":
        return posed.heads[body.bone_index["neck01"]]
    if name == "head":
        return posed.heads[body.bone_index["head"]]
    if name in JOINT_BONES:
        return (posed.joint(body, f"left_{name}") + posed.joint(body, f"right_{name}")) / 2
    return posed.joint(body, name)


def solve(
    body: Body, pose: Pose, adjust: dict[str, float], constraints: Sequence[HasResidual]
) -> tuple[Pose, float]:
    """Change `adjust` as little as possible until the constraints hold.

    Parameters
    ----------
    adjust : dict
        Parameter to the change that costs as much as a contact missed by its tolerance.
    constraints : list

    Returns
    -------
    pose : dict
    worst : float
        The largest miss of any constraint, in units of its tolerance.
    """
    names = list(adjust)
    start = np.array([pose.get(name, DEFAULTS[name]) for name in names])
    scale = np.array([adjust[name] for name in names])
    residuals = [constraint.residual(body) for constraint in constraints]
    low, high = _limits(names)

    def changed(u: Array) -> Pose:
        return pose | dict(zip(names, start + u * scale, strict=True))

    def misses(u: Array) -> Array:
        candidate = changed(u)
        posed = pose_body(body, candidate)
        return np.concatenate([residual(body, posed, candidate) for residual in residuals])

    def cost(u: Array) -> Array:
        values = start + u * scale
        beyond = (np.maximum(values - high, 0) + np.maximum(low - values, 0)) / _LIMIT_SOFTNESS_DEG
        return np.concatenate([0.3 * u, 10 * beyond, misses(u)])

    found = least_squares(cost, np.zeros(len(names)), diff_step=1e-3, max_nfev=60, x_scale=1.0)
    best = {name: float(value) for name, value in changed(found.x).items()}
    worst = float(np.abs(misses(found.x)).max()) if residuals else 0.0
    return best, worst


def _limits(names: list[str]) -> tuple[Array, Array]:
    def of(name: str) -> tuple[float, float]:
        side, _, joint = name.partition("_")
        return JOINT_LIMITS.get(joint if side in SIDES else name, (-np.inf, np.inf))

    low, high = zip(*(of(name) for name in names), strict=True)
    return np.array(low), np.array(high)
