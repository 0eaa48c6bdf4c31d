"""The people: rest mesh, skeleton, skin weights and the parts of the skin that touch things."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

Array = np.ndarray

HERE = Path(__file__).resolve().parent
BODIES = HERE / ".cache" / "bodies"
N_SKIN = 13380  # vertices of the skin; eyes, teeth and helpers follow

SIDES = {"left": "L", "right": "R"}
JOINT_BONES = {  # a joint is where its bone begins
    "shoulder": "upperarm01",
    "elbow": "lowerarm01",
    "wrist": "wrist",
    "hip": "upperleg01",
    "knee": "lowerleg01",
    "ankle": "foot",
}


@dataclass(frozen=True, eq=False)
class Body:
    """One person at rest: standing in an A-pose, z up, facing -y, metres.

    Attributes
    ----------
    name : str
    vertices : ndarray, shape (n_vertices, 3)
        The first `N_SKIN` are the skin.
    heads, tails : ndarray, shape (n_bones, 3)
    faces : ndarray of int, shape (n_faces, 4)
    bones : tuple of str
    parents : ndarray of int, shape (n_bones,)
        -1 for the root.
    weights : ndarray, shape (n_vertices, n_bones)
        How much each bone moves each vertex.
    keypoint_names, keypoint_weights
        Regressors of the COCO key points from the vertices.
    """

    name: str
    vertices: Array
    heads: Array
    tails: Array
    faces: Array
    bones: tuple[str, ...]
    parents: Array
    weights: Array
    keypoint_names: tuple[str, ...] = field(repr=False)
    keypoint_weights: Array = field(repr=False)

    @classmethod
    def load(cls, name: str) -> Body:
        """Read a body that `make_bodies.py` wrote."""
        path = BODIES / f"{name}.npz"
        if not path.exists():
            raise SystemExit(
                f"There is no body {name!r}: run make_bodies.py first (see README.md)."
            )
        data = np.load(path)
        bones = tuple(str(bone) for bone in data["bones"])
        dense = np.zeros((len(data["vertices"]), len(bones)), np.float32)
        rows = np.arange(len(dense))
        for column in range(data["weights"].shape[1]):
            np.add.at(dense, (rows, data["weight_bones"][:, column]), data["weights"][:, column])
        return cls(
            name=name,
            vertices=data["vertices"].astype(float),
            heads=data["heads"].astype(float),
            tails=data["tails"].astype(float),
            faces=data["faces"],
            bones=bones,
            parents=data["parents"],
            weights=dense,
            keypoint_names=tuple(str(label) for label in data["keypoint_names"]),
            keypoint_weights=data["keypoint_weights"],
        )

    @cached_property
    def bone_index(self) -> dict[str, int]:
        """Row of each bone."""
        return {bone: row for row, bone in enumerate(self.bones)}

    @cached_property
    def main_bone(self) -> Array:
        """The bone that moves each vertex most, shape (n_vertices,)."""
        return self.weights.argmax(axis=1)

    @cached_property
    def parts(self) -> dict[str, Array]:
        """Vertices of the parts of the skin that touch things, by name."""
        return _parts(self)

    def head(self, bone: str) -> Array:
        """Where a bone begins at rest, shape (3,)."""
        return self.heads[self.bone_index[bone]]

    def keypoints(self, vertices: Array) -> dict[str, Array]:
        """COCO key points of a posed mesh: eyes, ears, nose and the rest."""
        return dict(zip(self.keypoint_names, self.keypoint_weights @ vertices, strict=True))


def _parts(body: Body) -> dict[str, Array]:
    bone_of = np.array(body.bones)[body.main_bone]
    skin = np.arange(len(body.vertices)) < N_SKIN
    parts = {"all": np.flatnonzero(skin)}

    def add(name: str, bones: list[str], keep: Array | None = None) -> None:
        inside = skin & np.isin(bone_of, bones)
        parts[name] = np.flatnonzero(inside if keep is None else inside & keep)

    def close_to(bone: str, metres: float) -> Array:
        return np.linalg.norm(body.vertices - body.head(bone), axis=1) < metres

    for side, end in SIDES.items():
        own = [bone for bone in body.bones if bone.endswith("." + end)]
        starting = lambda *starts, own=own: [b for b in own if b.startswith(starts)]  # noqa: E731
        add(f"{side}_palm", [b for b in own if "finger" in b or b.startswith(("wrist", "metac"))])
        add(f"{side}_fingertips", [f"finger{n}-3.{end}" for n in (2, 3, 4, 5)])
        add(f"{side}_palm_heel", starting("wrist", "metacarpal"), close_to(f"wrist.{end}", 0.06))
        add(
            f"{side}_elbow",
            starting("upperarm02", "lowerarm01"),
            close_to(f"lowerarm01.{end}", 0.08),
        )
        add(f"{side}_forearm", starting("lowerarm"))
        add(f"{side}_foot", starting("toe", "foot"))
        add(f"{side}_toes", starting("toe"))
        add(f"{side}_heel", starting("foot"), close_to(f"foot.{end}", 0.11))
        at_knee = np.abs(body.vertices[:, 2] - body.head(f"lowerleg01.{end}")[2]) < 0.09
        add(f"{side}_knee", starting("upperleg", "lowerleg01"), at_knee)
        add(f"{side}_shin", starting("lowerleg"))
        add(f"{side}_thigh", starting("upperleg"))
    face = ("temporalis", "oculi", "risorius", "levator", "oris", "special", "jaw")
    add("head", ["head", "neck03", *(b for b in body.bones if any(word in b for word in face))])
    add("buttocks", ["root", "pelvis.L", "pelvis.R", "spine05", "upperleg01.L", "upperleg01.R"])
    shoulders = [f"{bone}.{end}" for bone in ("clavicle", "shoulder01") for end in "LR"]
    add("back", ["spine01", "spine02", "spine03", *shoulders])
    add("lower_back", ["spine03", "spine04", "spine05"])
    add("belly", ["spine03", "spine04", "spine05", "root", "pelvis.L", "pelvis.R"])
    return parts
