"""Mesh tools in numpy: normals, neighbours, subdivision and cutting, as matrices on the vertices.

Every refinement is a sparse matrix on the coarse vertices, made once; a posed body is then refined
by one product, and Blender needs no modifiers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def vertex_normals(vertices: Floats, faces: Ints) -> Floats:
    """Unit normals (n, 3), weighted by area, of a mesh of quads (f, 4)."""
    corners = vertices[faces]
    across = np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])
    flat = faces.ravel()
    normals = np.stack(
        [np.bincount(flat, np.repeat(across[:, k], 4), len(vertices)) for k in range(3)], axis=1
    )
    return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)


def edges_of(faces: Ints) -> Ints:
    """Each edge of the quads once, as (e, 2) with the smaller index first."""
    pairs = np.sort(np.stack([faces.ravel(), np.roll(faces, -1, axis=1).ravel()], axis=1), axis=1)
    return np.unique(pairs, axis=0)


def neighbour_mean(edges: Ints, count: int) -> sparse.csr_matrix:
    """Matrix (count, count) that replaces each vertex by the mean of its neighbours."""
    both = np.concatenate([edges, edges[:, ::-1]])
    ones = np.ones(len(both))
    adjacency = sparse.csr_matrix((ones, (both[:, 0], both[:, 1])), shape=(count, count))
    degree = np.maximum(np.asarray(adjacency.sum(axis=1)).ravel(), 1.0)
    return (sparse.diags(1.0 / degree) @ adjacency).tocsr()


@dataclass(frozen=True)
class Refined:
    """A finer mesh: `matrix` (m, n) makes its vertices of the coarse ones, `faces` (f, 4)."""

    matrix: sparse.csr_matrix
    faces: Ints


def subdivide(faces: Ints, count: int) -> Refined:
    """One step of Catmull-Clark on quads (f, 4) over `count` vertices; borders stay borders."""
    n_faces = len(faces)
    loops = np.sort(np.stack([faces.ravel(), np.roll(faces, -1, axis=1).ravel()], axis=1), axis=1)
    edges, edge_of_loop, uses = np.unique(loops, axis=0, return_inverse=True, return_counts=True)
    edge_of_loop = edge_of_loop.reshape(n_faces, 4)
    n_edges = len(edges)

    face_points = _matrix(np.repeat(np.arange(n_faces), 4), faces.ravel(), 0.25, (n_faces, count))
    edge_rows = np.repeat(np.arange(n_edges), 2)
    middles = _matrix(edge_rows, edges.ravel(), 0.5, (n_edges, count))
    owners = np.repeat(np.arange(n_faces), 4)
    edge_faces = _matrix(edge_of_loop.ravel(), owners, 0.5, (n_edges, n_faces)) @ face_points
    inner = sparse.diags((uses == 2).astype(float))
    edge_points = middles - 0.5 * (inner @ middles) + 0.5 * (inner @ edge_faces)
    vertex_points = _moved_vertices(faces, edges, uses, count, face_points, middles)

    a, e = faces, edge_of_loop + count
    centre = np.arange(n_faces) + count + n_edges
    fine = [np.stack([a[:, k], e[:, k], centre, e[:, (k - 1) % 4]], axis=1) for k in range(4)]
    matrix = sparse.vstack([vertex_points, edge_points, face_points]).tocsr()
    return Refined(matrix, np.concatenate(fine))


def _moved_vertices(
    faces: Ints,
    edges: Ints,
    uses: Ints,
    count: int,
    face_points: sparse.csr_matrix,
    middles: sparse.csr_matrix,
) -> sparse.csr_matrix:
    """Catmull-Clark's new place of the old vertices, (count, count)."""
    n_faces, n_edges = len(faces), len(edges)
    around = np.maximum(np.bincount(faces.ravel(), minlength=count), 1).astype(float)
    to_faces = _matrix(faces.ravel(), np.repeat(np.arange(n_faces), 4), 1.0, (count, n_faces))
    edge_ids = np.repeat(np.arange(n_edges), 2)
    to_edges = _matrix(edges.ravel(), edge_ids, 1.0, (count, n_edges))
    smooth = (
        sparse.diags(around**-2) @ (to_faces @ face_points)
        + sparse.diags(2 * around**-2) @ (to_edges @ middles)
        + sparse.diags((around - 3) / around)
    )
    border_edges = np.flatnonzero(uses == 1)
    on_border = np.zeros(count)
    on_border[edges[border_edges].ravel()] = 1
    used = np.bincount(faces.ravel(), minlength=count) > 0
    # A border vertex has two border edges: half of itself, a quarter of each of their middles.
    to_border = to_edges[:, border_edges] @ middles[border_edges]
    border = 0.25 * to_border + 0.5 * sparse.identity(count)
    inside = sparse.diags(used * (1 - on_border))
    unused = sparse.diags((~used).astype(float))
    return inside @ smooth + sparse.diags(on_border) @ border + unused


def _matrix(rows: Ints, columns: Ints, value: float, shape: tuple[int, int]) -> sparse.csr_matrix:
    return sparse.csr_matrix((np.full(len(rows), value), (rows, columns)), shape=shape)


@dataclass(frozen=True)
class Piece:
    """A part of a mesh cut out along the zero of a field.

    Attributes
    ----------
    matrix : (m, n) makes the piece's vertices of the coarse ones
    loops, sizes : the polygons' corners one after the other, and each polygon's number of corners
    rim : (r, 2) the edges of the cut, in the polygons' direction
    """

    matrix: sparse.csr_matrix
    loops: Ints
    sizes: Ints
    rim: Ints


def cut_out(mesh: Refined, field: Floats) -> Piece:
    """The part of a mesh where a field (n,) on the coarse vertices is positive."""
    values = mesh.matrix @ field
    values = np.where(np.abs(values) < 1e-9, 1e-9, values)
    inside = (values > 0)[mesh.faces]
    whole = mesh.faces[inside.all(axis=1)]
    crossed = mesh.faces[inside.any(axis=1) & ~inside.all(axis=1)]
    polygons, crossings, rim = _clip(crossed, values)

    loops = np.concatenate(
        [whole.ravel(), np.array([v for p in polygons for v in p], dtype=np.int64)]
    )
    sizes = np.concatenate(
        [np.full(len(whole), 4), np.array([len(p) for p in polygons], dtype=int)]
    )
    ends = np.array(list(crossings), dtype=np.int64).reshape(-1, 2)
    share = values[ends[:, 0]] / (values[ends[:, 0]] - values[ends[:, 1]])
    new = (
        sparse.diags(1 - share) @ mesh.matrix[ends[:, 0]]
        + sparse.diags(share) @ mesh.matrix[ends[:, 1]]
    )
    used, compact = np.unique(loops, return_inverse=True)
    matrix = sparse.vstack([mesh.matrix, new]).tocsr()[used]
    place = np.full(len(values) + len(ends), -1)
    place[used] = np.arange(len(used))
    return Piece(matrix, compact, sizes, place[np.array(rim, dtype=np.int64).reshape(-1, 2)])


def _clip(
    faces: Ints, values: Floats
) -> tuple[list[list[int]], dict[tuple[int, int], int], list[tuple[int, int]]]:
    """Clip quads that straddle zero; new vertices are numbered after the old ones."""
    crossings: dict[tuple[int, int], int] = {}
    polygons, rim = [], []
    for face in faces.tolist():
        polygon, on_cut = [], []
        for a, b in zip(face, face[1:] + face[:1], strict=True):
            if values[a] > 0:
                polygon.append(a)
            if (values[a] > 0) != (values[b] > 0):
                key = (min(a, b), max(a, b))
                vertex = crossings.setdefault(key, len(values) + len(crossings))
                polygon.append(vertex)
                on_cut.append((vertex, values[a] > 0))
        polygons.append(polygon)
        if len(on_cut) == 2:  # leaving, then entering: the edge of the cut between them
            first, second = on_cut if on_cut[0][1] else on_cut[::-1]
            rim.append((first[0], second[0]))
    return polygons, crossings, rim
