"""Make the bodies of bodies.toml with Anny, once: after this neither torch nor anny is needed.

    python make_bodies.py [NAME ...]

Each body becomes `.cache/bodies/NAME.npz` (about 0.8 MB): rest mesh, skeleton, skin weights and the
regressors of the COCO key points.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import anny
import numpy as np
import torch

HERE = Path(__file__).resolve().parent
BODIES = HERE / ".cache" / "bodies"
N_SKIN = 13380  # vertices of the skin; eyes, teeth and helpers follow


def main(names: list[str]) -> None:
    """Build the model once and export the wanted bodies, or all."""
    described = tomllib.loads((HERE / "bodies.toml").read_text(encoding="utf-8"))
    model = anny.Anny(
        topology="anny-quads-full", rig="makehuman", phenotypes="all", local_changes="default"
    ).to(dtype=torch.float32)
    regressor = anny.KeypointsRegressor.coco(model)
    BODIES.mkdir(parents=True, exist_ok=True)
    for name in names or list(described):
        export(model, regressor, name, described[name]["phenotype"])


def export(model, regressor, name: str, phenotype: dict[str, float]) -> None:
    """Write one body."""
    sliders = {key: torch.tensor([float(value)]) for key, value in phenotype.items()}
    with torch.no_grad():
        rest = model(pose_parameters=None, phenotype_kwargs=sliders)
    vertices = rest["rest_vertices"][0].numpy()
    np.savez_compressed(
        BODIES / f"{name}.npz",
        vertices=vertices,
        heads=rest["rest_bone_heads"][0].numpy(),
        tails=rest["rest_bone_tails"][0].numpy(),
        faces=model.faces.numpy(),
        bones=np.array(model.bone_labels),
        parents=np.array(model.bone_parents),
        weight_bones=model.vertex_bone_indices.numpy(),
        weights=model.vertex_bone_weights.numpy(),
        keypoint_names=np.array(regressor.labels),
        keypoint_weights=regressor.regression_weights.numpy(),
    )
    print(f"{name}: {np.ptp(vertices[:N_SKIN, 2]):.2f} m tall")


if __name__ == "__main__":
    main(sys.argv[1:])
