"""From key moments to a moving person, frame by frame.

A clip stays at its key moments, each a form of a stretch, and moves between them; `inbetween.py`
makes the poses of the way. Frames that look alike have the same key and are rendered once: a hold
repeats the levels of one breath. All is solved for somebody who faces +x and turned in the end.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from body import Array, Body
from breathing import breath_at, breathe, ease
from inbetween import KeyPose, between, both_sides, moved_to
from poses import Form, fit
from rig import SKIN_VOLUME, Pose, Posed, pose_body, skin
from views import placed

STEPS = 80  # of a movement: at its ends, several frames fall on one step
BREATH_LEVELS = 8  # between half full and full


@dataclass(frozen=True)
class Moment:
    """A time at which the body is in a form, and stays until `until_s`.

    Attributes
    ----------
    form : str
        Name of one of the motion's forms.
    keep : tuple of str
        Joints ("knee", "left_wrist") that have not moved since the moment before.
    breath : float or None
        How full the lungs are, -1..1; None breathes on.
    held : bool
        The stretch is held or flowed through here.
    phase : str or None
        What the moment is called in the sidecar.
    """

    at_s: float
    until_s: float
    form: str
    keep: tuple[str, ...] = ()
    breath: float | None = None
    held: bool = False
    phase: str | None = None


@dataclass(frozen=True, order=True)
class FrameKey:
    """What decides a picture: the step of the way between two forms and the level of the breath."""

    start: str
    end: str
    step: int = 0
    breath: int = 0


@dataclass(frozen=True, eq=False)
class BodyFrame:
    """The body in one frame: its pose and the breathing mesh (n_vertices, 3)."""

    pose: Pose
    posed: Posed
    vertices: Array


@dataclass(frozen=True, eq=False)
class Motion:
    """A body that goes through moments.

    Attributes
    ----------
    body : Body
    forms : dict of str to Form
    moments : tuple of Moment
        In order of time; none overlaps the next.
    solve_first : str
        The form that decides where the body is; the others are put where it is.
    made_for : str
        The view that decides how the body lies in the room, see `views.py`.
    near_side : str
        In the side view.
    retrace : bool
        A way back is the way there, backwards, which saves half of the pictures.
    seed, spread
        How this person does it, see `poses.fit`; without a seed, as it is written.
    """

    body: Body
    forms: dict[str, Form]
    moments: tuple[Moment, ...]
    solve_first: str
    made_for: str = "side"
    near_side: str = "right"
    retrace: bool = False
    seed: int | None = None
    spread: float = 0.5
    _frames: dict[FrameKey, BodyFrame] = field(default_factory=dict, repr=False)

    @property
    def seconds(self) -> float:
        """How long the motion takes."""
        return self.moments[-1].until_s

    @property
    def holds_s(self) -> list[tuple[float, float]]:
        """When the stretch is held or flowed through: runs of held moments."""
        runs: list[tuple[float, float]] = []
        before: Moment | None = None
        for moment in self.moments:
            if moment.held and before is not None and before.held:
                runs[-1] = (runs[-1][0], moment.until_s)
            elif moment.held:
                runs.append((moment.at_s, moment.until_s))
            before = moment
        return runs

    def keys(self, fps: float) -> list[FrameKey]:
        """The key of every frame."""
        return [self._key(frame / fps) for frame in range(round(self.seconds * fps))]

    def _key(self, t_s: float) -> FrameKey:
        index = max(k for k, moment in enumerate(self.moments) if moment.at_s <= t_s + 1e-9)
        here = self.moments[index]
        if t_s <= here.until_s + 1e-9:
            breath = breath_at(t_s) if here.breath is None else here.breath
            return FrameKey(here.form, here.form, 0, _level(breath))
        there = self.moments[index + 1]
        step = round(STEPS * ease((t_s - here.until_s) / (there.at_s - here.until_s)))
        breath = breath_at(t_s)
        if here.breath is not None and there.breath is not None:
            breath = here.breath + step / STEPS * (there.breath - here.breath)
        start, end = here.form, there.form
        if self.retrace and self._first(end) < self._first(start):
            start, end, step = end, start, STEPS - step
        if step in {0, STEPS}:
            start = end = start if step == 0 else end
            step = 0
        return FrameKey(start, end, step, _level(breath))

    def _first(self, form: str) -> int:
        return next(k for k, moment in enumerate(self.moments) if moment.form == form)

    @cached_property
    def key_poses(self) -> dict[str, KeyPose]:
        """Every form on this body, where the motion takes place."""
        chain = [moment.form for moment in self.moments]
        first = chain.index(self.solve_first)
        poses = {self.solve_first: self._fitted(self.solve_first)}
        onwards = [(k, k - 1, k) for k in range(first + 1, len(chain))]
        backwards = [(k, k + 1, k + 1) for k in range(first - 1, -1, -1)]
        for this, solved, later in onwards + backwards:
            if chain[this] not in poses:
                joints = both_sides(self.moments[later].keep)
                fitted = self._fitted(chain[this])
                poses[chain[this]] = moved_to(self.body, fitted, poses[chain[solved]], joints)
        return poses

    def _fitted(self, name: str) -> KeyPose:
        rng = None if self.seed is None else np.random.default_rng(self.seed)
        pose, worst = fit(self.forms[name], self.body, rng=rng, spread=self.spread)
        if worst > 3:
            print(f"{self.body.name} does {name} badly: a contact misses {worst:.1f} tolerances")
        return KeyPose(self.forms[name], pose)

    def frame(self, key: FrameKey) -> BodyFrame:
        """The body in a frame, where it is filmed."""
        if key not in self._frames:
            breath = key.breath / BREATH_LEVELS
            ends = self.key_poses[key.start], self.key_poses[key.end]
            pose = between(self.body, *ends, key.step / STEPS, breath)
            position = self.forms[self.solve_first].position
            pose = placed(pose, self.made_for, position, self.near_side)
            posed = pose_body(self.body, pose)
            vertices = breathe(self.body, skin(self.body, posed, volume=SKIN_VOLUME), breath)
            self._frames[key] = BodyFrame(pose, posed, vertices)
        return self._frames[key]


def _level(breath: float) -> int:
    return round(breath * BREATH_LEVELS)
