"""Look at many stills at once: thumbnails with the true landmarks drawn on.

    python sheet.py DIR OUT.png [--match cat-cow] [--columns 4] [--start 0] [--count 24] [--plain]

The near side is green, the far side orange, nose and ears are blue. Where no side is near, as from
above, green is left. A joint that the record calls out of view is a cross at the nearest edge.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

NEAR, FAR, FACE = (60, 230, 90), (255, 150, 40), (90, 160, 255)
CHAINS = (("shoulder", "elbow", "wrist"), ("shoulder", "hip", "knee", "ankle"))
CAPTION_PX = 26


def main() -> None:
    """Draw the sheet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--match", default="", help="only names with this in it")
    parser.add_argument("--columns", type=int, default=4)
    parser.add_argument("--width", type=int, default=320)
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--plain", action="store_true", help="draw no joints")
    args = parser.parse_args()
    records = sorted(path for path in args.folder.glob("*.json") if args.match in path.name)
    tiles = [
        tile(path, args.width, draw_joints=not args.plain)
        for path in records[args.start : args.start + args.count]
    ]
    if not tiles:
        raise SystemExit(f"no stills in {args.folder} with {args.match!r} in their names")
    grid(tiles, args.columns).save(args.out)


def tile(record_path: Path, width: int, *, draw_joints: bool) -> Image.Image:
    """One still with its joints and a caption, `width` wide and 3:4 high at most."""
    record = json.loads(record_path.read_text(encoding="utf-8"))
    picture = Image.open(record_path.with_suffix(".jpg")).convert("RGB")
    if picture.size != (record["width"], record["height"]):
        raise ValueError(f"{record_path.name}: the picture is {picture.size}")
    scale = min(width / picture.width, 0.75 * width / picture.height)
    small = picture.resize((round(picture.width * scale), round(picture.height * scale)))
    whole = Image.new("RGB", (width, round(0.75 * width) + CAPTION_PX))
    whole.paste(small, ((width - small.width) // 2, CAPTION_PX))
    draw = ImageDraw.Draw(whole)
    if draw_joints:
        draw_body(draw, record, scale, ((width - small.width) // 2, CAPTION_PX))
    draw.text((3, 1), f"{record['name']}\n{caption(record)}", fill="white", spacing=1)
    return whole


def caption(record: dict[str, Any]) -> str:
    """Who, from where, and some of the truth."""
    camera, near = record["camera"], record["near_side"]
    words = (
        f"{record['body']} {f'near {near}' if near else camera['view']} yaw "
        f"{camera['yaw_deg']:+.0f} h {camera['height_m']:.1f} fov {camera['fov_deg']:.0f}"
    )
    if near:
        truth = record["truth"][near]
        return f"{words}  HF {truth['hip_flexion']:.0f} KF {truth['knee_flexion']:.0f}"
    return f"{words} down {camera['elevation_deg']:.0f}"


def draw_body(
    draw: ImageDraw.ImageDraw, record: dict[str, Any], scale: float, origin: tuple[int, int]
) -> None:
    """Bones and joints, the far side first."""
    at = {name: np.multiply(px, scale) + origin for name, px in record["landmarks_px"].items()}
    near = record["near_side"] or "left"
    far = "left" if near == "right" else "right"
    for side, colour in ((far, FAR), (near, NEAR)):
        for chain in CHAINS:
            draw.line([tuple(at[f"{side}_{joint}"]) for joint in chain], fill=colour)
        for name, point in at.items():
            if name.startswith(side) and not name.endswith("ear"):
                mark(draw, record, name, point, colour)
    for name in ("nose", f"{near}_ear"):
        mark(draw, record, name, at[name], FACE)


def mark(
    draw: ImageDraw.ImageDraw, record: dict[str, Any], name: str, point: np.ndarray, colour: tuple
) -> None:
    """A dot, or a cross at the edge for what is out of view."""
    if record["in_view"][name]:
        draw.ellipse([*(point - 2.5), *(point + 2.5)], fill=colour, outline="black")
        return
    width, height = draw.im.size
    x, y = np.clip(point, 5, [width - 5, height - 5])
    draw.line([x - 4, y - 4, x + 4, y + 4], fill=colour, width=2)
    draw.line([x - 4, y + 4, x + 4, y - 4], fill=colour, width=2)


def grid(tiles: list[Image.Image], columns: int) -> Image.Image:
    """Tiles of one size, row by row."""
    width, height = tiles[0].size
    rows = -(-len(tiles) // columns)
    whole = Image.new("RGB", (columns * width, rows * height))
    for place, one in enumerate(tiles):
        whole.paste(one, ((place % columns) * width, (place // columns) * height))
    return whole


if __name__ == "__main__":
    main()
