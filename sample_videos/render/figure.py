"""The person in Blender: meshes of skin, eyes, clothes and hair, made once and posed often."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import bpy
import numpy as np
from scipy import sparse

import materials
from body import N_SKIN, Body
from choices import HAIR_COLOURS, Clothes, Look
from drape import Draper
from hairdo import bun_mesh, tail_mesh
from look import EYES, vertex_colours
from shapes import mesh_object
from surface import Floats, Ints, Piece, Refined, cut_out, subdivide, vertex_normals
from wardrobe import Garment, bottom_of, hair_of, top_of

HEM_FOLD = 0.008  # metres: the hem is turned in towards the skin, so that cloth looks thick
SKIN_FLOOR_GAP = 0.0005


@dataclass(frozen=True)
class _Worn:
    """A garment with what lays it and the mesh that shows it."""

    garment: Garment
    draper: Draper
    piece: Piece
    thing: bpy.types.Object


class Figure:
    """One dressed person in Blender's current scene."""

    def __init__(self, body: Body, look: Look, clothes: Clothes) -> None:
        self.body = body
        self._look = look
        self._faces, self._mesh = _skin_mesh(body)
        rest = body.vertices[:N_SKIN]
        colours = vertex_colours(body, look)
        bottom, top = bottom_of(body, clothes), top_of(body, clothes)
        hair = hair_of(body, look)
        self._skin_piece = _without_hidden(self._mesh, [bottom, top])
        self._skin = self._show(
            "skin", self._skin_piece, materials.skin(), self._skin_piece.matrix @ colours[:N_SKIN]
        )
        self._eye_rows, self._eyes = self._show_eyes(colours)
        cloth = materials.cloth
        self._bottom = self._wear(
            bottom, rest, cloth("bottom", clothes.bottom_colour, "none", clothes.print_colour)
        )
        self._top = self._wear(
            top, rest, cloth("top", clothes.top_colour, clothes.print, clothes.print_colour)
        )
        self._hair = None
        self._tied: bpy.types.Object | None = None
        self._hair_material = materials.hair("hair", HAIR_COLOURS[look.hair])
        if hair is not None:
            self._hair = self._wear(hair, rest, self._hair_material)

    @property
    def things(self) -> list[bpy.types.Object]:
        """All Blender objects of the person."""
        worn = [w.thing for w in (self._bottom, self._top, self._hair) if w is not None]
        return [self._skin, self._eyes, *worn, *([self._tied] if self._tied else [])]

    def pose(
        self, vertices: Floats, head_turn: Floats, head_place: Floats, floor_z: float
    ) -> Floats:
        """Show a posed mesh; return the skin as shown, (N_SKIN, 3).

        Parameters
        ----------
        vertices : ndarray, shape (n_vertices, 3)
        head_turn, head_place : ndarray, shapes (3, 3) and (3,)
            Rotation of the head's bone from rest to world, and where it begins.
        floor_z : float
            Nothing goes below it.
        """
        skin = vertices[:N_SKIN].copy()
        skin[:, 2] = np.maximum(skin[:, 2], floor_z + SKIN_FLOOR_GAP)
        normals = vertex_normals(skin, self._faces)
        _move(self._skin, self._skin_piece.matrix @ skin)
        _move(self._eyes, vertices[self._eye_rows])
        bottom = self._bottom.draper.lay(skin, normals, skin, floor_z)
        _move_worn(self._bottom, bottom, skin)
        covered = (self._bottom.garment.field > 0)[:, None]
        top = self._top.draper.lay(skin, normals, np.where(covered, bottom, skin), floor_z)
        _move_worn(self._top, top, skin)
        if self._hair is not None:
            _move_worn(self._hair, self._hair.draper.lay(skin, normals, skin, floor_z), skin)
            self._tie_hair(skin, normals, head_turn, head_place, floor_z)
        return skin

    def _wear(self, garment: Garment, rest: Floats, material) -> _Worn:
        piece = cut_out(self._mesh, garment.field)
        return _Worn(
            garment,
            Draper(garment, rest, self._faces),
            piece,
            self._show(garment.name, _with_hem(piece), material),
        )

    def _show(self, name: str, piece: Piece, material, colours: Floats | None = None):
        rest = piece.matrix @ self.body.vertices[:N_SKIN]
        thing = mesh_object(name, rest, piece.loops, piece.sizes, material)
        _attribute(thing, materials.REST, "FLOAT_VECTOR", "vector", rest)
        if colours is not None:
            alpha = np.ones((len(colours), 1))
            _attribute(thing, materials.COLOUR, "FLOAT_COLOR", "color", np.hstack([colours, alpha]))
        return thing

    def _show_eyes(self, colours: Floats) -> tuple[Ints, bpy.types.Object]:
        first, last = EYES[0][0], EYES[1][1]
        faces = self.body.faces[((self.body.faces >= first) & (self.body.faces < last)).all(axis=1)]
        rows, local = np.unique(faces, return_inverse=True)
        eyes = mesh_object(
            "eyes", self.body.vertices[rows], local.ravel(), np.full(len(faces), 4), materials.eye()
        )
        alpha = np.ones((len(rows), 1))
        _attribute(
            eyes, materials.COLOUR, "FLOAT_COLOR", "color", np.hstack([colours[rows], alpha])
        )
        return rows, eyes

    def _tie_hair(
        self, skin: Floats, normals: Floats, turn: Floats, place: Floats, floor_z: float
    ) -> None:
        """A bun or a tail at the back of the head."""
        if self._look.hair_style not in ("bun", "ponytail"):
            return
        points = self.body.keypoints(self.body.vertices)
        ear = (points["left_ear"] + points["right_ear"]) / 2
        head = self.body.heads[self.body.bone_index["head"]]
        to_world = lambda rest: place + turn @ (rest - head)  # noqa: E731
        if self._look.hair_style == "bun":
            vertices, faces = bun_mesh(ear)
            vertices = place + (vertices - head) @ turn.T
        else:
            root, out = (
                to_world(ear + np.array([0.0, 0.088, 0.06])),
                turn @ np.array([0.0, 0.8, -0.2]),
            )
            vertices, faces = tail_mesh(root, out, skin, normals, floor_z)
        vertices[:, 2] = np.maximum(vertices[:, 2], floor_z + SKIN_FLOOR_GAP)
        if self._tied is None:
            sizes = np.full(len(faces), 4)
            self._tied = mesh_object("tied", vertices, faces.ravel(), sizes, self._hair_material)
            _attribute(self._tied, materials.REST, "FLOAT_VECTOR", "vector", vertices)
        _move(self._tied, vertices)


@lru_cache(maxsize=1)
def _subdivided(face_bytes: bytes) -> Refined:
    """All bodies have the same faces: subdivided once."""
    return subdivide(np.frombuffer(face_bytes, np.int64).reshape(-1, 4), N_SKIN)


def _skin_mesh(body: Body) -> tuple[Ints, Refined]:
    faces = body.faces[(body.faces < N_SKIN).all(axis=1)].astype(np.int64)
    return faces, _subdivided(np.ascontiguousarray(faces).tobytes())


def _without_hidden(mesh: Refined, garments: list[Garment]) -> Piece:
    """The skin without what is far under cloth."""
    shown = np.ones(len(mesh.faces), bool)
    for garment in garments:
        below_sight = mesh.matrix @ (garment.field - garment.hidden_depth)
        shown &= ~(below_sight[mesh.faces] > 0).all(axis=1)
    used, loops = np.unique(mesh.faces[shown], return_inverse=True)
    rim = np.empty((0, 2), np.int64)
    return Piece(mesh.matrix[used], loops.ravel(), np.full(int(shown.sum()), 4), rim)


def _with_hem(piece: Piece) -> Piece:
    """Add a strip of quads inwards from the hem; its inner vertices follow the others."""
    rim_rows, local = np.unique(piece.rim, return_inverse=True)
    local = local.reshape(-1, 2) + piece.matrix.shape[0]
    strip = np.stack([piece.rim[:, 1], piece.rim[:, 0], local[:, 0], local[:, 1]], axis=1)
    return Piece(
        sparse.vstack([piece.matrix, piece.matrix[rim_rows]]).tocsr(),
        np.concatenate([piece.loops, strip.ravel()]),
        np.concatenate([piece.sizes, np.full(len(strip), 4)]),
        piece.rim,
    )


def _move_worn(worn: _Worn, cloth: Floats, skin: Floats) -> None:
    outside = worn.piece.matrix @ cloth
    rim = np.unique(worn.piece.rim)
    to_skin = worn.piece.matrix[rim] @ skin - outside[rim]
    distance = np.maximum(np.linalg.norm(to_skin, axis=1, keepdims=True), 1e-9)
    # A little into the skin where it is near: no slit between hem and skin.
    inside = outside[rim] + to_skin * np.minimum(1.0 + 0.001 / distance, HEM_FOLD / distance)
    _move(worn.thing, np.concatenate([outside, inside]))


def _move(thing: bpy.types.Object, vertices: Floats) -> None:
    thing.data.vertices.foreach_set("co", np.asarray(vertices, np.float32).ravel())
    thing.data.update()


def _attribute(thing: bpy.types.Object, name: str, kind: str, key: str, values: Floats) -> None:
    attribute = thing.data.attributes.new(name, kind, "POINT")
    attribute.data.foreach_set(key, np.asarray(values, np.float32).ravel())
