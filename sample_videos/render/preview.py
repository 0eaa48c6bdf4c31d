"""Look at the poses of a stretch: every form (rows) on every body (columns), as it is filmed.

    python preview.py childs-pose --body f30 --body m50heavy --out childs-pose.png
    python preview.py crossover --look front

Each picture says how well the contacts fit (`worst`, below 3 is good) and how far the skin reaches
under the floor, and which bone's skin that is (thumbs, which hang a little, not counted). From the
side, the right one is near; right limbs are drawn warm, left ones cool; joints are dots.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from body import BODIES, JOINT_BONES, N_SKIN, Array, Body
from poses import MAT_HEIGHT, Form, fit, load_forms
from rig import SKIN_VOLUME, Pose, about_x, about_z, pose_body, skin
from truth import true_angles_of

LIMB_BONES = (
    "upperarm", "lowerarm", "wrist", "metac", "finger", "upperleg", "lowerleg", "foot", "toe",
)  # fmt: skip
CELL = (300, 200)  # pixels
HEAD = 14  # pixels for the caption
DEEP_MM = 12  # skin may sink this far into the mat
COLOURS = {"right": (226, 160, 120), "left": (120, 165, 215), "middle": (190, 190, 180)}
LIGHT = np.array([0.25, -0.75, 0.6])  # the camera is at -y
# How the world is turned before it is seen from -y: about the vertical, then about x.
LOOKS = {"side": (0, 0), "above": (0, 90), "front": (-90, 0), "feet": (-90, 40), "back": (90, 0)}
# What stands under a picture, as far as the view has it; distances in small letters.
SHORT = {
    "T": "trunk_inclination", "B": "back_bend", "N": "neck", "HF": "hip_flexion",
    "LAT": "lateral_trunk_inclination", "SH": "shoulder_tilt", "HIP": "hip_tilt",
    "ROT": "trunk_rotation", "H": "head_turn", "DROP": "knee_drop", "k": "knee_separation",
    "SEP": "thigh_separation", "DIF": "thigh_difference", "ARM": "arm_abduction",
    "L": "l arm_abduction", "p": "knee_past_midline", "l": "l knee_past_midline",
    "aw": "ankle_to_other_wrist", "law": "l ankle_to_other_wrist", "KF": "knee_flexion",
    "SF": "shoulder_flexion", "EF": "elbow_flexion", "AD": "ankle_dorsiflexion",
}  # fmt: skip
BONES = (
    ("shoulder", "elbow"),
    ("elbow", "wrist"),
    ("shoulder", "hip"),
    ("hip", "knee"),
    ("knee", "ankle"),
)


def main() -> None:
    """Draw the sheet that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("stretch")
    parser.add_argument("--form", action="append", help="only this form (may be repeated)")
    parser.add_argument("--body", action="append", help="only this body (may be repeated)")
    parser.add_argument("--seed", type=int, help="vary the forms as people do")
    parser.add_argument("--look", choices=LOOKS, help="default: as the stretch is filmed")
    parser.add_argument("--turn", type=float, default=0.0, help="degrees about the vertical")
    parser.add_argument("--out", type=Path, help="default: STRETCH.png")
    options = parser.parse_args()
    forms = load_forms(options.stretch)
    names = options.form or list(forms)
    everyone = sorted(path.stem for path in BODIES.glob("*.npz"))
    bodies = [Body.load(name) for name in options.body or everyone]
    sheet = Image.new("RGB", (CELL[0] * len(bodies), CELL[1] * len(names)), "white")
    for row, name in enumerate(names):
        for column, body in enumerate(bodies):
            seed = None if options.seed is None else (options.seed, row, column)
            pose, worst = fit(forms[name], body, rng=seed and np.random.default_rng(seed))
            pose = pose | {"yaw": pose.get("yaw", 90.0) + options.turn}
            look = options.look or forms[name].views[0]
            cell = draw(forms[name], body, pose, worst, look)
            sheet.paste(cell, (column * CELL[0], row * CELL[1]))
    path = options.out or Path(f"{options.stretch}.png")
    sheet.save(path)
    print(path)


def draw(form: Form, body: Body, pose: Pose, worst: float, look: str) -> Image.Image:
    """One posed body, with its joints and its true angles."""
    posed = pose_body(body, pose)
    vertices = skin(body, posed, np.arange(N_SKIN), volume=SKIN_VOLUME)
    image = Image.new("RGB", CELL, "white")
    pen = ImageDraw.Draw(image)
    turn, tip = LOOKS[look]
    seen = (about_x(tip) @ about_z(turn)).T
    place = _window(vertices @ seen, level=tip == 0)
    _paint_faces(pen, body, vertices @ seen, place(vertices @ seen))
    if tip == 0:
        floor = place(np.array([[0, 0, MAT_HEIGHT]]))[0, 1]
        pen.line([(0, floor), (CELL[0], floor)], fill=(90, 160, 90))
    for side, colour in (("left", (20, 60, 160)), ("right", (170, 40, 10))):
        ends = {end: posed.joint(body, f"{side}_{end}")[None] @ seen for end in JOINT_BONES}
        spots = {end: tuple(place(point)[0]) for end, point in ends.items()}
        for start, end in BONES:
            pen.line([spots[start], spots[end]], fill=colour)
        for x, y in spots.values():
            pen.ellipse((x - 2, y - 2, x + 2, y + 2), fill=colour)
    under_mm, bone = _under_floor(body, vertices)
    deep = f"{under_mm:.0f} mm {bone}" if under_mm > DEEP_MM else ""
    title = f"{form.name} {body.name}  {worst:.1f}  {deep}"
    pen.text((3, 1), title, fill="red" if worst >= 3 or deep else "black")
    pen.text((3, CELL[1] - 12), _angles(true_angles_of(form, body, posed, pose)), fill="black")
    return image


def _under_floor(body: Body, vertices: Array) -> tuple[float, str]:
    """How many millimetres the skin reaches under the mat's surface, and the bone it belongs to."""
    bones = np.array(body.bones)[body.main_bone[: len(vertices)]]
    heights = np.where(np.char.startswith(bones, "finger1"), np.inf, vertices[:, 2])
    deepest = heights.argmin()
    return 1000 * (MAT_HEIGHT - heights[deepest]), str(bones[deepest])


def _window(vertices: Array, *, level: bool) -> Callable[[Array], Array]:
    """Function from points (n, 3) to pixels (n, 2): the body centred, at the bottom the floor."""
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    bottom = 0.0 if level else low[2]
    tall = high[2] - bottom + 0.03
    scale = min((CELL[0] - 10) / (high[0] - low[0]), (CELL[1] - 2 * HEAD - 6) / tall)
    scale = min(scale, CELL[0] * 0.63)
    middle = (low[0] + high[0]) / 2

    def place(points: Array) -> Array:
        x = CELL[0] / 2 + scale * (points[:, 0] - middle)
        return np.stack([x, CELL[1] - HEAD - 6 - scale * (points[:, 2] - bottom)], axis=1)

    return place


def _paint_faces(pen: ImageDraw.ImageDraw, body: Body, vertices: Array, pixels: Array) -> None:
    """Painter's algorithm: faces that look at the camera, the farthest first."""
    faces = body.faces[(body.faces < N_SKIN).all(axis=1)]
    corners = vertices[faces]
    normals = np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    shade = 0.45 + 0.55 * np.clip(normals @ (LIGHT / np.linalg.norm(LIGHT)), 0, 1)
    tints = np.array([COLOURS["middle"], COLOURS["left"], COLOURS["right"]])
    limb = np.array([_limb_side(bone) for bone in body.bones])[body.main_bone[faces[:, 0]]]
    colours = (tints[limb] * shade[:, None]).astype(int)
    seen = np.flatnonzero(normals[:, 1] < 0)
    for face in seen[np.argsort(-corners[seen, :, 1].mean(axis=1))]:
        pen.polygon([tuple(p) for p in pixels[faces[face]]], fill=tuple(colours[face]))


def _limb_side(bone: str) -> int:
    """0 trunk and head, 1 left limb, 2 right limb."""
    if not bone.startswith(LIMB_BONES):
        return 0
    return 1 if bone.endswith(".L") else 2


def _angles(truth: dict[str, Any]) -> str:
    """Those of the trunk and the right side that the view has; distances with their decimals."""
    values = truth | truth["right"] | {f"l {name}": v for name, v in truth["left"].items()}
    shown = {short: values[name] for short, name in SHORT.items() if name in values}
    return " ".join(
        f"{short}{value:.{1 if short.islower() else 0}f}" for short, value in shown.items()
    )


if __name__ == "__main__":
    main()
