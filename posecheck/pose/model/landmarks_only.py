"""The pose network without its part that draws the outline of the body.

MediaPipe runs that part on every frame, asked for or not, and it takes a third of the time: it
works on the largest pictures in the network. Nothing else is computed from it, so the landmarks
stay the same to the last bit.
"""

from __future__ import annotations

import struct
import zipfile
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from posecheck.pose.model.bundle import LANDMARKER, zip_bundle
from posecheck.pose.model.tflite import packed, unpacked

_DAMAGED = (struct.error, ValueError, TypeError, LookupError)


def landmarks_only(bundle: Path) -> bytes:
    """A pose bundle that finds the same landmarks, and no outline.

    Parameters
    ----------
    bundle : Path
        A sound `.task` file.

    Returns
    -------
    bytes
        Another one. The network is as it was where it has no part of that kind.

    Raises
    ------
    OSError, zipfile.BadZipFile
        When it cannot be read.
    """
    return _landmarks_only(bundle, bundle.stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _landmarks_only(bundle: Path, _mtime_ns: int) -> bytes:
    with zipfile.ZipFile(bundle) as opened:
        members = {name: opened.read(name) for name in opened.namelist()}
    # What is damaged is left as it is: MediaPipe reads it too, and says so.
    with suppress(*_DAMAGED):
        members[LANDMARKER] = _without_mask(members[LANDMARKER])
    return zip_bundle(list(members.items()))


def _without_mask(network: bytes) -> bytes:
    model = unpacked(network)
    (graph,) = model.subgraphs
    masks = [k for k in graph.outputs if _is_picture(graph.tensors[k])]
    if len(masks) != 1:
        return network
    others = [k for k in graph.outputs if k not in masks]
    graph.operators = _needed_for(others, graph.operators)
    # MediaPipe counts the outputs; what it takes for the mask is not read.
    graph.outputs = [others[0] if k in masks else k for k in graph.outputs]
    return packed(model)


def _is_picture(tensor: Any) -> bool:
    """Whether a tensor is one picture in one colour."""
    return len(tensor.shape) == 4 and tensor.shape[-1] == 1


def _needed_for(tensors: list[int], operators: list[Any]) -> list[Any]:
    """The operators, in their order, without those from which none of the tensors is computed."""
    needed = set(tensors)
    kept = []
    for operator in reversed(operators):  # each comes after those that it needs
        if needed.intersection(operator.outputs):
            needed.update(operator.inputs)
            kept.append(operator)
    return kept[::-1]
