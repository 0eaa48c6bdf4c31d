"""How a garment lies on a posed body.

Fitted cloth is the skin pushed out along its normals and smoothed, so that it bridges creases.
Loose cloth starts there and then hangs: a net of threads that hardly stretch, pulled down by
gravity and kept outside the skin, the garment below it and the floor (position-based dynamics,
Mueller et al. 2007, run to rest).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.spatial import KDTree

from body import N_SKIN
from surface import Floats, Ints, edges_of, neighbour_mean, vertex_normals
from wardrobe import Garment

MARGIN = 0.05  # cloth is simulated this far beyond the hem, so that cutting it never lacks cloth
PATTERN_SMOOTHING = 60
STEPS = 80
SETTLING_STEPS = 30  # the last steps, with little gravity, take the stretch out
GRAVITY_STEP = 0.0004  # metres a step
DAMPING = 0.86
FRICTION = 0.5
SHEAR_STIFFNESS = 0.25
SQUEEZE_STIFFNESS = 0.35
BENDING_STIFFNESS = 0.12  # makes the cloth span hollows instead of sinking into them
NEAR, NEAR_OWN = 0.05, 0.03  # metres: skin further away is no obstacle
TREE_EVERY = 5
FLOOR_GAP = 0.0015
SLACK = (0.015, 2.5)  # cloth leaves its own skin by at most a + b * ease: half the extra girth


@dataclass(frozen=True)
class _Net:
    """The threads of a loose garment; rows are local to `own`."""

    own: Ints
    ends: Ints
    lengths: Floats
    stiffness: Floats
    gather: sparse.csr_matrix
    mean: sparse.csr_matrix


class Draper:
    """Lays one garment on poses of one body."""

    def __init__(self, garment: Garment, rest_skin: Floats, faces: Ints) -> None:
        """Take the skin at rest (N_SKIN, 3) and its quads (f, 4)."""
        self.garment = garment
        self._faces = faces
        has_face = np.bincount(faces.ravel(), minlength=N_SKIN) > 0
        self._covered = (garment.field > -MARGIN) & has_face
        self._mean = neighbour_mean(edges_of(faces), N_SKIN)
        self._net = self._cut_net(rest_skin) if garment.is_loose else None

    def lay(self, skin: Floats, normals: Floats, below: Floats, floor_z: float) -> Floats:
        """The cloth on a posed skin.

        Parameters
        ----------
        skin, normals : ndarray, shape (N_SKIN, 3)
        below : ndarray, shape (N_SKIN, 3)
            What the cloth lies on: the skin, or the garment under this one where there is one.
        floor_z : float

        Returns
        -------
        ndarray, shape (N_SKIN, 3)
            A place for every skin vertex; only those where the garment is are cloth.
        """
        gap = self.garment.gap
        most = gap * 1.3 + 0.02 * np.clip((self.garment.field - 0.01) / 0.05, 0, 1)
        cloth = self._fit(below, normals, gap, most, self.garment.smoothing)
        if self._net is not None:
            cloth = self._hang(self._net, cloth, skin, normals, below, floor_z)
        cloth[:, 2] = np.maximum(cloth[:, 2], floor_z + FLOOR_GAP)
        return cloth

    def _fit(
        self, below: Floats, normals: Floats, gap: Floats, most: Floats | float, steps: int
    ) -> Floats:
        """Push out and smooth, staying between the gap and `most` above what is below."""
        out = below + normals * gap[:, None]
        cloth = out.copy()
        for _ in range(steps):
            smooth = np.where(self._covered[:, None], self._mean @ cloth, out)
            height = np.einsum("ij,ij->i", smooth - below, normals)
            smooth += normals * (np.clip(height, 0.8 * gap, most) - height)[:, None]
            cloth = 0.5 * (cloth + smooth)
        return cloth

    def _cut_net(self, rest_skin: Floats) -> _Net:
        """The pattern: a tent over the body at rest, wider by its ease, that spans all hollows."""
        normals = vertex_normals(rest_skin, self._faces)
        width = self.garment.gap + self.garment.ease
        pattern = self._fit(rest_skin, normals, width, np.inf, PATTERN_SMOOTHING)
        own = np.flatnonzero(self._covered)
        place = np.full(N_SKIN, -1)
        place[own] = np.arange(len(own))
        quads = place[self._faces]
        quads = quads[(quads >= 0).all(axis=1)]
        threads = edges_of(quads)
        diagonals = np.concatenate([quads[:, [0, 2]], quads[:, [1, 3]]])
        ends = np.concatenate([threads, diagonals])
        stiffness = np.concatenate(
            [np.ones(len(threads)), np.full(len(diagonals), SHEAR_STIFFNESS)]
        )
        lengths = np.linalg.norm(pattern[own[ends[:, 0]]] - pattern[own[ends[:, 1]]], axis=1)
        rows = np.arange(len(ends))
        degree = np.bincount(ends.ravel(), np.repeat(stiffness, 2), len(own))
        # Each end takes its share of all corrections: averaged, so that they cannot add up.
        weight = 1.3 / np.maximum(degree, 1)
        gather = sparse.csr_matrix(
            (
                np.concatenate([weight[ends[:, 0]], -weight[ends[:, 1]]]),
                (ends.T.ravel(), np.concatenate([rows, rows])),
            ),
            shape=(len(own), len(ends)),
        )
        return _Net(own, ends, lengths, stiffness, gather, neighbour_mean(threads, len(own)))

    def _hang(
        self, net: _Net, start: Floats, skin: Floats, normals: Floats, below: Floats, floor_z: float
    ) -> Floats:
        """Let the cloth fall until its threads and what is under it hold it."""
        own = net.own
        obstacle = _Obstacle(own, skin, normals, below, self.garment, floor_z)
        place = start[own] + normals[own] * self.garment.ease[own][:, None]
        before = place.copy()
        for step in range(STEPS):
            if step % TREE_EVERY == 0:
                obstacle.look_around(place)
            falling = step < STEPS - SETTLING_STEPS
            speed = DAMPING * (place - before) if falling else 0.5 * (place - before)
            before = place
            place = place + np.clip(speed, -0.006, 0.006)
            place[:, 2] -= GRAVITY_STEP if falling else 0.2 * GRAVITY_STEP
            place = place + _thread_corrections(net, place)
            place = place + BENDING_STIFFNESS * (net.mean @ place - place)
            place = obstacle.keep_out(place, before)
        for _ in range(3):
            obstacle.look_around(place)
            place = obstacle.keep_out(place, place)
        cloth = start.copy()
        cloth[own] = place
        return cloth


def _thread_corrections(net: _Net, place: Floats) -> Floats:
    """Shorten stretched threads; those pushed together resist less, as if they folded."""
    along = place[net.ends[:, 1]] - place[net.ends[:, 0]]
    length = np.maximum(np.linalg.norm(along, axis=1), 1e-9)
    excess = length - net.lengths
    pull = np.where(excess > 0, excess, SQUEEZE_STIFFNESS * excess) * net.stiffness
    return net.gather @ (along * (0.5 * pull / length)[:, None])


class _Obstacle:
    """Skin, lower garment and floor as half-spaces near each vertex of the cloth."""

    def __init__(
        self,
        own: Ints,
        skin: Floats,
        normals: Floats,
        below: Floats,
        garment: Garment,
        floor_z: float,
    ) -> None:
        self._own = own
        self._skin = skin
        self._normals = normals
        self._below = below
        self._gap = 0.8 * garment.gap[own]
        self._held = garment.held[own]
        self._slack = SLACK[0] + SLACK[1] * garment.ease[own]
        self._floor_z = floor_z
        self._used = np.flatnonzero(np.abs(normals).sum(axis=1) > 0)
        self._tree = KDTree(below[self._used])
        self._nearest = own

    def look_around(self, place: Floats) -> None:
        """Find what each vertex may hit; not what its own skin already lies inside of."""
        nearest = self._used[self._tree.query(place)[1]]
        from_it = self._skin[self._own] - self._skin[nearest]
        inside = np.einsum("ij,ij->i", from_it, self._normals[nearest]) < -0.002
        facing = np.einsum("ij,ij->i", self._normals[self._own], self._normals[nearest]) < 0
        self._nearest = np.where(inside & facing, self._own, nearest)

    def keep_out(self, place: Floats, before: Floats) -> Floats:
        """Push the cloth out of what it is in, with friction, and hold the waistband."""
        touching = np.zeros(len(place), bool)
        # Its own skin last: a hand beside the hip must not push the shirt into the hip.
        for other in (self._nearest, self._own):
            from_it = place - self._below[other]
            height = np.einsum("ij,ij->i", from_it, self._normals[other])
            near = np.linalg.norm(from_it, axis=1) < (NEAR if other is self._nearest else NEAR_OWN)
            push = np.where(near, np.maximum(self._gap - height, 0), 0)
            touching |= push > 0
            place = place + self._normals[other] * push[:, None]
        slip = before - place
        normals = self._normals[self._nearest]
        slip -= normals * np.einsum("ij,ij->i", slip, normals)[:, None]
        place = place + np.where(touching, FRICTION, 0.0)[:, None] * slip
        away = place - self._below[self._own]
        distance = np.maximum(np.linalg.norm(away, axis=1), 1e-9)
        place = place - away * np.maximum(1 - self._slack / distance, 0)[:, None]
        at_waist = self._below[self._own] + self._normals[self._own] * (self._gap * 1.25)[:, None]
        place = np.where(self._held[:, None], at_waist, place)
        place[:, 2] = np.maximum(place[:, 2], self._floor_z + FLOOR_GAP)
        return place
